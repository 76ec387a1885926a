from accedit.domain.people.models.colleague import Colleague
from accedit.domain.people.models.firm import Firm
from accedit.domain.people.models.group import Group, Membership
from accedit.domain.people.models.invitation import Invitation
from accedit.domain.people.models.recovery import Approval, Recovery
from accedit.domain.people.models.slowdown import Slowdown
from accedit.domain.people.models.space import Delegation, Space
from accedit.domain.people.models.token import ApiToken
from accedit.domain.people.models.user import User

__all__ = [
    "ApiToken",
    "Approval",
    "Colleague",
    "Delegation",
    "Firm",
    "Group",
    "Invitation",
    "Membership",
    "Recovery",
    "Slowdown",
    "Space",
    "User",
]
