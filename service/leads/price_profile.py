"""The price profile of a wholesale client once their form is checked (rule A21)."""

from collections.abc import Mapping
from enum import StrEnum


class Buyer(StrEnum):
    """Whom a wholesale client buys for: themselves (a fleet, for example) or their own clients."""

    END_CONSUMER = "end_consumer"
    RESELLER = "reseller"


class Selection(StrEnum):
    """Who selects the parts: the client or the shop."""

    BY_CLIENT = "by_client"
    BY_SHOP = "by_shop"


class PriceProfile(StrEnum):
    """A wholesale discount, named as on the shop's site."""

    OPT = "OPT"
    OPT1 = "OPT1"
    OPT2 = "OPT2"


PROFILES: Mapping[tuple[Buyer, Selection], PriceProfile] = {
    (Buyer.END_CONSUMER, Selection.BY_CLIENT): PriceProfile.OPT1,
    (Buyer.RESELLER, Selection.BY_CLIENT): PriceProfile.OPT2,
    (Buyer.END_CONSUMER, Selection.BY_SHOP): PriceProfile.OPT,
    (Buyer.RESELLER, Selection.BY_SHOP): PriceProfile.OPT1,
}


def find_price_profile(buyer: Buyer, selection: Selection) -> PriceProfile:
    """The profile by the table of rule A21."""
    return PROFILES[buyer, selection]
