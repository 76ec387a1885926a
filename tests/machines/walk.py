"""A walk: acts drawn at random from a seed, each answered as the oracle says, everything
compared after each. The same seed walks the same way; a failure prints it, with the acts.
"""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.machines import compare, oracle, oracle_acts
from tests.machines.compare import Compared, Mismatch
from tests.machines.house import House, as_it_stands, perform
from tests.machines.oracle import World
from tests.machines.oracle_acts import Act

COVERS = ["open_cases", "deposit_on_behalf", "invite", "letters"]
WEIGHTS = {
    "grant": 14,
    "revoke": 8,
    "deposit": 12,
    "folder": 8,
    "seal": 5,
    "unseal": 4,
    "withdraw": 6,
    "restore": 4,
    "archive": 5,
    "move": 9,
    "due": 2,
    "close": 3,
    "reopen": 5,
    "enters": 4,
    "leaves": 3,
    "joins": 4,
    "quits": 3,
    "confides": 2,
    "takes_back": 2,
    "disabled": 2,
    "enabled": 3,
}
BY_OPERATOR = {
    "enters", "leaves", "joins", "quits", "confides", "takes_back", "disabled", "enabled"
}  # fmt: skip


@dataclass
class Walk:
    house: House
    seed: int
    world: World = field(init=False)
    seen: Compared = field(default_factory=Compared)
    done: Counter[str] = field(default_factory=Counter)
    acts: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.world = as_it_stands(self.house)
        self.chance = random.Random(self.seed)
        self.looking = random.Random(self.seed)  # what is looked at changes no act
        self.order = {
            name: rank for rank, name in enumerate(sorted(self.world.spots, key=self._key))
        }

    def _key(self, name: str) -> tuple[str, str, str]:
        """Ids are random: nodes are drawn by what they are, so that a seed walks the same way."""
        spot = self.world.spots[name]
        up = self.world.spots[spot.up].name if spot.up else ""
        return (up, spot.kind, spot.name)

    def go(self, steps: int, *, first: Sequence[Act] = ()) -> None:
        """`first` are done before anything is drawn."""
        try:
            compare.all_of(self.house, self.world, seen=self.seen, chance=self.looking)
            for act in first:
                self.step(act)
            for _ in range(steps):
                self.step(self.drawn())
        except Mismatch as mismatch:
            told = "\n  ".join(self.acts[-12:])
            raise Mismatch(
                f"seed {self.seed}, act {len(self.acts)}: {mismatch}\n  {told}"
            ) from None

    def named(self, name: str) -> str:
        """The node of this name, at the beginning."""
        return next(one for one, spot in self.world.spots.items() if spot.name == name)

    def step(self, act: Act) -> None:
        self.acts.append(str(act))
        expected = "done" if act.what in BY_OPERATOR else oracle_acts.answer(self.world, act)
        outcome = perform(self.house, act)
        self.done[f"{act.what} {outcome.said}"] += 1
        self.seen.same("answer", ours=outcome.said, theirs=expected, where=str(act))
        if expected == "done":
            oracle_acts.apply(self.world, act, made=outcome.made)
            if outcome.made:
                self.order.setdefault(outcome.made, len(self.order))
            compare.all_of(self.house, self.world, seen=self.seen, chance=self.looking)
        else:
            compare.unchanged(self.house, self.world, seen=self.seen)

    # --- drawing -----------------------------------------------------------------------------

    def drawn(self) -> Act:
        """Half the time by whoever may do it, so that the room moves; else by anybody."""
        while True:
            what = self.chance.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
            if self.world.closed and self.chance.random() < 0.3:
                what = "reopen"
            act = self._of(what)
            if act is not None:
                return act

    def _of(self, what: str) -> Act | None:
        if what == "folder" and len(self.world.spots) > 60:
            return None
        if what in BY_OPERATOR:
            return self._by_operator(what)
        node = self._node(what)
        who = self._who(what, node)
        if what == "deposit" and who in {self.world.owner, *self.world.delegates}:
            return None  # these deposit for a party: another test's words (I18)
        subject, rights = self._given(what, node)
        to = self._node("folder") if what == "move" else ""
        return Act(who, what, "" if what in ("close", "reopen") else node, subject, rights, to)

    def _who(self, what: str, node: str) -> str:
        awake = [one for one in sorted(self.house.people) if one not in self.world.disabled]
        if what == "deposit" and self.chance.random() < 0.7:
            able = [one for one in awake if "add" in oracle.eff(self.world, one, node)]
            if able:
                return self.chance.choice(able)
        return self.world.owner if self.chance.random() < 0.75 else self.chance.choice(awake)

    def _given(self, what: str, node: str) -> tuple[str, frozenset[str]]:
        """To whom, and which rights; mostly of those to whom something is given already."""
        if what not in ("grant", "revoke"):
            return "", frozenset()
        held = sorted(self.world.spots[node].given) if what == "revoke" else []
        everybody = [*sorted(self.house.people), *sorted(self.house.groups)]
        subject = self.chance.choice(held or [one for one in everybody if one != self.world.owner])
        if what == "revoke":
            return subject, frozenset()
        return subject, frozenset(
            self.chance.sample(sorted(oracle.EVERY), self.chance.randint(1, 3))
        )

    def _node(self, what: str) -> str:
        kinds = {
            "deposit": {"box"},
            "due": {"box"},
            "withdraw": {"file"},
            "restore": {"file"},
            "archive": {"file"},
            "move": {"folder"},
            "seal": {"folder"},
            "unseal": {"folder"},
            "folder": {"root", "folder", "box"},
            "grant": {"root", "folder", "box", "archive"},
            "revoke": {"root", "folder", "box", "archive"},
        }
        wanted = kinds.get(what, {"root"})
        found = sorted(
            (one for one, spot in self.world.spots.items() if spot.kind in wanted),
            key=self.order.__getitem__,
        )
        spots = self.world.spots
        likely = {
            "seal": [one for one in found if not spots[one].sealed],
            "withdraw": [one for one in found if not spots[one].withdrawn],
            "archive": [one for one in found if spots[spots[one].up or one].kind == "box"],
            "unseal": [one for one in found if spots[one].sealed],
            "restore": [one for one in found if spots[one].withdrawn],
            "revoke": [one for one in found if spots[one].given],
        }.get(what, found)
        return self.chance.choice(likely if likely and self.chance.random() < 0.85 else found)

    def _by_operator(self, what: str) -> Act | None:
        world, chance = self.world, self.chance
        others = [one for one in sorted(self.house.people) if one != world.owner]
        groups = sorted(self.house.groups)
        if what == "enters":
            who = [one for one in others if one not in world.members | set(world.delegates)]
        elif what == "leaves":
            who = sorted(world.members - {world.owner}) if len(world.members) > 4 else []
        elif what == "takes_back":
            who = sorted(world.delegates)
        elif what == "confides":
            who = [one for one in ("lucie",) if one not in world.delegates]
        elif what == "enabled":
            who = sorted(world.disabled)
        elif what == "disabled":
            who = [one for one in others if one not in world.disabled][: 8 - len(world.disabled)]
            who = who if len(world.disabled) < 2 else []
        else:
            who = others
        if not who:
            return None
        covers = frozenset(COVERS) if what == "confides" else frozenset[str]()
        to = chance.choice(groups) if what in ("joins", "quits") else ""
        return Act("", what, subject=chance.choice(who), to=to, covers=covers)
