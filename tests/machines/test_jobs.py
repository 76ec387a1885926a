"""What runs without anybody asking, enumerated from the follower: each says by what right it acts.

A job acts for nobody: it may send what was decided when it was written, say what became of it,
sign, sweep what no piece names. None decides who may see what.
"""

from django.utils import timezone

from accedit.interfaces.console.following import Follower, transport

JOBS = {
    "_open_accesses": "recoveries that two persons approved and whose delay is over",
    "_send": "mails whose addressee was decided in the transaction that wrote them",
    "_log": "the fate of these mails, told to whom it concerns",
    "_make_tasks": "what waits for the expert, and for nobody else",
    "_sign": "heads of logs: no content",
    "_sweep": "bytes that no piece and no basket names",
    "_scrub": "hashes of stored bytes against what was entered: the expert is told which piece",
}


def test_each_job_says_by_what_right_it_acts() -> None:
    """A new one without its line here fails."""
    follower = Follower(hour=timezone.now, transport=transport())

    assert [step.__name__ for step in follower._steps()] == list(JOBS)
