"""The style sheets, scripts, fonts and images that we ship, from `STATIC_ROOT`.

A name is looked up in the list made at start: no path is ever built from a request.
A name that carries the hash of its content never changes and may be kept for a year;
any other is asked for again each time. Nothing is marked as shareable between people.
"""

import re
from hashlib import sha256
from pathlib import Path

from accedit.serving.messages import RawRequest, RawResponse

HASHED = re.compile(r"\.[0-9a-f]{12}\.[A-Za-z0-9]+$")
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/vnd.microsoft.icon",
    ".jpg": "image/jpeg",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".mjs": "text/javascript; charset=utf-8",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}
INERT = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"


class Statics:
    def __init__(self, root: Path, *, prefix: str) -> None:
        self.prefix = prefix
        self.files = {
            prefix + path.relative_to(root).as_posix(): path
            for path in root.rglob("*")
            if path.is_file() and not path.is_symlink() and path.suffix in TYPES
        }
        self._read: dict[str, tuple[bytes, str]] = {}

    def owns(self, path: str) -> bool:
        return path.startswith(self.prefix)

    def answer(self, request: RawRequest) -> RawResponse | None:
        """The file, « not modified », or None for a name that we do not have."""
        if request.path not in self.files:
            return None
        content, tag = self._content(request.path)
        headers = [
            ("Content-Type", TYPES[self.files[request.path].suffix]),
            ("X-Content-Type-Options", "nosniff"),
            ("Cross-Origin-Resource-Policy", "same-origin"),
            ("Content-Security-Policy", INERT),
            ("ETag", tag),
            (
                "Cache-Control",
                "max-age=31536000, immutable" if HASHED.search(request.path) else "no-cache",
            ),
        ]
        if tag in {part.strip() for part in request.headers.get("if-none-match").split(",")}:
            return RawResponse(304, headers)
        return RawResponse(200, headers, body=content)

    def _content(self, name: str) -> tuple[bytes, str]:
        if name not in self._read:
            content = self.files[name].read_bytes()
            self._read[name] = content, f'"{sha256(content).hexdigest()[:32]}"'
        return self._read[name]
