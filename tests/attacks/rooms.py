"""What each address of a room needs, verb by verb: one line an address, or the build fails.

A pair (kind of node, right) is decided on the node of the address. The others are acts:
OWNER alone; an act that a delegation may name; MEMBER, whoever holds anything in the room;
OWN_BASKET, OWN_LINE and OWN_CLIENT, what is one's own and for others does not exist.
"""

from enum import StrEnum

from accedit.domain.filing.enums import Right
from accedit.domain.people.enums import Covers


class Act(StrEnum):
    OWNER = "owner"
    MEMBER = "member"
    DEPOSITS = "deposits"  # add on the box; in the expert's stead, a delegation that names it
    OWN_BASKET = "own basket"
    OWN_LINE = "own line"
    OWN_CLIENT = "own client"


Need = Act | Covers | tuple[str, Right]
PIECE, FOLDER, BOX = "piece", "folder", "box"


def both(need: Need) -> dict[str, Need]:
    """A page that shows a form and takes it."""
    return {"GET": need, "POST": need}


ROOMS: dict[str, dict[str, Need]] = {
    "/api/v1/cases/{case_id}": {"GET": Act.MEMBER},
    "/api/v1/cases/{case_id}/close": {"POST": Act.OWNER},
    "/api/v1/cases/{case_id}/journal": {"GET": Act.MEMBER},
    "/api/v1/cases/{case_id}/parties": {"POST": Covers.OPEN_CASES},
    "/api/v1/cases/{case_id}/reopen": {"POST": Act.OWNER},
    "/api/v1/deposits/{deposit_id}/receipt": {"GET": (PIECE, Right.READ)},
    "/api/v1/nodes/{box}/deposits": {"POST": Act.DEPOSITS},
    "/api/v1/nodes/{node_id}": {"GET": (FOLDER, Right.BROWSE)},
    "/api/v1/nodes/{node_id}/archive": {"POST": Act.OWNER},
    "/api/v1/nodes/{node_id}/children": {"GET": (FOLDER, Right.BROWSE)},
    "/api/v1/nodes/{node_id}/due": {"PUT": (BOX, Right.MANAGE)},
    "/api/v1/nodes/{node_id}/folders": {"POST": (FOLDER, Right.ADD)},
    "/api/v1/nodes/{node_id}/grants/{subject}": {"PUT": Act.OWNER, "DELETE": Act.OWNER},
    "/api/v1/nodes/{node_id}/move": {"POST": (FOLDER, Right.MANAGE)},
    "/api/v1/nodes/{node_id}/name": {"PUT": (FOLDER, Right.MODIFY)},
    "/api/v1/nodes/{node_id}/rights": {"GET": (FOLDER, Right.BROWSE)},
    "/api/v1/nodes/{node_id}/seal": {"POST": Act.OWNER, "DELETE": Act.OWNER},
    "/api/v1/nodes/{node_id}/withdraw": {"POST": Act.OWNER},
    "/api/v1/nodes/{node}/content": {"GET": (PIECE, Right.DOWNLOAD)},
    "/api/v1/nodes/{node}/zip": {"GET": (FOLDER, Right.BROWSE)},
    "/depots/{deposit_id}/attestation": {"GET": (PIECE, Right.READ)},
    "/depots/{deposit_id}/recu": {"GET": (PIECE, Right.READ)},
    "/dossiers/{case_id}": {"GET": Act.MEMBER},
    "/dossiers/{case_id}/accord": {"POST": Act.OWN_LINE},
    "/dossiers/{case_id}/clore": both(Act.OWNER),
    "/dossiers/{case_id}/comme/{user_id}": {"GET": Act.OWNER},
    "/dossiers/{case_id}/comme/{user_id}/dossier/{node_id}": {"GET": Act.OWNER},
    "/dossiers/{case_id}/comme/{user_id}/pieces": {"GET": Act.OWNER},
    "/dossiers/{case_id}/courriers": {"GET": Act.MEMBER},
    "/dossiers/{case_id}/deposer": both(Act.MEMBER),
    "/dossiers/{case_id}/dossier/{node_id}": {
        "GET": (FOLDER, Right.BROWSE),
        "POST": (FOLDER, Right.ADD),
    },
    "/dossiers/{case_id}/dossier/{node_id}/archiver": both(Act.OWNER),
    "/dossiers/{case_id}/dossier/{node_id}/deplacer": both((FOLDER, Right.MANAGE)),
    "/dossiers/{case_id}/dossier/{node_id}/renommer": both((FOLDER, Right.MODIFY)),
    "/dossiers/{case_id}/dossier/{node_id}/telecharger": {"GET": (FOLDER, Right.BROWSE)},
    "/dossiers/{case_id}/droits": {"GET": Act.OWNER},
    "/dossiers/{case_id}/droits/{node_id}": {"GET": Act.OWNER},
    "/dossiers/{case_id}/droits/{node_id}/donner": both(Act.OWNER),
    "/dossiers/{case_id}/droits/{node_id}/reserver": both(Act.OWNER),
    "/dossiers/{case_id}/groupes": both(Act.OWNER),
    "/dossiers/{case_id}/groupes/{group_id}": both(Act.OWNER),
    "/dossiers/{case_id}/groupes/{group_id}/changer": both(Act.OWNER),
    "/dossiers/{case_id}/journal": {"GET": Act.MEMBER},
    "/dossiers/{case_id}/journal/{index}": {"GET": Act.MEMBER},
    "/dossiers/{case_id}/journal/{index}/preuve": {"GET": Act.MEMBER},
    "/dossiers/{case_id}/lettres/postees": {"POST": Covers.LETTERS},
    "/dossiers/{case_id}/lettres/{letter_id}": {"GET": Covers.LETTERS},
    "/dossiers/{case_id}/lettres/{letter_id}/pdf": {"GET": Covers.LETTERS},
    "/dossiers/{case_id}/limites": both(Act.OWNER),
    "/dossiers/{case_id}/ouvert": {"GET": Covers.OPEN_CASES},
    "/dossiers/{case_id}/parties/{party_id}/avocat": both(Act.OWNER),
    "/dossiers/{case_id}/parties/{party_id}/ouvrir": both(Act.OWN_CLIENT),
    "/dossiers/{case_id}/personnes": {"GET": Act.MEMBER},
    "/dossiers/{case_id}/personnes/ajouter": both(Covers.OPEN_CASES),
    "/dossiers/{case_id}/personnes/{line_id}/defaillante": both(Act.OWNER),
    "/dossiers/{case_id}/personnes/{line_id}/adresse": both(Covers.LETTERS),
    "/dossiers/{case_id}/personnes/{line_id}/retirer": both(Act.OWNER),
    "/dossiers/{case_id}/personnes/{line_id}/inviter": {"POST": Covers.INVITE},
    "/dossiers/{case_id}/pieces": {"GET": Act.MEMBER},
    "/dossiers/{case_id}/pourquoi/{node_id}": {"GET": (FOLDER, Right.BROWSE)},
    "/dossiers/{case_id}/rouvrir": both(Act.OWNER),
    "/dossiers/{case_id}/taches": {"POST": Covers.LETTERS},
    "/dossiers/{case_id}/evenements": {"GET": Act.MEMBER},
    "/paniers/{basket_id}": both(Act.OWN_BASKET),
    "/paniers/{basket_id}/confirmer": both(Act.OWN_BASKET),
    "/paniers/{basket_id}/recu": {"GET": Act.OWN_BASKET},
    "/paniers/{basket}/fichiers": {"POST": Act.OWN_BASKET},
    "/pieces/{node_id}": {"GET": (PIECE, Right.BROWSE)},
    "/pieces/{node_id}/archiver": both(Act.OWNER),
    "/pieces/{node_id}/contenu": {"GET": (PIECE, Right.DOWNLOAD)},
    "/pieces/{node_id}/remettre": both(Act.OWNER),
    "/pieces/{node_id}/retirer": both(Act.OWNER),
}
