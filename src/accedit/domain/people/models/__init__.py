from accedit.domain.people.models.firm import Firm
from accedit.domain.people.models.group import Group, Membership
from accedit.domain.people.models.invitation import Invitation
from accedit.domain.people.models.space import Delegation, Space
from accedit.domain.people.models.token import ApiToken
from accedit.domain.people.models.user import User

__all__ = [
    "ApiToken",
    "Delegation",
    "Firm",
    "Group",
    "Invitation",
    "Membership",
    "Space",
    "User",
]
