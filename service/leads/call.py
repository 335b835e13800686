"""What the telephony tells of a call."""

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
    """Something that happened to a call at a moment, and to whom it went, None for nobody.

    Of a call that was `missed` is known that nobody answered it.
    """

    event: CallEvent
    at: datetime
    operator: str | None = None
    missed: bool = False

    @property
    def words(self) -> str:
        """The same, to be recognised when it is said again."""
        return f"{self.event} {self.operator or ''}".rstrip()
