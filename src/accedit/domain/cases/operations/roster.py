"""The states of the liste de diffusion: consent answered, served by post, defaulting, invited anew."""

from datetime import date, datetime

from django.db import transaction

from accedit.domain.alerts import queries as alerts
from accedit.domain.alerts.enums import How
from accedit.domain.alerts.operations import roster as lists
from accedit.domain.cases import stages
from accedit.domain.cases.enums import RosterRole, RosterState, TaskKind
from accedit.domain.cases.models import Case, Consent, RosterLine, Task
from accedit.domain.cases.operations.parties import invite, told
from accedit.domain.evidence.enums import Audience
from accedit.domain.people.rights import Actor
from accedit.domain.post.models import Letter
from accedit.domain.post.operations import outbox
from accedit.shared.fields import several_lines
from accedit.shared.refusals import Invalid


@transaction.atomic
def answer_consent(line: RosterLine, *, given: bool, actor: Actor, at: datetime) -> RosterLine:
    """The person's own answer, with the version of the text they read (CPC 748-2). It can be
    changed later; each answer stays."""
    line = (
        RosterLine.objects.select_for_update(of=("self",))
        .select_related("case__room", "addressee")
        .get(pk=line.pk)
    )
    if line.role == RosterRole.EXPERT:
        raise Invalid(what="L'expert conduit le dossier : l'accord ne lui est pas demandé.")
    Consent.objects.filter(line=line, answered_at__isnull=True).delete()
    Consent.objects.create(
        line=line, asked_at=at, answered_at=at, given=given, text_version=stages.CONSENT_VERSION
    )
    before = line.state
    line.state = RosterState.CONSENTING if given else RosterState.BY_POST
    line.save(update_fields=["state"])
    lists.tell_by(line.addressee, how=How.MAIL if given else How.POST)
    withdrawn = before == RosterState.CONSENTING and not given
    told(
        line.case,
        "consent.given" if given else "consent.withdrawn" if withdrawn else "consent.refused",
        actor=actor,
        at=at,
        about=line.user_id,
        member={"id": str(line.user_id), "name": line.name},
        side=None,
        text_version=stages.CONSENT_VERSION,
    )
    return line


@transaction.atomic
def mark_defaulting(line: RosterLine, *, actor: Actor, at: datetime) -> RosterLine:
    """A party that does not answer: it is served by post from now on."""
    if line.party is None or line.role != RosterRole.PARTY:
        raise Invalid(what="Seule une partie peut être notée défaillante.")
    before, line.state = line.state, RosterState.DEFAULTING
    line.save(update_fields=["state"])
    lists.tell_by(line.addressee, how=How.POST)
    told(
        line.case,
        "party.state_changed",
        actor=actor,
        at=at,
        party={"id": str(line.party_id), "name": line.name},
        before=before,
        after=line.state,
    )
    return line


@transaction.atomic
def record_address(line: RosterLine, *, address: str, actor: Actor, at: datetime) -> None:
    """Where letters to this addressee go, those that wait to be posted included. The log says
    that it was completed, not the address: every member reads the log."""
    said = several_lines(address, what="Adresse postale")
    if not said:
        raise Invalid(what="Adresse postale : écrivez la rue, le code postal et la ville.")
    lists.write_to(line.addressee, address=said)
    if line.party is not None and line.role == RosterRole.PARTY:
        line.party.address = said
        line.party.save(update_fields=["address"])
    outbox.address_letters(alerts.letters_to(line.addressee), address=said)
    told(
        line.case,
        "address.recorded",
        actor=actor,
        at=at,
        audience=Audience.CONCERNED,
        recipient={"id": str(line.addressee_id), "name": line.name},
    )


@transaction.atomic
def invite_again(line: RosterLine, *, actor: Actor, at: datetime) -> None:
    """A new code in one click; the old one stops working."""
    if line.user is None:
        raise Invalid(what="Cette partie est servie par la poste : elle n'a pas d'accès à ouvrir.")
    invite(line, actor=actor, at=at)


@transaction.atomic
def letter_printed(letter: Letter, *, at: datetime) -> None:
    outbox.mark_printed(letter, at=at)


@transaction.atomic
def letter_posted(letter: Letter, *, case: Case, on: date, actor: Actor, at: datetime) -> None:
    """The day it was posted, in the log; the task it made is done. `letter` comes from `access.letter`."""
    outbox.mark_posted(letter, on=on)
    Task.objects.filter(kind=TaskKind.SERVE_BY_POST, reference=letter.pk).update(done_at=at)
    told(
        case,
        "letter.posted",
        actor=actor,
        at=at,
        audience=Audience.CONCERNED,
        letter_id=str(letter.pk),
        recipient={"name": letter.to_name},
        posted_on=on.isoformat(),
        tracking=None,
    )
