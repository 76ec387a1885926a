from tests.front import committed
from tests.store import cast_once, g

__all__ = ["cast_once", "committed", "g"]
