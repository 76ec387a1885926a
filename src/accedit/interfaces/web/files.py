"""Small files that a page makes and gives: receipts, letters, attestations. Pieces never come this way."""

from django.http import HttpResponse


def zip_answer(content: bytes, *, name: str) -> HttpResponse:
    return _attached(content, name=name, kind="application/zip")


def pdf_answer(content: bytes, *, name: str) -> HttpResponse:
    return _attached(content, name=name, kind="application/pdf")


def _attached(content: bytes, *, name: str, kind: str) -> HttpResponse:
    """`name` is ours, in ASCII: no name that a person chose reaches a header here (C18)."""
    return HttpResponse(
        content,
        content_type=kind,
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "X-Content-Type-Options": "nosniff",
        },
    )
