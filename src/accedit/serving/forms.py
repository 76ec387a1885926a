"""A plain HTML form with files, as it comes: each file goes to the store while it is read.

For browsers without JavaScript (RFC 7578). One form carries several files; a file that
cannot be taken is told and read past, the others stay. The anti-forgery field stands
before the files, so that nothing is stored for a page that is not ours. Everything here
runs in a disk thread, one block after the other.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.utils.timezone import now
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser

from accedit.domain.filing.blobs import Receiving, StoredBlob
from accedit.domain.filing.reckoning import accepted_name
from accedit.shared.refusals import Invalid, Refusal

BOUNDARY = re.compile(r'multipart/form-data;.*?boundary="?([^";,\s]{1,200})"?', re.IGNORECASE)
FIELD = re.compile(rb'[; ]name="([^"]*)"')
FILE = re.compile(rb'[; ]filename="((?:[^"\\]|\\.)*)"')
MOST_OF_A_FIELD = 64 * 1024
TOKEN = "csrfmiddlewaretoken"  # noqa: S105 - the name of Django's field


class FormUnreadable(Refusal):
    kind = Invalid.kind
    code = "invalid"
    sentence = "Cet envoi n'est pas lisible. Les fichiers déjà arrivés sont dans le panier : rechargez la page et envoyez les autres."


@dataclass(frozen=True, slots=True)
class Part:
    """One file that is all here: stored, or why it could not be."""

    name: str
    stored: StoredBlob | None = None
    refusal: Refusal | None = None


class FilesOfForm:
    """`verify` is called with the anti-forgery field and refuses; until then no file is taken."""

    def __init__(self, content_type: str, *, verify: Callable[[str], None]) -> None:
        found = BOUNDARY.match(content_type)
        if found is None:
            raise FormUnreadable
        self._verify = verify
        self._verified = False
        self._disposition = b""
        self._header = b""
        self._value = b""
        self._field: bytearray | None = None
        self._receiving: Receiving | None = None
        self._refusal: Refusal | None = None
        self._name: str | None = None
        self._arrived = now()
        self._done: list[Part] = []
        self._ended = False
        self._parser = MultipartParser(
            found[1].encode("latin-1", "replace"),
            {
                "on_part_begin": self._part_begins,
                "on_header_field": self._header_field,
                "on_header_value": self._header_value,
                "on_header_end": self._header_ends,
                "on_headers_finished": self._headers_end,
                "on_part_data": self._part_data,
                "on_part_end": self._part_ends,
                "on_end": self._form_ends,
            },
        )

    def write(self, block: bytes, *, arrived: datetime) -> list[Part]:
        """The files that this block completed. `arrived`: when its first byte reached us."""
        self._arrived = arrived
        try:
            self._parser.write(block)
        except FormParserError:
            raise FormUnreadable from None
        done, self._done = self._done, []
        return done

    def finish(self) -> None:
        if not self._ended:
            raise FormUnreadable

    def abandon(self) -> None:
        if self._receiving is not None:
            self._receiving.abandon()

    def _part_begins(self) -> None:
        self._disposition = self._header = self._value = b""
        self._field, self._receiving, self._refusal, self._name = None, None, None, None

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_ends(self) -> None:
        if self._header.lower() == b"content-disposition":
            self._disposition = self._value
        self._header = self._value = b""

    def _headers_end(self) -> None:
        named = FILE.search(self._disposition)
        if named is None:
            self._field = bytearray()
            return
        if not self._verified:
            self._verify("")  # refuses: the field did not come first
        if not named[1]:
            return  # a form sent with no file chosen
        self._name = file_name(named[1])
        try:
            accepted_name(self._name)
            self._receiving = Receiving(received_from=self._arrived)
        except Refusal as refusal:
            self._refusal = refusal

    def _part_data(self, data: bytes, start: int, end: int) -> None:
        if self._field is not None:
            self._field += data[start:end]
            if len(self._field) > MOST_OF_A_FIELD:
                raise FormUnreadable
        elif self._receiving is not None:
            try:
                self._receiving.write(memoryview(data)[start:end])
            except Refusal as refusal:
                self._give_up(refusal)

    def _part_ends(self) -> None:
        if self._field is not None:
            named = FIELD.search(self._disposition)
            if named is not None and named[1] == TOKEN.encode():
                self._verify(self._field.decode("latin-1"))
                self._verified = True
        elif self._name is not None:
            self._done.append(self._completed(self._name))

    def _completed(self, name: str) -> Part:
        if self._receiving is not None:
            try:
                return Part(name, stored=self._receiving.finish(received_at=now()))
            except Refusal as refusal:
                self._give_up(refusal)
        return Part(name, refusal=self._refusal)

    def _give_up(self, refusal: Refusal) -> None:
        self.abandon()
        self._receiving, self._refusal = None, refusal

    def _form_ends(self) -> None:
        self._ended = True


def file_name(raw: bytes) -> str:
    """The name as browsers write it in a form: UTF-8, three characters escaped, no other
    (WHATWG, multipart/form-data encoding). Bytes that are no UTF-8 stay visible as such."""
    for escaped, plain in ((b"%22", b'"'), (b"%0D", b"\r"), (b"%0A", b"\n"), (b'\\"', b'"')):
        raw = raw.replace(escaped, plain)
    return raw.decode("utf-8", "surrogateescape")
