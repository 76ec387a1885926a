"""The demo and a developer's own server: mails are shown on /courriers and sent nowhere."""

from accedit.settings import values
from accedit.settings.base import *  # noqa: F403

KILL_POINTS = values.text("kill_points")
DEMO = values.flag("demo", default=True)
