"""Persons enter, are disabled, change what opens their account."""

from datetime import datetime
from uuid import UUID

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.db.models import F

from accedit.domain.people.enums import IdentityLevel, PersonKind
from accedit.domain.people.models import Firm, Space, User
from accedit.shared.fields import email_address, folded, one_line, optional_line, several_lines
from accedit.shared.refusals import Kind, Refusal


class AddressTaken(Refusal):
    kind = Kind.IN_THE_WAY
    code = "conflict"
    sentence = (
        "Cette adresse électronique est celle d'une autre personne : choisissez-en une autre."
    )


class PasswordOfAnother(Refusal):
    kind = Kind.IN_THE_WAY
    code = "conflict"
    sentence = "Vous avez déjà un accès à un autre dossier avec cette adresse : choisissez ici un autre mot de passe, il dira dans quel dossier vous entrez."


class FirmIsNobody(Refusal):
    kind = Kind.UNREADABLE
    code = "invalid"
    sentence = (
        "Donnez le nom d'une personne : un cabinet n'agit jamais seul, son nom s'écrit à côté."
    )


FIRM_WORDS = {"cabinet", "scp", "selarl", "selas", "selafa", "selurl", "aarpi"}


def _refuse_firm_as_person(name: str, *, firm: Firm | None) -> None:
    """An act needs a natural person; a firm's name on an account would hide who did it (G13)."""
    words = folded(name).split()
    if words[:1] and words[0] in FIRM_WORDS:
        raise FirmIsNobody
    if firm is not None and words == firm.folded_name.split():
        raise FirmIsNobody


def _taken(
    email: str, *, kind: PersonKind, only_room: UUID | None, but: UUID | None = None
) -> bool:
    same = User.objects.filter(email=email)
    if but is not None:
        same = same.exclude(pk=but)
    if kind is PersonKind.PRIVATE:
        return same.filter(kind=PersonKind.PRIVATE, only_room=only_room).exists()
    return same.exclude(kind=PersonKind.PRIVATE).exists()


def holder_of(email: str) -> User | None:
    """Whoever has this address in every case: a professional, an expert, an assistant."""
    return User.objects.filter(email=email_address(email)).exclude(kind=PersonKind.PRIVATE).first()


def firm_named(name: str) -> Firm | None:
    """The firm of this name, made at first need. An empty name is no firm."""
    name = optional_line(name, what="Cabinet")
    if not name:
        return None
    word = optional_line(folded(name), what="Cabinet")  # a letter may fold into several
    firm, _ = Firm.objects.get_or_create(folded_name=word, defaults={"name": name})
    return firm


@transaction.atomic
def enter_person(
    *,
    name: str,
    kind: PersonKind,
    at: datetime,
    email: str | None = None,
    firm: Firm | None = None,
    title: str = "",
    phone: str = "",
    address: str = "",
    only_room: UUID | None = None,
    password: str | None = None,
) -> User:
    """A new person. They open nothing until they have used an invitation, or been given a password."""
    if kind is not PersonKind.PRIVATE:
        _refuse_firm_as_person(name, firm=firm)
    email = email_address(email) if email else None
    if email and _taken(email, kind=kind, only_room=only_room):
        raise AddressTaken
    return User.objects.create(
        name=one_line(name, what="Nom"),
        kind=kind,
        email=email,
        firm=firm,
        title=optional_line(title, what="Qualité"),
        phone=optional_line(phone, what="Téléphone", limit=40),
        address=several_lines(address, what="Adresse"),
        only_room=only_room,
        password=make_password(password),
        created_at=at,
    )


@transaction.atomic
def professional(*, name: str, email: str, firm: Firm | None, at: datetime) -> tuple[User, bool]:
    """The professional with this address, entered at first need: one identity in every case.

    What an expert types about somebody already known changes nothing of theirs.
    """
    known = holder_of(email)
    if known:
        return known, False
    return (
        enter_person(name=name, kind=PersonKind.PROFESSIONAL, email=email, firm=firm, at=at),
        True,
    )


@transaction.atomic
def open_space(
    *,
    expert: User,
    name: str,
    quota_bytes: int,
    at: datetime,
    list_number: str = "",
    address: str = "",
) -> Space:
    return Space.objects.create(
        expert=expert,
        name=one_line(name, what="Espace de l'expert"),
        quota_bytes=quota_bytes,
        list_number=list_number,
        address=address,
        phone=expert.phone,
        created_at=at,
    )


@transaction.atomic
def change_space(space: Space, *, name: str, address: str, phone: str, list_number: str) -> Space:
    """How the expert's space presents itself from now on. `space` comes from `access.own_space`."""
    space.name = one_line(name, what="Espace de l'expert")
    space.address = several_lines(address, what="Adresse")
    space.phone = optional_line(phone, what="Téléphone", limit=40)
    space.list_number = optional_line(list_number, what="Liste d'experts")
    space.save(update_fields=["name", "address", "phone", "list_number"])
    return space


@transaction.atomic
def end_all_access(user_id: UUID) -> None:
    """Every session and every token of a person ends now (G5)."""
    User.objects.filter(pk=user_id).update(epoch=F("epoch") + 1)


@transaction.atomic
def disable(user_id: UUID) -> None:
    User.objects.filter(pk=user_id).update(is_active=False, epoch=F("epoch") + 1)


@transaction.atomic
def change_password(user: User, *, password: str) -> User:
    """A new password ends every other session and every token."""
    if user.email:
        refuse_password_of_another(user, email=user.email, password=password)
    user.password = make_password(password)
    user.epoch += 1
    user.save(update_fields=["password", "epoch"])
    return user


def refuse_password_of_another(user: User, *, email: str, password: str) -> None:
    """One address may open several private accounts: the password says which one is meant."""
    for other in User.objects.filter(email=email).exclude(pk=user.pk):
        if check_password(password, other.password):
            raise PasswordOfAnother


@transaction.atomic
def let_in(user: User, *, email: str, password: str, level: IdentityLevel) -> User:
    """What using an invitation sets: the address, the password, how sure the identity is."""
    address = email_address(email)
    if _taken(address, kind=PersonKind(user.kind), only_room=user.only_room, but=user.pk):
        raise AddressTaken
    refuse_password_of_another(user, email=address, password=password)
    user.email, user.password, user.identity = address, make_password(password), level
    user.epoch += 1
    user.save(update_fields=["email", "password", "identity", "epoch"])
    return user
