from tests.front import committed

__all__ = ["committed"]
