"""Every mistake of a policy is told: where it is, what is wrong, and what would be right."""

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from policy_builders import (
    LEFT_OUT,
    MAPPINGS,
    MAY_BE_LEFT_OUT,
    NEEDED,
    NUMBERS,
    OTHERS,
    PADS,
    SAID,
    WHOLE_NUMBERS,
    mistakes_in,
    no_numbers,
    said_with,
    with_room_for,
)

from service.leads.errors import FieldMistake, InvalidRequest
from service.leads.lead import Channel
from service.policies.reading import MAX_MISTAKES, policy_of


def short(value: object) -> str:
    return repr(value)[:12]


def fields_of(mistakes: list[FieldMistake]) -> set[str]:
    assert all(mistake.reason and mistake.remedy for mistake in mistakes)
    return {mistake.field for mistake in mistakes}


@pytest.mark.parametrize("path", NUMBERS)
def test_what_is_no_number_within_its_bounds_is_refused(path: str) -> None:
    for value in no_numbers(*NUMBERS[path]):
        assert path in fields_of(mistakes_in(said_with(path, value))), value


@pytest.mark.parametrize("path", WHOLE_NUMBERS)
def test_what_is_no_whole_number_within_its_bounds_is_refused(path: str) -> None:
    least, limit = WHOLE_NUMBERS[path]
    may_be_null = path == "lexicon.0.max_pieces" or path.startswith("targets.")
    no_value = [] if may_be_null else [None]
    for value in [*no_numbers(least, limit), least - 1, limit + 1, least + 0.5, *no_value]:
        assert path in fields_of(mistakes_in(said_with(path, value))), value


@pytest.mark.parametrize(("path", "bounds"), [*NUMBERS.items(), *WHOLE_NUMBERS.items()])
def test_a_number_at_its_bounds_is_taken(path: str, bounds: tuple[float, float]) -> None:
    for value in bounds:
        policy_of(said_with(path, value, with_room_for(path)), 1)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        pytest.param(path, item, id=f"{path}-{short(item)}")
        for path in OTHERS
        for item in OTHERS[path]
    ],
)
def test_what_is_of_a_wrong_shape_is_refused(path: str, value: object) -> None:
    found = fields_of(mistakes_in(said_with(path, value)))
    assert any(field == path or field.startswith(f"{path}.") for field in found)


@pytest.mark.parametrize("path", NEEDED)
def test_what_is_missing_is_named(path: str) -> None:
    assert fields_of(mistakes_in(said_with(path, LEFT_OUT))) == {path}


@pytest.mark.parametrize("path", MAY_BE_LEFT_OUT)
def test_what_has_a_default_may_be_left_out(path: str) -> None:
    policy_of(said_with(path, LEFT_OUT), 1)


@pytest.mark.parametrize("value", [None, [], "words", 5, True], ids=short)
@pytest.mark.parametrize("path", MAPPINGS)
def test_a_part_that_is_no_mapping_is_refused(path: str, value: object) -> None:
    assert path in fields_of(mistakes_in(said_with(path, value)))


@pytest.mark.parametrize("path", ["", "cutoff", "hours", "hours.holidays", *MAPPINGS])
def test_an_unknown_key_is_named_at_any_depth(path: str) -> None:
    unknown = f"{path}.weight".lstrip(".")
    found = mistakes_in(said_with(unknown, 1))
    assert all(item.field.startswith(unknown) and item.remedy for item in found)


@pytest.mark.parametrize("channel", Channel)
def test_every_channel_needs_a_kind(channel: str) -> None:
    assert mistakes_in(said_with(f"channels.{channel}", LEFT_OUT)) == [
        FieldMistake(f"channels.{channel}", "Field required", "Name its kind.")
    ]


@pytest.mark.parametrize("value", [None, [], [1], "words", 5, 0.5, True, ""], ids=short)
def test_a_policy_is_a_mapping(value: object) -> None:
    assert fields_of(mistakes_in(value)) == {"policy"}


def test_an_empty_policy_is_told_all_that_it_needs() -> None:
    assert fields_of(mistakes_in({})) == {path for path in NEEDED if "." not in path}


TWO_TIMES = {"after_minutes": 5, "before_closing_minutes": 5, "stage": 650, "rule": "A6"}
NO_TIME = {"stage": 650, "rule": "A6"}
ONE_TIME = "Send after_minutes, before_cutoff_minutes or before_closing_minutes."
OTHER_TIME = "Change the time, or name in `cutoff.days` the days that have it."
OTHER_WORDS = 'Send a time like "12:00"; days like "mon-fri".'
DISCS = {"signal": "discs", "phrases": ["диски"], "rule": "A5"}

