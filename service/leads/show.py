"""A show that a client wants: what the show team needs to know (rule B15)."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date as Day
from decimal import Decimal
from typing import Any

SHOW_TEAM = "shows"
"""The skill of the show team."""


@dataclass(frozen=True, slots=True)
class Show:
    """Day, place, number of guests, occasion, budget in the queue's currency, and wishes."""

    date: Day | None = None
    place: str | None = None
    guests: int | None = None
    occasion: str | None = None
    budget: Decimal | None = None
    wishes: str | None = None

    @property
    def missing(self) -> list[str]:
        """The names of the fields that are not known yet."""
        return [field.name for field in fields(self) if getattr(self, field.name) is None]

    @property
    def written(self) -> dict[str, Any]:
        """The show as a JSON value for the database."""
        budget = None if self.budget is None else f"{self.budget:.2f}"
        day = None if self.date is None else self.date.isoformat()
        return {**asdict(self), "date": day, "budget": budget}


NOTHING = Show()


def show_of(spec: Mapping[str, Any] | None) -> Show | None:
    """The show of a stored JSON value; None when nothing was stored."""
    if spec is None:
        return None
    day, budget = spec["date"], spec["budget"]
    return Show(
        date=None if day is None else Day.fromisoformat(day),
        place=spec["place"],
        guests=spec["guests"],
        occasion=spec["occasion"],
        budget=None if budget is None else Decimal(budget),
        wishes=spec["wishes"],
    )


def both_shows(first: Show | None, later: Show | None) -> Show | None:
    """One show from two; fields of the later one go before those of the first."""
    if first is None or later is None:
        return first or later
    names = [field.name for field in fields(Show)]
    known = {name: getattr(later, name) for name in names if getattr(later, name) is not None}
    return Show(**{**{name: getattr(first, name) for name in names}, **known})
