"""REST: one address a noun, one token a caller, one form for every refusal."""

from typing import Any

from ninja import NinjaAPI

from accedit.interfaces.api import cases, deposits, nodes, rights
from accedit.interfaces.api.bearer import Token
from accedit.interfaces.api.errors import told_by_problems
from accedit.interfaces.api.openapi import completed


class Calls(NinjaAPI):
    def get_openapi_schema(self, **options: Any) -> Any:
        return completed(super().get_openapi_schema(**options))


api = Calls(
    title="Accédit",
    version="1",
    description=(
        "Déposer, lire et prouver par programme. Chaque appel porte une clé d'accès, créée "
        "dans « Mon compte » ; elle n'ouvre jamais plus que ce que la personne peut elle-même."
    ),
    auth=Token(),
    docs_url=None,
    urls_namespace="api-v1",
)
told_by_problems(api)
for router in (cases.router, nodes.router, deposits.router, rights.router):
    api.add_router("", router)
