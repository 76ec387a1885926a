"""The WebDAV door: not open yet. See docs/limits.md."""
