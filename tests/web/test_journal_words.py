"""Each kind of entry as a sentence of the trade; what a program wrote never breaks a page."""

import re
from pathlib import Path
from uuid import uuid4

import pytest
from django.utils import timezone

import accedit
from accedit.domain.evidence.queries import Told
from accedit.interfaces.web.pages.claim_words import LABELS, in_words
from accedit.interfaces.web.pages.journal_words import SENTENCES, Names, sentence
from accedit_ledger.vocabulary import KINDS

PLACE = uuid4()
AUBRY = {"id": "1", "name": "Me Aubry", "role": "professional", "firm": "Cabinet Aubry"}
ANNE = {"id": "2", "name": "Anne Vasseur", "role": "expert"}
BOX = {"id": "3", "name": "Boîte aux lettres de Sols Dubreuil"}
MAIL = {"recipient": {"name": "Me Blin"}, "address": "blin@x.example"}


def told(kind: str, claims: dict[str, object]) -> Told:
    return Told("o", 1, 1, kind, timezone.now(), None, None, {"actor": ANNE} | claims)


@pytest.mark.parametrize(
    ("kind", "claims", "said"),
    [
        (
            "case.opened",
            {"reference": "2026-14", "title": "Gymnase", "court": "TJ Paris", "expert": ANNE},
            "Le dossier 2026-14 « Gymnase » est ouvert, devant TJ Paris. Expert : Anne Vasseur.",
        ),
        (
            "case.closed",
            {"reason": "Rapport déposé."},
            "Anne Vasseur a clos le dossier : plus rien n'y est déposé ni changé. Motif : Rapport déposé.",
        ),
        ("case.reopened", {"reason": None}, "Anne Vasseur a rouvert le dossier."),
        (
            "party.joined",
            {"party": {"name": "Poste SA"}, "side": {"name": "assureur"}, "by_post": True},
            "Anne Vasseur a ajouté la partie « Poste SA », du côté « assureur », servie par la poste.",
        ),
        (
            "party.state_changed",
            {"party": {"name": "Poste SA"}, "before": "invited", "after": "defaulting"},
            "Anne Vasseur a noté la partie « Poste SA » : défaillant (avant : invité, sans réponse).",
        ),
        (
            "member.added",
            {"member": AUBRY, "member_role": "counsel", "side": {"name": "demandeur"}},
            "Anne Vasseur a fait entrer Me Aubry (Cabinet Aubry) dans le dossier (avocat du côté « demandeur »).",
        ),
        (
            "counsel.changed",
            {"side": {"name": "demandeur"}, "before": AUBRY, "after": {"name": "Me Blin"}},
            "Avocat du côté « demandeur » : Me Blin succède à Me Aubry (Cabinet Aubry) (Anne Vasseur).",
        ),
        (
            "node.moved",
            {"name": "Notes", "from": {"name": "Chiffrages"}, "to": None},
            "Anne Vasseur a déplacé « Notes » (avant : « Chiffrages »).",
        ),
        (
            "piece.archived",
            {"piece_id": "x", "to": {"name": "Dossier archives de Valmont"}},
            "Anne Vasseur a rangé aux archives une pièce : « Dossier archives de Valmont ».",
        ),
        ("bundle.downloaded", {"count": 12}, "Anne Vasseur a téléchargé ensemble 12 pièces."),
        (
            "consent.given",
            {"actor": AUBRY, "member": AUBRY, "text_version": "accord-1"},
            "Me Aubry (Cabinet Aubry) a accepté l'échange électronique. Texte « accord-1 ».",
        ),
        (
            "invitation.sent",
            {"invitee": AUBRY, "means": "letter", "expires_at": "2026-11-23T11:00:00.000Z"},
            "Anne Vasseur a invité Me Aubry (Cabinet Aubry) par une lettre, code valable jusqu'au lundi 23 novembre 2026, 12 h 00.",
        ),
        (
            "rights.changed",
            {"node_id": str(PLACE), "subject": AUBRY, "after": ["add"]},
            "Anne Vasseur a donné à « Me Aubry » sur « Boîte du demandeur » : ajouter.",
        ),
        (
            "due.set",
            {"box": BOX, "before": None, "after": "2026-09-30T22:00:00.000Z"},
            "Anne Vasseur a fixé la date limite de la boîte aux lettres de Sols Dubreuil : jusqu'au 30/09/2026 inclus.",
        ),
        (
            "deposit.accepted",
            {
                "actor": AUBRY,
                "piece_number": "3",
                "title": None,
                "name": "devis.pdf",
                "box": BOX,
                "late": True,
                "on_behalf_of": {"name": "Sols Dubreuil"},
                "received_by_means": "hand",
                "received_on": "2026-11-14",
            },
            "Me Aubry (Cabinet Aubry) a déposé la pièce n° 3, « devis.pdf », dans la boîte aux lettres de Sols Dubreuil, pour le compte de Sols Dubreuil (remise en main propre le 14/11/2026). Hors délai : à l'expert d'apprécier.",
        ),
        (
            "alert.refused",
            MAIL | {"answer": "550 no such user"},
            "L'avis de dépôt pour Me Blin (blin@x.example) est refusé par le serveur de messagerie. Réponse du serveur : « 550 no such user ».",
        ),
        (
            "address.recorded",
            {"actor": AUBRY, "recipient": {"id": "9", "name": "Sols Dubreuil"}},
            "Me Aubry (Cabinet Aubry) a complété l'adresse postale de Sols Dubreuil.",
        ),
        (
            "letter.posted",
            {"recipient": {"name": "Poste SA"}, "posted_on": "2026-11-17"},
            "Anne Vasseur a posté la lettre à Poste SA le 17/11/2026.",
        ),
    ],
)
def test_a_sentence_of_the_trade(kind: str, claims: dict[str, object], said: str) -> None:
    names = Names(places={PLACE: "Boîte du demandeur"})

    assert sentence(told(kind, claims), names=names).replace("\u00a0", " ") == said


