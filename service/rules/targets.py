"""What the figures on the board should be, and whether they are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Figure(StrEnum):
    """A figure of the board that can have a target."""

    LIVE_SECONDS = "live_seconds"
    LATE = "late"
    LATE_SHARE = "late_share"
    WAITING = "waiting"
    LONGEST_MINUTES = "longest_minutes"
    COST_PER_MINUTE = "cost_per_minute"
    FREE = "free"
    FIRST_ANSWER_MEDIAN_MINUTES = "first_answer_median_minutes"
    FIRST_ANSWER_90_PERCENT_MINUTES = "first_answer_90_percent_minutes"
    SERVED_PER_HOUR = "served_per_hour"
    CONVERSION = "conversion"


AT_LEAST = frozenset({Figure.FREE, Figure.SERVED_PER_HOUR, Figure.CONVERSION})


@dataclass(frozen=True, slots=True)
class Judged:
    """A figure beside its target. `value` is None when there is nothing to judge yet."""

    figure: Figure
    target: float
    value: float | None

    @property
    def at_least(self) -> bool:
        """Whether more is better."""
        return self.figure in AT_LEAST

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None when there is nothing to judge."""
        if self.value is None:
            return None
        return self.value >= self.target if self.at_least else self.value <= self.target


def judged(
    targets: Mapping[Figure, float], values: Mapping[Figure, float | None]
) -> Sequence[Judged]:
    """The figures that have a target, in the order of the board."""
    return [
        Judged(figure, targets[figure], values.get(figure))
        for figure in Figure
        if figure in targets
    ]
