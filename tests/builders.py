"""Things to test with, right as they are; a test names only what matters to it."""

from datetime import UTC, datetime
from typing import Any

from service.leads.customer import Customer
from service.leads.lead import Channel, Signal

NOON = datetime(2026, 6, 10, 12, tzinfo=UTC)


def a_signal(**overrides: Any) -> Signal:
    sent = {"queue": "main", "channel": Channel.WHATSAPP, "received_at": NOON}
    return Signal(**{**sent, **overrides})


def a_caller(number: str, name: str | None = None) -> Customer:
    """Who calls from a number, as the telephone network says."""
    return Customer(name=name, phone=number, network_phones=(number,))
