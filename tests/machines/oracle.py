"""A room of the rights model, in the simplest way that can be read aloud, and nothing of ours.

Written from the model alone (docs/rights.md): words are strings, a room is a dictionary, one
node is asked about at a time and its path is walked again each time. `eff` is what a person
holds on a node; what must come of an act stands in `oracle_acts.py`.
"""

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
CEILING = {
    "read": {"browse", "read", "download"},
    "deposit": {"browse", "read", "download", "add"},
    "manage": EVERY,
}
BOUNDARIES = {"root", "box", "archive"}


@dataclass
class Spot:
    """A node: what it is, what it hangs from, what was given right there to whom."""

    kind: str
    up: str | None
    name: str = field(default="", compare=False)
    side: str = ""
    sealed: bool = False
    evidence: bool = False
    withdrawn: bool = False
    box: str = ""  # for a piece: through which box it came
    given: dict[str, set[str]] = field(default_factory=dict)


@dataclass
class World:
    owner: str
    spots: dict[str, Spot] = field(default_factory=dict)
    delegates: dict[str, set[str]] = field(default_factory=dict)  # person → acts confided
    members: set[str] = field(default_factory=set)
    groups: dict[str, set[str]] = field(default_factory=dict)
    disabled: set[str] = field(default_factory=set)
    closed: bool = False


def path(world: World, name: str) -> list[str]:
    """From the node up to the root."""
    up = world.spots[name].up
    return [name] if up is None else [name, *path(world, up)]


def reaching(world: World, name: str) -> list[str]:
    """The part of the path whose grants count: up to the nearest seal, itself included."""
    found = []
    for step in path(world, name):
        found.append(step)
        if world.spots[step].sealed:
            return found
    return found


def subjects(world: World, person: str) -> set[str]:
    return {person} | {group for group, people in world.groups.items() if person in people}


def gathered(world: World, person: str, name: str) -> set[str]:
    held: set[str] = set()
    for step in reaching(world, name):
        for subject, rights in world.spots[step].given.items():
            if subject in subjects(world, person):
                for right in rights:
                    held |= IMPLIED[right]
    return held


def eff(world: World, person: str, name: str, *, through: str = "manage") -> frozenset[str]:
    """What `person` holds on this node, by a key that may do `through`."""
    spot = world.spots[name]
    held = holds(world, person, name)
    if spot.withdrawn and person != world.owner:
        held = {"browse"} if "read" in held else set()
    if spot.evidence:
        held -= {"modify", "delete"}
    if spot.kind == "file":
        held -= {"add"}
    if world.closed:
        held -= {"add", "modify", "delete", "manage"}
    return frozenset(held & CEILING[through])


def holds(world: World, person: str, name: str) -> set[str]:
    """Before what the node is, or a closed room, takes anything away."""
    if person in world.disabled:
        return set()
    if person == world.owner:
        return set(EVERY)
    if person in world.delegates:
        return EVERY - {"manage"}
    if person in world.members:
        return gathered(world, person, name)
    return set()


def scope(world: World, name: str) -> str:
    """The nearest node at or above that holds a grant, a seal or is a boundary of kind."""
    for step in path(world, name):
        spot = world.spots[step]
        if spot.given or spot.sealed or spot.kind in BOUNDARIES:
            return step
    raise AssertionError("a node without a root")


def children(world: World, name: str) -> set[str]:
    return {one for one, spot in world.spots.items() if spot.up == name}


def seen(world: World, person: str) -> set[str]:
    return {one for one in world.spots if "browse" in eff(world, person, one)}


def pieces(world: World, person: str) -> set[str]:
    return {one for one in seen(world, person) if world.spots[one].evidence}


def places(world: World, person: str) -> set[str]:
    return {one for one in seen(world, person) if world.spots[one].kind != "file"}


def boxes(world: World, person: str) -> set[str]:
    return {
        one
        for one, spot in world.spots.items()
        if spot.kind == "box" and eff(world, person, one) & {"browse", "add"}
    }


def readers(world: World, name: str) -> set[str]:
    everybody = world.members | set(world.delegates) | {world.owner}
    return {one for one in everybody if "read" in eff(world, one, name)}


def enters(world: World, person: str) -> bool:
    """Whether the room itself exists for this person: something is held in it, or would be if
    it were open (whoever may only deposit is still told that the room is closed)."""
    was, world.closed = world.closed, False
    try:
        return any(eff(world, person, one) for one in world.spots)
    finally:
        world.closed = was
