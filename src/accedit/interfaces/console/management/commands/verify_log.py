"""`accedit verify-log`: recompute logs from their leaves, without looking at pieces."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management import CommandError

from accedit.domain.evidence.queries.checks import Damage
from accedit.interfaces.console import checking, commands


class Command(commands.Command):
    help = "Recalcule chaque journal depuis ses feuilles ; dit ce qui ne s'accorde pas."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--case", metavar="ID", help="les journaux de ce dossier seulement")
        parser.add_argument("--json", action="store_true")

    def answer(self, options: dict[str, Any]) -> None:
        room = commands.case_id(options["case"])
        count, found = 0, list[Damage]()
        for log in checking.logs(room):
            count += 1
            found += log.damages
            if not options["json"]:
                self.stdout.write(log.line())
                for damage in log.damages:
                    self.stdout.write(f"  {damage.sentence}")
        if room is not None and not count:
            raise CommandError(f"Le dossier {room} n'a pas de journal : vérifiez l'identifiant.")
        if options["json"]:
            answer = {"ok": not found, "logs": count, "damages": checking.as_json(found)}
            self.stdout.write(json.dumps(answer, ensure_ascii=False))
        if found:
            raise CommandError(checking.verdict(len(found)))
