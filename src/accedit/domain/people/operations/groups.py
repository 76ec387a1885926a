from uuid import UUID

from django.db import transaction

from accedit.domain.people.models import Group, Membership, User


@transaction.atomic
def create_group(*, name: str, room_id: UUID) -> Group:
    return Group.objects.create(name=name[:200], room_id=room_id)


@transaction.atomic
def rename(group: Group, *, name: str) -> None:
    group.name = name[:200]
    group.save(update_fields=["name"])


@transaction.atomic
def add(user: User, *, to: Group) -> None:
    Membership.objects.get_or_create(group=to, user=user)


@transaction.atomic
def remove(user: User, *, of: Group) -> None:
    Membership.objects.filter(group=of, user=user).delete()


def holds(group: Group, *, user: User) -> bool:
    return Membership.objects.filter(group=group, user=user).exists()
