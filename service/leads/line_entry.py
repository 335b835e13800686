"""What the line needs to know of a lead, and nothing else: a million of them is read at once."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from service.leads.unchanging import unchanging


class StandsAt(Protocol):
    """A place in the line: now, or after a step."""

    @property
    def lane(self) -> str:
        """The name of the lane."""

    @property
    def rank(self) -> int:
        """A higher rank goes first."""

    @property
    def protected(self) -> bool:
        """Whether the guarantee lets nobody pass."""

    @property
    def behind(self) -> bool:
        """Whether it comes after the other late leads."""


class LinePlace(NamedTuple):
    """The present place."""

    lane: str
    rank: int
    protected: bool
    behind: bool


class LineStep(NamedTuple):
    """A place from a moment on, in unix milliseconds."""

    at: int
    lane: str
    rank: int
    protected: bool
    behind: bool


class Holder(NamedTuple):
    """Who holds a lead, under which token, and until when."""

    operator: str
    token: str
    lease_until: datetime
    paused: bool


@unchanging
class LineEntry:
    """An open lead as the line shows it; a parked one is in no lane before its first step.

    The steps are in order of time. Without `guaranteed` the guarantee never takes it.
    """

    lead_id: str
    version: int
    is_in_lane: bool
    place: LinePlace
    steps: Sequence[LineStep]
    guaranteed: bool
    late_at: datetime | None
    holder: Holder | None
