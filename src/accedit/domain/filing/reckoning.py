"""What follows from the facts alone: names that a room accepts, names that collide, piece numbers, lateness."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from urllib.parse import unquote

from accedit.shared.fields import CONTROLS, displayed, folded
from accedit.shared.refusals import Kind, Refusal

MOST_CHARACTERS = 200
MOST_BYTES = 1000
MOST_FOLDED = 580  # a letter may fold into eighteen: what collides must fit its column too
DEEPEST = 40
CONFIRMED_SOON = timedelta(minutes=30)
NUMBER = re.compile(
    r"(\d{1,5})(?: (bis|ter|quater|quinquies|sexies|septies|octies|[A-Z]))?", re.ASCII
)
RANKS = ("", "bis", "ter", "quater", "quinquies", "sexies", "septies", "octies")


class BadName(Refusal):
    kind = Kind.UNREADABLE
    code = "bad_name"
    sentence = "Le nom « {shown} » ne convient pas : {why}. Renommez le fichier et recommencez ; les autres ne sont pas perdus."


class BadNumber(Refusal):
    kind = Kind.UNREADABLE
    code = "invalid"
    sentence = "Le numéro de pièce « {given} » n'est pas lisible : écrivez par exemple 4 ou 12 bis."


class NumberTaken(Refusal):
    kind = Kind.IN_THE_WAY
    code = "conflict"
    sentence = "La pièce n° {number} existe déjà pour cette partie : choisissez un autre numéro, par exemple {free}."


def accepted_name(name: str) -> str:
    """The name, byte for byte, or a refusal that says why (attacks.md C1 to C19).

    A name is never a path here: it is kept to be shown. A separator is refused even
    after one decoding; other strange names are kept and shown safely.
    """
    decoded = unquote(name)
    why = None
    if not name.strip(" ."):
        why = "il est vide, ou fait seulement de points et d'espaces"
    elif CONTROLS.search(name):
        why = "il contient un caractère invisible interdit"
    elif _too_long(name):
        why = f"il est trop long ({MOST_CHARACTERS} caractères au plus)"
    elif "/" in name or "\\" in name:
        why = "il contient une barre oblique"
    elif re.match(r"[A-Za-z]:", name) or name.lower().startswith("file:"):
        why = "il ressemble au chemin d'un disque"
    elif decoded != name and re.search(r"(^|[/\\])\.\.?([/\\]|$)", decoded):
        why = "il ressemble au chemin d'un autre dossier"
    if why:
        raise BadName(shown=_shown(name), why=why)
    return name


def _too_long(name: str) -> bool:
    return (
        len(name) > MOST_CHARACTERS
        or len(name.encode("utf-8", "surrogatepass")) > MOST_BYTES
        or len(folded(name)) > MOST_FOLDED
    )


def _shown(name: str) -> str:
    clean = "".join(c if c.isprintable() else "·" for c in name)
    return clean[:80] + ("…" if len(clean) > 80 else "")


def free_name(name: str, *, taken: Iterable[str]) -> str:
    """`name`, or the same with « (2) », « (3) »… where `taken` (folded) holds it already."""
    taken = set(taken)
    if folded(name) not in taken:
        return name
    stem, dot, ending = name.rpartition(".")
    if not dot or not stem or len(ending) > 10 or not ending.isalnum():
        stem, dot, ending = name, "", ""
    for rank in range(2, 10_000):
        candidate = f"{stem[: MOST_CHARACTERS - 20]} ({rank}){dot}{ending}"
        if folded(candidate) not in taken:
            return candidate
    raise BadName(shown=_shown(name), why="trop de pièces portent ce nom")


_WITH_DU = "bureau cabinet centre collège comité comptoir conseil crédit département fonds garage gaec gie groupe groupement lycée ministère service syndicat"
_WITH_DES = "ateliers consorts entreprises époux établissements ets héritiers"
_WITH_DE_LA = "banque caisse clinique commune communauté compagnie coopérative copropriété fédération fondation maaf macif maif mairie matmut métropole mutuelle région résidence sarl sas sasu sci scp scop selarl smabtp snc société succession ville"
_WITH_DE_L = "agence association atelier earl entreprise eurl hôpital hôtel indivision institut office union université"
_ACRONYMS = {"sas", "scop", "gie", "maif"}  # with small letters, it may be somebody's name
_ELIDES = re.compile(r"[aeiouœæ]|y[^aeiouy]")


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c))


_ARTICLES = {
    _plain(word): article
    for article, words in (
        ("du ", _WITH_DU),
        ("des ", _WITH_DES),
        ("de la ", _WITH_DE_LA),
        ("de l'", _WITH_DE_L),
    )
    for word in words.split()
}


def of_name(name: str) -> str:
    """The name as what something belongs to: « de Mme Petit », « d'Axa », « du Cabinet Aubry »,
    « de la SCI des Lilas », « de l'Association Lumière », « des Établissements Morel ».

    A name that begins with H keeps « de »: only a dictionary knows which of them elide.
    """
    first = name.split(" ")[0].replace(".", "")
    plain = _plain(first)
    article = _ARTICLES.get(plain)
    if article and (plain not in _ACRONYMS or first.isupper()):
        return f"{article}{name}"
    return f"d'{name}" if _ELIDES.match(_plain(name)) else f"de {name}"


def sort_key(name: str) -> str:
    """French order without the database's locale: accents after letters, numbers by value."""
    plain = _plain(name).replace("œ", "oe").replace("æ", "ae")
    key = re.sub(r"\d+", lambda m: f"{int(m[0][:15]):015d}", plain)
    return f"{key}\x01{name}"[:600]


