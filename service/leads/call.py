"""What the telephony reports about a call."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class CallEvent(StrEnum):
    """What happened to a call."""

    ANSWERED = "answered"
    HUNG_UP = "hung_up"
    TRANSFERRED = "transferred"


@dataclass(frozen=True, slots=True)
class CallNews:
    """One event of a call, and the operator that it concerns; None for nobody.

    Nobody answered a `missed` call.
    """

    event: CallEvent
    at: datetime
    operator: str | None = None
    missed: bool = False

    @property
    def words(self) -> str:
        """The event as text, to recognise a repeated report."""
        return f"{self.event} {self.operator or ''}".rstrip()
