"""By what a client is known to be the same one: exact evidence only (rule A20).

An identity is a text, `phone:+79001234567`: the evidence, a colon, and what it says.
"""

from collections.abc import Iterable
from enum import StrEnum


class Evidence(StrEnum):
    """What can show that two signals are of one client, the strongest first."""

    CUSTOMER = "customer"
    PHONE = "phone"
    MESSENGER = "messenger"
    EMAIL = "email"


def evidence_of(identity: str) -> Evidence:
    """Which evidence an identity is."""
    return Evidence(identity.partition(":")[0])


def strongest(identities: Iterable[str]) -> tuple[int, str]:
    """What puts the leads of one client in order: the strongest evidence, then its text."""
    order = list(Evidence)
    return min((order.index(evidence_of(identity)), identity) for identity in identities)
