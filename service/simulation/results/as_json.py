"""Figures as JSON values: shares with four digits, minutes and hours with one."""

from collections.abc import Mapping, Sequence
from typing import Any

from service.simulation.results.figures import Figures
from service.simulation.results.intervals import Estimate
from service.simulation.simulate import Plan, Run


def runs_as_json(
    scenario: str, plan: Plan, runs: Sequence[Run], figures: Sequence[Sequence[Figures]]
) -> Any:
    """One run as a mapping, several loads as a list of them."""
    found = [_run(scenario, plan, run, own) for run, own in zip(runs, figures, strict=True)]
    return found[0] if len(found) == 1 else found


def _run(scenario: str, plan: Plan, run: Run, figures: Sequence[Figures]) -> Mapping[str, Any]:
    policy, *orders = [_figures(one) for one in figures]
    return {
        "scenario": scenario,
        "days": plan.days,
        "seed": plan.seed,
        "load": run.load,
        "policy": policy,
        "orders": orders,
    }


def _figures(one: Figures) -> Mapping[str, Any]:
    return {
        "name": one.name,
        **_estimate("kept", one.kept),
        **_estimate("gap_closed", one.gap_closed),
        **_estimate("gain_over_fifo", one.gain_over_fifo),
        **_estimate("gain_over_policy", one.gain_over_policy),
        "never_served": round(one.never_served, 5),
        "missed_cutoffs": round(one.missed_cutoffs, 5),
        "longest_hours": round(one.longest_hours, 1),
        "busy": round(one.busy, 4),
        "waits": {
            kind.value: {
                "median": round(waits.median, 1),
                "p99": round(waits.p99, 1),
                "longest": round(waits.longest, 1),
            }
            for kind, waits in one.waits.items()
        },
        "lost_by_kind": {kind.value: round(share, 4) for kind, share in one.lost.items()},
    }


def _estimate(name: str, found: Estimate | None) -> Mapping[str, float | None]:
    if found is None:
        return {name: None, f"{name}_interval": None}
    interval = None if found.interval is None else round(found.interval, 4)
    return {name: round(found.value, 4), f"{name}_interval": interval}
