"""What is aimed at: the service's rate by that of others, at 32 connections the least.

More is better: what a million waiting cost is told as the cost of a thousand by it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bench.figures import Row, contenders_of, cost_by_depth, ratio, rows_of
from bench.plan import LEAST, PEERS
from bench.runs import Run
from bench.works import Work

CONNECTIONS_OF_THE_LEAST = 32
LEASTS = {Work.INTAKE: 1.2, Work.SERVING: 1.35, Work.SETTLING: 1.35}
AIM, AIM_OF_TUNED = 1.5, 0.5
OTHERS = {Work.JOINING: 0.7, Work.POLLING: 2.0}
OF_DEPTH = 1 / 1.3


@dataclass(frozen=True, slots=True)
class Target:
    """A ratio, and what it should be at least; None when no run of it counts."""

    name: str
    ratio: float | None
    target: float

    @property
    def reached(self) -> bool:
        """Whether it is."""
        return self.ratio is not None and self.ratio >= self.target


def targets(runs: Sequence[Run]) -> list[Target]:
    """Every target that these runs say something of."""
    return [target for row in rows_of(runs) for target in _targets(runs, row)]


def main_targets(runs: Sequence[Run]) -> list[Target]:
    """One for each kind of work, beside the plain floor."""
    return [
        Target(row.work.replace(" ", "-"), ratio(runs, row, "service", "floor"), _least(row))
        for row in rows_of(runs)
    ]


def _targets(runs: Sequence[Run], row: Row) -> Iterator[Target]:
    who = contenders_of(runs, row)
    name = f"{row.work}, {row.connections} connections, {row.depth} waiting"
    if row.work is not Work.PAIRS and "floor" in who:
        yield Target(f"{name}: to the floor", ratio(runs, row, "service", "floor"), _least(row))
    if row.work in LEASTS and "tuned floor" in who:
        tuned = ratio(runs, row, "service", "tuned floor")
        yield Target(f"{name}: to the tuned floor", tuned, AIM_OF_TUNED)
    for peer in [one for one in who if one in PEERS]:
        yield Target(f"{name}: to {peer}", ratio(runs, row, "service", peer), 1.0)
    if row.depth > LEAST and row.work in (Work.INTAKE, Work.SERVING):
        deep = cost_by_depth(runs, row, LEAST, "service")
        yield Target(f"{name}: cost of {LEAST} waiting by it", deep, round(OF_DEPTH, 2))


def _least(row: Row) -> float:
    if row.work in OTHERS:
        return OTHERS[row.work]
    return LEASTS[row.work] if row.connections <= CONNECTIONS_OF_THE_LEAST else AIM
