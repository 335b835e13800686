"""Figures as tables for a terminal."""

from collections.abc import Sequence

from service.simulation.results.figures import OrderFigures
from service.simulation.results.intervals import RatioEstimate
from service.simulation.simulate import Plan, Run

GAP = "  "


def run_as_text(scenario: str, plan: Plan, run: Run, figures: Sequence[OrderFigures]) -> str:
    """The three tables of one load."""
    head = f"{scenario}: {plan.days} days at load {run.load:g}, seed {plan.seed}"
    tables = (
        ("Share of the money kept, with 95 % intervals, on the same clients:", _money(figures)),
        ("Money lost by kind, in % of all money:", _lost(figures)),
        ("Open minutes until served or gone, half of them / 99 of 100:", _waits(figures)),
    )
    parts = [f"{title}\n{_table(rows)}" for title, rows in tables]
    return "\n\n".join([head, *parts]) + "\n"


def _money(figures: Sequence[OrderFigures]) -> list[list[str]]:
    policy = figures[0].name
    heads = ["kept", "gap closed", "over fifo", f"over {policy}", "never served"]
    rows = [["order", *heads, "missed cut-offs", "longest wait", "busy"]]
    return rows + [_money_row(item) for item in figures]


def _money_row(item: OrderFigures) -> list[str]:
    return [
        item.name,
        _plain(item.money_share, 3),
        "" if item.gap_closed is None else _plain(item.gap_closed, 2),
        _percent(item.gain_over_fifo),
        _percent(item.gain_over_policy),
        f"{item.never_served:.2%}",
        f"{item.missed_cutoffs:.1%}",
        f"{item.longest_hours:.0f} h",
        f"{item.busy:.0%}",
    ]


def _lost(figures: Sequence[OrderFigures]) -> list[list[str]]:
    kinds = list(figures[0].lost)
    rows = [["order", *(kind.value for kind in kinds)]]
    return rows + [[item.name, *(f"{100 * item.lost[k]:.1f}" for k in kinds)] for item in figures]


def _waits(figures: Sequence[OrderFigures]) -> list[list[str]]:
    kinds = list(figures[0].waits)
    rows = [["order", *(kind.value for kind in kinds)]]
    for item in figures:
        found = (item.waits[kind] for kind in kinds)
        rows.append([item.name, *(f"{waits.median:.1f} / {waits.p99:.0f}" for waits in found)])
    return rows


def _plain(found: RatioEstimate, digits: int) -> str:
    if found.interval is None:
        return f"{found.value:.{digits}f}"
    return f"{found.value:.{digits}f} ±{found.interval:.{digits}f}"


def _percent(found: RatioEstimate) -> str:
    value = f"{100 * found.value:+.1f}"
    return f"{value} %" if found.interval is None else f"{value} ±{100 * found.interval:.1f} %"


def _table(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    lines = (
        GAP.join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]) for row in rows
    )
    return "\n".join(line.rstrip() for line in lines)
