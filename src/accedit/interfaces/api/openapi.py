"""The OpenAPI document: Ninja's own, completed by what Ninja does not know.

It does not know our refusals, nor the two calls that carry file bytes, which the front
answers by itself. A test asks each call here for what is written here.
"""

from collections.abc import Mapping
from typing import Any

from accedit.interfaces.api import schema
from accedit.interfaces.api.problems import MEDIA_TYPE

Json = dict[str, Any]
PROBLEM: Json = {"$ref": "#/components/schemas/Problem"}
REFUSALS = {
    "400": "Adresse ou envoi illisible",
    "401": "Clé d'accès absente ou inconnue",
    "403": "Cela ne vous est pas permis ici",
    "404": "Inconnu, ou pas ouvert à vous",
    "405": "Action inconnue à cette adresse",
    "409": "Impossible dans l'état actuel",
    "413": "Envoi trop volumineux",
    "422": "Demande refusée : le champ en cause est nommé",
    "503": "Momentanément indisponible : recommencez la même demande",
    "507": "Espace de stockage plein",
}
READING = ("400", "401", "403", "404", "405", "422", "503")
WRITING = (*READING, "409", "413", "507")
NODE: Json = {
    "name": "node_id",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "format": "uuid"},
}
BYTES: Json = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}


def completed(document: Any) -> Json:
    """The document with its refusals, its raw calls and its shapes, keys as JSON has them."""
    document["paths"] |= {
        "/api/v1/nodes/{node_id}/deposits": {"post": _deposit()},
        "/api/v1/nodes/{node_id}/content": {"get": _content()},
        "/api/v1/nodes/{node_id}/zip": {"get": _bundle()},
    }
    receipt = document["paths"]["/api/v1/deposits/{deposit_id}/receipt"]["get"]
    receipt["responses"] = {200: {"description": "OK", "content": _zip()}}
    shapes = document["components"]["schemas"]
    shapes["Problem"] = schema.Problem.model_json_schema()
    shapes["Deposited"] = schema.Deposited.model_json_schema()
    for methods in document["paths"].values():
        for method, call in methods.items():
            said = {str(status): answer for status, answer in call["responses"].items()}
            call["responses"] = (
                refusals(WRITING if method in ("post", "put", "delete") else READING) | said
            )
    return dict(document)


def refusals(statuses: tuple[str, ...]) -> Json:
    return {status: _refusal(REFUSALS[status]) for status in statuses}


def _refusal(words: str) -> Json:
    return {"description": words, "content": {MEDIA_TYPE: {"schema": PROBLEM}}}


def _zip() -> Json:
    return {"application/zip": {"schema": {"type": "string", "format": "binary"}}}


def _query(name: str, words: str, *, required: bool = False, **shape: Any) -> Json:
    return {
        "name": name,
        "in": "query",
        "required": required,
        "description": words,
        "schema": {"type": "string", **shape},
    }


def _header(name: str, words: str, **shape: Any) -> Json:
    return {
        "name": name,
        "in": "header",
        "description": words,
        "schema": {"type": "string", **shape},
    }


def _deposit() -> Json:
    done = {"application/json": {"schema": {"$ref": "#/components/schemas/Deposited"}}}
    return {
        "operationId": "deposit_piece",
        "tags": ["dépôts"],
        "summary": "Déposer une pièce",
        "description": (
            "Le corps de la demande est le fichier, tel quel. Rien de ce que dit l'expéditeur sur "
            "lui-même ou sur l'heure n'est retenu : le déposant est le titulaire de la clé, les "
            "heures sont celles du serveur."
        ),
        "security": [{"Token": []}],
        "parameters": [
            NODE | {"description": "La boîte aux lettres."},
            _query("name", "Nom du fichier.", required=True, minLength=1, maxLength=200),
            _query("title", "Intitulé de la pièce.", maxLength=200),
            _query(
                "number", "Numéro de la pièce ; à défaut, le suivant.", examples=["4", "12 bis"]
            ),
            _query("on_behalf", "Partie pour le compte de qui l'expert dépose.", format="uuid"),
            _query("means", "Comment la pièce lui est parvenue.", enum=["post", "mail", "hand"]),
            _query("received_on", "Le jour où il l'a reçue.", format="date"),
            _header(
                "Idempotency-Key",
                "Une clé à soi : la même demande répétée avec elle répond 200 et ne dépose rien de plus.",
                pattern="^[!-~]{1,200}$",
            ),
        ],
        "requestBody": {"required": True, "content": BYTES},
        "responses": {
            "201": {"description": "Déposée", "content": done},
            "200": {"description": "Déjà déposée avec cette clé : même réponse", "content": done},
        },
    }


def _bundle() -> Json:
    return {
        "operationId": "read_zip",
        "tags": ["espace de dépôt"],
        "summary": "Télécharger un dossier de rangement entier",
        "description": (
            "Un ZIP écrit au fil de l'envoi : les pièces que le titulaire de la clé peut "
            "télécharger, à cet instant, et MANIFESTE.csv qui les énumère avec leurs empreintes. "
            "La taille n'est pas annoncée ; un envoi interrompu n'a pas de fin et ne s'ouvre pas."
        ),
        "security": [{"Token": []}],
        "parameters": [NODE | {"description": "Un lieu : racine, dossier, boîte ou archives."}],
        "responses": {"200": {"description": "Le lot", "content": BYTES}},
    }


def _content() -> Json:
    headers: Mapping[str, Json] = {
        "Accept-Ranges": {"schema": {"type": "string"}},
        "ETag": {"schema": {"type": "string"}, "description": "SHA-256 de la pièce."},
    }
    return {
        "operationId": "read_content",
        "tags": ["espace de dépôt"],
        "summary": "Télécharger une pièce, entière ou en partie",
        "security": [{"Token": []}],
        "parameters": [
            NODE,
            _header("Range", "Une seule plage d'octets (RFC 9110)."),
            _header("If-Range", "L'ETag de la partie déjà reçue."),
            _header("If-None-Match", "L'ETag que l'on a déjà."),
        ],
        "responses": {
            "200": {"description": "La pièce entière", "headers": headers, "content": BYTES},
            "206": {"description": "La plage demandée", "headers": headers, "content": BYTES},
            "304": {"description": "Rien de changé"},
            "416": _refusal("Cette plage n'existe pas dans la pièce"),
        },
    }
