"""`accedit init`: from nothing to an expert's space that `accedit serve` accepts.

What is not given on the command line is asked for. One mail is sent to the first account
before anything is kept: an installation whose mails do not leave tells nobody of a deposit.
"""

import argparse
import json
import shutil
import sys
from pathlib import Path
from urllib.parse import urlsplit

from accedit.machine import console, folder, preparing, safety
from accedit.machine.place import visited
from accedit.machine.refusals import MachineRefusal

QUESTIONS = [
    ("base_url", "Adresse du site (par exemple https://pieces.votre-domaine.fr)"),
    ("content_url", "Adresse des contenus, d’un autre nom (https://contenu.votre-domaine.fr)"),
    ("log_domain", "Nom de domaine qui signera les récépissés, pour toujours"),
    ("smtp_host", "Serveur d’envoi des mails"),
    ("smtp_port", "Son port (587 le plus souvent)"),
    ("smtp_security", "Son chiffrement : starttls, tls, ou none sur cette machine"),
    ("smtp_user", "Votre identifiant sur ce serveur (vide s’il n’en demande pas)"),
    ("mail_from", "Expéditeur des avis (Accédit <avis@votre-domaine.fr>)"),
]
PERSON = [
    ("space", "Nom de l’espace (par exemple Expertises Durand)"),
    ("name", "Vos prénom et nom"),
    ("email", "Votre adresse électronique"),
]
MAY_BE_EMPTY = {"smtp_user"}


def options(child: argparse.ArgumentParser) -> None:
    for name, question in QUESTIONS + PERSON:
        child.add_argument(f"--{name.replace('_', '-')}", metavar="…", help=question)
    child.add_argument(
        "--smtp-password-file",
        type=Path,
        metavar="FICHIER",
        help="son mot de passe, dans un fichier",
    )


def init(given: argparse.Namespace) -> int:
    path = (given.data or folder.default_path()).absolute()
    answers = {name: _answer(given, name, question) for name, question in QUESTIONS + PERSON}
    settings: dict[str, str | int] = {name: answers[name] for name, _ in QUESTIONS if answers[name]}
    settings["smtp_port"] = _port(answers["smtp_port"])
    settings["port"] = urlsplit(answers["base_url"]).port or 8000
    password = _password(given, answers)
    new = not path.exists() or not any(path.iterdir())
    data = folder.made(path, kind=folder.REAL)
    if not new:
        raise MachineRefusal(f"« {path} » est déjà en service : lancez « accedit serve ».")
    if password:
        settings["smtp_password"] = password
    try:
        _fill(data, settings, person={name: answers[name] for name, _ in PERSON})
    except BaseException:
        shutil.rmtree(path)
        raise
    print(  # noqa: T201
        f"L’espace est prêt dans « {path} ». Mettez-le en service : accedit serve --data {path}",
        file=sys.stderr,
    )
    return 0


def _fill(
    data: folder.DataFolder, settings: dict[str, str | int], *, person: dict[str, str]
) -> None:
    lines = [
        f"{name} = {json.dumps(value, ensure_ascii=False)}\n" for name, value in settings.items()
    ]
    folder.written(data.path / folder.SETTINGS, "".join(lines))
    with visited(data) as place:
        preparing.ensured(place)
        place.enter()
        from django.conf import settings as read  # noqa: PLC0415 - the environment had to be ready

        safety.check(read, place)
        if console.run(place, "try_mail", f"--to={person['email']}") != 0:
            raise MachineRefusal("L’essai d’envoi a échoué : rien n’est gardé.")
        words = [f"--{name}={value}" for name, value in person.items()]
        if console.run(place, "create_expert", *words) != 0:
            raise MachineRefusal("Le premier compte n’a pas pu être créé : rien n’est gardé.")


def _answer(given: argparse.Namespace, name: str, question: str) -> str:
    value: str | None = getattr(given, name)
    if value is None and sys.stdin.isatty():
        sys.stderr.write(f"{question} : ")
        value = sys.stdin.readline().strip()
    if not value and name not in MAY_BE_EMPTY:
        raise MachineRefusal(f"Il manque --{name.replace('_', '-')} : {question}.")
    return value or ""


def _port(text: str) -> int:
    if not text.isdigit():
        raise MachineRefusal(
            f"« {text} » n’est pas un numéro de port : 587 convient le plus souvent."
        )
    return int(text)


def _password(given: argparse.Namespace, answers: dict[str, str]) -> str:
    if not answers["smtp_user"]:
        return ""
    if given.smtp_password_file is not None:
        return str(given.smtp_password_file.read_text(encoding="utf-8").strip())
    if sys.stdin.isatty():
        from getpass import getpass  # noqa: PLC0415 - only at a terminal

        return getpass("Votre mot de passe sur ce serveur (il ne s’affiche pas) : ")
    raise MachineRefusal("Il manque --smtp-password-file : le mot de passe du serveur d’envoi.")
