"""What the commands of the console share: a refusal is one French sentence and exit code 1."""

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.management import BaseCommand, CommandError
from django.utils import timezone

from accedit.shared.refusals import Refusal


class Command(BaseCommand):
    """Answers go to the standard output, words to the standard error (interfaces.md)."""

    requires_system_checks = ()

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            self.answer(options)
        except Refusal as refusal:
            if options.get("json"):
                said = {"code": refusal.code, "sentence": refusal.for_people(), "missing": []}
                self.stdout.write(json.dumps({"refused": said}, ensure_ascii=False))
            raise CommandError(refusal.for_people(), returncode=1) from refusal

    def answer(self, options: dict[str, Any]) -> None:
        raise NotImplementedError

    def say(self, sentence: str) -> None:
        self.stderr.write(sentence, ending="\n")


def case_id(text: str | None) -> UUID | None:
    """The identifier of a case as it is typed, or a sentence."""
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError:
        raise CommandError(
            f"« {text} » n'est pas l'identifiant d'un dossier : copiez-le depuis l'adresse de sa page."
        ) from None


def hour(text: str) -> datetime:
    """An hour as it is typed, or a sentence."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise CommandError(f"« {text} » n'est pas une date : 2026-11-22T03:00:00+00:00.") from None
    return read if read.tzinfo else timezone.make_aware(read)
