"""The fixed people of the tests, made through the operations that real people use.

Anne Vasseur is the expert, Lucie Morel assists her. The gymnasium case has: the town
(Me Aubry), the architect (Me Blin), the engineering office (Me Carel and Me Diallo of
one firm), a contractor without counsel (Sols Dubreuil) and a party served by post.
Bruno Lambert is another expert, with a case of his own: the stranger.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from accedit.domain.cases import queries as cases
from accedit.domain.cases.enums import PartyKind, Template
from accedit.domain.cases.models import Case, Party
from accedit.domain.cases.operations import roster
from accedit.domain.cases.operations.opening import CaseDraft, open_case
from accedit.domain.cases.operations.parties import CounselDraft, PartyDraft
from accedit.domain.filing import access, blobs
from accedit.domain.filing.blobs import StoredBlob
from accedit.domain.filing.models import Basket, Box, Deposit
from accedit.domain.filing.operations import baskets
from accedit.domain.filing.operations.deposits import Behalf
from accedit.domain.people.access import actor_of
from accedit.domain.people.enums import Covers, Door, IdentityLevel, PersonKind, Scope
from accedit.domain.people.models import User
from accedit.domain.people.operations import accounts, delegations, tokens
from accedit.domain.people.rights import Actor

NOON = datetime(2026, 11, 16, 11, 0, tzinfo=UTC)  # Monday, noon in Paris
PASSWORD = "trois-mots-de-passe-simples"


@dataclass(frozen=True)
class Gymnase:
    case: Case
    expert: Actor
    assistant: Actor
    owner_counsel: Actor
    architect_counsel: Actor
    engineer_counsels: tuple[Actor, Actor]
    contractor: Actor
    stranger: Actor
    stranger_case: Case
    boxes: Mapping[str, Box]
    parties: Mapping[str, Party]

    @property
    def everyone(self) -> list[Actor]:
        return [
            self.expert,
            self.assistant,
            self.owner_counsel,
            self.architect_counsel,
            *self.engineer_counsels,
            self.contractor,
        ]


def expert(*, name: str, email: str, at: datetime = NOON) -> Actor:
    user = accounts.enter_person(
        name=name,
        kind=PersonKind.EXPERT,
        email=email,
        title="expert près la cour d'appel de Paris",
        phone="01 23 45 67 89",
        password=PASSWORD,
        at=at,
    )
    accounts.open_space(expert=user, name=f"Espace de {name}", quota_bytes=10**10, at=at)
    return actor_of(user, door=Door.PAGE)


def assistant_of(who: Actor, *, name: str, email: str, at: datetime = NOON) -> Actor:
    user = accounts.enter_person(
        name=name, kind=PersonKind.ASSISTANT, email=email, password=PASSWORD, at=at
    )
    space = User.objects.get(pk=who.user_id).space
    delegations.delegate(space=space, to=user, covers=list(Covers), at=at)
    return actor_of(user, door=Door.PAGE)


def signs_up(user: User, *, email: str) -> Actor:
    """As if the invitation had been used."""
    accounts.let_in(user, email=email, password=PASSWORD + email[:3], level=IdentityLevel.ADDRESS)
    return actor_of(User.objects.select_related("firm").get(pk=user.pk), door=Door.PAGE)


def gymnase(*, at: datetime = NOON, consents: bool = True) -> Gymnase:
    """The gymnasium case, everybody signed up; all consent unless told otherwise.

    Addresses carry a random word, so that several casts live in one database.
    """
    word = uuid4().hex[:8]
    anne = expert(name="Anne Vasseur", email=f"anne.{word}@expert.example", at=at)
    lucie = assistant_of(anne, name="Lucie Morel", email=f"lucie.{word}@expert.example", at=at)
    firm = f"Cabinet Carel-Diallo {word}"
    case = open_case(
        CaseDraft(
            template=Template.JUDICIAL_CIVIL,
            title="Gymnase municipal, parquet déformé",
            reference="2026-14",
            court="Tribunal judiciaire de Paris",
            register_number="RG 26/01234",
            parties=[
                PartyDraft(
                    "Commune de Valmont",
                    "demandeur",
                    PartyKind.PUBLIC_BODY,
                    counsel=[CounselDraft("Me Claire Aubry", f"aubry.{word}@avocat.example")],
                ),
                PartyDraft(
                    "M. Paul Bertin",
                    "architecte",
                    PartyKind.PERSON,
                    email=f"bertin.{word}@architecte.example",
                    counsel=[
                        CounselDraft("Me Hugo Blin", f"blin.{word}@avocat.example", f"Blin {word}")
                    ],
                ),
                PartyDraft(
                    "Bureau d'études Novatech",
                    "bureau d'études",
                    PartyKind.COMPANY,
                    counsel=[
                        CounselDraft("Me Inès Carel", f"carel.{word}@avocat.example", firm),
                        CounselDraft("Me Omar Diallo", f"diallo.{word}@avocat.example", firm),
                    ],
                ),
                PartyDraft(
                    "Sols Dubreuil",
                    "entreprise",
                    PartyKind.COMPANY,
                    email=f"dubreuil.{word}@sols.example",
                ),
                PartyDraft(
                    "Menuiserie Fauvel",
                    "menuisier",
                    PartyKind.COMPANY,
                    by_post=True,
                    address="12 rue des Lilas\n76000 Rouen",
                ),
            ],
        ),
        actor=anne,
        at=at,
    )
    people = {
        line.name: signs_up(line.user, email=line.user.email)
        for line in cases.roster(case)
        if line.user and line.user.email and line.user.pk != anne.user_id
    }
    if consents:
        for line in cases.roster(case):
            if line.user and line.user.pk != anne.user_id:
                roster.answer_consent(line, given=True, actor=people[line.name], at=at)
    bruno = expert(name="Bruno Lambert", email=f"bruno.{word}@expert.example", at=at)
    other = open_case(
        CaseDraft(
            template=Template.AMICABLE_CONVENED,
            title="Secret du pavillon Lambert",
            reference="SECRET-77",
            parties=[
                PartyDraft(
                    "Mme Secrète Inconnue",
                    "propriétaire",
                    PartyKind.PERSON,
                    email=f"secrete.{word}@maison.example",
                )
            ],
        ),
        actor=bruno,
        at=at,
    )
    return Gymnase(
        case=case,
        expert=anne,
        assistant=lucie,
        owner_counsel=people["Me Claire Aubry"],
        architect_counsel=people["Me Hugo Blin"],
        engineer_counsels=(people["Me Inès Carel"], people["Me Omar Diallo"]),
        contractor=people["Sols Dubreuil"],
        stranger=bruno,
        stranger_case=other,
        boxes=boxes_of(case),
        parties={party.name: party for party in Party.objects.filter(case=case)},
    )


def boxes_of(case: Case) -> dict[str, Box]:
    return {
        box.side_name: box
        for box in Box.objects.filter(folder__room=case.room).select_related(
            "folder__room", "archive"
        )
    }


def stored(
    content: bytes = b"%PDF-1.7 une piece", *, at: datetime = NOON, lasting: float = 1.0
) -> StoredBlob:
    """Bytes that have arrived, the first at `at`, the last `lasting` seconds later."""
    receiving = blobs.Receiving(received_from=at)
    receiving.write(content)
    return receiving.finish(received_at=at + timedelta(seconds=lasting))


def deposited(
    *names: str,
    box: Box,
    by: Actor,
    at: datetime = NOON,
    content: Callable[[str], bytes] = lambda name: f"contenu de {name}".encode(),
    behalf: Behalf | None = None,
) -> list[Deposit]:
    """One basket with these files, deposited."""
    basket: Basket = baskets.open_basket(box=box, actor=by, at=at, behalf=behalf)
    for name in names:
        baskets.add_file(basket, stored=stored(content(name), at=at), name=name, upload=uuid4().hex)
    return list(
        baskets.deposit_basket(
            access.basket(basket.pk, asker=by), actor=by, at=at + timedelta(seconds=2)
        )
    )


def token_for(
    who: Actor, *, scope: Scope = Scope.MANAGE, room_id: UUID | None = None, at: datetime = NOON
) -> str:
    user = User.objects.get(pk=who.user_id)
    return tokens.create_token(user, name="essai", scope=scope, room_id=room_id, at=at)[1]
