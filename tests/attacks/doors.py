"""What each route needs of whoever asks. A route without its line here fails the build.

OPEN    nobody need sign in; it shows nothing of anybody's
OWN     somebody signed in; it shows and changes what is their own
ROOM    something held in the room that the address names: for others it does not exist
STAFF   whoever runs the platform; no content, no name
DEMO    exists in the demonstration only
TICKET  a signed, short-lived right to one content, bound to a live session
"""

from enum import StrEnum


class Needs(StrEnum):
    OPEN = "open"
    OWN = "own"
    ROOM = "room"
    STAFF = "staff"
    DEMO = "demo"
    TICKET = "ticket"


NEEDS = {
    "/": Needs.OPEN,
    "/.well-known/accedit-log-keys": Needs.OPEN,
    "/aide/{role}": Needs.OPEN,
    "/aide/{role}.pdf": Needs.OPEN,
    "/verifier": Needs.OPEN,
    "/connexion": Needs.OPEN,
    "/connexion/code": Needs.OPEN,
    "/connexion/confiance": Needs.OPEN,
    "/connexion/fermee": Needs.OPEN,
    "/connexion/oublie": Needs.OPEN,
    "/connexion/oublie/change": Needs.OPEN,
    "/connexion/oublie/envoye": Needs.OPEN,
    "/connexion/oublie/{uidb36}-{key}": Needs.OPEN,
    "/connexion/sans-application": Needs.OPEN,
    "/deconnexion": Needs.OPEN,
    "/invitation": Needs.OPEN,
    "/invitation/mot-de-passe": Needs.OPEN,
    "/invitation/application": Needs.OPEN,
    "/invitation/aide": Needs.OPEN,
    "/compte": Needs.OWN,
    "/compte/appareils": Needs.OWN,
    "/compte/appareils/{device}/fin": Needs.OWN,
    "/compte/appareils/autres/fin": Needs.OWN,
    "/compte/mot-de-passe": Needs.OWN,
    "/compte/application": Needs.OWN,
    "/compte/confirmer": Needs.OWN,
    "/compte/confirmer/code": Needs.OWN,
    "/compte/cles": Needs.OWN,
    "/compte/cles/nouvelle": Needs.OWN,
    "/compte/cles/{key}/fin": Needs.OWN,
    "/compte/feuille-de-secours": Needs.OWN,
    "/compte/feuille-de-secours.pdf": Needs.OWN,
    "/compte/feuille-de-secours/rangee": Needs.OWN,
    "/compte/feuille-de-secours/nouvelle": Needs.OWN,
    "/compte/espace": Needs.OWN,
    "/compte/espace/coordonnees": Needs.OWN,
    "/compte/espace/assistants/nouveau": Needs.OWN,
    "/compte/espace/assistants/{delegation}": Needs.OWN,
    "/compte/espace/assistants/{delegation}/fin": Needs.OWN,
    "/plateforme": Needs.STAFF,
    "/courriers": Needs.DEMO,
    "/dossiers": Needs.OWN,
    "/dossiers/nouveau": Needs.OWN,
    "/dossiers/{case_id}": Needs.ROOM,
    "/dossiers/{case_id}/ouvert": Needs.ROOM,
    "/dossiers/{case_id}/accord": Needs.ROOM,
    "/dossiers/{case_id}/clore": Needs.ROOM,
    "/dossiers/{case_id}/rouvrir": Needs.ROOM,
    "/dossiers/{case_id}/limites": Needs.ROOM,
    "/dossiers/{case_id}/dossier/{node_id}": Needs.ROOM,
    "/dossiers/{case_id}/deposer": Needs.ROOM,
    "/dossiers/{case_id}/taches": Needs.ROOM,
    "/dossiers/{case_id}/pieces": Needs.ROOM,
    "/dossiers/{case_id}/personnes": Needs.ROOM,
    "/dossiers/{case_id}/personnes/ajouter": Needs.ROOM,
    "/dossiers/{case_id}/personnes/{line_id}/inviter": Needs.ROOM,
    "/dossiers/{case_id}/personnes/{line_id}/defaillante": Needs.ROOM,
    "/dossiers/{case_id}/parties/{party_id}/ouvrir": Needs.ROOM,
    "/dossiers/{case_id}/courriers": Needs.ROOM,
    "/dossiers/{case_id}/lettres/postees": Needs.ROOM,
    "/dossiers/{case_id}/lettres/{letter_id}": Needs.ROOM,
    "/dossiers/{case_id}/lettres/{letter_id}/pdf": Needs.ROOM,
    "/dossiers/{case_id}/journal": Needs.ROOM,
    "/dossiers/{case_id}/journal/{index}": Needs.ROOM,
    "/dossiers/{case_id}/journal/{index}/preuve": Needs.ROOM,
    "/pieces/{node_id}": Needs.ROOM,
    "/pieces/{node_id}/contenu": Needs.ROOM,
    "/pieces/{node_id}/retirer": Needs.ROOM,
    "/pieces/{node_id}/remettre": Needs.ROOM,
    "/depots/{deposit_id}/recu": Needs.ROOM,
    "/depots/{deposit_id}/attestation": Needs.ROOM,
    "/paniers/{basket_id}": Needs.ROOM,
    "/paniers/{basket_id}/confirmer": Needs.ROOM,
    "/paniers/{basket_id}/recu": Needs.ROOM,
    "/paniers/{basket}/fichiers": Needs.ROOM,
    "/contenu/{ticket}": Needs.TICKET,
    "/api/": Needs.OPEN,
    "/api/v1/": Needs.OPEN,
    "/api/v1/openapi.json": Needs.OPEN,
    "/api/v1/cases": Needs.OWN,
    "/api/v1/cases/{case_id}": Needs.ROOM,
    "/api/v1/cases/{case_id}/close": Needs.ROOM,
    "/api/v1/cases/{case_id}/reopen": Needs.ROOM,
    "/api/v1/cases/{case_id}/journal": Needs.ROOM,
    "/api/v1/cases/{case_id}/parties": Needs.ROOM,
    "/api/v1/deposits/{deposit_id}/receipt": Needs.ROOM,
    "/api/v1/nodes/{node_id}": Needs.ROOM,
    "/api/v1/nodes/{node_id}/children": Needs.ROOM,
    "/api/v1/nodes/{node_id}/due": Needs.ROOM,
    "/api/v1/nodes/{node_id}/folders": Needs.ROOM,
    "/api/v1/nodes/{node_id}/withdraw": Needs.ROOM,
    "/api/v1/nodes/{box}/deposits": Needs.ROOM,
    "/api/v1/nodes/{node}/content": Needs.ROOM,
}
