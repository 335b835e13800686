"""The JSON Schema of a policy: what editors accept and refuse is what the service does."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from open_always import open_always
from policy_builders import (
    FULL,
    LEFT_OUT,
    MAPPINGS,
    MAY_BE_LEFT_OUT,
    NEEDED,
    NUMBERS,
    OTHERS,
    SAID,
    WHOLE_NUMBERS,
    said_with,
)

from service.leads.errors import InvalidRequest
from service.leads.lead import Channel, Intent, Kind
from service.policies.document import DIALECT, policy_schema
from service.policies.reading import policy_of
from service.policies.yaml_text import read_yaml

SCHEMA = policy_schema()
VALIDATOR = Draft202012Validator(SCHEMA)

# What no JSON Schema can know: 600.0 is a whole number to it, and bounds are all it compares.
ESCALATION_AT_CALLBACK = "kinds.chat.escalations.0.stage"

steady = settings(deadline=None)
known_words = st.sampled_from(
    [*Channel, *Kind, *Intent, "12:00", "mon-fri", "09:00-19:00", "closed", "RU", "A5", "тест"]
)
numbers = st.integers() | st.floats() | st.sampled_from([0, 1, 0.5, 5, 600, 10**400])
scalars = st.none() | st.booleans() | numbers | st.text(max_size=10) | known_words
names = st.text(max_size=5) | known_words | st.sampled_from([*FULL, *FULL["kinds"]["chat"]])
values = st.recursive(
    scalars, lambda some: st.lists(some, max_size=3) | st.dictionaries(names, some, max_size=4)
)
paths = st.sampled_from(sorted({*NUMBERS, *WHOLE_NUMBERS, *NEEDED, *MAPPINGS, *MAY_BE_LEFT_OUT}))


def accepts(sent: Any) -> bool:
    return bool(VALIDATOR.is_valid(sent))


def test_the_schema_is_one() -> None:
    assert SCHEMA["$schema"] == DIALECT == Draft202012Validator.META_SCHEMA["$id"]
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize(
    "sent", [read_yaml(open_always()), SAID, FULL], ids=["text", "said", "full"]
)
def test_the_schema_accepts_what_reads(sent: dict[str, Any]) -> None:
    assert list(VALIDATOR.iter_errors(sent)) == []


@pytest.mark.parametrize("path", MAY_BE_LEFT_OUT)
def test_the_schema_knows_what_may_be_left_out(path: str) -> None:
    assert accepts(said_with(path, LEFT_OUT))


@pytest.mark.parametrize("path", NEEDED)
def test_the_schema_knows_what_is_needed(path: str) -> None:
    assert not accepts(said_with(path, LEFT_OUT))


@pytest.mark.parametrize("path", [*NUMBERS, *WHOLE_NUMBERS])
def test_the_schema_refuses_what_is_no_number_within_its_bounds(path: str) -> None:
    least, limit = {**NUMBERS, **WHOLE_NUMBERS}[path]
    outside = [] if path == ESCALATION_AT_CALLBACK else [limit + 1]
    for value in [least - 1, *outside, "0.5", True, False, [0.5], {}]:
        assert not accepts(said_with(path, value)), value


@pytest.mark.parametrize("path", WHOLE_NUMBERS)
def test_the_schema_refuses_parts_of_whole_numbers(path: str) -> None:
    assert not accepts(said_with(path, 5.5))


@pytest.mark.parametrize("path", OTHERS)
def test_the_schema_refuses_wrong_shapes(path: str) -> None:
    for value in OTHERS[path]:
        assert not accepts(said_with(path, value)), value


@pytest.mark.parametrize("path", MAPPINGS)
def test_the_schema_refuses_what_is_no_mapping(path: str) -> None:
    for value in (None, [], "words", 5, True):
        assert not accepts(said_with(path, value)), value


@pytest.mark.parametrize("path", ["", "cutoff", "hours", "hours.holidays", *MAPPINGS])
def test_the_schema_refuses_unknown_keys_at_any_depth(path: str) -> None:
    assert not accepts(said_with(f"{path}.weight".lstrip("."), "chat"))


@steady
@given(values)
def test_any_value_is_a_policy_or_has_mistakes(value: Any) -> None:
    with suppress(InvalidRequest):
        policy_of(value, 1)


@steady
@given(paths, values)
def test_any_value_at_any_place_is_read_or_a_mistake(path: str, value: Any) -> None:
    sent = said_with(path, value)
    with suppress(InvalidRequest):
        policy_of(sent, 1)
        assert accepts(sent)


@steady
@given(
    st.sampled_from(["hours", "hours.weekly", "hours.exceptions", "hours.holidays", "cutoff"]),
    values,
)
def test_any_hours_are_read_or_a_mistake(path: str, value: Any) -> None:
    with suppress(InvalidRequest):
        policy_of(said_with(path, value), 1)


@steady
@given(st.fixed_dictionaries({}, optional=dict.fromkeys(FULL, values)))
def test_any_parts_are_read_or_a_mistake(parts: dict[str, Any]) -> None:
    with suppress(InvalidRequest):
        policy_of({**FULL, **parts}, 1)
