"""What `verify-log` and `fsck` say of logs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from accedit.domain.evidence import queries
from accedit.domain.evidence.operations import checking
from accedit.domain.evidence.queries.checks import Damage


@dataclass(frozen=True, slots=True)
class Checked:
    origin: str
    size: int
    damages: Sequence[Damage]

    def line(self) -> str:
        state = "intact" if not self.damages else f"{len(self.damages)} défauts"
        return f"{self.origin} : {self.size} feuilles, {state}"


def logs(room: UUID | None) -> Iterator[Checked]:
    for origin in checking.origins(room=room):
        damages = list(checking.damages(origin))
        yield Checked(origin, queries.size(origin), damages)


def as_json(damages: Sequence[Damage]) -> list[dict[str, str]]:
    return [{"what": d.what, "where": d.where, "sentence": d.sentence} for d in damages]


def verdict(count: int) -> str:
    if count == 1:
        return "1 défaut trouvé. Ne corrigez rien à la main : lisez docs/operate.md."
    return f"{count} défauts trouvés. Ne corrigez rien à la main : lisez docs/operate.md."
