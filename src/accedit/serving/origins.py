"""Which of our two addresses a request was made to.

Pages and REST live at BASE_URL; the bytes of pieces at CONTENT_URL, an origin that has
no cookie of ours, so that a hostile document opened there can do nothing here
(attacks.md D1). A request to any other name is refused: links that we print and
mail are made from the setting, never from what a request says its host is (G7).
"""

from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

DEFAULT_PORTS = {"http": ":80", "https": ":443"}
LOOPBACK_HOSTS = ("localhost", "127.0.0.1", "[::1]")


class Origin(StrEnum):
    APP = "app"
    CONTENT = "content"


@dataclass(frozen=True)
class Origins:
    """`demo` adds the loopback names with the same port to the application's own."""

    base_url: str
    content_url: str
    demo: bool = False

    def of(self, hosts: list[str]) -> Origin | None:
        """The origin asked for, given the Host lines of a request; None for a stranger."""
        if len(hosts) != 1:
            return None
        host = _plain(hosts[0], scheme=urlsplit(self.base_url).scheme)
        if host == self._host(self.base_url):
            return Origin.APP
        if host == self._host(self.content_url):
            return Origin.CONTENT
        if self.demo and host in self._loopback_names():
            return Origin.APP
        return None

    @property
    def are_apart(self) -> bool:
        return self._host(self.base_url) != self._host(self.content_url)

    def _loopback_names(self) -> set[str]:
        port = urlsplit(self.base_url).port
        return {f"{name}:{port}" if port else name for name in LOOPBACK_HOSTS}

    @staticmethod
    def _host(url: str) -> str:
        parts = urlsplit(url)
        return _plain(parts.netloc, scheme=parts.scheme)


def _plain(host: str, *, scheme: str) -> str:
    return host.lower().removesuffix(DEFAULT_PORTS.get(scheme, ":"))


def is_loopback_host(host: str) -> bool:
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
    return name.lower() in LOOPBACK_HOSTS
