from tests.store import cast_once, g

__all__ = ["cast_once", "g"]
