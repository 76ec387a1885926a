from uuid import uuid4

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.crypto import salted_hmac

from accedit.domain.people.enums import IdentityLevel, PersonKind
from accedit.domain.people.models.firm import Firm


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> "User":
        return self.exclude(kind=PersonKind.PRIVATE).get(email=(username or "").strip().lower())


class User(AbstractBaseUser):
    """A natural person. A professional has one account everywhere; a private person has one
    account per case, which vanishes with it, so that one address may open several. `email` is kept in small letters; none until a letter's code is used.

    `epoch` grows when access must end at once (factor changed, disabled, password set):
    every session and token carries the epoch it was made in.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    email = models.EmailField(max_length=254, null=True, db_index=True)  # noqa: DJ001  (absent is not empty)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=20, choices=[(k.value, k.value) for k in PersonKind])
    title = models.CharField(max_length=200, blank=True)  # « avocat au barreau de Paris »
    phone = models.CharField(max_length=40, blank=True)
    address = models.TextField(blank=True)
    firm = models.ForeignKey(Firm, models.PROTECT, null=True, related_name="people")
    identity = models.CharField(
        max_length=20,
        choices=[(level.value, level.value) for level in IdentityLevel],
        default=IdentityLevel.DECLARED,
    )
    only_room = models.UUIDField(null=True)  # a private person belongs to one case
    administers_firm = models.BooleanField(default=False)  # no right in any case comes from it
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(
        default=False
    )  # runs the platform; sees use and states, no content
    epoch = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]
    objects = UserManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["email"],
                condition=~models.Q(kind="private"),
                name="one_account_per_professional_address",
            ),
            models.UniqueConstraint(
                fields=["email", "only_room"],
                condition=models.Q(kind="private"),
                name="one_private_account_per_address_and_room",
            ),
            models.CheckConstraint(
                condition=~models.Q(kind="private") | models.Q(only_room__isnull=False),
                name="private_person_belongs_to_one_room",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        return salted_hmac(
            "accedit.people.session",
            f"{self.password}:{self.epoch}",
            secret=secret,
            algorithm="sha256",
        ).hexdigest()
