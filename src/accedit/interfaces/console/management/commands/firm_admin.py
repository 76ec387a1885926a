"""`accedit firm-admin`: somebody administers the firm they are inscribed at."""

from argparse import ArgumentParser
from typing import Any

from django.core.management import CommandError
from django.utils import timezone

from accedit.domain.people.operations import accounts, firms
from accedit.interfaces.console import commands


class Command(commands.Command):
    help = "Confie l'administration d'un cabinet à un professionnel qui y est inscrit."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--user", required=True, metavar="ADRESSE")

    def answer(self, options: dict[str, Any]) -> None:
        user = accounts.holder_of(options["user"])
        if user is None:
            raise CommandError(f"Aucun professionnel n'a l'adresse {options['user']}.")
        firms.name_administrator(user, actor=None, at=timezone.now())
        self.say(f"{user.name} administre désormais son cabinet.")
