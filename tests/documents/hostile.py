"""Files that are not what they say, made here: no sample of anybody's."""

import io
import struct
import zipfile
import zlib

from PIL import Image


def pdf(*pages: tuple[float, float], text: str = "Reconstitution") -> bytes:
    """A PDF written by hand, in the standard's own base font: nothing is embedded."""
    kids = " ".join(f"{4 + 2 * n} 0 R" for n in range(len(pages)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for rank, (width, height) in enumerate(pages):
        stream = f"BT /F1 24 Tf 20 20 Td ({text}) Tj ET"
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {width} {height}] "
            f"/Resources << /Font << /F1 3 0 R >> >> /Contents {5 + 2 * rank} 0 R >>"
        )
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
    out, places = "%PDF-1.7\n", []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n"
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    out += (
        f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
        f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(out)}\n%%EOF\n"
    )
    return out.encode("latin-1")


def png_that_says(width: int, height: int, *, rows: bytes = b"") -> bytes:
    """A PNG whose head announces a size, whatever follows."""
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(rows, 9))
        + chunk(b"IEND", b"")
    )


def chunk(kind: bytes, data: bytes) -> bytes:
    check = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)


def bomb(*, side: int = 20_000) -> bytes:
    """A PNG of some kilobytes that unpacks to `side` × `side` pixels, whole and valid."""
    return png_that_says(side, side, rows=bytes((side // 8 + 1) * side))


def picture(form: str, *, size: tuple[int, int] = (60, 40), **how: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, (200, 30, 30)).save(out, form, **how)
    return out.getvalue()


def tiff(*sizes: tuple[int, int]) -> bytes:
    out = io.BytesIO()
    first, *rest = (Image.new("L", size, 90) for size in sizes)
    first.save(out, "TIFF", save_all=True, append_images=rest)
    return out.getvalue()


def zip_of_zeros(*, megabytes: int = 60) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", bytes(megabytes * 1024 * 1024))
    return out.getvalue()


HTML = b"<!doctype html><script>fetch('/dossiers')</script>"
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
XHTML = b'<html xmlns="http://www.w3.org/1999/xhtml"><script>1</script></html>'

NO_PREVIEW = {
    "an empty file": b"",
    "HTML named .pdf": HTML,
    "SVG named .png": SVG,
    "XHTML": XHTML,
    "an office document that is a bomb": zip_of_zeros(),
    "HTML that becomes a PDF further down": HTML + pdf((200, 200)),
    "a ZIP that ends as a PDF": b"PK\x03\x04" + pdf((200, 200)),
    "a PDF cut after its head": pdf((200, 200))[:60],
    "a PDF of noise": b"%PDF-1.7\n" + bytes(range(256)) * 40,
    "a PDF without pages": pdf(),
    "a PNG that says 65535 by 65535": png_that_says(65_535, 65_535),
    "a PNG of two thousand million pixels": png_that_says(2**31 - 1, 1),
    "a PNG bomb": bomb(),
    "a PNG cut short": picture("PNG", size=(600, 600))[:40],
    "a JPEG of noise": b"\xff\xd8\xff\xe0" + bytes(range(256)) * 8,
    "a GIF without a picture": b"GIF89a" + bytes(20),
    "a TIFF whose directory is itself": b"II*\0\x08\0\0\0\x00\x00\x08\0\0\0",
}
NOT_DRAWN = {  # counted, and still not drawn
    "a page thinner than a pixel": pdf((14_000, 0.5)),
    "a JPEG cut in the middle": picture("JPEG", size=(900, 900), quality=95)[:700],
    "a PNG without its pixels": png_that_says(300, 300),
}
