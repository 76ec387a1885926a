"""`accedit token create`: a key by which a program acts for one person."""

from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management import CommandError
from django.utils import timezone

from accedit.domain.cases import access as cases
from accedit.domain.people import queries as people
from accedit.domain.people.access import actor_of
from accedit.domain.people.enums import Door, Scope
from accedit.domain.people.operations import tokens
from accedit.interfaces.console import commands
from accedit.shared.refusals import NotFound


class Command(commands.Command):
    help = "Crée un jeton et l'écrit, seul, sur la sortie standard. Il n'est montré qu'une fois."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--user", required=True, metavar="ADRESSE")
        parser.add_argument("--name", required=True, metavar="NOM")
        parser.add_argument("--scope", required=True, choices=[scope.value for scope in Scope])
        parser.add_argument("--case", metavar="ID", help="le seul dossier que le jeton ouvre")

    def answer(self, options: dict[str, Any]) -> None:
        case = commands.case_id(options["case"])
        accounts = people.accounts_at(options["user"], room_id=case)
        if len(accounts) > 1:
            raise CommandError(
                f"Plusieurs accès portent l'adresse {options['user']}, un par dossier : précisez --case."
            )
        if not accounts:
            raise CommandError(
                f"Aucun compte ouvert n'a l'adresse {options['user']} : vérifiez-la, ou invitez d'abord cette personne."
            )
        user = accounts[0]
        if case:
            _require_access(user, case)
        _, secret = tokens.create_token(
            user,
            name=options["name"],
            scope=Scope(options["scope"]),
            room_id=case,
            at=timezone.now(),
        )
        self.stdout.write(secret)


def _require_access(user: Any, case: UUID) -> None:
    try:
        cases.case(case, asker=actor_of(user, door=Door.CONSOLE))
    except NotFound:
        raise CommandError(
            f"{user.name} n'a pas accès au dossier {case} : rien n'est créé."
        ) from None
