"""Events in the form of server-sent events (HTML Standard, 9.2)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson

from service.leads.outgoing_event import OutgoingEvent

LINE_CHANGED = "line.changed"
CLAIM_OFFERED = "claim.offered"
LEASE_ENDING = "claim.lease_ending"
RESET = "reset"
BEAT = b": beat\n\n"


def stored_message(event: OutgoingEvent, cursor: object) -> bytes:
    """An event with its cursor; a listener who comes back with it gets the events after it."""
    return _message(event.type, event.message(), cursor)


def passing_message(kind: str, at: datetime, data: Mapping[str, Any]) -> bytes:
    """A message for those who listen now; it has no id and is not repeated."""
    return _message(kind, {"type": kind, "timestamp": at, "data": data})


def reset_message(at: datetime, why: str, cursor: object) -> bytes:
    """Events are missing: the listener must load the state again and continue from this cursor."""
    message = {"type": RESET, "timestamp": at, "data": {"reason": why}}
    return _message(RESET, message, cursor)


def retry_message(milliseconds: int) -> bytes:
    """How soon to reconnect when the stream breaks."""
    return f"retry: {milliseconds}\n\n".encode()


def position_message(cursor: object) -> bytes:
    """The position of the stream; a listener who comes back with it misses nothing. No event."""
    return f"id: {cursor}\n\n".encode()


def _message(kind: str, message: Mapping[str, Any], cursor: object = None) -> bytes:
    head = f"event: {kind}\n" if cursor is None else f"id: {cursor}\nevent: {kind}\n"
    return head.encode() + b"data: " + orjson.dumps(message, option=orjson.OPT_UTC_Z) + b"\n\n"
