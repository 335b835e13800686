"""The client behind a lead, as far as a signal tells."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Customer:
    """What a sender knows of the client; `external_id` is his number in the shop's own system."""

    external_id: str | None = None
    name: str | None = None
    phone: str | None = None
    email: str | None = None
    messengers: Mapping[str, str] | None = None
