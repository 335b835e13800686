"""A policy is refused with the path of its mistake, or read as it stands."""

import math
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from ranking_builders import DEFAULT, DEFAULT_TEXT, steady

from service.leads.lead import Channel, Intent, Kind
from service.ranking.policy import InvalidPolicy, read_policy

SAID = yaml.safe_load(DEFAULT_TEXT)
LEFT_OUT = object()

PARTS = ["kinds", "channels", "callback", "intents", "patience", "score"]
NUMBERS_OF_A_KIND = ["chance", "urgency", "usual_bill", "stage"]
NUMBERS = [
    *(f"kinds.chat.{name}" for name in NUMBERS_OF_A_KIND),
    *(f"intents.{intent}" for intent in Intent),
    *("callback.stage", "callback.default_minutes", "patience.longest_minutes"),
    *("score.c0", "score.c1"),
]
TOP_NUMBERS = ["version", "lease_seconds"]
NO_NUMBERS = [LEFT_OUT, None, True, False, "0.5", [0.5], {}, math.nan, math.inf, -math.inf]
OUT_OF_BOUNDS = [
    ("kinds.chat.chance", 1.5),
    ("kinds.chat.chance", -0.1),
    ("kinds.chat.urgency", 1.01),
    ("kinds.chat.urgency", -1),
    ("kinds.chat.usual_bill", -1),
    ("kinds.chat.usual_bill", 1e9 + 1),
    ("kinds.chat.stage", 901),
    ("kinds.chat.stage", -1),
    ("intents.return", 1.1),
    ("intents.return", -0.1),
    ("callback.stage", 901),
    ("callback.stage", -1),
    ("callback.default_minutes", -1),
    ("callback.default_minutes", 10_081),
    ("patience.longest_minutes", 1),
    ("patience.longest_minutes", 525_601),
    ("score.c0", 0),
    ("score.c1", 0),
]
AT_THE_BOUND = [
    ("kinds.chat.chance", 0, lambda policy: policy.kinds["chat"].chance),
    ("kinds.chat.chance", 1, lambda policy: policy.kinds["chat"].chance),
    ("kinds.chat.urgency", 0, lambda policy: policy.kinds["chat"].urgency),
    ("kinds.chat.urgency", 1, lambda policy: policy.kinds["chat"].urgency),
    ("kinds.chat.usual_bill", 0, lambda policy: policy.kinds["chat"].usual_bill),
    ("kinds.chat.stage", 0, lambda policy: policy.kinds["chat"].stage),
    ("kinds.chat.stage", 900, lambda policy: policy.kinds["chat"].stage),
    ("intents.return", 0, lambda policy: policy.intents["return"]),
    ("intents.return", 1, lambda policy: policy.intents["return"]),
    ("callback.stage", 0, lambda policy: policy.callback_stage),
    ("callback.stage", 900, lambda policy: policy.callback_stage),
    ("patience.longest_minutes", 2, lambda policy: policy.longest_patience_minutes),
    ("score.c0", 0.25, lambda policy: policy.smallest_cost),
    ("score.c1", 7, lambda policy: policy.greatest_cost),
    ("version", 8, lambda policy: policy.version),
]


def policy_with(path: str, value: object) -> str:
    """The default policy's text with another value at one place of it."""
    return yaml.safe_dump(_changed(SAID, path.split("."), value))


def _changed(said: dict[str, Any], path: list[str], value: object) -> dict[str, Any]:
    first, *rest = path
    if rest:
        return {**said, first: _changed(said[first], rest, value)}
    kept = {name: known for name, known in said.items() if name != first}
    return kept if value is LEFT_OUT else {**kept, first: value}


def assert_refused(text: str, path: str) -> None:
    with pytest.raises(InvalidPolicy, match=rf"^{re.escape(path)}: \w+"):
        read_policy(text)


@pytest.mark.parametrize("text", ["", "[]", "office", "5", "- kinds"])
def test_a_policy_that_is_no_mapping_is_refused(text: str) -> None:
    assert_refused(text, "policy")


@pytest.mark.parametrize("value", [LEFT_OUT, None, [], "words", 5])
@pytest.mark.parametrize("part", [*PARTS, *(f"kinds.{kind}" for kind in Kind)])
def test_a_part_that_is_missing_or_no_mapping_is_refused(part: str, value: object) -> None:
    assert_refused(policy_with(part, value), part)


