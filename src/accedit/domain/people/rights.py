"""Who acts, as a fact that every door can state and no door can embellish."""

from dataclasses import dataclass, replace
from uuid import UUID

from accedit.domain.people.enums import Door, PersonKind, Scope


@dataclass(frozen=True, slots=True)
class Actor:
    """A natural person who is signed in, by a page or by a token.

    `scope` and `only_room` narrow what a token may do; they never widen anything.
    """

    user_id: UUID
    name: str
    kind: PersonKind
    door: Door
    firm: str = ""
    scope: Scope = Scope.MANAGE
    only_room: UUID | None = None

    def claim(self) -> dict[str, str]:
        """As the log names an actor: the person first, then the firm they act in."""
        said = {"id": str(self.user_id), "name": self.name, "role": self.kind.value}
        return said | ({"firm": self.firm} if self.firm else {})

    def through(self, door: Door) -> "Actor":
        return replace(self, door=door)
