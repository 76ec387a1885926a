"""The three cases of the demo as an expert would type them when opening them."""

from accedit.domain.cases.enums import PartyKind, Template
from accedit.domain.cases.operations.opening import CaseDraft
from accedit.domain.cases.operations.parties import CounselDraft, PartyDraft
from accedit.interfaces.console.demo.people import (
    ACHARD,
    ANSELME,
    DELAHAYE,
    DUBOSC,
    FERRAND,
    LEMOINE,
    ROUSSIN,
    Player,
)

FIRM = "Cabinet Lemoine-Achard"
OWNER, ARCHITECT, ENGINEER = "maître de l'ouvrage", "architecte", "bureau d'études"
STRUCTURE, FLOORER = "gros œuvre", "parqueteur"
HOUSEHOLD, INSTALLER = "propriétaire", "installateur"
VEXIN = "SARL Gros-Œuvre du Vexin"


def _counsel(player: Player, *, firm: str = "") -> CounselDraft:
    return CounselDraft(player.name, player.email, firm)


GYMNASIUM = CaseDraft(
    template=Template.JUDICIAL_CIVIL,
    title="Gymnase du Clos-Mériel, parquet déformé",
    reference="2026-14",
    court="Tribunal judiciaire de Paris",
    register_number="RG 26/04178",
    parties=[
        PartyDraft(
            "Association du Clos-Mériel",
            OWNER,
            PartyKind.COMPANY,
            address="2, allée des Tilleuls\n95000 Clos-Mériel",
            counsel=[_counsel(DELAHAYE, firm="Delahaye Avocats")],
        ),
        PartyDraft(
            "M. Aurélien Kermadec",
            ARCHITECT,
            PartyKind.PERSON,
            email="agence@kermadec-architecte.example",
            address="31, quai des Glycines\n75000 Paris",
            counsel=[_counsel(ROUSSIN, firm="Cabinet Roussin")],
        ),
        PartyDraft(
            "Structura-Bois Ingénierie",
            ENGINEER,
            PartyKind.COMPANY,
            address="45, rue des Scieries\n94000 Ivry-la-Forge",
            counsel=[_counsel(LEMOINE, firm=FIRM), _counsel(ACHARD, firm=FIRM)],
        ),
        PartyDraft(
            DUBOSC.name,
            FLOORER,
            PartyKind.PERSON,
            email=DUBOSC.email,
            address="Le Petit-Moulin\n95000 Vaux-sous-Bois",
        ),
        PartyDraft(
            VEXIN,
            STRUCTURE,
            PartyKind.COMPANY,
            by_post=True,
            address="14, rue des Carrières\n95000 Mériel-sur-Viosne",
        ),
    ],
)

HEAT_PUMP = CaseDraft(
    template=Template.AMICABLE_CONVENED,
    title="Pompe à chaleur bruyante, maison Ferrand",
    reference="2026-19",
    parties=[
        PartyDraft(
            FERRAND.name,
            HOUSEHOLD,
            PartyKind.PERSON,
            email=FERRAND.email,
            address="5, chemin des Lavandières\n91000 Saint-Arnoult-des-Prés",
        ),
        PartyDraft(
            "Clim'Énergie Services",
            INSTALLER,
            PartyKind.COMPANY,
            address="22, route de la Vallée\n91000 Saint-Arnoult-des-Prés",
            counsel=[_counsel(LEMOINE, firm=FIRM)],
        ),
    ],
)

BOILER = CaseDraft(
    template=Template.AMICABLE_CONVENED,
    title="Chaudière à granulés du hameau des Forges",
    reference="BC-2026-07",
    parties=[
        PartyDraft(
            ANSELME.name,
            "propriétaire",
            PartyKind.PERSON,
            email=ANSELME.email,
            address="Hameau des Forges\n31000 Villebrume",
        )
    ],
)
