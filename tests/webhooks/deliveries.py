"""Deliveries as senders make them, and the accounts that they are of."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from service.adapters.delivery import Delivery
from service.adapters.ignored import Ignored, IgnoredReason
from service.adapters.inbound_event import InboundEvent
from service.adapters.source import Source

NOON = datetime(2026, 6, 10, 9, tzinfo=UTC)  # in Moscow
PAYLOADS = Path(__file__).parent / "payloads"


def payload(name: str) -> bytes:
    """The exact bytes of a recorded body, `tawk/chat_start.json` for example."""
    return (PAYLOADS / name).read_bytes()


def a_delivery(
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
    *,
    method: str = "POST",
    received_at: datetime = NOON,
    **more: Any,
) -> Delivery:
    """A request with headers, as a sender makes it."""
    sent = tuple((name.lower(), value) for name, value in (headers or {}).items())
    return Delivery(method, body, received_at, sent, **more)


def a_source(adapter: str, **more: Any) -> Source:
    """An account of a sender, for the queue `main`; each secret may be one text or several."""
    secrets = {
        name: (sent,) if isinstance(sent, str) else tuple(sent)
        for name, sent in more.pop("secrets", {}).items()
    }
    places = {"region": "RU", "time_zone": "Europe/Moscow"}
    named = {"name": "shop", "adapter": adapter, "queue": "main", "secrets": secrets}
    return Source(**{**named, **places, **more})


def is_ignored(events: Sequence[InboundEvent], reason: IgnoredReason | None = None) -> bool:
    """Whether no lead comes of anything in a delivery, for one reason if one is named."""
    found = [event.reason for event in events if isinstance(event, Ignored)]
    return len(found) == len(events) > 0 and (reason is None or {*found} == {reason})


def flipped(body: bytes, place: int) -> bytes:
    """The same bytes with one bit of one of them changed."""
    place %= len(body)
    return body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :]
