"""Open minutes of a simulated week as numbers: minutes since its first local midnight."""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from service.hours.hours import DAY_MINUTES, Hours

MINUTE = timedelta(minutes=1)


class Calendar:
    """The hours of a week and of some days after it. A closed minute wears patience less."""

    def __init__(self, hours: Hours, begins: datetime, days: int, closed_wear: float) -> None:
        self.begins, self.minutes = begins, days * DAY_MINUTES
        self.open = _stretches(hours, begins, days)
        self._wear = closed_wear
        self._marks, self._opened = _sums(self.open)
        self._pieces = self._find_pieces()

    def open_minutes(self, since: float, until: float) -> float:
        """The open minutes between two moments."""
        return self._opened_by(until) - self._opened_by(since)

    def is_open(self, at: float) -> bool:
        """Whether the shop is open at a moment."""
        return any(begins <= at < ends for begins, ends in self.open)

    def worn_after(self, since: float, minutes: float) -> float:
        """When so many minutes of patience are used up; open minutes count in full."""
        at, left = since, minutes
        for begins, ends, rate in self._pieces:
            if ends <= at:
                continue
            span = (ends - max(begins, at)) * rate
            if span >= left:
                return max(begins, at) + left / rate
            left -= span
            at = ends
        return at + left

    def moment(self, at: float) -> datetime:
        """The time as a datetime, as the service uses it."""
        return self.begins + timedelta(minutes=at)

    def minute(self, moment: datetime) -> float:
        """The inverse of `moment`."""
        return (moment - self.begins) / MINUTE

    def _opened_by(self, at: float) -> float:
        place = bisect_right(self._marks, at) - 1
        if place < 0:
            return 0.0
        since, opened = self._marks[place], self._opened[place]
        return opened + (at - since if place % 2 == 0 else 0.0)

    def _find_pieces(self) -> list[tuple[float, float, float]]:
        bounds = [0.0, *self._marks, float(self.minutes)]
        pieces = []
        for place, (begins, ends) in enumerate(pairwise(bounds)):
            rate = 1.0 if place % 2 == 1 else self._wear
            if ends > begins and rate > 0:
                pieces.append((begins, ends, rate))
        return pieces


def _stretches(hours: Hours, begins: datetime, days: int) -> tuple[tuple[float, float], ...]:
    """Open stretches as minutes of the week; stretches across midnight are joined."""
    found: list[tuple[float, float]] = []
    ends = begins + timedelta(days=days)
    at = hours.next_opening(begins)
    while at is not None and at < ends:
        closes = hours.next_closing(at)
        until = ends if closes is None else min(closes, ends)
        found.append(((at - begins) / MINUTE, (until - begins) / MINUTE))
        at = hours.next_opening(until)
    return tuple(found)


def _sums(stretches: Sequence[tuple[float, float]]) -> tuple[list[float], list[float]]:
    """The bounds of all stretches in turn, and the open minutes before each."""
    marks: list[float] = []
    opened: list[float] = []
    total = 0.0
    for begins, ends in stretches:
        marks += [begins, ends]
        opened += [total, total + ends - begins]
        total += ends - begins
    return marks, opened
