from tests.front import committed
from tests.store import own_store

__all__ = ["committed", "own_store"]
