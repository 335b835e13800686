"""The figures of an order beside those of the others, as values that print the same everywhere."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from service.leads.lead import Kind
from service.simulation.results.intervals import RatioEstimate, difference_ratio, percentile, ratio
from service.simulation.results.tally import Tally, Week

FIRST_COME, ORACLE = "fifo", "oracle"
HOUR = 60.0


@dataclass(frozen=True, slots=True)
class Waits:
    """Open minutes until a client of a kind is first served, or goes unserved."""

    median: float
    p99: float
    longest: float


@dataclass(frozen=True, slots=True)
class OrderFigures:
    """The results of an order as shares, paired with the others on the same clients.

    `gap_closed` is its place between FIFO (0) and the oracle (1). The gains are relative.
    `never_served` is a share of all clients, `missed_cutoffs` of orders with a cut-off, and `lost`
    of all money. `longest_hours` is the longest wait of a self order, request or registration.
    """

    name: str
    money_share: RatioEstimate
    gap_closed: RatioEstimate | None
    gain_over_fifo: RatioEstimate
    gain_over_policy: RatioEstimate
    never_served: float
    missed_cutoffs: float
    longest_hours: float
    busy: float
    waits: Mapping[Kind, Waits]
    lost: Mapping[Kind, float]


def figures_of(tallies: Mapping[str, Tally]) -> list[OrderFigures]:
    """The figures of all orders of a run, in its order. The first is the policy."""
    won = {name: [week.won for week in tally.weeks] for name, tally in tallies.items()}
    policy = next(iter(won.values()))
    return [
        _figures(name, tally, [won[name], won[FIRST_COME], won[ORACLE], policy])
        for name, tally in tallies.items()
    ]


def _figures(name: str, tally: Tally, won: Sequence[Sequence[float]]) -> OrderFigures:
    own, fifo, oracle, policy = won
    weeks = tally.weeks
    money = [week.money for week in weeks]
    return OrderFigures(
        name=name,
        money_share=ratio(own, money) or RatioEstimate(0.0, None),
        gap_closed=difference_ratio(own, fifo, oracle),
        gain_over_fifo=_gain(own, fifo),
        gain_over_policy=_gain(own, policy),
        never_served=_share(weeks, "never_served", "clients"),
        missed_cutoffs=_share(weeks, "missed", "orders"),
        longest_hours=tally.longest_patient_wait() / HOUR,
        busy=_share(weeks, "worked", "staffed"),
        waits={kind: _waits(tally, kind) for kind in _kinds(tally)},
        lost={
            kind: sum(week.lost.get(kind, 0.0) for week in weeks) / (sum(money) or 1.0)
            for kind in _kinds(tally)
        },
    )


def _gain(own: Sequence[float], other: Sequence[float]) -> RatioEstimate:
    found = ratio(own, other) or RatioEstimate(1.0, None)
    return RatioEstimate(found.value - 1, found.interval)


def _share(weeks: Sequence[Week], above: str, below: str) -> float:
    total = float(sum(getattr(week, below) for week in weeks))
    return sum(getattr(week, above) for week in weeks) / total if total else 0.0


def _kinds(tally: Tally) -> list[Kind]:
    return [kind for kind in Kind if kind in tally.waits or kind in tally.left]


def _waits(tally: Tally, kind: Kind) -> Waits:
    ordered = all_waits(tally, kind)
    return Waits(percentile(ordered, 0.5), percentile(ordered, 0.99), ordered[-1])


def all_waits(tally: Tally, kind: Kind) -> list[float]:
    """The waits of a kind in ascending order, of clients served and not served."""
    return sorted([*tally.waits.get(kind, ()), *tally.left.get(kind, ())])
