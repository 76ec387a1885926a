"""The demo's data, made once through the operations that people use, and `demo.json`."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import CommandError
from django.utils import timezone

from accedit.domain.evidence.operations.signatures import sign_head
from accedit.domain.filing import access, queries
from accedit.domain.filing.enums import NodeKind
from accedit.domain.people.operations.accounts import AddressTaken
from accedit.interfaces.console import commands
from accedit.interfaces.console.demo import people, story
from accedit.interfaces.console.demo.acts import Cast, Opened


class Command(commands.Command):
    help = (
        "Charge la démonstration : dossiers, personnes et pièces inventés. Ne change rien si "
        "elle est déjà chargée. Écrit les adresses, mots de passe et jetons dans un fichier."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--out", required=True, type=Path, metavar="FICHIER", help="où écrire demo.json"
        )

    def answer(self, options: dict[str, Any]) -> None:
        if not settings.DEMO:
            raise CommandError(
                "La démonstration ne se charge pas dans une installation réelle : lancez bin/demo."
            )
        try:
            loaded = story.told(now=timezone.now())
        except AddressTaken:
            self.say("La démonstration est déjà chargée : rien n'a été changé.")
            return
        for origin in sorted(loaded.origins):
            sign_head(origin)
        _write(options["out"], content=_described(loaded))
        self.say(f"La démonstration est chargée : {len(loaded.cases)} dossiers.")


def _described(loaded: story.Loaded) -> dict[str, Any]:
    """As interfaces.md gives it to whoever tries the demo by program."""
    return {
        "base_url": settings.BASE_URL,
        "cases": [_case(opened, cast=loaded.cast) for opened in loaded.cases],
        "people": [
            {
                "role": player.role,
                "name": player.name,
                "email": player.email,
                "password": player.password,
                "totp_secret": player.totp_secret,
                "token": loaded.tokens[player.email],
            }
            for player in people.SHOWN
        ],
    }


def _case(opened: Opened, *, cast: Cast) -> dict[str, str]:
    within = access.room(opened.id, asker=cast.actor(people.EXPERT))
    root = next(node for node in queries.places(within=within) if node.kind == NodeKind.ROOT)
    return {"id": str(opened.id), "title": within.room.title, "root_id": str(root.pk)}


def _write(path: Path, *, content: dict[str, Any]) -> None:
    """It holds passwords: nobody else reads it, not even while it is being written."""
    path.unlink(missing_ok=True)
    path.touch(mode=0o600, exist_ok=False)
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
