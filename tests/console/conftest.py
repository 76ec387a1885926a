from tests.store import own_store

__all__ = ["own_store"]
