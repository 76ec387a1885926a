"""`accedit follow`: send what is due, enter what became of it, make the tasks, sweep."""

from argparse import ArgumentParser
from typing import Any

from django.utils import timezone

from accedit.interfaces.console import commands, following


class Command(commands.Command):
    help = "Envoie les avis, inscrit ce qu'ils sont devenus, prépare les tâches, jusqu'à l'arrêt."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="un seul tour, puis s'arrêter")

    def answer(self, options: dict[str, Any]) -> None:
        follower = following.Follower(hour=timezone.now, transport=following.transport())
        if options["once"]:
            follower.once()
        else:
            follower.for_ever()
