"""After a backup was restored: everything agrees, each log says so, each head is signed."""

from argparse import ArgumentParser
from typing import Any

from django.core.management import CommandError
from django.utils import timezone

from accedit.domain.evidence.operations import keeping
from accedit.domain.evidence.operations.signatures import sign_head
from accedit.domain.filing.queries import checks
from accedit.interfaces.console import checking, commands


class Command(commands.Command):
    help = "Vérifie ce qui vient d'être restauré, l'inscrit dans chaque journal et signe."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--made-at", required=True, metavar="DATE", help="date de la sauvegarde"
        )

    def answer(self, options: dict[str, Any]) -> None:
        made_at = commands.hour(options["made_at"])
        found = [damage for log in checking.logs(None) for damage in log.damages]
        found += checks.damages()
        for damage in found:
            self.stdout.write(damage.sentence)
        if found:
            raise CommandError(
                f"{checking.verdict(len(found))} Rien n'a été inscrit : ne mettez pas en service."
            )
        for origin in keeping.tell_restored(made_at=made_at, at=timezone.now()):
            sign_head(origin)
        self.say("La restauration est inscrite dans chaque journal.")
