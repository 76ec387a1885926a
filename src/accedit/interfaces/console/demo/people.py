"""Who plays in the demo. Every name, firm and address is invented; `.example` goes nowhere."""

import hashlib
from base64 import b32encode
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Player:
    """Somebody who signs in. `role` is the demo's word for what they do there."""

    role: str
    name: str
    email: str
    password: str

    @property
    def totp_secret(self) -> str:
        """Twenty bytes that are the same at each loading: the demo has nothing to protect."""
        return b32encode(hashlib.sha1(f"demo:{self.email}".encode()).digest()).decode()  # noqa: S324


EXPERT = Player(
    "expert",
    "Anne-Claire Vasseur",
    "anne-claire@vasseur-expertise.example",
    "gymnase-vasseur",
)
ASSISTANT = Player("assistant", "Solène Hamon", "solene@vasseur-expertise.example", "gymnase-hamon")
DELAHAYE = Player(
    "counsel", "Me Éléonore Delahaye", "delahaye@delahaye-avocats.example", "gymnase-delahaye"
)
ROUSSIN = Player(
    "counsel", "Me Thibault Roussin", "roussin@roussin-avocat.example", "gymnase-roussin"
)
LEMOINE = Player("counsel", "Me Inès Lemoine", "lemoine@lemoine-achard.example", "gymnase-lemoine")
ACHARD = Player("counsel", "Me Youssef Achard", "achard@lemoine-achard.example", "gymnase-achard")
DUBOSC = Player("party", "M. René Dubosc", "rene.dubosc@boite-postale.example", "gymnase-dubosc")
FERRAND = Player("party", "Mme Odile Ferrand", "odile.ferrand@maison.example", "pompe-ferrand")
STRANGER = Player(
    "stranger", "Benoît Castelnau", "benoit@castelnau-expertise.example", "chaudiere-castelnau"
)
ANSELME = Player("party", "Mme Paule Anselme", "paule.anselme@hameau.example", "chaudiere-anselme")

SHOWN = (EXPERT, ASSISTANT, DELAHAYE, ROUSSIN, LEMOINE, ACHARD, DUBOSC, FERRAND, STRANGER)
"""Those whom `demo.json` names."""
