"""`accedit`, `python -m accedit`: the one program.

`verify` is for people who have nothing of ours but this program: it loads neither
Django nor a database driver.
"""

import sys


def main() -> int:
    if sys.argv[1:2] == ["verify"]:
        from accedit_ledger import cli  # noqa: PLC0415 - see above

        return cli.verify(sys.argv[2:])
    from accedit.machine import program  # noqa: PLC0415 - see above

    return program.main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
