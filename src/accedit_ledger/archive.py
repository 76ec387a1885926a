"""A ZIP with one spelling: stored members, fixed dates, nothing else.

Any unzip tool opens it. Our reader takes it only if packing its members again
gives the same bytes: that refuses, without a line for each, compressed and
doubled members, bombs, comments, trailing bytes, and directories that say
something else than the members they point to.
"""

import re
import struct
from collections.abc import Mapping
from zlib import crc32

MAX_ARCHIVE = 1024 * 1024
MAX_MEMBERS = 16

_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_NAME = re.compile(rb"[A-Za-z0-9.\-]{1,64}")
_DATE = 0x0021  # 1 January 1980, the first that a ZIP can hold


def pack(members: Mapping[str, bytes]) -> bytes:
    body, directory = bytearray(), bytearray()
    for name, data in members.items():
        raw = name.encode("ascii")
        shape = (20, 0, 0, 0, _DATE, crc32(data), len(data), len(data), len(raw), 0)
        directory += _CENTRAL.pack(b"PK\x01\x02", 20, *shape, 0, 0, 0, 0, len(body)) + raw
        body += _LOCAL.pack(b"PK\x03\x04", *shape) + raw + data
    count = len(members)
    end = _END.pack(b"PK\x05\x06", 0, 0, count, count, len(directory), len(body), 0)
    return bytes(body + directory + end)


def unpack(data: bytes) -> dict[str, bytes]:
    """The members, or ValueError for anything that `pack` did not write."""
    if len(data) > MAX_ARCHIVE:
        raise ValueError("larger than a receipt may be")
    members: dict[str, bytes] = {}
    place = 0
    while data[place : place + 4] == b"PK\x03\x04":
        if len(members) == MAX_MEMBERS or place + _LOCAL.size > len(data):
            raise ValueError("not an archive of ours")
        *_, size, name_size, _extra = _LOCAL.unpack_from(data, place)
        start = place + _LOCAL.size + name_size
        name = data[place + _LOCAL.size : start]
        if not _NAME.fullmatch(name) or name.decode() in members:
            raise ValueError("not an archive of ours")
        members[name.decode()] = data[start : start + size]
        place = start + size
    if pack(members) != data:
        raise ValueError("not an archive of ours")
    return members
