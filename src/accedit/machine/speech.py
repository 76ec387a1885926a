"""The command line in French: argparse with its words, and a usage error that says what is wrong."""

import argparse
import re
import sys
from typing import Any, NoReturn

SAID = [
    (r"the following arguments are required: (.*)", r"il manque : \1"),
    (r"unrecognized arguments: (.*)", r"ces mots ne sont pas compris : \1"),
    (r"argument (.*): expected one argument", r"« \1 » attend une valeur"),
    (
        r"argument (.*): invalid choice: '(.*)' \(choose from (.*)\)",
        r"« \2 » n’est pas possible ici ; \1 est l’un de : \3",
    ),
    (r"argument (.*): invalid \w+ value: '(.*)'", r"« \2 » n’est pas une valeur pour \1"),
]


class FrenchParser(argparse.ArgumentParser):
    """A usage error exits 2, with one sentence."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options | {"add_help": False, "allow_abbrev": False})
        self._positionals.title = "à donner"
        self._optionals.title = "options"
        self.add_argument("-h", "--help", action="help", help="montrer cette aide")

    def format_usage(self) -> str:
        return super().format_usage().replace("usage: ", "usage : ", 1)

    def format_help(self) -> str:
        return super().format_help().replace("usage: ", "usage : ", 1)

    def error(self, message: str) -> NoReturn:
        for english, french in SAID:
            message = re.sub(f"^{english}$", french, message)
        sys.stderr.write(f"{self.format_usage()}{self.prog} : {message}.\n")
        sys.exit(2)


def port(text: str) -> int:
    number = int(text)
    if not 0 < number < 65536:
        raise ValueError
    return number
