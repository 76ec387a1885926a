"""Draw one page of a file that may be hostile, in a process of its own.

    python -I -m accedit.machine.renderer pdf|image count
    python -I -m accedit.machine.renderer pdf|image active
    python -I -m accedit.machine.renderer pdf|image PAGE WIDTH

The file is standard input (a file that can be sought in), the answer is standard output:
a number of pages, what would act in it, or a PNG. Anything wrong ends with exit 3 and not a word: what a library
says about a hostile file is the file's word, and nobody reads it. No Django here, no
setting, no environment: this process knows nothing worth stealing.
"""

import io
import math
import os
import sys
from typing import BinaryIO

import pypdfium2
from PIL import (
    GifImagePlugin,
    Image,
    ImageFile,
    JpegImagePlugin,
    MpoImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from accedit.machine.activity import active_content
from accedit.machine.confinement import shut_in

# Imported for what they register: nothing can be imported once the process is shut in.
PLUGINS = (
    *(GifImagePlugin, ImageFile, JpegImagePlugin, MpoImagePlugin),
    *(PngImagePlugin, TiffImagePlugin, WebPImagePlugin),
)
FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "TIFF")
LARGEST_IMAGE_FILE = 200 * 1024 * 1024
MOST_PIXELS_READ = 80_000_000  # an A3 page scanned at 600 dpi
MOST_PIXELS_DRAWN = 24_000_000
LONGEST_SIDE_DRAWN = 12_000
MOST_FRAMES = 2_000
ORIENTATION = 0x0112  # EXIF
TURNED = (5, 6, 7, 8)  # a quarter turn: width and height change places
WHITE = (255, 255, 255)
NOTHING = "rien"


class Unreadable(Exception):
    """No picture can be made of this."""


def scale_for(size: tuple[float, float], *, width: int) -> float:
    """From the page's own units to pixels, so that the picture is `width` wide at most and
    stays within what a browser can bear, however long and thin the page."""
    across, down = size
    if not (math.isfinite(across) and math.isfinite(down) and across > 0 and down > 0):
        raise Unreadable
    scale = min(
        width / across,
        LONGEST_SIDE_DRAWN / max(across, down),
        math.sqrt(MOST_PIXELS_DRAWN / (across * down)),
    )
    if min(across, down) * scale < 1:
        raise Unreadable
    return scale


def count_pdf(file: BinaryIO) -> int:
    return len(pypdfium2.PdfDocument(file))


def draw_pdf(file: BinaryIO, *, page: int, width: int) -> Image.Image:
    """The page as it prints, fields of forms included; scripts are not part of this build."""
    document = pypdfium2.PdfDocument(file)
    if document.get_formtype():
        document.init_forms()
    sheet = document[page - 1]
    picture: Image.Image = sheet.render(
        scale=scale_for(sheet.get_size(), width=width), may_draw_forms=True
    ).to_pil()
    return picture


def opened(file: BinaryIO) -> Image.Image:
    data = file.read(LARGEST_IMAGE_FILE + 1)
    if len(data) > LARGEST_IMAGE_FILE:
        raise Unreadable
    image = Image.open(io.BytesIO(data), formats=FORMATS)
    refuse_bomb(image)
    return image


def refuse_bomb(image: Image.Image) -> None:
    """Before a pixel is unpacked: the size is written in the head of the file."""
    if image.width * image.height > MOST_PIXELS_READ:
        raise Unreadable


def count_image(file: BinaryIO) -> int:
    """Pages of a TIFF (a fax, a scanner); a moving picture has one, its first."""
    image = opened(file)
    if image.format != "TIFF":
        return 1
    return min(int(getattr(image, "n_frames", 1)), MOST_FRAMES)


def draw_image(file: BinaryIO, *, page: int, width: int) -> Image.Image:
    image = opened(file)
    if page > 1:
        image.seek(page - 1)
        refuse_bomb(image)
    turn = image.getexif().get(ORIENTATION, 1)
    across, down = image.size
    shown = (down, across) if turn in TURNED else (across, down)
    scale = min(1.0, scale_for(shown, width=width))
    size = (max(1, round(across * scale)), max(1, round(down * scale)))
    image.draft(None, size)  # a JPEG is then unpacked at half, a quarter or an eighth
    small = plain(image).resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)
    return turned(small, turn)


def plain(image: Image.Image) -> Image.Image:
    """Eight bits of red, green and blue on white paper, whatever the file had."""
    if image.mode in ("I", "F") or image.mode.startswith("I;16"):
        return measured(image).convert("L").convert("RGB")
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        seen = image.convert("RGBA")
        paper = Image.new("RGB", seen.size, WHITE)
        paper.paste(seen, mask=seen.getchannel("A"))
        return paper
    return image if image.mode == "RGB" else image.convert("RGB")


def measured(image: Image.Image) -> Image.Image:
    """Sixteen bits keep their brightness; values without a known scale are spread over it."""
    low, high = (0.0, 65_280.0)
    if image.mode in ("I", "F"):
        low, high = (float(bound) for bound in image.getextrema())  # type: ignore[arg-type]
    step = 255 / (high - low) if high > low else 0.0
    return image.point(lambda value: value * step - low * step)


def turned(image: Image.Image, turn: int) -> Image.Image:
    """As the camera was held (EXIF, orientation 2 to 8)."""
    way = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_270,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_90,
    }.get(turn)
    return image if way is None else image.transpose(way)


def png(image: Image.Image) -> bytes:
    """Pixels and nothing else: no position, no author, no profile comes along."""
    image.info.clear()
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=6)
    return out.getvalue()


def answer(kind: str, *, wanted: list[str], file: BinaryIO) -> bytes:
    if wanted == ["active"]:
        found = active_content(file.read(LARGEST_IMAGE_FILE)) if kind == "pdf" else []
        return (" ".join(found) or NOTHING).encode()
    if wanted == ["count"]:
        return str(count_pdf(file) if kind == "pdf" else count_image(file)).encode()
    page, width = (int(word) for word in wanted)
    draw = draw_pdf if kind == "pdf" else draw_image
    return png(draw(file, page=page, width=width))


def warm_up(kind: str) -> None:
    """Draw a picture of our own first, so that everything that loads late is loaded."""
    for form in FORMATS if kind == "image" else ():
        sample = io.BytesIO()
        Image.new("RGB", (8, 8)).save(sample, form)
        answer("image", wanted=["1", "4"], file=io.BytesIO(sample.getvalue()))
    png(Image.new("RGB", (8, 8)))


def main(words: list[str]) -> int:
    warm_up(words[0])
    shut_in()
    try:
        out = answer(words[0], wanted=words[1:], file=sys.stdin.buffer)
        while out:
            out = out[os.write(1, out) :]
    except BaseException:  # noqa: BLE001  (one answer for every failure, see above)
        return 3
    return 0


if __name__ == "__main__":
    os._exit(main(sys.argv[1:]))
