"""What is true of a line of text, a name and an address wherever people type one."""

import re
import unicodedata

from accedit.shared.refusals import Invalid

CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
EMAIL = re.compile(
    r"(?=[^@]{1,64}@)[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)+"
)


def one_line(text: str, *, what: str, limit: int = 200) -> str:
    """The text as given, refused if it could break a line, a header or a log."""
    if not text.strip():
        raise Invalid(what=f"{what} : ce champ est vide, remplissez-le.")
    if CONTROLS.search(text):
        raise Invalid(
            what=f"{what} : un caractère invisible interdit s'y trouve, saisissez-le à la main."
        )
    if len(text) > limit:
        raise Invalid(what=f"{what} : {limit} caractères au plus.")
    return text


def optional_line(text: str | None, *, what: str, limit: int = 200) -> str:
    return one_line(text, what=what, limit=limit) if text and text.strip() else ""


def several_lines(text: str | None, *, what: str, limit: int = 4000) -> str:
    """Text of several lines (a postal address, a reason); line ends become plain ones."""
    text = (text or "").replace("\r\n", "\n").replace("\r", "\n").strip()
    if CONTROLS.search(text.replace("\n", "").replace("\t", "")):
        raise Invalid(what=f"{what} : un caractère invisible interdit s'y trouve.")
    if len(text) > limit:
        raise Invalid(what=f"{what} : {limit} caractères au plus.")
    return text


def email_address(text: str) -> str:
    """One plain address, lower case. No list, no quoted part, no display name, no IDN (H4)."""
    address = text.strip().lower()
    if len(address) > 254 or not EMAIL.fullmatch(address):
        raise Invalid(
            what="L'adresse électronique n'est pas lisible : écrivez-la comme nom@domaine.fr."
        )
    return address


def folded(text: str) -> str:
    """Equal for what people take for the same name on any computer: accents composed or not,
    capital or small letters, trailing spaces and dots (attacks.md C8, C9)."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFC", text).casefold()).rstrip(" .")


def displayed(text: str) -> str:
    """A name made safe for the eye: direction marks and invisible characters are written out (C10)."""
    if text.isprintable():  # then it holds none of them, nor any control
        return text
    return "".join(
        f"[U+{ord(c):04X}]"
        if BIDI.match(c)
        or c in "\u200b\u200c\u2060\ufeff\u00ad"
        or unicodedata.category(c) in {"Cc", "Cs"}
        else c
        for c in text
    )


def suspicious(text: str) -> bool:
    """Whether a name deserves a warning: hidden characters, or Latin mixed with look-alikes in
    one part of it (C11). « отчёт.pdf » is honest: its ending is a part of its own."""
    if text.isascii() and text.isprintable():
        return False
    return displayed(text) != text or any(len(_scripts(part)) > 1 for part in text.split("."))


def _scripts(text: str) -> set[str]:
    letters = {c for c in text if c.isalpha()}
    scripts = {unicodedata.name(c, "").split(" ")[0] for c in letters if not c.isascii()}
    if any(c.isascii() for c in letters):
        scripts.add("LATIN")
    return scripts & {"LATIN", "CYRILLIC", "GREEK"}
