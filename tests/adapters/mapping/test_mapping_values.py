"""Values and conditions of a mapping: how they are found, cut, looked up and spelled."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from webhooks.deliveries import is_ignored
from webhooks.mapping_builders import (
    WORD,
    inbound,
    json_post,
    mapped,
    signal_by,
    text_of,
    words,
)


@pytest.mark.parametrize(
    ("value", "body", "text"),
    [
        ("$.a", {"a": " x "}, "x"),
        ("$.a", {"a": 5}, "5"),
        ("$.a", {"a": 2**63}, "9223372036854775808"),
        ("$.a", {"a": True}, "true"),
        ("$.a", {"a": None}, None),
        ("$.a", {"a": {"b": 1}}, None),
        ("$.a", {"a": "  "}, None),
        ({"constant": 5}, {}, "5"),
        ({"path": "$.a", "default": "none"}, {}, "none"),
        ({"path": "$.a", "lookup": {"1": "one"}}, {"a": 1}, "one"),
        ({"path": "$.a", "lookup": {"true": "yes"}}, {"a": True}, "yes"),
        ({"path": "$.a", "lookup": {"1": "one"}}, {"a": 2}, None),
        ({"path": "$.a", "lookup": {"1": "one"}, "default": "many"}, {"a": 2}, "many"),
        ({"first": ["$.a", "$.b"]}, {"a": "", "b": "x"}, "x"),
        ({"first": ["$.a", {"constant": "c"}]}, {"a": 0}, "0"),
        ({"join": ["$.a", "$.b", "$.c"]}, {"a": "x", "c": "z"}, "x z"),
        ({"join": ["$.a", "$.b"], "with": ":"}, {"a": "x", "b": "z"}, "x:z"),
        ({"join": ["$.a", "$.b"], "with": ""}, {"a": "x", "b": "z"}, "xz"),
        ({"path": "$.a", "before": "@"}, {"a": "79@c.us"}, "79"),
        ({"path": "$.a", "after": "tel:"}, {"a": "tel:79"}, "79"),
        ({"path": "$.a", "after": "tel:"}, {"a": "79"}, None),
        ({"path": "$.a", "after": "=", "before": ";"}, {"a": "x=5;y"}, "5"),
        ({"path": "$.a", "as": "phone"}, {"a": "8 (900) 123-45-67"}, "+79001234567"),
        ({"path": "$.a", "as": "international_phone"}, {"a": "375291234567"}, "+375291234567"),
        ({"path": "$.a", "as": "email"}, {"a": "A@B.example"}, "a@b.example"),
        ({"path": "$.a", "as": "email", "default": "?"}, {"a": "broken"}, "?"),
        ({"path": "$.a", "as": "money"}, {"a": "1 500,5"}, "1500.50"),
        (
            {"path": "$.a", "as": "unix_milliseconds"},
            {"a": 1781082000123},
            "2026-06-10T09:00:00.123000+00:00",
        ),
    ],
)
def test_a_value_is_found_cut_looked_up_and_spelled(
    value: Any, body: dict[str, Any], text: str | None
) -> None:
    assert signal_by({"text": value}, json.dumps(body)).text == text


@pytest.mark.parametrize(
    ("form", "sent"),
    [
        ("iso", "2026-06-10T11:30:00"),
        ("iso", "2026-06-10 11:30"),
        ("iso", "20260610T083000Z"),
        ("iso", "2026-06-10T10:30:00+02:00"),
        ("unix_seconds", 1781080200),
        ("unix_seconds", "1781080200"),
        ("unix_milliseconds", "1781080200000"),
        ("day_first", "10.06.2026 11:30"),
        ("day_first", "10.6.2026, 11:30:00"),
    ],
)
def test_times_are_read_in_the_zone_of_the_source(form: str, sent: object) -> None:
    body = json.dumps({"at": sent})
    signal = signal_by({"at": {"path": "$.at", "as": form}}, body)
    assert signal.received_at == datetime(2026, 6, 10, 8, 30, tzinfo=UTC)


def test_a_day_alone_begins_at_midnight_and_nonsense_is_not_said() -> None:
    day_first = {"needed_by": {"path": "$.at", "as": "day_first"}}
    found = signal_by(day_first, '{"at": "12.06.2026"}').needed_by
    assert found == datetime(2026, 6, 11, 21, tzinfo=UTC)
    for sent in ("32.06.2026", "2026-06-12", "12.06.2026 25:00", "x", ""):
        assert signal_by(day_first, json.dumps({"at": sent})).needed_by is None


@pytest.mark.parametrize(
    ("condition", "fits", "fails"),
    [
        ("x", [{"a": "x"}], [{"a": "y"}, {}, {"a": ["x"]}, 5, None, []]),
        ("5", [{"a": 5}, {"a": "5"}], [{"a": 5.5}]),
        (["x", "y"], [{"a": "x"}, {"a": "y"}], [{"a": "z"}, {}]),
        ({"is": "x"}, [{"a": "x"}], [{}]),
        ({"not": ["x", "y"]}, [{"a": "z"}, {}], [{"a": "x"}]),
        ({"exists": True}, [{"a": 0}, {"a": False}], [{"a": None}, {"a": " "}, {}, {"a": {}}]),
        ({"exists": False}, [{}, {"a": ""}], [{"a": "x"}]),
        ({"same_as": "$.b"}, [{"a": 5, "b": "5"}], [{"a": 5, "b": 6}, {"a": 5}, {}]),
        ({"starts_with": "ab"}, [{"a": "abc"}], [{"a": "ba"}, {}]),
        ({"ends_with": "@c.us"}, [{"a": "7@c.us"}], [{"a": "7@g.us"}, {}]),
        ({"exists": True, "not": "x"}, [{"a": "y"}], [{"a": "x"}, {}]),
        ({"contains": "wazzup"}, [{"a": "com.Wazzup24"}], [{"a": "telegram"}, {}]),
        ({"lacks": ["vk", "max"]}, [{"a": "wazzup"}, {}], [{"a": "wazzup.VK"}]),
    ],
)
def test_a_condition_holds_or_not(condition: Any, fits: list[Any], fails: list[Any]) -> None:
    events = [{"when": {"$.a": condition}, "what": "word", "lead": WORD}]
    assert [len(words(body, events=events)) for body in fits] == [1] * len(fits)
    assert [len(words(body, events=events)) for body in fails] == [0] * len(fails)


def test_all_places_of_a_condition_must_hold_and_any_of_several() -> None:
    when = [{"$.a": "1", "$.b": "2"}, {"?topic": "new"}]
    source = mapped(text_of(events=[{"when": when, "what": "word", "lead": WORD}]))
    assert len(inbound(source, json_post('{"a": 1, "b": 2}'))) == 1
    assert is_ignored(inbound(source, json_post('{"a": 1}')))
    assert len(inbound(source, json_post('{"a": 1}', query="x=1&topic=new"))) == 1
