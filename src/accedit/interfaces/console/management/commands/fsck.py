"""`accedit fsck`: pieces, bytes, tree and logs agree, or each disagreement is named."""

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.core.management import CommandError
from django.utils import timezone

from accedit.domain.evidence.queries.checks import Damage
from accedit.domain.filing.operations import sweeping
from accedit.domain.filing.queries import checks
from accedit.interfaces.console import checking, commands


class Command(commands.Command):
    help = "Vérifie que pièces, fichiers, arborescence et journaux s'accordent."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--case", metavar="ID", help="ce dossier seulement")
        parser.add_argument("--quick", action="store_true", help="sans relire les octets")
        parser.add_argument(
            "--sweep",
            action="store_true",
            help="enlever les fichiers orphelins de plus de 24 heures",
        )
        parser.add_argument("--json", action="store_true")

    def answer(self, options: dict[str, Any]) -> None:
        found = []
        for damage in self._damages(options):
            found.append(damage)
            if not options["json"]:
                self.stdout.write(damage.sentence)
        swept = sweeping.sweep(at=timezone.now()) if options["sweep"] else None
        if options["json"]:
            answer = {"ok": not found, "damages": checking.as_json(found)}
            if swept:
                answer["swept"] = {"files": swept.files, "bytes": swept.octets}
            self.stdout.write(json.dumps(answer, ensure_ascii=False))
        elif swept:
            self.say(f"{swept.files} fichiers enlevés, {swept.octets} octets.")
        if found:
            raise CommandError(checking.verdict(len(found)))
        self.say("Pièces, fichiers, arborescence et journaux s'accordent.")

    def _damages(self, options: dict[str, Any]) -> Iterator[Damage]:
        room = commands.case_id(options["case"])
        for log in checking.logs(room):
            yield from log.damages
        yield from checks.damages(room=room, quick=options["quick"])
        if room is None and not options["sweep"]:
            for orphan in checks.orphans(before=timezone.now() - sweeping.QUIET):
                yield checks.orphan_damage(orphan)
