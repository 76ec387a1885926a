"""The commands of the console door, run in this process with Django ready."""

import sys
from typing import TYPE_CHECKING

from accedit.machine.refusals import MachineRefusal

if TYPE_CHECKING:
    from accedit.machine.place import Place


def run(place: "Place", name: str, *words: str, as_owner: bool = False) -> int:
    """The command's exit code; what it refuses is one sentence on the standard error."""
    from accedit.machine import preparing  # noqa: PLC0415 - the follower does without

    if not preparing.database_is_ready(place):
        raise MachineRefusal(
            "La base de données n’est pas à jour pour cette version : "
            "lancez « accedit migrate », puis recommencez."
        )
    place.enter(as_owner=as_owner)
    return command(name, *words)


def command(name: str, *words: str) -> int:
    """The same, in an environment that is ready."""
    import django  # noqa: PLC0415 - the environment had to be ready
    from django.core.management import CommandError, call_command  # noqa: PLC0415

    django.setup()
    try:
        call_command(name, *words)
    except CommandError as refusal:
        print(refusal, file=sys.stderr)  # noqa: T201
        return refusal.returncode
    return 0
