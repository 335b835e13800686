"""The interface of a language: sentences by name, and forms of numbers."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

MINUTES_OF_AN_HOUR, MINUTES_OF_A_DAY = 60, 24 * 60
FEW = 10


class Language(Protocol):
    """A module that writes the parts of an explanation in one language.

    `SAY` has the same names in every language. `KIND` names a kind of lead, `KINDS` is its plural,
    and `INTENT` names what the client wants.
    """

    NAME: str
    SAY: Mapping[str, str]
    KIND: Mapping[str, str]
    KINDS: Mapping[str, str]
    INTENT: Mapping[str, str]

    def number(self, value: float, decimals: int) -> str:
        """A number of 0 or more, with at most `decimals` decimals."""
        ...

    def percent(self, share: float) -> str:
        """A share from 0 to 1, as per cent."""
        ...

    def money(self, value: float, currency: str | None) -> str:
        """A sum; `currency` is an ISO code."""
        ...

    def moment(self, at: datetime) -> str:
        """Date and time, in the time zone of the moment."""
        ...

    def minutes_waited(self, minutes: float) -> str:
        """How long a client has waited."""
        ...

    def at_most(self, minutes: float) -> str:
        """A number of minutes, in the form that follows `at most`."""
        ...

    def about(self, minutes: float) -> str:
        """A rough time, in the unit that fits."""
        ...

    def changes(self, count: int) -> str:
        """A number of further changes."""
        ...


def grouped(value: float, decimals: int) -> str:
    """The number as `12,345.6`, without zeros at the end."""
    text = f"{value:,.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def is_tiny(value: float, decimals: int) -> bool:
    """Whether a number would be rounded to zero."""
    return 0 < value < 0.5 * 10.0**-decimals


def in_fitting_unit(minutes: float) -> tuple[str, str]:
    """A rough time as a number, as `grouped` writes it, and `minute`, `hour` or `day`."""
    unit, value = "minute", minutes
    if minutes >= 2 * MINUTES_OF_A_DAY:
        unit, value = "day", minutes / MINUTES_OF_A_DAY
    elif minutes >= 2 * MINUTES_OF_AN_HOUR:
        unit, value = "hour", minutes / MINUTES_OF_AN_HOUR
    return grouped(value, 1 if value < FEW else 0), unit
