"""The parties of a case as they are typed: any number of rows, kept whatever is wrong in them.

A row is added by a button of the form itself, so that it works without JavaScript. A
field that is refused keeps what was typed and has its sentence beside it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from accedit.domain.cases.enums import PartyKind
from accedit.domain.cases.operations.parties import CounselDraft, PartyDraft
from accedit.shared.fields import email_address, one_line, optional_line, several_lines
from accedit.shared.refusals import Refusal

MOST_PARTIES = 60
MOST_COUNSEL = 20
Known = Mapping[str, tuple[str, str]]  # the directory: address → name, firm


@dataclass(slots=True)
class CounselRow:
    name: str = ""
    email: str = ""
    firm: str = ""
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        return not (self.name.strip() or self.email.strip() or self.firm.strip())

    def check(self, *, known: Known) -> None:
        """A lawyer of the directory is known by the address alone."""
        found = known.get(self.email.strip().lower())
        if found:
            self.name = self.name.strip() or found[0]
            self.firm = self.firm.strip() or found[1]
        _try(self.errors, "email", lambda: email_address(self.email))
        _try(self.errors, "name", lambda: one_line(self.name, what="Nom de l'avocat"))
        _try(self.errors, "firm", lambda: optional_line(self.firm, what="Cabinet"))

    def draft(self) -> CounselDraft:
        return CounselDraft(self.name.strip(), self.email.strip(), self.firm.strip())


@dataclass(slots=True)
class PartyRow:
    name: str = ""
    side: str = ""
    kind: str = PartyKind.COMPANY
    email: str = ""
    by_post: bool = False
    address: str = ""
    counsel: list[CounselRow] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        typed = self.name.strip() or self.side.strip() or self.email.strip() or self.address.strip()
        return not typed and all(row.empty for row in self.counsel)

    @property
    def represented(self) -> list[CounselRow]:
        return [row for row in self.counsel if not row.empty]

    def check(self, *, known: Known) -> None:
        _try(self.errors, "name", lambda: one_line(self.name, what="Nom de la partie"))
        _try(self.errors, "side", lambda: one_line(self.side, what="Côté", limit=60))
        _try(self.errors, "kind", lambda: PartyKind(self.kind))
        _try(self.errors, "address", lambda: several_lines(self.address, what="Adresse postale"))
        if self.email.strip():
            _try(self.errors, "email", lambda: email_address(self.email))
        for row in self.represented:
            row.check(known=known)
        if self.represented:
            return
        if self.by_post and not self.address.strip():
            self.errors["address"] = (
                "Adresse postale : elle est nécessaire pour écrire à la partie."
            )
        if not self.by_post and not self.email.strip() and not self.address.strip():
            self.errors["email"] = (
                "Donnez un avocat, une adresse électronique, ou cochez « par la poste »."
            )

    @property
    def sound(self) -> bool:
        return not self.errors and not any(row.errors for row in self.counsel)

    def draft(self) -> PartyDraft:
        return PartyDraft(
            name=self.name.strip(),
            side=self.side.strip(),
            kind=PartyKind(self.kind),
            email=self.email.strip(),
            by_post=self.by_post and not self.represented,
            address=self.address,
            counsel=tuple(row.draft() for row in self.represented),
        )


def _try(errors: dict[str, str], name: str, check: Callable[[], object]) -> None:
    try:
        check()
    except Refusal as refusal:
        errors[name] = refusal.for_people()
    except ValueError:
        errors[name] = "Choisissez dans la liste."


def read_parties(post: Mapping[str, str]) -> list[PartyRow]:
    """The rows as they stand in a form that was sent."""
    rows = []
    for index in range(min(_count(post.get("parties", "0")), MOST_PARTIES)):
        at = f"p{index}"
        counsel = [
            CounselRow(
                name=post.get(f"{at}-c{rank}-name", ""),
                email=post.get(f"{at}-c{rank}-email", ""),
                firm=post.get(f"{at}-c{rank}-firm", ""),
            )
            for rank in range(min(_count(post.get(f"{at}-counsel", "0")), MOST_COUNSEL))
        ]
        rows.append(
            PartyRow(
                name=post.get(f"{at}-name", ""),
                side=post.get(f"{at}-side", ""),
                kind=post.get(f"{at}-kind", PartyKind.COMPANY),
                email=post.get(f"{at}-email", ""),
                by_post=bool(post.get(f"{at}-by_post")),
                address=post.get(f"{at}-address", ""),
                counsel=counsel,
            )
        )
    return rows


def apply_button(rows: list[PartyRow], button: str) -> None:
    """« Ajouter une partie », « Ajouter un avocat », « Retirer »: more or fewer rows, nothing lost."""
    act, _, where = button.partition(":")
    numbers = [int(part) for part in where.split("-") if part.isdigit()]
    if act == "party" and len(rows) < MOST_PARTIES:
        rows.append(PartyRow(counsel=[CounselRow()]))
    elif not numbers or numbers[0] >= len(rows):
        return
    elif act == "counsel" and len(rows[numbers[0]].counsel) < MOST_COUNSEL:
        rows[numbers[0]].counsel.append(CounselRow())
    elif act == "less" and len(numbers) == 1:
        del rows[numbers[0]]
    elif act == "less" and numbers[1] < len(rows[numbers[0]].counsel):
        del rows[numbers[0]].counsel[numbers[1]]


def checked(rows: Sequence[PartyRow], *, known: Known) -> list[PartyRow]:
    """Empty rows are left out; the others carry their errors."""
    kept = [row for row in rows if not row.empty]
    for row in kept:
        row.check(known=known)
    return kept


def _count(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 0
