"""How a refusal is said to a program: its status, its title, its form (RFC 9457).

The one table from code to status, for REST and for the raw routes. A code not in it
takes the status of its kind.
"""

from typing import Any

from accedit.shared.refusals import Kind, Refusal

MEDIA_TYPE = "application/problem+json"
CHALLENGE = ("WWW-Authenticate", 'Bearer realm="accedit"')
STATUS_OF_CODE = {
    "invalid": 422,
    "bad_name": 422,
    "length_mismatch": 400,
    "unauthenticated": 401,
    "forbidden": 403,
    "not_found": 404,
    "conflict": 409,
    "idempotency_conflict": 409,
    "case_closed": 409,
    "too_large": 413,
    "range_not_satisfiable": 416,
    "rate_limited": 429,
    "unavailable": 503,
    "quota_full": 507,
}
STATUS_OF_KIND = {
    Kind.ABSENT: 404,
    Kind.FORBIDDEN: 403,
    Kind.CLOSED: 409,
    Kind.IN_THE_WAY: 409,
    Kind.UNREADABLE: 422,
    Kind.FULL: 507,
}
TITLE_OF_STATUS = {
    400: "Demande illisible",
    401: "Connexion nécessaire",
    403: "Accès refusé",
    404: "Page introuvable",
    405: "Action impossible à cette adresse",
    409: "Impossible dans l’état actuel",
    413: "Envoi trop volumineux",
    416: "Partie de fichier introuvable",
    421: "Adresse inconnue",
    422: "Demande refusée",
    429: "Trop de demandes",
    500: "Erreur de notre part",
    503: "Momentanément indisponible",
    507: "Espace de stockage plein",
}


def status_of(refusal: Refusal) -> int:
    return STATUS_OF_CODE.get(refusal.code, STATUS_OF_KIND[refusal.kind])


def problem(*, status: int, code: str, sentence: str) -> dict[str, Any]:
    return {
        "type": "about:blank",
        "title": TITLE_OF_STATUS.get(status, "Refus"),
        "status": status,
        "detail": sentence,
        "code": code,
    }
