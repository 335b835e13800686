"""Links from a lead to the shop's other systems, by the policy's templates."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

PLACES = ("lead", "source", "external_id", "customer", "order", "vin", "phone", "email")
PLACE = re.compile(r"\{([^{}]*)\}")
UNSEEN = re.compile(r"[\x00-\x20\x7f-\x9f\"'<>\\^`|\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Link:
    """A template: what stands on the button, the address, and the sources whose leads have it."""

    title: str
    address: str
    sources: frozenset[str] = frozenset()

    def filled(self, values: Mapping[str, str | None]) -> str | None:
        """The address with the values, each escaped; None when one of them is unknown.

        Dots alone are no value, because they would step up in the path.
        """
        needed = {place: values.get(place) or "" for place in places_of(self.address)}
        if any(not value.strip(".") for value in needed.values()):
            return None
        return PLACE.sub(lambda found: quote(needed[found[1]], safe=""), self.address)


def places_of(address: str) -> list[str]:
    """The names in braces."""
    return PLACE.findall(address)


def is_safe(address: str) -> bool:
    """Whether an address is https or http, on a server that no value of a lead can change."""
    fixed = PLACE.sub("x", address)
    try:
        parts, written = urlsplit(fixed), urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    return (
        parts.scheme in ("https", "http")
        and written.scheme == parts.scheme
        and bool(host)
        and "@" not in parts.netloc
        and written.netloc == parts.netloc
        and not UNSEEN.search(fixed)
        and not {"{", "}"} & set(fixed)
    )
