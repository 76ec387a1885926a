"""`accedit`, `python -m accedit`: the one program.

What is needed is loaded, and no more: `verify` is for people who have nothing of ours
but this program, and needs neither Django nor a database driver; nor does `signer`.
"""

import sys


def main() -> int:
    words = sys.argv[1:]
    if words[:1] == ["verify"]:
        from accedit_ledger import cli  # noqa: PLC0415 - see above

        return cli.verify(words[1:])
    if words[:1] == ["signer"]:
        import os  # noqa: PLC0415 - see above

        from accedit.serving.parent import die_with_parent  # noqa: PLC0415 - see above
        from accedit_ledger import signer_process  # noqa: PLC0415 - see above

        parent = os.environ.get("ACCEDIT_PARENT")
        die_with_parent(int(parent) if parent else None)
        return signer_process.main(words[1:])
    if words[:1] in (["web"], ["follow"], ["prepare"], ["load-demo"]):
        from accedit.machine import children  # noqa: PLC0415 - see above

        return children.run(words)
    from accedit.machine import program  # noqa: PLC0415 - see above

    return program.main(words)


if __name__ == "__main__":
    sys.exit(main())
