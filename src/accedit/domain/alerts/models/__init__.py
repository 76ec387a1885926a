from accedit.domain.alerts.models.addressee import Addressee
from accedit.domain.alerts.models.gathering import Gathering
from accedit.domain.alerts.models.notice import Notice

__all__ = ["Addressee", "Gathering", "Notice"]
