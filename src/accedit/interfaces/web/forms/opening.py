"""The form that opens a case: what it is, then who is in it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from accedit.domain.cases.enums import Template
from accedit.domain.cases.operations.opening import CaseDraft
from accedit.interfaces.web.forms.parties import (
    CounselRow,
    Known,
    PartyRow,
    checked,
    read_parties,
)
from accedit.shared.fields import one_line, optional_line
from accedit.shared.refusals import Refusal


@dataclass(slots=True)
class OpeningForm:
    """`ticket` is this form's own number: sent twice, it opens one case."""

    template: str = Template.JUDICIAL_CIVIL
    title: str = ""
    reference: str = ""
    court: str = ""
    register_number: str = ""
    parties: list[PartyRow] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)
    ticket: str = field(default_factory=lambda: uuid4().hex)

    @classmethod
    def fresh(cls) -> "OpeningForm":
        return cls(parties=[PartyRow(counsel=[CounselRow()]), PartyRow(counsel=[CounselRow()])])

    @classmethod
    def sent(cls, post: Mapping[str, str]) -> "OpeningForm":
        return cls(
            template=post.get("template", ""),
            title=post.get("title", ""),
            reference=post.get("reference", ""),
            court=post.get("court", ""),
            register_number=post.get("register_number", ""),
            parties=read_parties(post),
            ticket=_ticket(post.get("ticket", "")),
        )

    def check(self, *, known: Known) -> bool:
        self.errors = {}
        for name, value, what, limit in (
            ("title", self.title, "Intitulé du dossier", 200),
            ("reference", self.reference, "Référence", 100),
        ):
            try:
                one_line(value, what=what, limit=limit)
            except Refusal as refusal:
                self.errors[name] = refusal.for_people()
        for name, value, what, limit in (
            ("court", self.court, "Juridiction", 200),
            ("register_number", self.register_number, "Numéro de rôle", 60),
        ):
            try:
                optional_line(value, what=what, limit=limit)
            except Refusal as refusal:
                self.errors[name] = refusal.for_people()
        if self.template not in {kind.value for kind in Template}:
            self.errors["template"] = "Choisissez le cadre de l'expertise."
        kept = checked(self.parties, known=known)
        if not kept:
            self.errors["parties"] = "Ajoutez au moins une partie, avec son nom et son côté."
        else:
            self.parties = kept
        return not self.errors and all(row.sound for row in kept)

    def draft(self) -> CaseDraft:
        return CaseDraft(
            template=Template(self.template),
            title=self.title.strip(),
            reference=self.reference.strip(),
            court=self.court.strip(),
            register_number=self.register_number.strip(),
            parties=tuple(row.draft() for row in self.parties),
        )

    @property
    def sides(self) -> int:
        return len({row.side.strip().casefold() for row in self.parties})


@dataclass(frozen=True, slots=True)
class Consequence:
    """How those who are about to be entered will hear of it."""

    by_mail: list[str]
    by_letter: list[str]
    by_post: list[str]


def consequence(parties: list[PartyRow]) -> Consequence:
    by_mail: list[str] = []
    by_letter: list[str] = []
    by_post: list[str] = []
    for row in parties:
        if row.represented:
            by_mail += [counsel.name for counsel in row.represented if counsel.name not in by_mail]
        elif row.by_post:
            by_post.append(row.name)
        elif row.email.strip():
            by_mail.append(row.name)
        else:
            by_letter.append(row.name)
    return Consequence(by_mail, by_letter, by_post)


def _ticket(text: str) -> str:
    try:
        return UUID(text).hex
    except ValueError:
        return uuid4().hex
