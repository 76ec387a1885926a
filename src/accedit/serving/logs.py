"""The technical log: one record, one line of JSON, and nothing that belongs to a case.

Who deposited what is the evidence log's business. This one is read by whoever keeps the
machine running, so it holds no name of a file or person, no token, no query (those carry
names), and of an exception its type and place, never its message. JSON escapes
what could end a line, so that nobody can write a forged one (attacks.md J10).
"""

import json
import logging
import re
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import PurePath

request_id: ContextVar[str] = ContextVar("request_id", default="")

LONGEST = 2000  # characters; also what keeps the patterns below fast
SECRETS = [
    (re.compile(r"(?i)\b(bearer|basic|token)[ =:]+\S+"), r"\1 …"),
    (re.compile(r"\?[^\s\"']*"), "?…"),
    (re.compile(r"[^\s@<>\"']{1,64}@[^\s@<>\"']{1,255}"), "…@…"),
    (re.compile(r"(?<![\w-])(?![0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![\w-]))[\w-]{32,}"), "…"),
    (
        re.compile(r"(?i)[^\s/\"'«»]{1,255}\.(?:pdf|docx?|xlsx?|odt|ods|pptx?|jpe?g|png|tiff?|heic|"
                   r"zip|eml|msg|txt|csv|mp4|mov|dwg|html?|svg|xml)\b"),
        "…",
    ),
]  # fmt: skip
FIELDS = ("method", "path", "status", "ms", "sent", "child", "number")


def redacted(text: str) -> str:
    """A belt: our own lines hold none of this, but libraries write lines too."""
    text = text[:LONGEST]
    for pattern, replacement in SECRETS:
        text = pattern.sub(replacement, text)
    return text


class JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": redacted(record.getMessage()),
        }
        if number := request_id.get():
            line["request"] = number
        for name in FIELDS:
            if (value := getattr(record, name, None)) is not None:
                line[name] = redacted(value) if isinstance(value, str) else value
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__
            line["where"] = [
                f"{PurePath(frame.filename).name}:{frame.lineno} {frame.name}"
                for frame in traceback.extract_tb(record.exc_info[2])[-8:]
            ]
        return json.dumps(line, default=lambda value: type(value).__name__)
