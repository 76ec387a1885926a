"""What every page shows: where one is, whose session it is, where help is."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from accedit.domain.people.enums import PersonKind

GUIDES = {
    PersonKind.EXPERT: "expert",
    PersonKind.ASSISTANT: "expert",
    PersonKind.PROFESSIONAL: "avocat",
    PersonKind.PRIVATE: "partie",
}


def everywhere(request: HttpRequest) -> dict[str, Any]:
    actor = getattr(request, "actor", None)
    return {
        "actor": actor,
        "guide": GUIDES[actor.kind] if actor else "partie",
        "demo": settings.DEMO,
    }
