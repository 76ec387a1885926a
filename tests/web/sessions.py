"""A browser in which somebody has signed in, with password and code."""

from django.contrib.auth import get_user_model
from django.test import Client

from accedit.domain.people.models import User
from accedit.domain.people.rights import Actor
from accedit.interfaces.web.signed_in import FACTOR


def signed_in(client: Client, who: User | Actor) -> Client:
    """`client`, with a session of `who` in which the second factor was shown."""
    user = who if isinstance(who, User) else get_user_model().objects.get(pk=who.user_id)
    client.force_login(user)
    session = client.session
    session[FACTOR] = user.epoch
    session.save()
    return client
