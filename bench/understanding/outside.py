"""Cases from outside, in JSON: ordered pairs, messages and conversations with an expectation."""

import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from bench.understanding.corpus import Case
from bench.understanding.judging import FOUND, NOW, Verdict, judge, need_of, policy_of, rank_of
from service.ranking.rank import rank_understood
from service.ranking.score import find_budget
from service.rules.need import Need
from service.rules.policy import Policy

Check = Callable[[re.Match[str], Need, Policy], tuple[object, bool]]


def judge_outside(folder: Path) -> list[Verdict]:
    """A verdict for every case in the JSON files of a folder."""
    found = []
    for file in sorted(folder.glob("*.json")):
        for case in json.loads(file.read_text("utf-8")):
            found.extend(_pair(case) if "first" in case else _expected(case))
    return found


def _pair(case: dict[str, Any]) -> list[Verdict]:
    first, after = ("a", "b") if case["first"] == "a" else ("b", "a")
    return judge(Case("pairs", "auto_parts", (case[first],), {"order": "first"}, case[after]))


def _expected(case: dict[str, Any]) -> list[Verdict]:
    messages = tuple(case.get("messages") or (case["text"],))
    policy = policy_of("auto_parts")
    need = need_of(messages, policy)
    judged = Case(case.get("kind", "conversations"), "auto_parts", messages, {})
    parts = (
        [case["expect"]] if "like" in case["expect"] else re.split(r", (?=[a-z])", case["expect"])
    )
    return [_judged(judged, part, need, policy) for part in parts]


def _judged(case: Case, expected: str, need: Need, policy: Policy) -> Verdict:
    for pattern, check in CHECKS:
        if match := re.match(pattern, expected):
            found, right = check(match, need, policy)
            return Verdict(case, "expected", expected, found, right)
    return Verdict(case, "expected", expected, "nobody judges this", False)


def _urgency(need: Need, policy: Policy) -> float:
    return float(FOUND["hurry"](need, policy))


def _names(need: Need, policy: Policy) -> Sequence[str]:
    return list(FOUND["goods"](need, policy))


def _same_score(match: re.Match[str], need: Need, policy: Policy) -> tuple[object, bool]:
    other = rank_understood(need_of([match[1]], policy), policy, NOW).score
    own = rank_understood(need, policy, NOW).score
    return float(own), abs(float(own - other)) <= 3


def _urgent(match: re.Match[str], need: Need, policy: Policy) -> tuple[object, bool]:
    value, bound = _urgency(need, policy), match[2]
    least = float(bound) if bound and match[1] == "at least" else 0.7
    return value, value <= float(bound) if match[1] == "at most" else value >= least


def _bill(match: re.Match[str], need: Need, policy: Policy) -> tuple[object, bool]:
    names = _names(need, policy)
    return names, len(names) == 1 and any(
        word in names[0] for word in NAMES.get(match[1], (match[1],))
    )


NAMES = {"seal": ("seal",), "whole suspension": ("suspension",), "oil": ("oil",)}
CHECKS: Sequence[tuple[str, Check]] = (
    (r"like '(.+?)'", _same_score),
    (r"urgency (at most|at least) ([0-9.]+)", _urgent),
    (r"(urgent)()", _urgent),
    (r"like pads()", lambda m, n, p: (_urgency(n, p), _urgency(n, p) >= 0.85)),
    (
        r"lost",
        lambda m, n, p: (n.reading.chance_factor.value, n.reading.chance_factor.value <= 0.3),
    ),
    (r"chance (?:factor )?at most", lambda m, n, p: (0, n.reading.chance_factor.value <= 0.3)),
    (r"chance not lowered", lambda m, n, p: (0, n.reading.chance_factor.value >= 1)),
    (r"intent (\w+)", lambda m, n, p: (n.intent.value, n.intent.value == m[1])),
    (r"goods: (\w+)", _bill),
    (r"bill of an? (\w+ \w+|\w+)", _bill),
    (r"bill of (\w+)", _bill),
    (r"one piece", lambda m, n, p: (FOUND["pieces"](n, p), FOUND["pieces"](n, p) == 1)),
    (r"at most (\d+) pieces", lambda m, n, p: (0, FOUND["pieces"](n, p) <= int(m[1]))),
    (
        r"budget (\d+)",
        lambda m, n, p: (find_budget(n, p).value, find_budget(n, p).value == float(m[1])),
    ),
    (r"marked as a guess", lambda m, n, p: (n.price_is_guess, n.price_is_guess)),
    (r"VIN (\w+)", lambda m, n, p: (n.recognised.vins, m[1] in n.recognised.vins)),
    (
        r"frame (\S+)",
        lambda m, n, p: (n.recognised.body_numbers, m[1] in n.recognised.body_numbers),
    ),
    (
        r"after '(.+?)'",
        lambda m, n, p: (0, rank_of(m[1], p) > rank_understood(n, p, NOW).rank),
    ),
)
