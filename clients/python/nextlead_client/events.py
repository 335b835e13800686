"""Events as streams bring them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from httpx_sse import ServerSentEvent

SILENCE_SECONDS = 45.0  # three beats


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened. Without an `id` it is not stored, and comes only once.

    `type` is `lead.received`, `claim.offered`, `reset` and so on; `timestamp` says when, RFC 3339.
    """

    id: str | None
    type: str
    timestamp: str
    data: Mapping[str, Any]


@dataclass(slots=True)
class Place:
    """Where a stream stands, and how soon to come back when it breaks."""

    last: str | None = None
    seconds: float = 1.0

    @property
    def headers(self) -> dict[str, str]:
        """What a request for the stream bears."""
        return {} if self.last is None else {"Last-Event-ID": self.last}

    def take(self, sent: ServerSentEvent) -> Event | None:
        """The event of a message, None where it only says where the stream stands."""
        before = self.last
        if sent.retry is not None:
            self.seconds = sent.retry / 1000
        if sent.id:
            self.last = sent.id
        if not sent.data:
            return None
        message = sent.json()
        is_stored = sent.id != "" and sent.id != before
        number = sent.id if is_stored else None
        return Event(number, message["type"], message["timestamp"], message["data"])
