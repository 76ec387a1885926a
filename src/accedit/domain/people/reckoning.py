"""How long one waits after wrong tries. It grows, it is said, it is never for ever."""

import hashlib
import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Allowance:
    """`free` tries cost nothing; the next costs `first`, each one more twice as much, at most
    `longest`. Without a try for `forgets`, all is forgotten."""

    free: int
    first: timedelta
    longest: timedelta
    forgets: timedelta

    def wait(self, tries: int) -> timedelta:
        over = tries - self.free
        if over <= 0:
            return timedelta(0)
        doubled: timedelta = self.first * 2 ** min(over - 1, 30)
        return min(doubled, self.longest)


def seconds(*, until: datetime, at: datetime) -> int:
    """What is left to wait, as one says it: whole seconds, at least one."""
    return max(1, -int((at - until).total_seconds() // 1))


def network(address: str) -> str:
    """Where a try comes from: an IPv4 address, or the /64 of an IPv6 one, which one subscriber
    holds whole (G2). What is no address is one network of its own."""
    try:
        found = ipaddress.ip_address(address.strip("[]").partition("%")[0])
    except ValueError:
        return "?"
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)


def key_of(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