def read_number(given: str) -> str:
    """A piece number as the lawyer's own bordereau writes it: « 4 », « 12 bis »."""
    tidy = " ".join(given.replace("\u00a0", " ").split())
    match = NUMBER.fullmatch(tidy)
    if not match or int(match[1]) == 0:
        raise BadNumber(given=_shown(given))
    return f"{int(match[1])} {match[2]}" if match[2] else str(int(match[1]))


def next_number(taken: Iterable[str]) -> str:
    """One more than the greatest number of the side; a number is never given twice."""
    return str(max((int(number.split(" ")[0]) for number in taken), default=0) + 1)


def number_key(number: str) -> int:
    """« 12 bis » comes after 12 and before 13."""
    digits, _, rank = number.partition(" ")
    place = RANKS.index(rank) if rank in RANKS else len(RANKS) + ord(rank) - ord("A")
    return int(digits) * 100 + place


def is_late(
    *,
    received_from: datetime,
    due_at: datetime | None,
    received_at: datetime | None = None,
    confirmed_at: datetime | None = None,
) -> bool:
    """Whether a piece came after the date limite; the limit's own instant is late.

    A program deposits in the request that sends the file: its first byte decides, however
    slow the line. A basket is deposited when its owner says so (`confirmed_at`): a file
    parked in time and deposited later is late, or one could read the others first. The one
    exception is a file that was on its way when the limit passed, if it is deposited
    within half an hour of its last byte.
    """
    if due_at is None:
        return False
    if confirmed_at is None:
        return received_from >= due_at
    on_its_way = received_from < due_at <= (received_at or received_from)
    soon = received_at is not None and confirmed_at <= received_at + CONFIRMED_SOON
    return confirmed_at >= due_at and not (on_its_way and soon)


MANIFEST = "MANIFESTE.csv"
_REFUSED = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)", re.IGNORECASE)


def path_name(name: str) -> str:
    """One step of a path that any computer can write: no separator, no dots alone, no hidden
    sign, none of the names that Windows keeps for itself (attacks.md C1 to C6, C10)."""
    clean = _REFUSED.sub("_", displayed(name)).strip(" ").rstrip(". ")
    if not clean.strip("."):
        clean = "_"
    return f"_{clean}" if _RESERVED.match(clean) else clean


def path_names(names: Sequence[str], *, taken: Iterable[str] = ()) -> list[str]:
    """One for each, in order, no two alike on a computer that takes capitals, or accents
    composed or not, for the same: the second of a name is « … (2) »."""
    held = {folded(name) for name in taken}
    next_of: dict[str, int] = {}
    found = []
    for name in map(path_name, names):
        stem, dot, ending = name.rpartition(".")
        if not stem or len(ending) > 10:
            stem, dot, ending = name, "", ""
        shown, rank = name, next_of.get(folded(name), 2)
        while folded(shown) in held:
            shown, rank = f"{stem} ({rank}){dot}{ending}", rank + 1
        next_of[folded(name)] = rank
        held.add(folded(shown))
        found.append(shown)
    return found


def inert_cell(text: str) -> str:
    """A cell that no spreadsheet takes for a formula (C14)."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
