"""The operators who take leads, and their presence."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from service.leads.lead import Kind

AWAY_AFTER = timedelta(seconds=60)
GONE_AFTER = timedelta(minutes=30)


class Presence(StrEnum):
    """Whether an operator is available for leads."""

    ONLINE = "online"
    AWAY = "away"
    OFFLINE = "offline"
    WRAP_UP = "wrap_up"
    BREAK = "break"


@dataclass(frozen=True, slots=True)
class Operator:
    """A person who takes leads: their queues, their skills, and how many leads they hold at once.

    `capacity_by_kind` limits single kinds further. `shifts` are the planned hours in the form of a
    policy's business hours. `status` is what the operator last set, at `status_since`; a break may
    have a `reason`. `seen_at` is their last sign of life. After a talk they have until
    `wrap_up_until` at most to finish its paperwork.
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
        """The status that the operator set, corrected by their signs of life.

        After a minute of silence they are away, after half an hour offline. An offline status and a
        break last until they set another; `away` ends with the next sign of life.
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
        """Whether they get no new leads: they are in wrap-up or on a break.

        The leads that they hold stay theirs.
        """
        return self.presence(now) in (Presence.WRAP_UP, Presence.BREAK)

    def may_hold_one_more(self, kind: Kind, held: Mapping[Kind, int]) -> bool:
        """Whether they may get one more lead of a kind; `held` counts their leads by kind."""
        return sum(held.values()) < self.capacity and kind not in self.full_kinds(held)

    def full_kinds(self, held: Mapping[Kind, int]) -> frozenset[Kind]:
        """The kinds with a limit of their own of which they hold as many as they may."""
        bounds = self.capacity_by_kind.items()
        return frozenset(kind for kind, limit in bounds if held.get(kind, 0) >= limit)

    def _seen_since_status(self) -> bool:
        seen, since = self.seen_at, self.status_since
        return seen is not None and since is not None and seen > since
