"""What must come of an act: what the house says, and what it changes in the oracle's room.

`answer` is `done`, `refused` or `absent`. An act that is done is then applied by `apply`,
which changes a dictionary and nothing else. Nothing of ours is imported here either.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from tests.machines.oracle import (
    BOUNDARIES,
    Spot,
    World,
    eff,
    enters,
    holds,
    path,
)


@dataclass(frozen=True)
class Act:
    """Somebody tries something: on a node, about somebody, with words."""

    who: str
    what: str
    node: str = ""
    subject: str = ""
    rights: frozenset[str] = frozenset()
    to: str = ""
    covers: frozenset[str] = frozenset()

    def __str__(self) -> str:
        said = [
            self.who,
            self.what,
            self.node,
            self.subject,
            ",".join(sorted(self.rights)),
            self.to,
        ]
        return " ".join(word for word in [*said, ",".join(sorted(self.covers))] if word)


def answer(world: World, act: Act) -> str:
    """`done`, `refused` (some right, but not this one, or not now), `absent` (no right at all)."""
    for place in (act.node, act.to):
        if place in world.spots and not eff(world, act.who, place):
            return "absent"
    if not act.node and not enters(world, act.who):
        return "absent"
    if not MAY[act.what](world, act):
        return "refused"
    if act.what in ("grant", "revoke") and not known(world, act.subject):
        return "absent"  # whoever is not of the room is nobody here
    return "done"


def known(world: World, subject: str) -> bool:
    return subject in world.groups or subject in world.members - world.disabled


def is_owner(world: World, act: Act) -> bool:
    return act.who == world.owner and act.who not in world.disabled


def may_folder(world: World, act: Act) -> bool:
    takes = world.spots[act.node].kind in {"root", "folder"}
    return takes and "add" in eff(world, act.who, act.node)


def may_deposit(world: World, act: Act) -> bool:
    return world.spots[act.node].kind == "box" and "add" in eff(world, act.who, act.node)


def may_withdraw(world: World, act: Act) -> bool:
    spot = world.spots[act.node]
    changes = spot.withdrawn == (act.what == "restore")
    return is_owner(world, act) and not world.closed and spot.evidence and changes


def may_close(world: World, act: Act) -> bool:
    return is_owner(world, act) and world.closed == (act.what == "reopen")


def may_grant(world: World, act: Act) -> bool:
    free = not world.closed and world.spots[act.node].kind != "file"
    return is_owner(world, act) and free and act.subject != world.owner


def may_seal(world: World, act: Act) -> bool:
    spot = world.spots[act.node]
    changes = spot.sealed == (act.what == "unseal")
    return is_owner(world, act) and not world.closed and spot.kind == "folder" and changes


def below(world: World, name: str) -> set[str]:
    return {one for one in world.spots if name in path(world, one)}


def may_move(world: World, act: Act) -> bool:
    """Manage where it leaves, add where it arrives, one room, no cycle. A piece is not moved
    but archived; boxes and archives, and what holds them, stay; and only the owner makes a
    move that gives anybody anything (I16)."""
    spot, target = world.spots[act.node], world.spots[act.to]
    under = below(world, act.node)
    kept = any(world.spots[one].kind in BOUNDARIES for one in under)
    allowed = (
        not spot.evidence
        and not kept
        and act.to not in under
        and spot.up != act.to
        and target.kind in {"root", "folder"}
        and "manage" in eff(world, act.who, act.node)
        and "add" in eff(world, act.who, act.to)
    )
    if not allowed or act.who == world.owner:
        return allowed
    after = moved(world, act.node, act.to)
    return not any(
        holds(after, one, node) - holds(world, one, node) for one in world.members for node in under
    )


def may_archive(world: World, act: Act) -> bool:
    """A piece goes once, from its box to the archive of the same side, by the owner; nobody who
    could see, read or download it there loses any of it."""
    spot = world.spots[act.node]
    if not spot.evidence or act.who != world.owner or world.closed:
        return False
    lying = world.spots[spot.up or ""]
    if lying.kind != "box":
        return False
    reading = {"browse", "read", "download"}
    there = archive_of(world, lying.side)
    return all(
        (holds(world, one, spot.up or "") & reading) <= holds(world, one, there)
        for one in world.members
    )


def archive_of(world: World, side: str) -> str:
    return next(
        n for n, spot in world.spots.items() if spot.kind == "archive" and spot.side == side
    )


def moved(world: World, name: str, to: str) -> World:
    spots = {**world.spots, name: replace(world.spots[name], up=to)}
    return replace(world, spots=spots)


MAY: dict[str, Callable[[World, Act], bool]] = {
    "folder": may_folder,
    "deposit": may_deposit,
    "due": lambda world, act: "manage" in eff(world, act.who, act.node),
    "withdraw": may_withdraw,
    "restore": may_withdraw,
    "close": may_close,
    "reopen": may_close,
    "grant": may_grant,
    "revoke": may_grant,
    "seal": may_seal,
    "unseal": may_seal,
    "move": may_move,
    "archive": may_archive,
}

# --- what an act that was done changes ---------------------------------------------------------


def apply(world: World, act: Act, *, made: str = "") -> None:
    """`made` is the name of the node that came of it, if one did."""
    CHANGES[act.what](world, act, made)


def deposited(world: World, act: Act, made: str) -> None:
    side = world.spots[act.node].side
    world.spots[made] = Spot("file", act.node, side=side, evidence=True, box=act.node)


def foldered(world: World, act: Act, made: str) -> None:
    world.spots[made] = Spot("folder", act.node)


def withdrawn(world: World, act: Act, _made: str) -> None:
    world.spots[act.node].withdrawn = act.what == "withdraw"


def closed(world: World, act: Act, _made: str) -> None:
    world.closed = act.what == "close"


def given(world: World, act: Act, _made: str) -> None:
    """In place of what was given there to the same; nothing is no grant."""
    world.spots[act.node].given.pop(act.subject, None)
    if act.rights:
        world.spots[act.node].given[act.subject] = set(act.rights)


def sealed(world: World, act: Act, _made: str) -> None:
    world.spots[act.node].sealed = act.what == "seal"


def laid(world: World, act: Act, _made: str) -> None:
    spot = world.spots[act.node]
    spot.up = act.to if act.what == "move" else archive_of(world, spot.side)


def left(world: World, act: Act, _made: str) -> None:
    """What was given to them alone goes with them."""
    world.members.discard(act.subject)
    for one in world.spots.values():
        one.given.pop(act.subject, None)


def confided(world: World, act: Act, _made: str) -> None:
    world.delegates.pop(act.subject, None)
    if act.covers:
        world.delegates[act.subject] = set(act.covers)


CHANGES: dict[str, Callable[[World, Act, str], None]] = {
    "folder": foldered,
    "deposit": deposited,
    "due": lambda world, act, made: None,
    "withdraw": withdrawn,
    "restore": withdrawn,
    "close": closed,
    "reopen": closed,
    "grant": given,
    "revoke": given,
    "seal": sealed,
    "unseal": sealed,
    "move": laid,
    "archive": laid,
    "enters": lambda world, act, made: world.members.add(act.subject),
    "leaves": left,
    "joins": lambda world, act, made: world.groups[act.to].add(act.subject),
    "quits": lambda world, act, made: world.groups[act.to].discard(act.subject),
    "confides": confided,
    "takes_back": confided,
    "disabled": lambda world, act, made: world.disabled.add(act.subject),
    "enabled": lambda world, act, made: world.disabled.discard(act.subject),
}
