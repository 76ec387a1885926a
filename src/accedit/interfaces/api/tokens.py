"""Who a program acts for: the bearer token of RFC 6750, in the Authorization header only.

A cookie is never looked at here, so that no page of another site can make a signed-in
browser call the API; a token in the address would end in logs and histories.
"""

from accedit.domain.people.access import NotSignedIn, actor_of_token, digest
from accedit.domain.people.enums import Door
from accedit.domain.people.rights import Actor


def asker_of(authorization: str) -> Actor:
    """The person of this Authorization header; missing, malformed or unknown: one answer."""
    return actor_of_token(_secret(authorization), door=Door.API)


def token_digest(authorization: str) -> str:
    """How the token of this header is kept."""
    return digest(_secret(authorization))


def _secret(authorization: str) -> str:
    scheme, _, secret = authorization.strip().partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        raise NotSignedIn
    return secret.strip()
