"""Named moments at which the tests of crashes kill a process (attacks.md, appendix B).

`reach(NAME)` costs one look-up and does nothing unless `settings.KILL_POINTS` names a
folder. Only the demo's and the tests' settings can name one; `accedit serve` refuses to
start where the environment tries.

A driver arms a point by making the file `NAME` in that folder. The first process that
comes by takes the file away, so that one arming is one death, and kills with SIGKILL what
the file says: « self », or the numbers of other processes, after which it goes on.
"""

import os
import signal
from contextlib import suppress
from pathlib import Path

from django.conf import settings

POINTS = {
    "upload.first_byte": "a part of the file is written",
    "upload.middle": "another part is written",
    "upload.last_byte": "the whole file is written",
    "upload.hashed": "its hash is known, nothing is synced",
    "upload.synced": "the bytes are on the disk, under their first name",
    "upload.renamed": "it has its final name, which is not synced",
    "upload.folder_synced": "bytes and name are on the disk",
    "basket.item_inserted": "the file is in the basket, not committed",
    "finish.locked": "the room is locked",
    "finish.node_inserted": "nodes are inserted",
    "finish.outbox_inserted": "avis and mails are inserted",
    "finish.before_commit": "all is written, nothing is committed",
    "finish.after_commit": "it is committed, not signed",
    "log.leaf_appended": "leaves are inserted, the head is the old one",
    "log.head_updated": "the head is the new one",
    "signer.stored": "the signer remembers the head, has not signed it (told by the tests' own signer)",
    "signer.signed": "the signer has signed",
    "signature.kept": "the signed head is in the database",
    "answer.before": "the answer is ready",
    "answer.after": "the answer was handed to the line",
    "rights.half_rewritten": "grants are written, scopes are not",
    "rights.before_commit": "scopes are rewritten, nothing is committed",
    "archive.half_moved": "a piece has its new parent and its old scope",
    "archive.before_commit": "pieces are put away, nothing is committed",
    "alert.before_smtp": "a mail is claimed, not sent",
    "alert.after_data": "the mail server said yes, nothing is noted",
    "alert.before_fate": "its fate is noted, not committed",
    "alert.before_leaf": "its fate is in the log, not committed",
    "sweep.listed": "the sweeper has its list",
    "sweep.checked": "an orphan was looked up once more",
    "sweep.unlinked": "an orphan is gone",
    "follow.signing": "the follower is about to sign a head",
}


def reach(name: str) -> None:
    """Die here, if somebody armed it. `name` is a key of `POINTS`."""
    if settings.KILL_POINTS:
        _strike(Path(settings.KILL_POINTS), name)


def _strike(folder: Path, name: str) -> None:
    taken = folder / f"{name}.{os.getpid()}"
    with suppress(FileNotFoundError):
        (folder / name).rename(taken)
        victims = taken.read_text(encoding="ascii").split()
        taken.rename(folder / f"{name}.struck")
        for victim in victims:
            with suppress(ProcessLookupError):
                os.kill(os.getpid() if victim == "self" else int(victim), signal.SIGKILL)
