"""Send one mail with the settings of this installation, and say what the server answered."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import CommandError
from django.utils import timezone

from accedit.domain.post.operations import sending
from accedit.interfaces.console import commands


class Command(commands.Command):
    help = "Envoie un message d'essai et dit ce que le serveur de messagerie a répondu."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--to", required=True, metavar="ADRESSE")

    def answer(self, options: dict[str, Any]) -> None:
        transport = sending.show_only if settings.DEMO else sending.by_smtp
        try:
            words = sending.send_trial(to=options["to"], at=timezone.now(), transport=transport)
        except sending.Refused as refused:
            raise CommandError(
                f"Le serveur {settings.SMTP_HOST} a refusé le message : {refused}. Corrigez l'adresse, ou l'expéditeur « mail_from »."
            ) from refused
        except sending.NotNow as later:
            raise CommandError(
                f"Le message n'est pas parti : {later}. Vérifiez le nom du serveur, le port, le chiffrement et le compte."
            ) from later
        self.stdout.write(words)
