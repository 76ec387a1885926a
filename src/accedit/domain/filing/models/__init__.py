from accedit.domain.filing.models.basket import Basket, BasketItem
from accedit.domain.filing.models.blob import Blob
from accedit.domain.filing.models.box import Box
from accedit.domain.filing.models.deposit import Deposit
from accedit.domain.filing.models.grant import Grant
from accedit.domain.filing.models.node import Node
from accedit.domain.filing.models.room import Room, RoomMember

__all__ = ["Basket", "BasketItem", "Blob", "Box", "Deposit", "Grant", "Node", "Room", "RoomMember"]
