"""The report: one page without scripts, with charts and the same tables as in the terminal."""

from collections.abc import Sequence
from html import escape

from service.leads.lead import Kind
from service.simulation.results.as_text import run_as_text
from service.simulation.results.charts import (
    Axes,
    Bar,
    Curve,
    Point,
    bars,
    curves,
    frontier,
    stacks,
)
from service.simulation.results.figures import OrderFigures, all_waits, figures_of
from service.simulation.results.tally import Tally
from service.simulation.simulate import Plan, Run

STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem;
  color: #111; background: #fff }
svg { width: 100%; font-size: 12px } pre { overflow-x: auto; font-size: 12px }
@media print { section { break-inside: avoid } }
"""
POINTS = 60
SHOWN = ("fifo", "handbook", "oracle")


def page(name: str, title: str, plan: Plan, runs: Sequence[Run]) -> str:
    """The page of all loads."""
    found = [(run, figures_of(run.tallies)) for run in runs]
    sections = [_against_load(found)] if len(found) > 1 else []
    for run, figures in found:
        sections += _of_load(run, figures)
        sections.append(f"<pre>{escape(run_as_text(name, plan, run, figures))}</pre>")
    head = f"{escape(title)}: {plan.days} simulated days, seed {plan.seed}"
    body = "".join(f"<section>{item}</section>" for item in sections)
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{head}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style>'
        f"<h1>{head}</h1><p>All clients are synthetic. What is assumed stands in the scenario "
        f"<code>{escape(name)}</code>; what it can and cannot say, in docs/money.md.</p>{body}\n"
    )


def _against_load(found: Sequence[tuple[Run, Sequence[OrderFigures]]]) -> str:
    names = [item.name for item in found[0][1]]
    lines = [
        Curve(name, [(run.load, figures[place].money_share.value) for run, figures in found])
        for place, name in enumerate(names)
    ]
    values = [y for line in lines for _, y in line.points]
    chart = curves(lines, Axes("load", "share of the money kept", min(values), max(values)))
    return f"<h2>Money kept against load</h2>{chart}"


def _of_load(run: Run, figures: Sequence[OrderFigures]) -> list[str]:
    money = bars(
        [Bar(item.name, item.money_share.value, item.money_share.interval) for item in figures]
    )
    kinds = list(figures[0].lost)
    rows = [(item.name, [item.lost[kind] for kind in kinds]) for item in figures]
    lost = stacks([kind.value for kind in kinds], rows)
    return [
        f"<h2>Load {run.load:g}</h2><h3>Share of the money kept, with 95 % intervals</h3>{money}",
        *_frontiers(figures),
        f"<h3>Money lost by kind, in % of all money</h3>{lost}",
        *(_survival(run, kind) for kind in kinds),
    ]


def _frontiers(figures: Sequence[OrderFigures]) -> list[str]:
    """Money against its cost for others: clients never served, and cut-offs missed."""
    money = [item.money_share.value for item in figures]
    found = []
    for about, shares in (
        ("never served", [item.never_served for item in figures]),
        ("missed cut-offs", [item.missed_cutoffs for item in figures]),
    ):
        points = [
            Point(item.name, 100 * share, item.money_share.value)
            for item, share in zip(figures, shares, strict=True)
        ]
        axes = Axes(f"{about}, %", "share of the money kept", min(money), max(money))
        chart = frontier(points, axes)
        found.append(f"<h3>Money against {about}; nobody beats who is on the line</h3>{chart}")
    return found


def _survival(run: Run, kind: Kind) -> str:
    names = [name for place, name in enumerate(run.tallies) if place == 0 or name in SHOWN]
    longest = max(_longest(run.tallies[name], kind) for name in names)
    lines = [Curve(name, _still_waiting(run.tallies[name], kind, longest)) for name in names]
    chart = curves(lines, Axes("open minutes", "share that still waits", 0.0, 1.0))
    return f"<h3>Waits: {kind.value}</h3>{chart}"


def _longest(tally: Tally, kind: Kind) -> float:
    """The end of the curves: 98 of 100 clients wait less."""
    waits = all_waits(tally, kind)
    return max(1.0, waits[int(0.98 * (len(waits) - 1))]) if waits else 1.0


def _still_waiting(tally: Tally, kind: Kind, longest: float) -> list[tuple[float, float]]:
    waits = all_waits(tally, kind)
    points, at = [], 0
    for number in range(POINTS + 1):
        minutes = longest * number / POINTS
        while at < len(waits) and waits[at] <= minutes:
            at += 1
        points.append((minutes, 1 - at / max(1, len(waits))))
    return points
