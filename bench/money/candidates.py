"""Policies to compare with the shipped one: its former numbers, and rules given up for money."""

from collections.abc import Mapping
from typing import Any

from bench.money.worlds import merged
from service.policies.reading import Shipped, policy_of, shipped_text
from service.policies.yaml_text import read_yaml
from service.rules.policy import Policy

Parts = Mapping[str, Any]
SILENCE = [{"after": 0.5, "share": 0.6}, {"after": 1, "share": 0.3}, {"after": 2, "share": 0.08}]
PATIENT = ("self_order", "offline", "registration")


def candidate(parts: Parts) -> Policy:
    """The shipped policy with some of its parts replaced; None takes a part out."""
    stated = merged(read_yaml(shipped_text(Shipped("auto_parts"))), parts)
    return policy_of({name: value for name, value in stated.items() if value is not None}, 1)


def _guarantee(every: int) -> Parts:
    return {"guarantee": {"every": every}}


def _stages(stage: int) -> Parts:
    return {kind: {"stage": stage} for kind in PATIENT}


def _rush(weight: float) -> Parts:
    kinds = {kind: {"stage": 600} for kind in ("chat", *PATIENT)}
    rush = {"begins_minutes": 20, "after_minutes": 5, "ends_minutes": 10, "kinds": kinds}
    return {"rush": {**rush, "index": {"weight": weight}}}


FORMER: Parts = {
    "kinds": {
        "chat": {"escalations": [{"after_minutes": 5, "stage": 620, "rule": "A6"}]},
        "self_order": {
            "escalations": [
                {"before_cutoff_minutes": 90, "stage": 640, "rule": "A15"},
                {"before_cutoff_minutes": 30, "stage": 680, "rule": "A15"},
            ]
        },
        "offline": {
            "escalations": [
                {"after_minutes": 120, "stage": 590, "rule": "A2"},
                {"after_minutes": 480, "stage": 650, "rule": "A2"},
            ]
        },
        "registration": {
            "escalations": [{"before_closing_minutes": 120, "stage": 450, "rule": "A18"}]
        },
    },
    "index": None,
    "guarantee": None,
    "score": {"c0": 0.1, "c1": 100_000},
}
"""The numbers before the index: patience alone divides the money, and waiting lifts."""

FRONTIER: Mapping[str, Parts] = {
    "shipped": {},
    "guarantee 5": _guarantee(5),
    "guarantee 50": _guarantee(50),
    "no guarantee": {"guarantee": None},
    "requests fade": {"index": {"stays": {"offline": SILENCE}}},
    "former": FORMER,
    "rush": _rush(0.7),
    "rush without A5": _rush(0.3),
    "no A2": {"kinds": _stages(600)},
    "no A8": {"returns": {"missed_call": 600}},
    "no A2, A5, A8": {
        "kinds": _stages(600),
        "returns": {"missed_call": 600},
        "index": {"weight": 0.3},
    },
}
"""Points of the frontier; "no A2" gives that rule of the handbook up."""
