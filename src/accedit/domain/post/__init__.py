"""Outgoing messages and letters: an opaque address, a text, its fate."""
