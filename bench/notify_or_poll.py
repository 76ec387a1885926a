"""What announcing each fact by NOTIFY costs to those who write, against asking for marks.

    python bench/notify_or_poll.py [FOLDER]

Eight writers on eight rooms commit for five seconds, in turn without and with `pg_notify` in
their transaction, on a PostgreSQL of its own that really writes to the disk; three rounds, the
median of each. Then: what one look at the marks of 500 listeners costs.
"""

import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path
from uuid import uuid4

import psycopg

from accedit.machine.postgres import Cluster

WRITERS, SECONDS, ROUNDS, LISTENERS = 8, 5.0, 3, 500


def commits_per_second(url: str, *, notify: bool) -> float:
    done = [0] * WRITERS
    until = time.monotonic() + SECONDS

    def write(which: int) -> None:
        with psycopg.connect(url) as line:
            while time.monotonic() < until:
                line.execute("update room set epoch = epoch + 1 where id = %s", [which])
                line.execute("insert into fact (room) values (%s)", [which])
                if notify:
                    line.execute("select pg_notify('facts', %s)", [str(which)])
                line.commit()
                done[which] += 1

    threads = [threading.Thread(target=write, args=[which]) for which in range(WRITERS)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return sum(done) / SECONDS


def look_ms(url: str) -> float:
    """The median of fifty looks at the sessions, people and rooms of all listeners at once."""
    keys, people = [uuid4().hex for _ in range(LISTENERS)], [uuid4() for _ in range(LISTENERS)]
    spent = []
    with psycopg.connect(url, autocommit=True) as line:
        line.execute("create table session (key text primary key, until timestamptz)")
        line.execute("create table person (id uuid primary key, active bool, epoch int)")
        for key, person in zip(keys, people, strict=True):
            line.execute("insert into session values (%s, now() + interval '1 day')", [key])
            line.execute("insert into person values (%s, true, 0)", [person])
        for _ in range(50):
            began = time.perf_counter()
            line.execute("select key from session where key = any(%s) and until > now()", [keys])
            line.execute("select id, active, epoch from person where id = any(%s)", [people])
            line.execute("select id, epoch from room")
            spent.append((time.perf_counter() - began) * 1000)
    return statistics.median(spent)


def main(folder: Path) -> None:
    cluster = Cluster(folder)
    url = cluster.ensure().owner_url
    try:
        with psycopg.connect(url) as line:
            line.execute("create table room (id int primary key, epoch int)")
            line.execute("create table fact (room int, at timestamptz default now())")
            line.execute("insert into room select i, 0 from generate_series(0, 7) i")
        rates: dict[bool, list[float]] = {False: [], True: []}
        for _ in range(ROUNDS):
            for notify in rates:
                rates[notify].append(commits_per_second(url, notify=notify))
        print(f"commits/s without NOTIFY: {statistics.median(rates[False]):.0f}")
        print(f"commits/s with NOTIFY:    {statistics.median(rates[True]):.0f}")
        print(f"one look for {LISTENERS} listeners: {look_ms(url):.1f} ms")
    finally:
        cluster.stop()


if __name__ == "__main__":
    given = sys.argv[1:]
    with tempfile.TemporaryDirectory() as temporary:
        main(Path(given[0]) if given else Path(temporary))
