"""Figures as JSON values: shares with four digits, minutes and hours with one."""

from collections.abc import Mapping, Sequence
from typing import Any

from service.simulation.results.figures import OrderFigures
from service.simulation.results.intervals import RatioEstimate
from service.simulation.simulate import Plan, Run


def runs_as_json(
    scenario: str, plan: Plan, runs: Sequence[Run], figures: Sequence[Sequence[OrderFigures]]
) -> Any:
    """One run as a mapping, several loads as a list of them."""
    found = [_run(scenario, plan, run, own) for run, own in zip(runs, figures, strict=True)]
    return found[0] if len(found) == 1 else found


def _run(scenario: str, plan: Plan, run: Run, figures: Sequence[OrderFigures]) -> Mapping[str, Any]:
    policy, *orders = [_figures(item) for item in figures]
    return {
        "scenario": scenario,
        "days": plan.days,
        "seed": plan.seed,
        "load": run.load,
        "policy": policy,
        "orders": orders,
    }


def _figures(item: OrderFigures) -> Mapping[str, Any]:
    return {
        "name": item.name,
        **_estimate("kept", item.money_share),
        **_estimate("gap_closed", item.gap_closed),
        **_estimate("gain_over_fifo", item.gain_over_fifo),
        **_estimate("gain_over_policy", item.gain_over_policy),
        "never_served": round(item.never_served, 5),
        "missed_cutoffs": round(item.missed_cutoffs, 5),
        "longest_hours": round(item.longest_hours, 1),
        "busy": round(item.busy, 4),
        "waits": {
            kind.value: {
                "median": round(waits.median, 1),
                "p99": round(waits.p99, 1),
                "longest": round(waits.longest, 1),
            }
            for kind, waits in item.waits.items()
        },
        "lost_by_kind": {kind.value: round(share, 4) for kind, share in item.lost.items()},
    }


def _estimate(name: str, found: RatioEstimate | None) -> Mapping[str, float | None]:
    if found is None:
        return {name: None, f"{name}_interval": None}
    interval = None if found.interval is None else round(found.interval, 4)
    return {name: round(found.value, 4), f"{name}_interval": interval}
