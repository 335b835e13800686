"""Who takes leads."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from service.leads.lead import Kind

AWAY_AFTER = timedelta(seconds=60)
GONE_AFTER = timedelta(minutes=30)


class Presence(StrEnum):
    """Whether an operator is there to take leads."""

    ONLINE = "online"
    AWAY = "away"
    OFFLINE = "offline"
    WRAP_UP = "wrap_up"
    BREAK = "break"


@dataclass(frozen=True, slots=True)
class Operator:
    """A person who is served leads: from which queues, with which skills, how many at once.

    `capacity_by_kind` bounds single kinds further. `shifts` are their planned hours as they were
    said, in the form of a policy's business hours. `status` is what they said last, at
    `status_since`, with a `reason` for a break; `seen_at` is their last sign of life. After a talk
    they finish what follows from it, until `wrap_up_until` at the latest.
    """

    name: str
    queues: tuple[str, ...]
    skills: frozenset[str] = frozenset()
    capacity: int = 1
    capacity_by_kind: Mapping[Kind, int] = field(default_factory=dict, hash=False)
    shifts: Mapping[str, object] | None = field(default=None, hash=False)
    status: Presence | None = None
    status_since: datetime | None = None
    seen_at: datetime | None = None
    reason: str | None = None
    wrap_up_until: datetime | None = None

    def presence(self, now: datetime) -> Presence:
        """What they said, unless signs of life say otherwise.

        A minute of silence is away, half an hour is off shift. Off shift by their own word they
        stay until they say otherwise; from a break the next sign of life brings them back.
        """
        silence = None if self.seen_at is None else now - self.seen_at
        if self.status is Presence.OFFLINE or silence is None or silence > GONE_AFTER:
            return Presence.OFFLINE
        if self.status is Presence.BREAK:
            return Presence.BREAK
        if self.wrap_up_until is not None and now < self.wrap_up_until:
            return Presence.WRAP_UP
        on_a_break = self.status is Presence.AWAY and not self._seen_since_status()
        return Presence.AWAY if on_a_break or silence > AWAY_AFTER else Presence.ONLINE

    def is_offered_nothing(self, now: datetime) -> bool:
        """Whether they finish a talk or are on a break: what they hold stays theirs."""
        return self.presence(now) in (Presence.WRAP_UP, Presence.BREAK)

    def may_hold_one_more(self, kind: Kind, held: Mapping[Kind, int]) -> bool:
        """Whether they may be given a lead of a kind on top of those that they hold, by kind."""
        return sum(held.values()) < self.capacity and kind not in self.full_kinds(held)

    def full_kinds(self, held: Mapping[Kind, int]) -> frozenset[Kind]:
        """The kinds of which they hold as many as they may, of those that are bounded further."""
        bounds = self.capacity_by_kind.items()
        return frozenset(kind for kind, limit in bounds if held.get(kind, 0) >= limit)

    def _seen_since_status(self) -> bool:
        seen, since = self.seen_at, self.status_since
        return seen is not None and since is not None and seen > since
