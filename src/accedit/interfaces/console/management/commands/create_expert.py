"""The first account of an installation, or one more expert: a person, and the space they own."""

import sys
from argparse import ArgumentParser
from getpass import getpass
from typing import Any

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management import CommandError
from django.db import transaction
from django.utils import timezone

from accedit.domain.people.enums import PersonKind
from accedit.domain.people.operations import accounts, invitations
from accedit.interfaces.console import commands


class Command(commands.Command):
    help = (
        "Crée un expert et son espace. Écrit sur la sortie standard le code, valable sept jours, "
        "par lequel il choisira son mot de passe ; avec --password, demande le mot de passe."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--email", required=True, metavar="ADRESSE")
        parser.add_argument("--name", required=True, metavar="NOM")
        parser.add_argument("--space", required=True, metavar="NOM", help="nom de l'espace")
        parser.add_argument("--title", default="", metavar="QUALITÉ")
        parser.add_argument("--phone", default="", metavar="NUMÉRO")
        parser.add_argument("--address", default="", metavar="ADRESSE POSTALE")
        parser.add_argument("--list-number", default="", metavar="TEXTE", help="liste d'experts")
        parser.add_argument("--quota-bytes", type=int, default=settings.DEFAULT_QUOTA_BYTES)
        parser.add_argument(
            "--password",
            action="store_true",
            help="demander le mot de passe (ou le lire sur l'entrée standard) au lieu de donner un code",
        )

    def answer(self, options: dict[str, Any]) -> None:
        password = self._password() if options["password"] else None
        at = timezone.now()
        with transaction.atomic():
            user = accounts.enter_person(
                name=options["name"],
                kind=PersonKind.EXPERT,
                email=options["email"],
                title=options["title"],
                phone=options["phone"],
                address=options["address"],
                password=password,
                at=at,
            )
            accounts.open_space(
                expert=user,
                name=options["space"],
                quota_bytes=options["quota_bytes"],
                list_number=options["list_number"],
                address=options["address"],
                at=at,
            )
            code = None if password else invitations.first_code(user, at=at)
        if code is None:
            self.say(f"{user.name} entre par {settings.BASE_URL}/connexion avec ce mot de passe.")
            return
        self.say(
            f"{user.name} entre par {settings.BASE_URL}/invitation avec l'adresse {user.email} et ce "
            "code, valable une fois et sept jours. Il n'est montré qu'ici :"
        )
        self.stdout.write(code)

    def _password(self) -> str:
        if sys.stdin.isatty():
            password = getpass("Mot de passe (il ne s'affiche pas) : ")
            if getpass("Le même, encore une fois : ") != password:
                raise CommandError("Les deux saisies diffèrent : rien n'est créé, recommencez.")
        else:
            password = sys.stdin.readline().rstrip("\n")
        try:
            validate_password(password)
        except ValidationError as fault:
            raise CommandError(" ".join(fault.messages)) from fault
        return password