def written_kinds() -> set[str]:
    """The words of the vocabulary that the operations write to the acts log today."""
    found: set[str] = set()
    for path in Path(accedit.__file__).parent.glob("domain/*/operations/*.py"):
        found |= set(re.findall(r'"([a-z]+\.[a-z_]+)"', path.read_text(encoding="utf-8")))
    return {kind for kind in found if kind in KINDS and KINDS[kind].log == "acts"}


def test_every_kind_that_is_written_has_a_sentence_of_its_own() -> None:
    written = written_kinds()

    assert {"deposit.accepted", "consent.withdrawn", "alert.failed"} <= written
    assert written - set(SENTENCES) == set()


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_no_kind_breaks_the_page_whatever_its_claims_hold(kind: str) -> None:
    empty: dict[str, object] = dict.fromkeys(KINDS[kind].claims)
    odd: dict[str, object] = dict.fromkeys(KINDS[kind].claims, "\u202e<b>{x}")

    for claims in (empty, odd, {}):
        entry = Told("o", 1, 1, kind, timezone.now(), None, None, claims)
        said = sentence(entry, names=Names())
        assert said
        assert "\u202e" not in said
        assert all("\u202e" not in one.value for one in in_words(entry))


def test_what_the_reader_may_not_see_has_no_name() -> None:
    entry = told("piece.withdrawn", {"piece_id": str(uuid4()), "reason": "erreur"})

    assert sentence(entry, names=Names()).replace("\u00a0", " ") == (
        "Anne Vasseur a retiré de la diffusion une pièce. Motif : erreur."
    )


def test_every_claim_that_is_written_has_a_french_label() -> None:
    claims = {claim for kind in written_kinds() for claim in KINDS[kind].claims}

    assert claims - set(LABELS) == set()


def test_claims_are_said_in_words() -> None:
    entry = told(
        "deposit.accepted",
        {
            "size": 2400000,
            "late": False,
            "received_from": "2026-11-16T11:00:00.000Z",
            "received_by_means": "post",
            "door": "page",
            "sha256": "ab" * 32,
            "roster": {"root": "cd" * 32, "size": 8},
            "on_behalf_of": None,
        },
    )

    said = {one.label: one.value.replace("\u00a0", " ") for one in in_words(entry)}

    assert said == {
        "Fait par": "Anne Vasseur",
        "Taille": "2,4 Mo (2400000 octets)",
        "Hors délai": "non",
        "Premier octet reçu": "lundi 16 novembre 2026, 12 h 00 (heure de Paris)",
        "Parvenu par": "reçue par la poste",
        "Par quelle voie": "par une page",
        "Empreinte SHA-256": "ab" * 32,
        "Liste de diffusion figée à cet instant": f"8 lignes, empreinte {'cd' * 32}",
    }
