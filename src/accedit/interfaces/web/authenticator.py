"""What links a telephone to an account: the secret as a square to scan, as text, as an address."""

from dataclasses import dataclass
from urllib.parse import quote, urlencode

import segno
from django.conf import settings
from django.utils.safestring import SafeString, mark_safe


@dataclass(frozen=True, slots=True)
class Link:
    secret: str
    label: str

    @property
    def address(self) -> str:
        """Key URI of authenticators; the application shows the site and the person's address."""
        name = quote(f"{settings.MFA_TOTP_ISSUER}:{self.label}")
        words = urlencode(
            {"secret": self.secret, "issuer": settings.MFA_TOTP_ISSUER}, quote_via=quote
        )
        return f"otpauth://totp/{name}?{words}"

    @property
    def square(self) -> SafeString:
        drawing = segno.make(self.address, error="m").svg_inline(omitsize=True, border=2)
        return mark_safe(drawing)  # noqa: S308 - drawn from numbers, no word of anybody in it

    @property
    def groups(self) -> str:
        return " ".join(self.secret[i : i + 4] for i in range(0, len(self.secret), 4))
