"""The labelled corpus is understood, family by family, at least as well as was promised."""

from collections import defaultdict

import pytest

from bench.understanding.corpus import LABELS, read_corpus
from bench.understanding.judging import judge

# The lessons of the vote are shorter than what it dares to judge.
CASES = [case for case in read_corpus() if not case.family.startswith("9 ")]
VERDICTS = [verdict for case in CASES for verdict in judge(case)]
LEAST = {
    "order": 0.95,
    "intent": 0.98,
    "sum": 0.9,
    "vin": 0.9,
    "frame": 0.9,
    "goods": 0.95,
    "settled": 0.8,
}


def share(label: str) -> float:
    right = [verdict.right for verdict in VERDICTS if verdict.label == label]
    return sum(right) / len(right)


def test_the_corpus_is_large_and_of_many_families() -> None:
    messages = [message for case in CASES for message in case.messages]
    assert len(messages) >= 500
    assert len({case.family for case in CASES}) >= 25


@pytest.mark.parametrize("label", sorted(LABELS))
def test_a_label_is_met(label: str) -> None:
    assert share(label) >= LEAST.get(label, 0.9)


def test_no_family_is_read_as_its_opposite() -> None:
    families = defaultdict(list)
    for verdict in VERDICTS:
        families[verdict.case.family].append(verdict.right)
    assert {family for family, right in families.items() if sum(right) < 0.75 * len(right)} == set()
