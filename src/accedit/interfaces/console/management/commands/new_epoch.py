"""`accedit new-epoch`: go on, under new names, with logs that the signer refuses.

With `--look` it only says which ones.
"""

from argparse import ArgumentParser
from typing import Any

from django.core.management import CommandError
from django.utils import timezone

from accedit.domain.evidence.operations import incidents, keeping
from accedit.domain.evidence.operations.signatures import sign_head
from accedit.interfaces.console import commands

INCOMPLETE = 3
WHAT_TO_DO = (
    "Le signataire se souvient d’entrées que cette base n’a pas. Des récépissés ont été remis pour "
    "elles : ils restent valables et feront foi contre vous. Si une sauvegarde plus récente existe, "
    "restaurez-la plutôt. Sinon, prévenez les parties, faites déposer de nouveau ce qui manque, et "
    'déclarez l’incident : accedit new-epoch --sentence "ce qui s’est passé".'
)


class Command(commands.Command):
    help = (
        "Déclare un incident : les journaux que le signataire refuse repartent sous un autre nom."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--sentence", metavar="PHRASE", help="ce qui s’est passé")
        parser.add_argument("--made-at", metavar="DATE", help="date de la sauvegarde restaurée")
        parser.add_argument("--look", action="store_true", help="dire seulement ce qui manque")

    def answer(self, options: dict[str, Any]) -> None:
        found = incidents.broken()
        for one in found:
            self.stdout.write(_line(one))
        if options["look"]:
            if found:
                raise CommandError(WHAT_TO_DO, returncode=INCOMPLETE)
            return
        if not found:
            raise CommandError(
                "Le signataire ne refuse aucun journal : il n’y a pas d’incident à déclarer."
            )
        sentence = (options["sentence"] or "").strip()
        if len(sentence) < 10:
            raise CommandError(
                "Dites en une phrase ce qui s’est passé (--sentence) : elle sera inscrite pour "
                "toujours dans chaque journal, et les parties la liront."
            )
        made_at = commands.hour(options["made_at"]) if options["made_at"] else None
        origins = incidents.declare(sentence=sentence, at=timezone.now())
        if made_at is not None:
            origins = keeping.tell_restored(made_at=made_at, at=timezone.now())
        for origin in origins:
            sign_head(origin)
        self.say("L’incident est déclaré. Les récépissés d’avant restent valables.")


def _line(one: incidents.Broken) -> str:
    name = one.signed.origin
    if one.head is None:
        return f"{name} : {one.signed.size} entrées signées, le journal entier manque."
    if one.lost == 1:
        return f"{name} : {one.signed.size} entrées signées, la dernière manque."
    if one.lost:
        return f"{name} : {one.signed.size} entrées signées, les {one.lost} dernières manquent."
    return f"{name} : ce qui suit la dernière entrée commune n’est pas ce qui a été signé."
