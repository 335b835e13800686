"""From runs to figures: medians over the rounds, and medians of the ratios within a round."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from bench.runs import Run
from bench.works import Work


@dataclass(frozen=True, slots=True)
class Row:
    """What is compared: one kind of work, so many waiting, so many connections."""

    work: Work
    depth: int
    connections: int


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

    @property
    def processor(self) -> float:
        """Microseconds of processor for an answer, whoever took them."""
        return self.python + self.postgres + self.valkey


def rows_of(runs: Sequence[Run]) -> list[Row]:
    """What was compared, in the order of the report."""
    found = {Row(run.work, run.depth, run.connections) for run in runs}
    works = list(Work)
    return sorted(found, key=lambda row: (works.index(row.work), row.depth, row.connections))


def contenders_of(runs: Sequence[Run], row: Row) -> list[str]:
    """Who was compared, in the order of their turns."""
    return [*dict.fromkeys(run.contender for run in runs if _row(run) == row)]


def figures(runs: Sequence[Run], row: Row, contender: str) -> Figures | None:
    """The medians of those runs that count; None when none does."""
    chosen = [*_of(runs, row, contender).values()]
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


def ratio(runs: Sequence[Run], row: Row, one: str, other: str) -> float | None:
    """The rate of one contender by another's, each pair of one round."""
    return _median_ratio(_of(runs, row, one), _of(runs, row, other))


def cost_by_depth(runs: Sequence[Run], row: Row, least: int, contender: str) -> float | None:
    """The processor time of an answer at a lesser depth by that at this one, in the same round."""
    below = _of(runs, Row(row.work, least, row.connections), contender)
    above = _of(runs, row, contender)
    both = above.keys() & below.keys()
    return (
        median(_processor(below[item]) / _processor(above[item]) for item in both) if both else None
    )


def _row(run: Run) -> Row:
    return Row(run.work, run.depth, run.connections)


def _of(runs: Sequence[Run], row: Row, contender: str) -> dict[int, Run]:
    """The runs that count, by their round."""
    return {
        run.round: run
        for run in runs
        if run.fault is None and run.contender == contender and _row(run) == row
    }


def _median_ratio(above: dict[int, Run], below: dict[int, Run]) -> float | None:
    both = above.keys() & below.keys()
    rates = (above[item].answers.per_second / below[item].answers.per_second for item in both)
    return median(rates) if both else None


def _processor(run: Run) -> float:
    return run.microseconds(run.taken.python + run.taken.postgres + run.taken.valkey)
