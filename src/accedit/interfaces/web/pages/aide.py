"""The guides of two pages, on screen and as PDF, and what is recorded of each person.

One text for both forms, in `guides/`: what is read on screen is what was printed.
"""

from pathlib import Path

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from accedit.domain.documents.operations import markup
from accedit.domain.documents.operations.guides import guide_pdf
from accedit.interfaces.web.middleware import open_to_everyone
from accedit.shared.refusals import NotFound

FOLDER = Path(__file__).parents[1] / "guides"
TITLES = {
    "expert": "Guide de l’expert et de son assistant",
    "avocat": "Guide de l’avocat",
    "partie": "Guide de la partie sans avocat",
    "traces": "Ce qui est enregistré de vous, et qui le voit",
}


@open_to_everyone
@require_safe
def guide(request: HttpRequest, role: str) -> HttpResponse:
    blocks = markup.blocks(_text(role))
    title = TITLES[role]
    if blocks and blocks[0].kind == "heading" and blocks[0].level == 1:
        title, blocks = markup.plain(blocks[0].runs), blocks[1:]
    others = [(word, name) for word, name in TITLES.items() if word != role]
    context = {"role": role, "title": title, "blocks": blocks, "others": others}
    return render(request, "aide/guide.html", context)


@open_to_everyone
@require_safe
def printed(request: HttpRequest, role: str) -> HttpResponse:
    content = guide_pdf(_text(role), title=TITLES[role])
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="accedit-{role}.pdf"'
    return response


def _text(role: str) -> str:
    path = FOLDER / f"{role}.md"
    if role not in TITLES or not path.is_file():
        raise NotFound
    return path.read_text(encoding="utf-8")


urls = [
    path("aide/<slug:role>", guide, name="guide"),
    path("aide/<slug:role>.pdf", printed, name="guide_pdf"),
]
