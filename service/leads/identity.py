"""The identities of a client: exact evidence only (rule A20).

An identity is a text such as `phone:+79001234567`: the evidence, a colon, and the value.
"""

from collections.abc import Iterable
from enum import StrEnum


class Evidence(StrEnum):
    """What can show that two signals come from one client, the strongest first."""

    CUSTOMER = "customer"
    PHONE = "phone"
    MESSENGER = "messenger"
    EMAIL = "email"


def evidence_of(identity: str) -> Evidence:
    """The evidence of an identity."""
    return Evidence(identity.partition(":")[0])


def strongest(identities: Iterable[str]) -> tuple[int, str]:
    """A sort key for the leads of one client: the strongest evidence, then the identity's text."""
    order = list(Evidence)
    return min((order.index(evidence_of(identity)), identity) for identity in identities)
