"""`accedit verify-log`: recompute logs from their leaves, without looking at pieces."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import CommandError

from accedit.domain.evidence.operations import checking as evidence
from accedit.domain.evidence.queries.checks import Damage
from accedit.interfaces.console import checking, commands
from accedit_ledger.archive import MAX_ARCHIVE


class Command(commands.Command):
    help = "Recalcule chaque journal depuis ses feuilles ; dit ce qui ne s'accorde pas."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--case", metavar="ID", help="les journaux de ce dossier seulement")
        parser.add_argument(
            "--against",
            action="append",
            default=[],
            metavar="RÉCÉPISSÉ",
            help="comparer aussi à lui",
        )
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
        for path in options["against"]:
            found += self._against(Path(path), said=not options["json"])
        if room is not None and not count:
            raise CommandError(f"Le dossier {room} n'a pas de journal : vérifiez l'identifiant.")
        if options["json"]:
            answer = {"ok": not found, "logs": count, "damages": checking.as_json(found)}
            self.stdout.write(json.dumps(answer, ensure_ascii=False))
        if found:
            raise CommandError(checking.verdict(len(found)))

    def _against(self, path: Path, *, said: bool) -> list[Damage]:
        try:
            with path.open("rb") as stream:
                receipt = stream.read(MAX_ARCHIVE + 1)
        except OSError as fault:
            raise CommandError(f"« {path} » n'est pas lisible.") from fault
        damages = list(evidence.against(receipt))
        if said:
            for damage in damages:
                self.stdout.write(damage.sentence)
            if not damages:
                self.stdout.write(f"{path} : le journal continue ce que ce récépissé a reçu.")
        return damages