NOT_TOGETHER = [
    ("kinds.chat.escalations.0", TWO_TIMES, "", "it needs exactly one time", ONE_TIME),
    ("kinds.chat.escalations.0", NO_TIME, "", "it needs exactly one time", ONE_TIME),
    ("score.c1", 0.1, "", "it is not above c0", "Send a greater number."),
    ("time_zone", "Europe/Nowhere", "", "`Europe/Nowhere` is no time zone",
     "Send a name like Europe/Moscow."),
    ("time_zone", "../../etc/passwd", "", "`../../etc/passwd` is no time zone",
     "Send a name like Europe/Moscow."),
    ("cutoff.at", "25:00", "", '"25:00" is no time of day', OTHER_WORDS),
    ("cutoff.at", "noon", "", '"noon" is no time of day', OTHER_WORDS),
    ("cutoff.days", "mon-noday", "", '"noday" is no day', OTHER_WORDS),
    ("cutoff.days", "mon,mon", "", "mon is said twice", OTHER_WORDS),
    ("cutoff", {"at": "08:00", "days": "tue"}, ".at", "the shop is closed then on Tuesday",
     OTHER_TIME),
    ("cutoff", {"at": "14:30", "days": "sat"}, ".at", "the shop is closed then on Saturday",
     OTHER_TIME),
    ("cutoff", {"at": "12:00", "days": "sun"}, ".at", "the shop is closed then on Sunday",
     OTHER_TIME),
    ("hours.weekly.sat", ["10:00-14:00", "13:00-18:00"], ".1",
     '"13:00-18:00" overlaps "10:00-14:00" of hours.weekly.sat.0',
     "end the one before the other begins, or join them"),
    ("hours.exceptions", {"2026-02-30": "closed"}, ".2026-02-30", "there is no 2026-02-30",
     'write year, month and day with the hours, such as "2026-12-31": "09:00-15:00"'),
    ("lexicon.1", {**DISCS, "signal": "pads"}, ".signal", "`pads` occurs twice",
     "Merge the two entries."),
    ("lexicon.1", {**DISCS, "phrases": ["тормозная колодка"]}, ".phrases.0",
     "it is the same as a phrase of `pads`",
     "Keep it in one of the two, or set `together` or `apart` so that only one counts."),
    ("lexicon.1", {**DISCS, "phrases": ["диски", "?!.."]}, ".phrases.1",
     "there is no word in it", "Write a word, or remove it."),
    ("lexicon.1", {**DISCS, "phrases": ["12"]}, ".phrases.0",
     "there is no word in it", "Write a word, or remove it."),
    ("lexicon.1", {**DISCS, "phrases": ["диск для старой синей машины моего деда"]}, ".phrases.0",
     "it is too long", "Use at most 6 words."),
]  # fmt: skip


@pytest.mark.parametrize(("path", "value", "below", "reason", "remedy"), NOT_TOGETHER)
def test_what_does_not_fit_together_is_told_alone(
    path: str, value: object, below: str, reason: str, remedy: str
) -> None:
    found = mistakes_in(said_with(path, value))
    assert found == [FieldMistake(f"{path}{below}", reason, remedy)]


@pytest.mark.parametrize("absent", [LEFT_OUT, None], ids=["left out", "null"])
def test_a_lift_before_a_cutoff_needs_one(absent: object) -> None:
    remedy = "Add `cutoff`, or remove this escalation."
    assert mistakes_in(said_with("cutoff", absent)) == [
        FieldMistake(f"kinds.self_order.escalations.{number}", "there is no cut-off", remedy)
        for number in (0, 1)
    ]


def test_a_cutoff_of_the_night_is_within_the_hours_of_the_day_before() -> None:
    sent = said_with("hours", {"weekly": {"mon-sun": "20:00-04:00"}})
    policy_of(said_with("cutoff", {"at": "02:00"}, sent), 1)
    late = said_with("cutoff", {"at": "04:01", "days": "wed"}, sent)
    assert [item.reason for item in mistakes_in(late)] == ["the shop is closed then on Wednesday"]


@pytest.mark.parametrize("entry", [{}, {"phrases": []}])
def test_an_empty_entry_is_told_what_it_needs(entry: dict[str, Any]) -> None:
    sent = {**SAID, "lexicon": [entry, entry]}
    needed = {f"lexicon.{number}.{name}" for number in (0, 1) for name in PADS if name != "urgency"}
    assert fields_of(mistakes_in(sent)) == needed


def test_all_mistakes_are_told_at_once_and_each_once() -> None:
    sent = said_with("kinds.chat.chance", 1.5)
    sent = said_with("weight", 1, sent)
    sent = said_with("currency", LEFT_OUT, sent)
    sent = said_with("time_zone", "Mars", sent)
    sent = said_with("hours.weekly.sat", ["10:00-14:00", "13:00-18:00"], sent)
    sent = said_with("kinds.chat.escalations.0.stage", 901, sent)
    sent = said_with("lexicon.1", {**DISCS, "phrases": ["!"]}, sent)
    found = mistakes_in(sent)
    assert len(found) == len(set(found))
    assert fields_of(found) == {
        *("kinds.chat.chance", "weight", "currency", "time_zone", "hours.weekly.sat.1"),
        *("kinds.chat.escalations.0.stage", "lexicon.1.phrases.0"),
    }


def test_endless_mistakes_are_told_up_to_a_bound() -> None:
    many = {f"key {number}": 1 for number in range(1000)}
    words = [{**DISCS, "signal": f"s{number}", "phrases": ["!"]} for number in range(1000)]
    assert len(mistakes_in({**SAID, **many, "lexicon": words})) == MAX_MISTAKES


@settings(deadline=None)
@given(st.floats().filter(lambda number: not 0 <= number <= 1 or math.isnan(number)))
def test_no_chance_is_outside_0_and_1(number: float) -> None:
    with pytest.raises(InvalidRequest, match=r"^kinds\.chat\.chance: "):
        policy_of(said_with("kinds.chat.chance", number), 1)