@pytest.mark.parametrize("kind", Kind)
def test_an_unknown_key_in_a_kind_is_refused_by_name(kind: Kind) -> None:
    with pytest.raises(InvalidPolicy, match=rf"^kinds\.{kind}: unknown: weight$"):
        read_policy(policy_with(f"kinds.{kind}.weight", 1))


@pytest.mark.parametrize("name", NUMBERS_OF_A_KIND)
@pytest.mark.parametrize("kind", Kind)
def test_every_kind_needs_all_its_numbers(kind: Kind, name: str) -> None:
    assert_refused(policy_with(f"kinds.{kind}.{name}", LEFT_OUT), f"kinds.{kind}.{name}")


@pytest.mark.parametrize("value", NO_NUMBERS, ids=lambda value: repr(value)[:8])
@pytest.mark.parametrize("path", NUMBERS)
def test_what_is_no_number_is_refused(path: str, value: object) -> None:
    assert_refused(policy_with(path, value), path)


@pytest.mark.parametrize("value", [*NO_NUMBERS, 0, 2**31], ids=lambda value: repr(value)[:8])
@pytest.mark.parametrize("name", TOP_NUMBERS)
def test_what_is_no_number_at_the_top_is_refused(name: str, value: object) -> None:
    assert_refused(policy_with(name, value), f"policy.{name}")


@pytest.mark.parametrize(("path", "value"), OUT_OF_BOUNDS)
def test_a_number_out_of_its_bounds_is_refused(path: str, value: float) -> None:
    assert_refused(policy_with(path, value), path)


@steady
@given(st.sampled_from(Kind), st.floats().filter(lambda number: not 0 <= number <= 1))
def test_no_chance_is_outside_0_and_1(kind: Kind, number: float) -> None:
    assert_refused(policy_with(f"kinds.{kind}.chance", number), f"kinds.{kind}.chance")


@pytest.mark.parametrize("value", [LEFT_OUT, None, "freshest", "NEWEST", True, 1, ["newest"]])
@pytest.mark.parametrize("kind", Kind)
def test_ties_are_newest_or_oldest(kind: Kind, value: object) -> None:
    assert_refused(policy_with(f"kinds.{kind}.ties", value), f"kinds.{kind}.ties")


@pytest.mark.parametrize("value", [LEFT_OUT, None, "letters", 5])
@pytest.mark.parametrize("channel", Channel)
def test_every_channel_needs_a_kind_that_is_known(channel: Channel, value: object) -> None:
    assert_refused(policy_with(f"channels.{channel}", value), f"channels.{channel}")


@pytest.mark.parametrize("value", [None, 30, "30", {"0": 30}, [1] * 21])
def test_retries_are_a_list_of_at_most_twenty(value: object) -> None:
    assert_refused(policy_with("no_answer_retry_minutes", value), "no_answer_retry_minutes")


@pytest.mark.parametrize("value", [True, "30", None, -1, math.nan, 525_601])
def test_a_retry_is_a_number_of_minutes_within_a_year(value: object) -> None:
    with pytest.raises(InvalidPolicy):
        read_policy(policy_with("no_answer_retry_minutes", [30, value]))


@pytest.mark.parametrize(("path", "value", "read"), AT_THE_BOUND)
def test_an_allowed_number_is_read_as_it_stands(
    path: str, value: float, read: Callable[..., object]
) -> None:
    assert read(read_policy(policy_with(path, value))) == value


def test_times_are_read_in_the_unit_of_their_name() -> None:
    assert read_policy(policy_with("lease_seconds", 90)).lease == timedelta(seconds=90)
    callback = policy_with("callback.default_minutes", 45)
    assert read_policy(callback).callback_after == timedelta(minutes=45)
    retries = policy_with("no_answer_retry_minutes", [5, 60])
    assert read_policy(retries).no_answer_retries == (timedelta(minutes=5), timedelta(hours=1))


def test_a_channel_may_bring_another_kind() -> None:
    policy = read_policy(policy_with("channels.vk", "offline"))
    assert policy.channels == {**DEFAULT.channels, Channel.VK: Kind.OFFLINE}


def test_without_retries_nobody_is_tried_again() -> None:
    assert read_policy(policy_with("no_answer_retry_minutes", LEFT_OUT)).no_answer_retries == ()


def test_a_policy_that_is_written_again_reads_the_same() -> None:
    assert read_policy(yaml.safe_dump(SAID)) == DEFAULT
