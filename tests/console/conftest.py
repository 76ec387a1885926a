from tests.store import cast_once, g, own_store

__all__ = ["cast_once", "g", "own_store"]
