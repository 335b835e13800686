"""What a policy may say, and most likely does not mean."""

import pytest
from ranking_builders import LEFT_OUT, a_policy

from service.leads.lead import Kind
from service.policies.examples import tied_examples
from service.policies.reading import Shipped, default_text, policy_of, read_policy, shipped_text
from service.policies.warnings import warnings_of
from service.policies.yaml_text import read_yaml

LATE_TASKS = {"task": {"late_minutes": 2880}}
MINUTES = {kind.value: {"each": 10.0} for kind in Kind}


@pytest.mark.parametrize("shipped", Shipped)
def test_nothing_is_to_be_said_of_shipped_policies(shipped):
    assert warnings_of(read_policy(shipped_text(shipped))) == []


def test_a_kind_that_is_never_late_is_named_where_lateness_is_guaranteed_something():
    assert "kinds.task.late_minutes" in {
        warning.field for warning in warnings_of(a_policy(guarantee={"every": 10}))
    }
    assert warnings_of(a_policy()) == []


def test_a_kind_that_is_late_at_the_cutoff_needs_no_minutes():
    silent = {"self_order": {"late_minutes": LEFT_OUT}}
    assert warnings_of(a_policy(guarantee={"every": 10}, kinds=silent | LATE_TASKS)) == []
    silent["self_order"]["escalations"] = []
    without = a_policy(guarantee={"every": 10}, kinds=silent | LATE_TASKS)
    assert "kinds.self_order.late_minutes" in {item.field for item in warnings_of(without)}


@pytest.mark.parametrize(
    ("score", "field"),
    [({"c0": 1e5, "c1": 1e12}, "score.c0"), ({"c0": 1e-6, "c1": 1.0}, "score.c1")],
)
def test_usual_bills_that_tie_are_named(score, field):
    found = warnings_of(a_policy(score=score, index={"minutes": MINUTES}))
    assert {warning.field for warning in found} == {field}
    assert all(warning.remedy for warning in found)


@pytest.mark.parametrize(
    ("score", "end"),
    [({"c0": 1e5, "c1": 1e12}, "score.c0"), ({"c0": 1e-6, "c1": 1.0}, "score.c1")],
)
def test_examples_that_tie_are_named(score, end):
    texts = [
        {"text": "Чем мыть стёкла?", "intent": "sale"},
        {"before": "нужны колодки", "after": "есть клипса?"},
    ]
    spec = {**read_yaml(default_text()), "examples": texts, "score": score}
    spec["index"] = {**spec["index"], "minutes": MINUTES}
    found = tied_examples(policy_of(spec, 1), spec)
    assert [item.field for item in found] == ["examples.0", "examples.1"]
    assert all(end in item.remedy for item in found)


def test_examples_that_are_told_apart_are_not():
    spec = read_yaml(default_text())
    assert tied_examples(policy_of(spec, 1), spec) == []
