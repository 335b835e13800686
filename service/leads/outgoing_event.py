"""What receivers learn of an event: ids, states and numbers, nothing personal.

A subscription can ask for the client's data too (storage/events/event_deliveries.py). Any other
receiver who needs more reads the lead with a key of their own. Only the details named here are
sent. What operators wrote, what clients said and the reasons of a ranking are never sent.
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
ID_TIME_OR_SUM = re.compile(
    r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    r"|\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?"
    r"|-?\d+\.\d\d"
)
# Names and numbers that the shop gives; a sender's words in them are masked like any others.
GIVEN = frozenset(
    {
        *("operator", "from", "to", "skill", "queue", "declined_by", "credited_to", "source"),
        *("skills", "rules", "served_by", "order", "customer", "into"),
    }
)
GIVEN_NAME = re.compile(r"[\w.@#/-]+")
TO = ("operator", "skill", "queue")
MAX_REASON = 500
MAX_WORDS = 200
MAX_LISTED, MAX_LISTED_WORDS = 20, 50
# The reason of a handover is a note for the next operator.
WITHOUT_REASON = frozenset({"lead.transferred", "lead.noted"})
TOLD_DETAILS = frozenset(
    {
        # which operators or skills
        *("operator", "from", "to", "skill", "on_top", "withdrawn", "declined_by", "again_at"),
        # the outcome, and when the lead comes back
        *("outcome", "amount", "currency", "buyer", "selection", "price_profile", "until", "for"),
        *("outcome_before", "amount_before", "credited_to", "goods"),
        *("expires_at", "late_since"),
        # a signal or a lead that joined, or was split off
        *("signal", "channel", "by", "lead", "into"),
        # a message that is due (B6)
        *("preferred", "known", "tries", "last", "rule"),
        # the work that waits as a rush begins or ends (A4)
        *("waiting_minutes", "minutes_per_operator"),
        # queues: policies, cut-offs, orders in work (A15, B1, B7, B9)
        *("version", "cutoff_at", "will_miss", "waiting", "operators", "left_minutes"),
        *("skills", "rules", "served_by"),
        # a source that is silent, or sends again
        *("source", "since", "usual_minutes"),
        *("customer", "order", "opened_at", "reserved_until"),
        # an erasure, and its number of leads
        *("erasure", "erased_leads"),
    }
)


@dataclass(frozen=True, slots=True)
class OutgoingEvent:
    """An event for receivers outside.

    `id` is the same each time the event is sent, and has no dot. `data` names the lead or the
    queue. `traceparent` belongs to the request that caused the event.
    """

    id: str
    type: str
    at: datetime
    data: Mapping[str, Any]
    traceparent: str | None = None

    def message(self) -> dict[str, Any]:
        """The payload in the form of Standard Webhooks, far below 20 kB."""
        return {"type": self.type, "timestamp": self.at, "data": {"id": self.id, **self.data}}


def unknown_types(wanted: Iterable[str]) -> list[str]:
    """The wanted types that no event has; `lead.*` and `*` stand for several types."""
    sorts = {"*", *(f"{existing.partition('.')[0]}.*" for existing in EVENT_TYPES)}
    return [item for item in wanted if item not in sorts and item not in EVENT_TYPES]


def event_id(log: str, number: int) -> str:
    """The public id of an event of a log (`lead` or `queue`)."""
    return f"{log}-event-{number}"


def public_reason(kind: str, reason: str | None) -> str | None:
    """An event's reason, shortened, without telephone numbers; None when the reason is a note."""
    if reason is None or kind in WITHOUT_REASON:
        return None
    return without_marks(reason)[:MAX_REASON]


def public_details(details: Mapping[str, Any] | None) -> dict[str, Any]:
    """The details that receivers may see."""
    return {
        name: _plain(name, value) for name, value in (details or {}).items() if name in TOLD_DETAILS
    }


def _plain(name: str, value: object) -> object:
    """A value without nested parts, which could hold more than is meant to be sent."""
    if isinstance(value, str):
        return _words(name, value)[:MAX_WORDS]
    if isinstance(value, list):
        plain = [item for item in value[:MAX_LISTED] if not isinstance(item, dict | list)]
        return [
            _words(name, item)[:MAX_LISTED_WORDS] if isinstance(item, str) else item
            for item in plain
        ]
    if isinstance(value, dict):  # `to` of a handover
        return {name: _plain(name, item) for name, item in value.items() if name in TO}
    return value


def _words(name: str, value: str) -> str:
    """The value, without telephone numbers and mail addresses unless it cannot be any."""
    is_given = name in GIVEN and GIVEN_NAME.fullmatch(value)
    return value if is_given or ID_TIME_OR_SUM.fullmatch(value) else without_marks(value)
