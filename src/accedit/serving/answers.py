"""The answers that the front gives by itself, and the one form of a refusal on raw routes.

To a program: `application/problem+json` (RFC 9457). To a person: a page that needs
no template, style sheet or database, since it also serves when these are missing.
"""

import json
from html import escape

from accedit.interfaces.api.problems import CHALLENGE, MEDIA_TYPE, TITLE_OF_STATUS, status_of
from accedit.interfaces.api.problems import problem as problem_content
from accedit.serving.messages import RawRequest, RawResponse
from accedit.shared.refusals import Refusal

QUIET_HEADERS = [
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
]
PAGE = """<!doctype html>
<html lang="fr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} – Accédit</title>
<style>
:root {{ color-scheme: light dark }}
body {{ font: 1.125rem/1.5 sans-serif; max-width: 38rem; margin: 12vh auto; padding: 0 1rem }}
</style>
</head>
<body>
<main>
<h1>{title}</h1>
<p>{sentence}</p>
<p><a href="/">Retour à l’accueil</a></p>
</main>
</body>
</html>
"""


def refused(
    request: RawRequest,
    *,
    status: int,
    code: str,
    sentence: str,
    headers: list[tuple[str, str]] | None = None,
) -> RawResponse:
    """A refusal in the form that fits whoever asked."""
    if request.wants_json:
        return problem(status=status, code=code, sentence=sentence, headers=headers)
    return page(status=status, sentence=sentence, headers=headers)


def problem(
    *,
    status: int,
    code: str,
    sentence: str,
    headers: list[tuple[str, str]] | None = None,
) -> RawResponse:
    content = problem_content(status=status, code=code, sentence=sentence)
    return RawResponse(
        status=status,
        headers=[("Content-Type", MEDIA_TYPE), *QUIET_HEADERS, *(headers or [])],
        body=json.dumps(content, ensure_ascii=False).encode(),
    )


def page(
    *, status: int, sentence: str, headers: list[tuple[str, str]] | None = None
) -> RawResponse:
    title = TITLE_OF_STATUS.get(status, "Refus")
    return RawResponse(
        status=status,
        headers=[
            ("Content-Type", "text/html; charset=utf-8"),
            (
                "Content-Security-Policy",
                "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
            ),
            *QUIET_HEADERS,
            *(headers or []),
        ],
        body=PAGE.format(title=escape(title), sentence=escape(sentence)).encode(),
    )


def of_refusal(request: RawRequest, refusal: Refusal) -> RawResponse:
    """A refusal of the domain, in the form that fits whoever asked."""
    if request.wants_json:
        return problem_of(request, refusal)
    return page(status=status_of(refusal), sentence=refusal.for_people())


def problem_of(request: RawRequest, refusal: Refusal) -> RawResponse:
    return problem(
        status=status_of(refusal),
        code=refusal.code,
        sentence=refusal.for_people(),
        headers=[CHALLENGE] if refusal.code == "unauthenticated" else None,
    )


def our_fault(request: RawRequest) -> RawResponse:
    """A bug: the number is the only link between what the person sees and what the log says."""
    return refused(
        request,
        status=500,
        code="internal",
        sentence=(
            "Le serveur n’a pas pu répondre ; rien de ce qui était déjà enregistré n’est perdu. "
            f"Si cela se répète, signalez l’erreur n° {request.id}."
        ),
    )
