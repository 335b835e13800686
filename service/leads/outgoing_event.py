"""What others are told of an event: ids, states and numbers, nothing personal.

A subscription that says so is told of the client, too (storage/events/event_deliveries.py); whoever
else wants to know more reads the lead with a key of their own. Of an event's details only those
are told that are named here; what operators wrote in words of their own, what clients said, and
why a lead was ranked as it was stay here.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from service.leads.masking import without_marks

TYPE = re.compile(r"\*|[a-z]+(_[a-z]+)*\.(\*|[a-z]+(_[a-z]+)*)")
EVENT_TYPES = (
    *("lead.received", "lead.joined", "lead.split", "lead.changed", "lead.moved"),
    *("client.possibly_same", "client.kept_apart", "client.merged", "client.blocked"),
    "client.erased",
    *("lead.claimed", "lead.released", "lead.declined", "lead.transferred", "lead.taken_away"),
    *("lead.lease_ended", "lead.parked", "lead.due", "lead.settled", "lead.expired"),
    *("lead.extended", "lead.late", "lead.passed_on", "lead.routed", "lead.paused", "lead.resumed"),
    *("lead.assigned", "lead.unassigned", "lead.pinned", "lead.unpinned", "message.due"),
    *("lead.withdrawn", "lead.reopened", "lead.corrected", "lead.noted", "lead.declined_by_all"),
    *("offer.due", "task.activated"),
    *("policy.changed", "cutoff.at_risk", "order.overdue", "reservation.ends"),
    *("queue.unstaffed", "queue.unattended", "queue.closed", "queue.opened"),
    *("queue.rush_began", "queue.rush_ended"),
    *("invoice.ends", "reply.due"),
    *("source.silent", "source.back"),
)
ID_TIME_OR_SUM = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-|\d{4}-\d\d-\d\d|-?\d+(\.\d+)?$")
TO = ("operator", "skill", "queue")
MAX_REASON = 500
MAX_WORDS = 200
MAX_LISTED, MAX_LISTED_WORDS = 20, 50
# The reason of a handover is the note for whoever takes it.
WITHOUT_REASON = frozenset({"lead.transferred", "lead.noted"})
TOLD_DETAILS = frozenset(
    {
        # who, from whom, to whom
        *("operator", "from", "to", "skill", "on_top", "withdrawn", "declined_by", "again_at"),
        # what became of it, and when it comes back
        *("outcome", "amount", "currency", "buyer", "selection", "price_profile", "until", "for"),
        *("outcome_before", "amount_before", "credited_to", "goods"),
        *("expires_at", "late_since"),
        # one need, one lead: a signal or a lead that joined, and what was split off
        *("signal", "channel", "by", "lead", "into"),
        # a message that is due (B6)
        *("preferred", "known", "tries", "last", "rule"),
        # the work that waits as a rush begins or ends (A4)
        *("waiting_minutes", "minutes_per_operator"),
        # queues: policies, cut-offs, orders in work (A15, B1, B7, B9)
        *("version", "cutoff_at", "will_miss", "waiting", "operators", "left_minutes"),
        *("skills", "rules", "served_by"),
        # a source that is silent, or back
        *("source", "since", "usual_minutes"),
        *("customer", "order", "opened_at", "reserved_until"),
        # an erasure, and how many leads it was of
        *("erasure", "erased_leads"),
    }
)


@dataclass(frozen=True, slots=True)
class OutgoingEvent:
    """An event for others.

    `id` is the same whenever it is sent, and has no dot. `data` says which lead or queue it is of;
    `traceparent` is of the request that made it happen.
    """

    id: str
    type: str
    at: datetime
    data: Mapping[str, Any]
    traceparent: str | None = None

    def message(self) -> dict[str, Any]:
        """The payload as Standard Webhooks recommends it, far below 20 kB."""
        return {"type": self.type, "timestamp": self.at, "data": {"id": self.id, **self.data}}


def unknown_types(wanted: Iterable[str]) -> list[str]:
    """Those of the wanted types that no event has; `lead.*` and `*` are of several."""
    sorts = {"*", *(f"{existing.partition('.')[0]}.*" for existing in EVENT_TYPES)}
    return [item for item in wanted if item not in sorts and item not in EVENT_TYPES]


def event_id(log: str, number: int) -> str:
    """The id that an event of a log (`lead` or `queue`) goes out under."""
    return f"{log}-event-{number}"


def public_reason(kind: str, reason: str | None) -> str | None:
    """An event's reason, shortened, without numbers to call; None for what is a note."""
    if reason is None or kind in WITHOUT_REASON:
        return None
    return without_marks(reason)[:MAX_REASON]


def public_details(details: Mapping[str, Any] | None) -> dict[str, Any]:
    """The details that others are told."""
    return {name: _plain(value) for name, value in (details or {}).items() if name in TOLD_DETAILS}


def _plain(value: object) -> object:
    """A value without depths in which more could stand than was meant to be told."""
    if isinstance(value, str):
        return (
            value[:MAX_WORDS] if ID_TIME_OR_SUM.match(value) else without_marks(value)[:MAX_WORDS]
        )
    if isinstance(value, list):
        plain = [item for item in value[:MAX_LISTED] if not isinstance(item, dict | list)]
        return [item[:MAX_LISTED_WORDS] if isinstance(item, str) else item for item in plain]
    if isinstance(value, dict):  # `to` of a handover
        return {name: _plain(item) for name, item in value.items() if name in TO}
    return value
