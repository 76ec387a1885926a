"""Base64 that has one spelling: what decodes must encode back to itself.

Python's decoder drops foreign characters and stray final bits; two texts of
one proof would then differ while both verify.
"""

import base64
import binascii


def standard(data: bytes) -> str:
    """RFC 4648, section 4, with padding: notes and proofs."""
    return base64.b64encode(data).decode("ascii")


def from_standard(text: str) -> bytes:
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise ValueError("not base64") from error
    if standard(data) != text:
        raise ValueError("base64 not in canonical form")
    return data


def url(data: bytes) -> str:
    """RFC 4648, section 5, without padding: digests and salts (RFC 9901)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def from_url(text: str) -> bytes:
    padded = text.replace("-", "+").replace("_", "/") + "=" * (-len(text) % 4)
    data = from_standard(padded)
    if url(data) != text:
        raise ValueError("base64 not in canonical form")
    return data
