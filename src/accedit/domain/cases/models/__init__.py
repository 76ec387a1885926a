from accedit.domain.cases.models.case import Case
from accedit.domain.cases.models.party import Mandate, Party, Side
from accedit.domain.cases.models.roster import Consent, RosterLine
from accedit.domain.cases.models.task import Task

__all__ = ["Case", "Consent", "Mandate", "Party", "RosterLine", "Side", "Task"]
