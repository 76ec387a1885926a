"""How requests come in: an ASGI front, raw routes for file bytes, Django on a thread bridge."""
