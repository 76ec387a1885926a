"""Real use: `accedit serve`. `machine` refuses to start on unsafe values (see docs/operate.md)."""

from accedit.settings.base import *  # noqa: F403
