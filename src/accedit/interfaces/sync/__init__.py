"""The door of the folder client: not open yet. See docs/limits.md."""
