"""The demo and a developer's own server: mails are shown on /courriers and sent nowhere."""

from accedit.settings.base import *  # noqa: F403
from accedit.settings.base import values

DEMO = values.flag("demo", default=True)
