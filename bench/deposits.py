"""Small deposits by eight programs at once, each answered when it is in the log and signed."""

import threading
import time
from uuid import uuid4

from bench.clients import Line
from bench.figures import Figure, median, percentile, say, shown
from bench.installation import Installation
from bench.rooms import Depositor

SIZE = 20_000


def measured(
    house: Installation, clients: list[Depositor], *, seconds: float, rounds: int
) -> list[Figure]:
    rates, waits = [], []
    _for(house, clients, seconds=1.0)
    for which in range(rounds):
        say(f"dépôts de 20 ko, passe {which + 1} sur {rounds}")
        count, taken, spent = _for(house, clients, seconds=seconds)
        rates.append(count / taken)
        waits += spent
    found = median(rates)
    spread = f"{found:.0f}/s ({min(rates):.0f} à {max(rates):.0f})"
    slow = f"{shown(median(waits) * 1000, 0)} ms, 95 % sous {shown(percentile(waits, 0.95) * 1000, 0)} ms"
    receipts = _receipts(house, clients[0])
    return [
        Figure(
            f"dépôts de 20 ko, {len(clients)} programmes, 4 dossiers de 10, journal signé avant la réponse",
            spread,
            "≥ 100/s",
            found >= 100,
        ),
        Figure("un de ces dépôts", slow),
        Figure("son récépissé demandé ensuite, un à la fois", receipts),
    ]


def _for(
    house: Installation, clients: list[Depositor], *, seconds: float
) -> tuple[int, float, list[float]]:
    spent: list[float] = []
    broken: list[str] = []
    began = time.perf_counter()

    def work(by: Depositor) -> None:
        line = Line(house.port, host=house.host, headers={"Authorization": f"Bearer {by.token}"})
        body = uuid4().bytes * (SIZE // 16)
        while time.perf_counter() - began < seconds and not broken:
            name = f"devis-{uuid4().hex[:10]}.pdf"
            answer = line.ask("POST", f"/api/v1/nodes/{by.box}/deposits?name={name}", body=body)
            if answer.status != 201:
                broken.append(f"{answer.status}: {answer.body[:300]!r}")
                return
            spent.append(answer.seconds)
        line.close()

    threads = [threading.Thread(target=work, args=[one]) for one in clients]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    if broken:
        raise RuntimeError(broken[0])
    return len(spent), time.perf_counter() - began, spent


def _receipts(house: Installation, by: Depositor) -> str:
    line = Line(house.port, host=house.host, headers={"Authorization": f"Bearer {by.token}"})
    name = f"recu-{uuid4().hex[:10]}.pdf"
    made = line.ask("POST", f"/api/v1/nodes/{by.box}/deposits?name={name}", body=b"%PDF-1.7")
    times = []
    for _ in range(30):
        answer = line.ask("GET", f"/api/v1/deposits/{made.json['deposit_id']}/receipt")
        if answer.status != 200:
            raise RuntimeError(f"{answer.status}: {answer.body[:300]!r}")
        times.append(answer.seconds)
    line.close()
    return f"{shown(median(times) * 1000, 0)} ms"
