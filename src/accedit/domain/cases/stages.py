"""What each kind of case begins with: its tree, its notices, the words that ask for consent.

Data, so that a template is read and corrected without reading code. Sources: the five
regimes of the trade (CPC 143 s., 232 s., 131 s.; CJA R.532-1, R.621-1 s.), the consent
to electronic exchange (CPC 748-2; CJA R.621-7-3).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from accedit.domain.cases.enums import Template

BOXES = "Boîtes aux lettres"
ARCHIVES = "Dossiers archives"
EXPERT_SPACE = "Espace de travail de l'expert"
COLOURS = 8


@dataclass(frozen=True, slots=True)
class Kind:
    french: str
    folders: Sequence[str]
    channel: str  # what this platform does not replace
    delay: str  # what the expertise does not do to the time limits


_CIVIL = "Cette plate-forme ne remplace ni la voie électronique agréée des juridictions (code de procédure civile, art. 748-1 et suivants), ni les notifications que la loi exige."
_ADMINISTRATIVE = "Cette plate-forme ne remplace ni les échanges électroniques avec la juridiction administrative (code de justice administrative, art. R. 621-6-5 et R. 621-7-3), ni les notifications que la loi exige."
_AMICABLE = "Cette plate-forme ne remplace pas les lettres recommandées ni les actes que la loi ou le contrat exigent."
_STILL_RUNS = "Cette expertise n'arrête pas le délai pour agir en justice."

_COURT_FOLDERS = (
    "1. Mission et décisions",
    "2. Convocations",
    "3. Notes aux parties et comptes rendus",
    "4. Constatations et mesures",
    "5. Chiffrages",
    "6. Note de synthèse et rapport",
)
_AMICABLE_FOLDERS = (
    "1. Convention et mission",
    "2. Convocations",
    "3. Notes aux parties et comptes rendus",
    "4. Constatations et mesures",
    "5. Chiffrages et accord",
    "6. Rapport",
)

KINDS: Mapping[Template, Kind] = {
    Template.JUDICIAL_CIVIL: Kind("Expertise judiciaire civile", _COURT_FOLDERS, _CIVIL, ""),
    Template.JUDICIAL_ADMIN_SUMMARY: Kind(
        "Expertise ordonnée en référé par le juge administratif",
        _COURT_FOLDERS,
        _ADMINISTRATIVE,
        "",
    ),
    Template.JUDICIAL_ADMIN_MERITS: Kind(
        "Expertise ordonnée avant dire droit par le juge administratif",
        _COURT_FOLDERS,
        _ADMINISTRATIVE,
        "",
    ),
    Template.AMICABLE_AGREED: Kind(
        "Expertise conventionnelle (expert choisi d'un commun accord)",
        _AMICABLE_FOLDERS,
        _AMICABLE,
        _STILL_RUNS,
    ),
    Template.AMICABLE_CONVENED: Kind(
        "Expertise amiable contradictoire", _AMICABLE_FOLDERS, _AMICABLE, _STILL_RUNS
    ),
    Template.UNOFFICIAL: Kind(
        "Expertise officieuse (pour un seul client)",
        ("1. Lettre de mission", "2. Pièces et constatations", "3. Chiffrages", "4. Rapport"),
        _AMICABLE,
        _STILL_RUNS,
    ),
}

CONSENT_VERSION = "accord-1"
CONSENT = "J'accepte de recevoir par voie électronique, sur cette plate-forme, les pièces, notes et convocations de ce dossier. Je peux revenir sur cet accord à tout moment ; les documents me seront alors adressés par la poste."
