"""`accedit erase`: erase from the logs what they say of a person. With `--look`, only count it."""

from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management import CommandError
from django.utils import timezone

from accedit.domain.evidence.operations import erasing
from accedit.domain.evidence.operations.signatures import sign_head
from accedit.interfaces.console import commands


class Command(commands.Command):
    help = "Efface des journaux ce qu'ils disent d'une personne ; les journaux restent vérifiables."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--subject", required=True, metavar="ID", help="compte de la personne")
        parser.add_argument("--word", action="append", default=[], metavar="MOT")
        parser.add_argument("--basis", metavar="PHRASE", help="fondement de l'effacement")
        parser.add_argument("--look", action="store_true", help="compter seulement")

    def answer(self, options: dict[str, Any]) -> None:
        try:
            subject = UUID(options["subject"])
        except ValueError:
            raise CommandError(
                f"« {options['subject']} » n'est pas l'identifiant d'un compte."
            ) from None
        words = [word for word in options["word"] if word.strip()]
        if any(len(word.strip()) < 4 for word in words):
            raise CommandError(
                "Un mot de moins de quatre lettres effacerait trop : donnez-le entier."
            )
        for one in erasing.said_of(subject, words=words):
            count = len(one.openings) + len(one.lines)
            self.stdout.write(f"{one.origin} : {count} mentions")
        if options["look"]:
            return
        if not (options["basis"] or "").strip():
            raise CommandError("Dites le fondement de l'effacement (--basis) : il sera inscrit.")
        origins = erasing.erase(
            subject, words=words, legal_basis=options["basis"].strip(), at=timezone.now()
        )
        for origin in origins:
            sign_head(origin)
        self.say("Effacé des journaux. Les comptes, mails et pièces ne sont pas touchés.")
