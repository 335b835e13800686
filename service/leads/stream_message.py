"""Events as a stream of server-sent events writes them (HTML Standard, 9.2)."""

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
    """An event under its cursor: who comes back with it is told what follows."""
    return _message(event.type, event.message(), cursor)


def passing_message(kind: str, at: datetime, data: Mapping[str, Any]) -> bytes:
    """What is told to those only who listen now; it has no id."""
    return _message(kind, {"type": kind, "timestamp": at, "data": data})


def reset_message(at: datetime, why: str, cursor: object) -> bytes:
    """Events are missing: read anew what you show, and go on from here."""
    message = {"type": RESET, "timestamp": at, "data": {"reason": why}}
    return _message(RESET, message, cursor)


def retry_message(milliseconds: int) -> bytes:
    """How soon to come back when the stream breaks."""
    return f"retry: {milliseconds}\n\n".encode()


def position_message(cursor: object) -> bytes:
    """Where the stream stands; no event, but who comes back with it misses nothing."""
    return f"id: {cursor}\n\n".encode()


def _message(kind: str, message: Mapping[str, Any], cursor: object = None) -> bytes:
    head = f"event: {kind}\n" if cursor is None else f"id: {cursor}\nevent: {kind}\n"
    return head.encode() + b"data: " + orjson.dumps(message, option=orjson.OPT_UTC_Z) + b"\n\n"
