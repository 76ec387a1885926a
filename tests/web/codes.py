"""What an authenticator shows."""

from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def code_of(secret: str = SECRET) -> str:
    """The code of now."""
    _, now, *_ = yield_hotp_counters_from_time()
    return str(format_hotp_value(hotp_value(secret, now)))
