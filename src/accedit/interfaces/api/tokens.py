"""Who a program acts for: the bearer token of RFC 6750, in the Authorization header only.

A cookie is never looked at here, so that no page of another site can make a signed-in
browser call the API; a token in the address would end in logs and histories.
"""

from django.utils.timezone import now

from accedit.domain.people.access import NotSignedIn, digest, holder_of_token, live_token
from accedit.domain.people.enums import Door
from accedit.domain.people.operations import slowing, tokens
from accedit.domain.people.reckoning import key_of, network
from accedit.domain.people.rights import Actor
from accedit.shared.refusals import Kind, Refusal


class TooManyTokens(Refusal):
    kind = Kind.FORBIDDEN
    code = "rate_limited"
    sentence = "Trop de clés d'accès refusées depuis votre adresse. Réessayez dans {words}. Une clé valable passe sans attendre."


def asker_of(authorization: str, *, address: str) -> Actor:
    """The person of this Authorization header; missing, malformed or unknown: one answer. Tokens
    that open nothing slow down the `address` they come from, and no good one (G2)."""
    secret, at = _secret(authorization), now()
    try:
        token = live_token(secret)
    except NotSignedIn:
        try:
            slowing.count({key_of("token", network(address)): slowing.TOKENS}, at=at)
        except slowing.TooManyTries as refusal:
            raise TooManyTokens(words=slowing.in_words(refusal.wait)) from None
        raise
    tokens.note_used(token, at=at)
    return holder_of_token(token, door=Door.API)


def token_digest(authorization: str) -> str:
    """How the token of this header is kept."""
    return digest(_secret(authorization))


def _secret(authorization: str) -> str:
    scheme, _, secret = authorization.strip().partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        raise NotSignedIn
    return secret.strip()
