"""The one program, `accedit`: its commands, their words, their exit codes.

Answers go to the standard output, words to the standard error. 0 done, 1 refused or
invalid, 2 badly written, 3 incomplete. (`verify` and the supervisor's
children are answered before this is loaded: see `__main__`.)
"""

import argparse
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from accedit.machine import backup, console, folder, initialising, restore, serve, speech
from accedit.machine.place import visited
from accedit.machine.refusals import MachineRefusal

Options = Callable[[argparse.ArgumentParser], None]
Run = Callable[[argparse.Namespace], int]


@dataclass(frozen=True)
class Command:
    run: Run
    options: Options
    help: str


def main(argv: Sequence[str]) -> int:
    words = list(argv)
    if words[:2] == ["token", "create"]:
        words[:2] = ["token-create"]
    options = _parser().parse_args(words)
    try:
        return COMMANDS[options.command].run(options)
    except MachineRefusal as refusal:
        print(refusal, file=sys.stderr)  # noqa: T201
        return 1
    except KeyboardInterrupt:
        return 128 + signal.SIGINT


def _parser() -> speech.FrenchParser:
    parser = speech.FrenchParser(
        prog="accedit",
        description="Accédit : conduire une expertise, avec la preuve du contradictoire.",
        epilog="« accedit COMMANDE --help » explique une commande. Voir aussi docs/operate.md.",
    )
    parser.add_argument(
        "--version",
        action="version",
        version=f"accedit {version('accedit')}",
        help="montrer la version",
    )
    commands = parser.add_subparsers(
        dest="command", metavar="COMMANDE", required=True, title="commandes"
    )
    commands.add_parser("verify", help="vérifier un récépissé, sans réseau ni base de données")
    for name, command in COMMANDS.items():
        prog = f"accedit {name.replace('token-create', 'token create')}"
        child = commands.add_parser(name, prog=prog, help=command.help, description=command.help)
        child.add_argument("--data", type=Path, metavar="DOSSIER", help=DATA_HELP)
        command.options(child)
    return parser


DATA_HELP = "dossier des données (à défaut : la variable ACCEDIT_DATA, puis ~/.local/share/accedit)"


def _none(_child: argparse.ArgumentParser) -> None:
    pass


def _serving(child: argparse.ArgumentParser) -> None:
    child.add_argument("--port", type=speech.port, metavar="N", help="port de l’adresse locale")
    child.add_argument(
        "--workers", type=int, default=1, metavar="N", help="processus du serveur (à défaut : 1)"
    )


def _token(child: argparse.ArgumentParser) -> None:
    child.add_argument("--user", required=True, metavar="ADRESSE", help="compte du porteur")
    child.add_argument("--name", required=True, metavar="NOM", help="à quoi il servira")
    child.add_argument(
        "--scope", required=True, choices=["read", "deposit", "manage"], help="ce qu’il permet"
    )
    child.add_argument("--case", metavar="ID", help="le seul dossier où il vaut")


def _firm_admin(child: argparse.ArgumentParser) -> None:
    child.add_argument("--user", required=True, metavar="ADRESSE", help="son adresse")


def _backup(child: argparse.ArgumentParser) -> None:
    child.add_argument(
        "target",
        type=Path,
        metavar="DOSSIER_OU_FICHIER",
        help="fichier à créer, ou dossier où créer un fichier daté",
    )


def _restore(child: argparse.ArgumentParser) -> None:
    child.add_argument("archive", type=Path, metavar="FICHIER", help="une sauvegarde")
    child.add_argument(
        "--signer",
        type=Path,
        metavar="DOSSIER",
        help="dossier « signer » qui a survécu : il se souvient de davantage que la sauvegarde",
    )


def _new_epoch(child: argparse.ArgumentParser) -> None:
    child.add_argument("--sentence", metavar="PHRASE", help="ce qui s’est passé, en une phrase")
    child.add_argument("--made-at", metavar="DATE", help="date de la sauvegarde restaurée")
    child.add_argument("--look", action="store_true", help="dire seulement ce qui manque")


def _checking(child: argparse.ArgumentParser) -> None:
    child.add_argument("--case", metavar="ID", help="ce dossier seulement")
    child.add_argument("--json", action="store_true", help="répondre en JSON")


def _erase(child: argparse.ArgumentParser) -> None:
    child.add_argument("--subject", required=True, metavar="ID", help="compte de la personne")
    child.add_argument(
        "--word", action="append", default=[], metavar="MOT", help="nom ou adresse à effacer aussi"
    )
    child.add_argument("--basis", metavar="PHRASE", help="fondement de l’effacement")
    child.add_argument("--look", action="store_true", help="compter seulement")


def _log_checking(child: argparse.ArgumentParser) -> None:
    _checking(child)
    child.add_argument(
        "--against",
        action="append",
        default=[],
        metavar="RÉCÉPISSÉ",
        help="dire aussi si le journal continue ce que ce récépissé a reçu",
    )


def _fsck(child: argparse.ArgumentParser) -> None:
    _checking(child)
    child.add_argument("--quick", action="store_true", help="sans relire les octets des pièces")
    child.add_argument(
        "--sweep", action="store_true", help="enlever les fichiers orphelins de plus de 24 heures"
    )


def _on_place(name: str, *given: str, as_owner: bool = False) -> Run:
    """A console command, with the options that were given passed on as they are."""

    def run(options: argparse.Namespace) -> int:
        words = []
        for option in given:
            value = getattr(options, option.replace("-", "_"))
            if value is True:
                words.append(f"--{option}")
            elif isinstance(value, list):
                words += [f"--{option}={one}" for one in value]
            elif value:
                words.append(f"--{option}={value}")
        data = folder.existing((options.data or folder.default_path()).absolute())
        with visited(data) as place:
            return console.run(place, name, *words, as_owner=as_owner)

    return run


COMMANDS = {
    "init": Command(
        initialising.init,
        initialising.options,
        "créer un espace d’expert : dossier des données, réglages, premier compte",
    ),
    "serve": Command(serve.serve, _serving, "mettre en service"),
    "demo": Command(serve.demo, _serving, "démonstration : deux dossiers inventés"),
    "migrate": Command(serve.migrate, _none, "mettre la base de données à jour"),
    "firm-admin": Command(
        _on_place("firm_admin", "user"),
        _firm_admin,
        "confier l’administration d’un cabinet à un de ses avocats",
    ),
    "token-create": Command(
        _on_place("create_token", "user", "name", "scope", "case"),
        _token,
        "créer un jeton pour un programme (« token create »)",
    ),
    "verify-log": Command(
        _on_place("verify_log", "case", "against", "json"), _log_checking, "vérifier les journaux"
    ),
    "fsck": Command(
        _on_place("fsck", "case", "json", "quick", "sweep"),
        _fsck,
        "vérifier que pièces, tables et journaux s’accordent",
    ),
    "erase": Command(
        _on_place("erase", "subject", "word", "basis", "look", as_owner=True),
        _erase,
        "effacer des journaux ce qu’ils disent d’une personne",
    ),
    "backup": Command(backup.backup, _backup, "sauvegarder en un fichier"),
    "new-epoch": Command(
        _on_place("new_epoch", "sentence", "made-at", "look"),
        _new_epoch,
        "après une perte : déclarer l’incident, et repartir sous d’autres noms de journaux",
    ),
    "restore": Command(restore.restore, _restore, "restaurer une sauvegarde dans un dossier vide"),
}
