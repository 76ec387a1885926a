"""A piece is read as page images made by a process that holds nothing; a hostile file harms nobody."""

import io
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image
from pytest_django import Settings

from accedit.domain.documents.operations.previews import NoPreview, kind_of, page_png, pages
from accedit.domain.filing import blobs
from accedit.domain.filing.models import Deposit
from tests.documents import hostile

NOON = datetime(2026, 11, 16, 11, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def folders(settings: Settings, tmp_path: Path) -> None:
    settings.BLOB_FOLDER = tmp_path / "blobs"
    settings.PREVIEW_FOLDER = tmp_path / "apercus"


def deposited(content: bytes) -> Deposit:
    receiving = blobs.Receiving(received_from=NOON)
    receiving.write(content)
    return Deposit(blob_id=receiving.finish(received_at=NOON).key)


def drawn(deposit: Deposit, *, page: int = 1, width: int = 1200) -> Image.Image:
    return Image.open(io.BytesIO(page_png(deposit, page=page, width=width)))


def parts_of(png: bytes) -> set[bytes]:
    found, at = set(), 8
    while at < len(png):
        found.add(png[at + 4 : at + 8])
        at += 12 + int.from_bytes(png[at : at + 4])
    return found


def test_a_pdf_is_shown_page_by_page_at_the_width_asked() -> None:
    piece = deposited(hostile.pdf((595, 842), (842, 595)))

    assert pages(piece) == 2
    assert drawn(piece, page=1).size == (1200, 1699)
    assert drawn(piece, page=2, width=800).size == (800, 566)


def test_a_font_that_is_not_in_the_file_is_still_drawn() -> None:
    piece = deposited(hostile.pdf((400, 60), text="Gymnase"))

    dark = drawn(piece).convert("L").point(lambda value: 255 * (value < 100)).histogram()[255]

    assert dark > 1000


@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF", "WEBP", "TIFF"])
def test_a_picture_of_each_plain_kind_has_one_page(form: str) -> None:
    piece = deposited(hostile.picture(form))

    assert pages(piece) == 1
    assert drawn(piece).size == (60, 40)


def test_a_scanned_tiff_has_its_pages() -> None:
    piece = deposited(hostile.tiff((300, 400), (500, 200)))

    assert pages(piece) == 2
    assert drawn(piece, page=2).size == (500, 200)


def test_a_large_picture_is_made_smaller_and_a_small_one_is_left() -> None:
    assert drawn(deposited(hostile.picture("JPEG", size=(4000, 3000)))).size == (1200, 900)
    assert drawn(deposited(hostile.picture("JPEG", size=(300, 200)))).size == (300, 200)


def test_a_photograph_stands_upright_and_says_nothing_of_who_took_it() -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x013B], exif[0x8825] = 6, "M. Petit", {1: "N", 2: (48.0, 51.0, 0.0)}
    piece = deposited(hostile.picture("JPEG", size=(90, 60), exif=exif, icc_profile=b"x" * 128))

    png = page_png(piece)

    assert Image.open(io.BytesIO(png)).size == (60, 90)
    assert parts_of(png) == {b"IHDR", b"IDAT", b"IEND"}
    assert b"Petit" not in png


def test_a_transparent_picture_is_laid_on_white_paper() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (4, 4), (0, 0, 0, 0)).save(out, "PNG")

    assert drawn(deposited(out.getvalue())).getpixel((1, 1)) == (255, 255, 255)


def test_sixteen_bits_of_grey_keep_their_brightness() -> None:
    out = io.BytesIO()
    Image.new("I;16", (4, 4), 128 * 256).save(out, "PNG")

    assert drawn(deposited(out.getvalue())).getpixel((1, 1)) == (128, 128, 128)


@pytest.mark.attack("D6", "pages")
@pytest.mark.parametrize("name", hostile.NO_PREVIEW)
def test_what_is_not_what_it_says_has_no_preview(name: str) -> None:
    piece = deposited(hostile.NO_PREVIEW[name])

    assert pages(piece) is None
    with pytest.raises(NoPreview):
        page_png(piece)


@pytest.mark.parametrize("name", hostile.NOT_DRAWN)
def test_what_cannot_be_drawn_is_refused_in_plain_words(name: str) -> None:
    piece = deposited(hostile.NOT_DRAWN[name])

    assert pages(piece) == 1
    with pytest.raises(NoPreview) as refusal:
        page_png(piece)
    assert refusal.value.for_people() == (
        "Cette pièce ne peut pas être montrée à l'écran. "
        "Téléchargez-la pour l'ouvrir avec le logiciel qui convient."
    )


@pytest.mark.attack("D6", "pages")
def test_a_page_of_a_hundred_metres_is_drawn_within_bounds() -> None:
    width, height = drawn(deposited(hostile.pdf((14_400, 400), (400, 14_400))), page=2).size

    assert (width, height) == (334, 12_000)


def test_a_script_hidden_in_a_gif_becomes_pixels() -> None:
    gif = hostile.picture("GIF") + b"/*<script>alert(1)</script>*/"

    assert b"script" not in page_png(deposited(gif))


def test_a_page_that_does_not_exist_is_refused() -> None:
    piece = deposited(hostile.pdf((200, 200)))

    for page in (0, -1, 2, 10**12):
        with pytest.raises(NoPreview):
            page_png(piece, page=page)


def test_only_a_few_widths_are_drawn_and_kept(settings: Settings) -> None:
    piece = deposited(hostile.pdf((200, 200)))

    sizes = {drawn(piece, width=width).size[0] for width in (-5, 1, 399, 601, 1201, 10**9)}

    assert sizes == {400, 800, 1200, 1800}
    assert len(list(Path(settings.PREVIEW_FOLDER).rglob("0001-*"))) == 4


def test_a_page_is_drawn_once_and_so_is_a_failure() -> None:
    good, bad = deposited(hostile.pdf((200, 200))), deposited(hostile.bomb())
    png, none = page_png(good), pages(bad)

    blobs.discard(good.blob_id)
    blobs.discard(bad.blob_id)

    assert page_png(good) == png
    assert pages(bad) is none is None


def test_bytes_missing_from_the_store_are_not_remembered_as_a_bad_file(
    caplog: pytest.LogCaptureFixture,
) -> None:
    piece = deposited(hostile.pdf((200, 200)))
    path = blobs.path_of(piece.blob_id)
    path.rename(path.with_suffix(".away"))

    with pytest.raises(NoPreview):
        page_png(piece)
    path.with_suffix(".away").rename(path)

    assert pages(piece) == 1
    assert caplog.records[0].message.endswith("run fsck")


def test_what_is_kept_is_for_the_server_alone(settings: Settings) -> None:
    page_png(deposited(hostile.pdf((200, 200))))

    kept = [settings.PREVIEW_FOLDER, *Path(settings.PREVIEW_FOLDER).rglob("*")]
    modes = {(path.is_dir(), stat.S_IMODE(path.stat().st_mode)) for path in kept}

    assert modes == {(True, 0o700), (False, 0o600)}


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"%PDF-1.4", "pdf"),
        (b"\xef\xbb\xbf%PDF-2.0", "pdf"),
        (b"\r\n%PDF-1.7", "pdf"),
        (b"MM\0*\0\0\0\x08", "image"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image"),
        (b"RIFF\0\0\0\0WAVEfmt ", None),
        (b"<%PDF-1.4", None),
        (b"%!PS-Adobe-3.0", None),
        (b"\0\0\0\x18ftypheic", None),
    ],
)
def test_what_a_file_is_its_first_bytes_say(head: bytes, kind: str | None) -> None:
    assert kind_of(head) == kind
