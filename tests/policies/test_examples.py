"""Examples as tests of a policy: what comes out otherwise is named with its reason."""

from typing import Any

import pytest
from policy_builders import FULL, mistakes_in

from service.policies.examples import MAX_MISSES, refuses, run_examples
from service.policies.reading import Shipped, policy_of, read_policy, shipped_text
from service.policies.text_document import ExamplesPolicy
from service.policies.yaml_text import read_yaml

WORDS = [
    {"signal": "pads", "phrases": ["колодки"], "urgency": 0.9, "bill": 5000, "rule": "A5"},
    {"signal": "clip", "phrases": ["клипса"], "urgency": 0.3, "bill": 100, "rule": "A6"},
    {"signal": "returns", "phrases": ["вернуть"], "intent": "return", "rule": "A10"},
]


def misses(*examples: dict[str, Any]) -> dict[str, str]:
    spec = {**FULL, "lexicon": WORDS, "examples": list(examples)}
    return {miss.field: miss.reason for miss in run_examples(policy_of(spec, 1), spec, "en")}


def test_examples_that_hold_are_no_misses() -> None:
    assert (
        misses(
            {"before": "колодки", "after": "клипса"},
            {"text": "хочу вернуть колодки", "intent": "return", "goods": ["pads"]},
            {"text": "колодки до 3000", "sum": 3000, "urgency": [0.9, 1]},
        )
        == {}
    )


@pytest.mark.parametrize(
    ("example", "field", "reason"),
    [
        ({"text": "колодки", "intent": "return"}, "intent", "it is read as sale, not return"),
        ({"text": "колодки", "goods": ["clip"]}, "goods", "it is read as pads, not clip"),
        ({"text": "колодки", "goods": []}, "goods", "it is read as pads, not nothing"),
        ({"text": "колодки", "sum": 3000}, "sum", "the sum is read as 0, not 3000"),
        ({"text": "колодки", "urgency": [0, 0.5]}, "urgency", "the urgency is 0.9, not 0 to 0.5"),
    ],
)
def test_what_comes_out_otherwise_is_named(
    example: dict[str, Any], field: str, reason: str
) -> None:
    assert misses({"text": "колодки", "sum": 0}, example) == {f"examples.1.{field}": reason}


def test_a_pair_in_the_wrong_order_or_none_is_a_miss() -> None:
    wrong = misses({"before": "клипса", "after": "колодки"}, {"before": "да", "after": "нет"})
    assert list(wrong) == ["examples.0", "examples.1"]
    assert "does not come before" in wrong["examples.0"]


def test_the_reason_is_told_in_sentences_of_the_readers_language() -> None:
    spec = {**FULL, "lexicon": WORDS, "examples": [{"before": "клипса", "after": "колодки"}]}
    (miss,) = run_examples(policy_of(spec, 1), spec, "ru")
    assert any("названо: клипса" in sentence for sentence in miss.why)
    assert any("названо: колодки" in sentence for sentence in miss.why)


def test_only_the_first_hundred_are_named() -> None:
    assert len(misses(*[{"text": "колодки", "intent": "return"}] * 150)) == 100 == MAX_MISSES


@pytest.mark.parametrize(
    "example",
    [
        {},
        {"text": "колодки"},
        {"before": "колодки"},
        {"after": "колодки"},
        {"before": "колодки", "after": "клипса", "intent": "sale"},
        {"before": "колодки", "after": "клипса", "text": "колодки"},
        {"text": "", "intent": "sale"},
        {"text": "к" * 501, "intent": "sale"},
        {"text": "колодки", "intent": "buy"},
        {"text": "колодки", "urgency": [0, 2]},
        {"text": "колодки", "urgency": 0.5},
        {"text": "колодки", "sum": -1},
        {"text": "колодки", "goods": ["Не сигнал"]},
        {"text": "колодки", "intent": "sale", "because": "A5"},
        "колодки",
    ],
)
def test_what_is_no_example_is_refused(example: object) -> None:
    found = mistakes_in({**FULL, "examples": [example]})
    assert any(mistake.field.startswith("examples.0") for mistake in found)


def test_who_refuses_says_so_or_leaves_it_to_the_place() -> None:
    assert refuses({}, ExamplesPolicy.REFUSE)
    assert not refuses({}, ExamplesPolicy.WARN)
    assert refuses({"examples_policy": "refuse"}, ExamplesPolicy.WARN)
    assert not refuses({"examples_policy": "warn"}, ExamplesPolicy.REFUSE)


@pytest.mark.parametrize("shop", [Shipped.AUTO_PARTS, Shipped.FIREWORKS])
def test_the_examples_of_the_shipped_policies_hold(shop: Shipped) -> None:
    text = shipped_text(shop)
    spec = read_yaml(text)
    assert len(spec["examples"]) >= 150
    assert run_examples(read_policy(text), spec, "en") == []
