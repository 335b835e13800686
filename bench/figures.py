"""From runs to figures: medians over the rounds, and medians of the ratios within a round."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from bench.runs import Run, Work

CONTENDERS = ("floor", "service", "harder floor")


@dataclass(frozen=True, slots=True)
class Figures:
    """The medians of a contender's runs."""

    runs: int
    per_second: float
    median_ms: float
    percentile_99_ms: float
    python: float
    postgres: float
    valkey: float
    waiting_before: float
    waiting_after: float


def sound(runs: Iterable[Run]) -> list[Run]:
    """The runs that count."""
    return [run for run in runs if run.fault is None]


def figures(runs: Sequence[Run], work: Work, depth: int, contender: str) -> Figures | None:
    """The medians of those runs that count; None when none does."""
    chosen = [item for item in sound(runs) if _is(item, work, depth, contender)]
    if not chosen:
        return None

    def of(value: Callable[[Run], float]) -> float:
        return median(value(item) for item in chosen)

    return Figures(
        runs=len(chosen),
        per_second=of(lambda run: run.answers.per_second),
        median_ms=of(lambda run: run.answers.median_ms),
        percentile_99_ms=of(lambda run: run.answers.percentile_99_ms),
        python=of(lambda run: run.microseconds(run.taken.python)),
        postgres=of(lambda run: run.microseconds(run.taken.postgres)),
        valkey=of(lambda run: run.microseconds(run.taken.valkey)),
        waiting_before=of(lambda run: run.waiting_before),
        waiting_after=of(lambda run: run.waiting_after),
    )


def ratio_to(runs: Sequence[Run], work: Work, depth: int, floor: str) -> float | None:
    """The service's rate by a floor's, each pair of one round."""
    above, below = _rates(runs, work, depth, "service"), _rates(runs, work, depth, floor)
    return _median_ratio(above, below)


def ratio_of_depths(
    runs: Sequence[Run], work: Work, depths: tuple[int, int], contender: str
) -> float | None:
    """A contender's rate at the greater depth by that at the lesser, each pair of one round."""
    lesser, greater = depths
    below, above = (_rates(runs, work, depth, contender) for depth in (lesser, greater))
    return _median_ratio(above, below)


def _is(run: Run, work: Work, depth: int, contender: str) -> bool:
    return (run.work, run.depth, run.contender) == (work, depth, contender)


def _rates(runs: Sequence[Run], work: Work, depth: int, contender: str) -> dict[int, float]:
    chosen = [item for item in sound(runs) if _is(item, work, depth, contender)]
    return {item.round: item.answers.per_second for item in chosen}


def _median_ratio(above: dict[int, float], below: dict[int, float]) -> float | None:
    both = above.keys() & below.keys()
    return median(above[item] / below[item] for item in both) if both else None
