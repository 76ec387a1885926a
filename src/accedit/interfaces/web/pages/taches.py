"""What waits for the expert, said in few lines: tasks of one kind in one case are one line."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from accedit.domain.cases.enums import TaskKind
from accedit.shared.fields import displayed

MOST_NAMES = 4
ONE = {
    TaskKind.SERVE_BY_POST: "Une lettre à imprimer et à poster",
    TaskKind.ASK_CONSENT_AGAIN: "Un accord à l'échange électronique à redemander",
    TaskKind.MAIL_REFUSED: "Un avis qui n'est pas parvenu, à faire connaître autrement",
    TaskKind.READ_LATE_PIECE: "Une pièce hors délai à apprécier",
    TaskKind.PIECE_DAMAGED: "Une pièce n'est plus lisible telle qu'elle a été déposée, prévenez l'exploitant",
}
MANY = {
    TaskKind.SERVE_BY_POST: "{count} lettres à imprimer et à poster",
    TaskKind.ASK_CONSENT_AGAIN: "{count} accords à l'échange électronique à redemander",
    TaskKind.MAIL_REFUSED: "{count} avis qui ne sont pas parvenus, à faire connaître autrement",
    TaskKind.READ_LATE_PIECE: "{count} pièces hors délai à apprécier",
    TaskKind.PIECE_DAMAGED: "{count} pièces ne sont plus lisibles telles qu'elles ont été déposées, prévenez l'exploitant",
}
WHERE = {
    TaskKind.SERVE_BY_POST: "courriers",
    TaskKind.ASK_CONSENT_AGAIN: "personnes",
    TaskKind.MAIL_REFUSED: "courriers",
    TaskKind.READ_LATE_PIECE: "pieces",
    TaskKind.PIECE_DAMAGED: "pieces",
}


@dataclass(slots=True)
class Waiting:
    """The tasks of one kind in one case; `since` is the oldest."""

    case: Any
    kind: TaskKind
    since: datetime
    count: int = 0
    subjects: list[str] = field(default_factory=list)
    ids: list[Any] = field(default_factory=list)

    @property
    def ends_by_itself(self) -> bool:
        """A letter's task ends when the letter is noted as posted."""
        return self.kind is TaskKind.SERVE_BY_POST

    @property
    def words(self) -> str:
        said = ONE[self.kind] if self.count == 1 else MANY[self.kind].format(count=self.count)
        names = ", ".join(displayed(name) for name in self.subjects[:MOST_NAMES])
        return f"{said} : {names}" + ("…" if len(self.subjects) > MOST_NAMES else "")

    @property
    def address(self) -> str:
        return f"/dossiers/{self.case.pk}/{WHERE[self.kind]}"


def grouped(tasks: Iterable[Any]) -> list[Waiting]:
    """`tasks` come oldest first, with their case."""
    found: dict[tuple[Any, str], Waiting] = {}
    for task in tasks:
        key = (task.case_id, task.kind)
        if key not in found:
            found[key] = Waiting(task.case, TaskKind(task.kind), task.created_at)
        one = found[key]
        one.count += 1
        one.ids.append(task.pk)
        if task.subject not in one.subjects:
            one.subjects.append(task.subject)
    return list(found.values())
