"""`python -m bench.money worlds|frontier|bound [DAYS] [SEED]`: Markdown tables for docs/money.md.

The clients of a seed are those of `nextlead simulate`. `frontier` also writes its charts to
docs/pictures.
"""

import gc
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from bench.money.bound import bounds
from bench.money.candidates import FORMER, FRONTIER, candidate
from bench.money.worlds import WORLDS, world
from service.rules.policy import Policy
from service.simulation.results.charts import Axes, Point, frontier
from service.simulation.results.figures import OrderFigures, figures_of
from service.simulation.results.intervals import RatioEstimate
from service.simulation.scenarios.document import Scenario
from service.simulation.simulate import Plan, simulate

PICTURES = Path(__file__).parent.parent.parent / "docs" / "pictures"
LOADS = (1.0, 1.3)
STYLE = "<style>svg { background: #fff; font: 12px sans-serif }</style>"


def worlds(days: int, seed: int) -> None:
    """Whether the shipped order stays ahead where a belief is wrong."""
    policies = {"shipped": candidate({}), "former": candidate(FORMER)}
    print("| world | load | gap closed | over the former | over the handbook | over first come |")
    print("|---|---|---|---|---|---|")
    for name in WORLDS:
        for load in LOADS:
            found = _figures(world(name), policies, ("handbook",), Plan(days, (load,), seed))
            own = found["shipped"]
            over = (_over(own, found[other]) for other in ("former", "handbook"))
            cells = (_gap(own), *over, _percent(own.gain_over_fifo))
            print(f"| {name} | {load} | {' | '.join(cells)} |", flush=True)


def frontiers(days: int, seed: int) -> None:
    """What money costs in starvation and missed cut-offs, and which rules stand in its way."""
    policies = {name: candidate(parts) for name, parts in FRONTIER.items()}
    _head()
    for load in LOADS:
        found = _figures(world("as assumed"), policies, ("handbook",), Plan(days, (load,), seed))
        _rows(load, found)
        _draw("never-served", load, found, lambda item: item.never_served)
        _draw("missed-cut-offs", load, found, lambda item: item.missed_cutoffs)


def bound(days: int, seed: int) -> None:
    """How far whoever knows only what the product reads gets, and what the rules cost them."""
    _head()
    for load in LOADS:
        _rows(load, bounds(world("as assumed"), candidate({}), load, days, seed))


def _head() -> None:
    print("| order | load | share | gap closed | never served | missed cut-offs | longest wait |")
    print("|---|---|---|---|---|---|---|")


def _rows(load: float, found: Mapping[str, OrderFigures]) -> None:
    for name, own in found.items():
        print(f"| {name} | {load} | {_cells(own)} |", flush=True)


def _figures(
    scenario: Scenario, policies: Mapping[str, Policy], against: Sequence[str], plan: Plan
) -> dict[str, OrderFigures]:
    gc.collect()
    runs = simulate(scenario, policies, Plan(plan.days, plan.loads, plan.seed, against), _quiet)
    return {item.name: item for item in figures_of(runs[0].tallies)}


def _quiet(_: str) -> None:
    """Say nothing of progress."""


def _draw(
    about: str,
    load: float,
    found: Mapping[str, OrderFigures],
    cost: Callable[[OrderFigures], float],
) -> None:
    points = [Point(name, 100 * cost(own), own.money_share.value) for name, own in found.items()]
    money = [point.y for point in points]
    axes = Axes(
        f"{about.replace('-', ' ', 1)}, %", f"money kept at load {load:g}", min(money), max(money)
    )
    chart = frontier(points, axes).replace(">", f">{STYLE}", 1)
    (PICTURES / f"money-{about}-{load:g}.svg").write_text(chart + "\n", "utf-8")


def _cells(own: OrderFigures) -> str:
    shares = (f"{100 * item:.1f} %" for item in (own.never_served, own.missed_cutoffs))
    money = own.money_share
    kept = f"{money.value:.3f} ±{money.interval or 0:.3f}"
    return " | ".join((kept, _gap(own), *shares, f"{own.longest_hours:.0f} h"))


def _gap(own: OrderFigures) -> str:
    gap = own.gap_closed
    return "" if gap is None else f"{gap.value:.2f} ±{gap.interval or 0:.2f}"


def _over(own: OrderFigures, other: OrderFigures) -> str:
    """The gain over another order, of which the figures say how far it is from the first."""
    behind = other.gain_over_policy
    return _percent(RatioEstimate(-behind.value / (1 + behind.value), behind.interval))


def _percent(gain: RatioEstimate) -> str:
    return f"{100 * gain.value:+.1f} ±{100 * (gain.interval or 0):.1f} %"


if __name__ == "__main__":
    about, *numbers = sys.argv[1:] or ["worlds"]
    days, seed = (*map(int, numbers), *(50, 1)[len(numbers) :])
    {"worlds": worlds, "frontier": frontiers, "bound": bound}[about](days, seed)
