"""What may differ between two worlds without telling anything: this list, and nothing else.

hours        what happens during the sweep happens at another moment
request ids  drawn for each request, shown on pages of errors
anti-forgery drawn for each page
tickets      signed, with the moment they were made
new ids      of what the sweep itself makes; those of the two worlds' beginning stay
roots        of a log that the sweep itself makes longer: salts and hours are in them; the size
             that stands beside them is not masked
devices      numbered in the order of all sign-ins of the platform, by a sequence that is not
             taken back with a world
drawn        secrets shown once: a new key, a new authenticator, and its picture
"""

import re
from collections.abc import Collection

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
HEADERS = {"date", "x-request-id", "set-cookie", "content-length"}
DRAWN = [
    (re.compile(r'"X-CSRFToken": "[^"]*"|value="[A-Za-z0-9]{64}"'), "«csrf»"),
    (re.compile(r'name="ticket" value="[0-9a-f]{32}"'), "«ticket»"),
    (re.compile(r"[A-Za-z0-9_-]{100,}"), "«ticket»"),
    (re.compile(r"\b[A-Za-z0-9+/]{43}="), "«root»"),
    (re.compile(r"/compte/appareils/\d+/fin"), "/compte/appareils/«n»/fin"),
    (re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z"), "«hour»"),
    (re.compile(r"\d{2}/\d{2}/\d{4}(?:\sà)?\s\d{1,2}(?:\s?h\s?|:)\d{2}(?::\d{2})?"), "«hour»"),
    (re.compile(r"\b\d{1,2}(?:\sh\s|:)\d{2}(?::\d{2})?\b"), "«hour»"),
]


def masked(text: str, *, known: Collection[str]) -> str:
    """`known` are the ids of the worlds' common beginning."""
    for pattern, word in DRAWN:
        text = pattern.sub(word, text)
    return UUID.sub(lambda match: match[0] if match[0] in known else "«new»", text)
