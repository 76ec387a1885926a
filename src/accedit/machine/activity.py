"""What a PDF could do when a reader opens it: programs, launches, forms sent, files inside.

A search for the names that the format gives to such things (ISO 32000-2, 7.11.4, 12.6.4,
12.7.8), in the file and in its object streams, unpacked within bounds. It may see an action
that nothing triggers; a file that hides its objects in its own encryption may keep some from
it. It is a warning for people, never a filter: the file is kept and given as it came.
"""

import re
import zlib
from collections.abc import Iterator

NAMES = {
    "programme": ("JavaScript", "JS"),
    "lancement": ("Launch",),
    "envoi": ("SubmitForm", "ImportData", "GoToR", "GoToE"),
    "fichiers": ("EmbeddedFile", "EmbeddedFiles", "RichMedia"),
    "xfa": ("XFA",),
}
MOST_UNPACKED = 32 * 1024 * 1024
MOST_STREAMS = 20_000
PIECE = 64 * 1024
HEAD = 400  # bytes before `stream` where its dictionary ends


def _spelled(name: str) -> str:
    """A name of the format: each of its letters may be written as `#` and its number."""
    letters = (f"(?:{one}|#{ord(one):02X}|#{ord(one):02x})" for one in name)
    return "/" + "".join(letters) + r"(?![\w#.-])"


FOUND = {
    word: re.compile("|".join(map(_spelled, names)).encode("ascii"))
    for word, names in NAMES.items()
}
OBJECTS = re.compile(_spelled("ObjStm").encode("ascii"))
STREAM = re.compile(rb"stream\r?\n")


def active_content(data: bytes) -> list[str]:
    """The words of `NAMES` that apply, in their order."""
    seen: set[str] = set()
    for text in (data, *_unpacked(data)):
        seen |= {
            word for word, pattern in FOUND.items() if word not in seen if pattern.search(text)
        }
    return [word for word in NAMES if word in seen]


def _unpacked(data: bytes) -> Iterator[bytes]:
    """The object streams, as long as the whole of them stays within bounds."""
    left = MOST_UNPACKED
    for rank, start in enumerate(STREAM.finditer(data)):
        if rank >= MOST_STREAMS or left <= 0:
            return
        if not OBJECTS.search(data, max(0, start.start() - HEAD), start.start()):
            continue
        text = _inflated(memoryview(data)[start.end() :], most=left)
        left -= len(text)
        yield text


def _inflated(packed: memoryview, *, most: int) -> bytes:
    """What unpacks of it, up to `most` bytes; what is packed in another way gives nothing."""
    unpacking, found, size = zlib.decompressobj(), [], 0
    for at in range(0, len(packed), PIECE):
        try:
            text = unpacking.decompress(packed[at : at + PIECE], most - size)
        except zlib.error:
            break
        found.append(text)
        size += len(text)
        if unpacking.eof or size >= most:
            break
    return b"".join(found)
