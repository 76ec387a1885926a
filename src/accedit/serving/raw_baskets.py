"""A page puts files into a basket: nothing is deposited, nobody is told.

One address, two ways: with JavaScript each file is a request of its own, its body the file,
answered in JSON; without, a plain form carries several, and the basket's page is shown
again with what could not be taken.
"""

import asyncio
import hashlib
import json
import re
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import unquote_to_bytes
from uuid import UUID

from django.utils.timezone import now

from accedit.domain.filing import access, blobs
from accedit.domain.filing.operations import baskets
from accedit.domain.filing.reckoning import BadName, accepted_name
from accedit.domain.people.rights import Actor
from accedit.serving import answers
from accedit.serving.answers import QUIET_HEADERS
from accedit.serving.browsers import Browser
from accedit.serving.forms import FilesOfForm, Part
from accedit.serving.messages import RawRequest, RawResponse
from accedit.serving.receiving import FirstByte, lively, received, refuse_encoded, turned_away
from accedit.serving.threads import in_disk_thread, in_thread
from accedit.shared.fields import displayed
from accedit.shared.refusals import Invalid, Refusal

UPLOAD = re.compile(r"[\x21-\x7e]{1,100}")


@dataclass(frozen=True, slots=True)
class Reached:
    """One's own basket, open for more. `basket` is a row that only the domain looks into."""

    browser: Browser
    actor: Actor
    basket: Any


async def add_files(request: RawRequest) -> RawResponse:
    """POST /paniers/{id}/fichiers"""
    if request.headers.get("content-type").lower().startswith("multipart/"):
        return await _form(request)
    return await _one_file(request)


async def _one_file(request: RawRequest) -> RawResponse:
    """The body is the file; `X-File-Name` its name, `X-Upload-Id` the page's own id for it."""
    try:
        reached = await in_thread(_reached, request, token=request.headers.get("x-csrftoken"))
        name, upload = _named(request)
        refuse_encoded(request)
        stored = await received(request)
        item, new = await in_thread(_added, reached, stored=stored, name=name, upload=upload)
    except Refusal as refusal:
        return await turned_away(request, refusal, form=answers.problem_of)
    said = {"id": str(item.pk), "name": item.name, "size": item.size, "sha256": item.sha256}
    return RawResponse(
        201 if new else 200,
        [("Content-Type", "application/json"), *QUIET_HEADERS],
        body=json.dumps(said).encode(),
    )


async def _form(request: RawRequest) -> RawResponse:
    refused: list[str] = []
    try:
        reached = await in_thread(_reached, request)
        refuse_encoded(request)
        async with aclosing(_parts(request, reached)) as parts:
            async for part in parts:
                refusal = part.refusal or await in_thread(_kept, reached, part)
                if refusal is not None:
                    refused.append(f"« {displayed(part.name)[:100]} » : {refusal.for_people()}")
    except Refusal as refusal:
        return await turned_away(request, refusal)
    told = await in_thread(reached.browser.tell, refused)
    return RawResponse(
        303, [("Location", f"/paniers/{request.params['basket']}"), *QUIET_HEADERS, *told]
    )


async def _parts(request: RawRequest, reached: Reached) -> AsyncGenerator[Part, None]:
    """Each file of the form when it is whole; what broke off is not one."""
    form = FilesOfForm(request.headers.get("content-type"), verify=reached.browser.refuse_forged)
    first = FirstByte(request)
    writing: asyncio.Future[list[Part]] | None = None
    try:
        async for block in lively(request.body()):
            arrived, first.at = first.at or now(), None
            writing = asyncio.ensure_future(
                in_disk_thread(partial(form.write, block, arrived=arrived))
            )
            for part in await writing:
                yield part
        form.finish()
    finally:
        if writing is not None:
            await asyncio.gather(writing, return_exceptions=True)
        await in_disk_thread(form.abandon)


def _reached(request: RawRequest, *, token: str | None = None) -> Reached:
    """Decided before the first byte. The token of a form comes later, in the form."""
    browser = Browser(request)
    actor = browser.person()
    browser.refuse_foreign()
    if token is not None:
        browser.refuse_forged(token)
    basket = access.basket(UUID(request.params["basket"]), asker=actor)
    baskets.can_still_add(basket, actor=actor)
    return Reached(browser, actor, basket)


def _named(request: RawRequest) -> tuple[str, str]:
    given, upload = request.headers.get("x-file-name"), request.headers.get("x-upload-id")
    try:
        name = unquote_to_bytes(given).decode("utf-8")
    except UnicodeDecodeError:
        raise BadName(shown=given[:80], why="il n'est pas écrit en UTF-8") from None
    if not UPLOAD.fullmatch(upload):
        raise Invalid(what="X-Upload-Id : de 1 à 100 caractères visibles, sans accent ni espace.")
    return accepted_name(name), upload


def _kept(reached: Reached, part: Part) -> Refusal | None:
    """Into the basket; the same file sent again in a form is there already."""
    stored = part.stored
    assert stored is not None
    same = hashlib.sha256(f"{stored.sha256} {part.name}".encode()).hexdigest()
    try:
        _added(reached, stored=stored, name=part.name, upload=f"formulaire-{same}")
    except Refusal as refusal:
        return refusal
    return None


def _added(
    reached: Reached, *, stored: blobs.StoredBlob, name: str, upload: str
) -> tuple[Any, bool]:
    try:
        item, new = baskets.add_file(reached.basket, stored=stored, name=name, upload=upload)
    except Refusal:
        blobs.discard(stored.key)
        raise
    if not new:
        blobs.discard(stored.key)
    return item, new
