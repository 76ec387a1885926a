"""RFC 9162, sections 2.1.1, 2.1.3.1 and 2.1.4.1, written word for word.

Slow, recursive, over lists of leaves: the oracle that the quick code is compared
with. `d` is the list of inputs; names are those of the text. Results are kept
by (start, end), since D[a:b] is the same list in every tree of one log.
"""

from collections.abc import Sequence
from functools import cache
from hashlib import sha256


class Reference:
    def __init__(self, d: Sequence[bytes]) -> None:
        self.d = d
        self._mth = cache(self._mth_of)

    def mth(self, n: int) -> bytes:
        """MTH(D_n)."""
        return self._mth(0, n)

    def path(self, m: int, n: int) -> list[bytes]:
        """PATH(m, D_n), the audit path for the (m+1)th input."""
        return self._path(m, 0, n)

    def proof(self, m: int, n: int) -> list[bytes]:
        """PROOF(m, D_n) = SUBPROOF(m, D_n, true), for 0 < m <= n."""
        return self._subproof(m, 0, n, b=True)

    def _mth_of(self, start: int, end: int) -> bytes:
        n = end - start
        if n == 0:
            return sha256(b"").digest()
        if n == 1:
            return sha256(b"\x00" + self.d[start]).digest()
        k = largest_power_of_two_smaller_than(n)
        return sha256(b"\x01" + self._mth(start, start + k) + self._mth(start + k, end)).digest()

    def _path(self, m: int, start: int, end: int) -> list[bytes]:
        n = end - start
        if n == 1:
            return []
        k = largest_power_of_two_smaller_than(n)
        if m < k:
            return [*self._path(m, start, start + k), self._mth(start + k, end)]
        return [*self._path(m - k, start + k, end), self._mth(start, start + k)]

    def _subproof(self, m: int, start: int, end: int, *, b: bool) -> list[bytes]:
        n = end - start
        if m == n:
            return [] if b else [self._mth(start, end)]
        k = largest_power_of_two_smaller_than(n)
        if m <= k:
            return [*self._subproof(m, start, start + k, b=b), self._mth(start + k, end)]
        return [*self._subproof(m - k, start + k, end, b=False), self._mth(start, start + k)]


def largest_power_of_two_smaller_than(n: int) -> int:
    k = 1
    while k * 2 < n:
        k *= 2
    return k
