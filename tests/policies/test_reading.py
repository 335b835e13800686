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
BOUNDS = [
    ("kinds.chat.chance", 0, 1),
    ("kinds.chat.urgency", 0, 1),
    ("kinds.chat.usual_bill", 0, 1e9),
    ("kinds.chat.stage", 0, 900),
    ("intents.return", 0, 1),
    ("callback.stage", 0, 900),
    ("callback.default_minutes", 0, 10_080),
    ("patience.longest_minutes", 2, 525_600),
    ("score.c0", 1e-6, 1e6),
    ("score.c1", 1e-3, 1e12),
]
TOP_BOUNDS = [("version", 1, 2**31 - 1), ("lease_seconds", 5, 86_400)]
READ_AS_IT_STANDS = [
    ("kinds.chat.chance", 0.25, lambda policy: policy.kinds["chat"].chance),
    ("kinds.chat.urgency", 0.75, lambda policy: policy.kinds["chat"].urgency),
    ("kinds.chat.usual_bill", 99.5, lambda policy: policy.kinds["chat"].usual_bill),
    ("kinds.chat.stage", 610, lambda policy: policy.kinds["chat"].stage),
    ("kinds.chat.ties", "oldest", lambda policy: policy.kinds["chat"].ties),
    ("intents.return", 0.125, lambda policy: policy.intents["return"]),
    ("callback.stage", 700, lambda policy: policy.callback_stage),
    ("patience.longest_minutes", 1440, lambda policy: policy.longest_patience_minutes),
    ("score.c0", 0.25, lambda policy: policy.smallest_cost),
    ("score.c1", 7, lambda policy: policy.greatest_cost),
    ("version", 8, lambda policy: policy.version),
    ("currency", "KZT", lambda policy: policy.currency),
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


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_is_needed(kind: Kind) -> None:
    assert_refused(policy_with(f"kinds.{kind}", LEFT_OUT), f"kinds.{kind}")


@pytest.mark.parametrize("value", [LEFT_OUT, None, [], "words", 5])
@pytest.mark.parametrize("part", [*PARTS, "kinds.chat"])
def test_a_part_that_is_missing_or_no_mapping_is_refused(part: str, value: object) -> None:
    assert_refused(policy_with(part, value), part)


@pytest.mark.parametrize("kind", Kind)
def test_an_unknown_key_in_a_kind_is_refused_by_name(kind: Kind) -> None:
    with pytest.raises(InvalidPolicy, match=rf"^kinds\.{kind}: unknown: weight$"):
        read_policy(policy_with(f"kinds.{kind}.weight", 1))


@pytest.mark.parametrize("name", [*NUMBERS_OF_A_KIND, "ties"])
@pytest.mark.parametrize("kind", Kind)
def test_every_kind_says_everything(kind: Kind, name: str) -> None:
    assert_refused(policy_with(f"kinds.{kind}.{name}", LEFT_OUT), f"kinds.{kind}.{name}")


def test_an_unknown_key_at_the_top_is_refused_by_name() -> None:
    with pytest.raises(InvalidPolicy, match=r"^policy: unknown: weight$"):
        read_policy(policy_with("weight", 1))


@pytest.mark.parametrize("name", [5, None, True])
def test_an_unknown_key_need_not_be_a_word(name: object) -> None:
    numbers = {**SAID["kinds"]["chat"], name: 1}
    with pytest.raises(InvalidPolicy, match=rf"^kinds\.chat: unknown: {name}$"):
        read_policy(policy_with("kinds.chat", numbers))


@pytest.mark.parametrize("value", NO_NUMBERS, ids=lambda value: repr(value)[:8])
@pytest.mark.parametrize("path", NUMBERS)
def test_what_is_no_number_is_refused(path: str, value: object) -> None:
    assert_refused(policy_with(path, value), path)


@pytest.mark.parametrize("value", [*NO_NUMBERS, 0, 2**31], ids=lambda value: repr(value)[:8])
@pytest.mark.parametrize("name", TOP_NUMBERS)
def test_what_is_no_number_at_the_top_is_refused(name: str, value: object) -> None:
    assert_refused(policy_with(name, value), f"policy.{name}")


@pytest.mark.parametrize(("path", "least", "most"), [*BOUNDS, *TOP_BOUNDS])
def test_a_number_at_its_bounds_is_allowed(path: str, least: float, most: float) -> None:
    for value in (least, most):
        read_policy(policy_with(path, value))


@pytest.mark.parametrize(("path", "least", "most"), BOUNDS)
def test_a_number_out_of_its_bounds_is_refused(path: str, least: float, most: float) -> None:
    for value in (math.nextafter(least, -math.inf), math.nextafter(most, math.inf)):
        assert_refused(policy_with(path, value), path)


@pytest.mark.parametrize(("name", "least", "most"), TOP_BOUNDS)
def test_a_number_at_the_top_has_bounds_too(name: str, least: int, most: int) -> None:
    for value in (least - 1, most + 1):
        assert_refused(policy_with(name, value), f"policy.{name}")


def test_a_refusal_says_what_is_allowed() -> None:
    with pytest.raises(InvalidPolicy, match=r"chance: a number from 0 to 1 is wanted$"):
        read_policy(policy_with("kinds.chat.chance", 7))
    with pytest.raises(InvalidPolicy, match=r"ties: one of newest, oldest is wanted$"):
        read_policy(policy_with("kinds.chat.ties", "random"))
    with pytest.raises(InvalidPolicy, match=r"^score: a mapping is wanted$"):
        read_policy(policy_with("score", LEFT_OUT))


@steady
@given(st.sampled_from(Kind), st.floats().filter(lambda number: not 0 <= number <= 1))
def test_no_chance_is_outside_0_and_1(kind: Kind, number: float) -> None:
    assert_refused(policy_with(f"kinds.{kind}.chance", number), f"kinds.{kind}.chance")


@pytest.mark.parametrize("value", [None, "freshest", "NEWEST", True, 1, ["newest"]])
def test_ties_are_newest_or_oldest(value: object) -> None:
    assert_refused(policy_with("kinds.chat.ties", value), "kinds.chat.ties")


@pytest.mark.parametrize("channel", Channel)
def test_every_channel_needs_a_kind(channel: Channel) -> None:
    assert_refused(policy_with(f"channels.{channel}", LEFT_OUT), f"channels.{channel}")


@pytest.mark.parametrize("value", [None, "letters", "CHAT", 5, ["chat"]])
def test_the_kind_of_a_channel_must_be_known(value: object) -> None:
    assert_refused(policy_with("channels.vk", value), "channels.vk")


@pytest.mark.parametrize("value", [None, 30, "30", {"0": 30}, [1] * 21])
def test_retries_are_a_list_of_at_most_twenty(value: object) -> None:
    assert_refused(policy_with("no_answer_retry_minutes", value), "no_answer_retry_minutes")


@pytest.mark.parametrize("value", [True, "30", None, -1, math.nan, 525_601])
def test_a_retry_is_a_number_of_minutes_within_a_year(value: object) -> None:
    with pytest.raises(InvalidPolicy):
        read_policy(policy_with("no_answer_retry_minutes", [30, value]))


@pytest.mark.parametrize(("path", "value", "read"), READ_AS_IT_STANDS)
def test_what_is_allowed_is_read_as_it_stands(
    path: str, value: object, read: Callable[..., object]
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


def test_twenty_retries_are_allowed() -> None:
    ladder = policy_with("no_answer_retry_minutes", [*range(19), 525_600])
    assert read_policy(ladder).no_answer_retries[18:] == (
        timedelta(minutes=18),
        timedelta(days=365),
    )


def test_versions_and_stages_are_whole_numbers() -> None:
    stages = [DEFAULT.callback_stage, *(kind.stage for kind in DEFAULT.kinds.values())]
    assert {type(number) for number in (DEFAULT.version, *stages)} == {int}


def test_without_retries_nobody_is_tried_again() -> None:
    assert read_policy(policy_with("no_answer_retry_minutes", LEFT_OUT)).no_answer_retries == ()


def test_a_policy_that_is_written_again_reads_the_same() -> None:
    assert read_policy(yaml.safe_dump(SAID)) == DEFAULT
