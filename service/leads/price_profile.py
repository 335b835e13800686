"""Which price profile a wholesale client gets once their form is checked (rule A21)."""

from collections.abc import Mapping
from enum import StrEnum


class Buyer(StrEnum):
    """Whom a wholesale client buys for: themselves, as a fleet does, or clients of their own."""

    END_CONSUMER = "end_consumer"
    RESELLER = "reseller"


class Selection(StrEnum):
    """Who selects the parts: the client, or the shop's managers for them."""

    BY_CLIENT = "by_client"
    BY_SHOP = "by_shop"


class PriceProfile(StrEnum):
    """The discount a wholesale client sees, as the shop's site names it."""

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
    """The profile by rule A21's table."""
    return PROFILES[buyer, selection]
