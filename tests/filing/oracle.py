"""Who may do what, written a second time from docs/rights.md, by other means and importing
nothing of ours: words are strings, a room is a dictionary, the path is walked upwards."""

from collections.abc import Mapping
from dataclasses import dataclass, field

IMPLIED = {
    "download": {"download", "read", "browse"},
    "read": {"read", "browse"},
    "browse": {"browse"},
    "modify": {"modify", "read", "browse"},
    "delete": {"delete", "browse"},
    "manage": {"manage", "browse"},
    "add": {"add"},
}
EVERY = set(IMPLIED)


@dataclass(frozen=True)
class Spot:
    """A node: what it hangs from, what it is, and what was given there to whom."""

    up: str | None
    file: bool = False
    evidence: bool = False
    withdrawn: bool = False
    sealed: bool = False
    given: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class World:
    spots: Mapping[str, Spot]
    owner: str
    delegates: frozenset[str] = frozenset()
    members: frozenset[str] = frozenset()
    groups: Mapping[str, frozenset[str]] = field(default_factory=dict)
    closed: bool = False


def eff(world: World, person: str, name: str) -> frozenset[str]:
    spot = world.spots[name]
    if person == world.owner:
        held = set(EVERY)
    elif person in world.delegates:
        held = EVERY - {"manage"}
    elif person not in world.members:
        held = set()
    else:
        held = _gathered(world, person, name)
    if spot.withdrawn and person != world.owner:
        held = {"browse"} if "read" in held else set()
    if spot.evidence:
        held -= {"modify", "delete"}
    if spot.file:
        held -= {"add"}
    if world.closed:
        held -= {"add", "modify", "delete", "manage"}
    return frozenset(held)


def _gathered(world: World, person: str, name: str) -> set[str]:
    """Upwards from the node; a seal is the last place that counts."""
    mine = {person} | {group for group, people in world.groups.items() if person in people}
    held: set[str] = set()
    at: str | None = name
    while at is not None:
        spot = world.spots[at]
        for subject, rights in spot.given.items():
            if subject in mine:
                for right in rights:
                    held |= IMPLIED[right]
        at = None if spot.sealed else spot.up
    return held
