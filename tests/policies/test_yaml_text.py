"""A text becomes data of the types of JSON and nothing else, or a mistake with its line."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.leads.errors import FieldMistake, InvalidRequest
from service.policies.yaml_text import MAX_BYTES, MAX_DEPTH, read_yaml

steady = settings(deadline=None)
# In YAML 1.1 the separators of lines and paragraphs break a line, in JSON they do not.
safe_texts = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=20)
keys = safe_texts.filter(bool)
# YAML 1.1 knows no number without a point before its exponent, so few digits are taken.
floats = st.integers(-(10**6), 10**6).map(lambda count: count / 1000)
scalars = st.none() | st.booleans() | st.integers(-(10**17), 10**17) | floats | safe_texts
values = st.recursive(
    scalars, lambda some: st.lists(some, max_size=4) | st.dictionaries(keys, some, max_size=4)
)
mappings = st.dictionaries(keys, values, max_size=5)


def mistake_in(text: str) -> FieldMistake:
    with pytest.raises(InvalidRequest) as refused:
        read_yaml(text)
    (mistake,) = refused.value.mistakes
    assert mistake.remedy
    return mistake


def types_in(value: Any) -> set[type]:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return {type(value)}.union(*(types_in(item) for item in inner))


@pytest.mark.parametrize(
    ("written", "value"),
    [
        *(("true", True), ("False", False), ("null", None), ("~", None), ("", None)),
        *(("5", 5), ("-5", -5), ("0.5", 0.5), ("-1.5e+3", -1500.0), ("012", 12)),
        *((word, word) for word in ["yes", "no", "on", "off", "Y", "12:00", "1:30:15", "=", "<<"]),
        *((date, date) for date in ["2026-12-31", "2026-12-31T10:00:00Z", "09:00-19:00"]),
        *((word, word) for word in ["0x1F", "0o17", "0b11", "1_000", ".inf", "-.inf", ".nan"]),
        *(("'5'", "5"), ('"true"', "true"), ("9" * 40, "9" * 40)),
        *(("[1, two]", [1, "two"]), ("{a: 1}", {"a": 1}), ("|\n  two\n  lines", "two\nlines")),
    ],
)
def test_only_what_json_has_is_more_than_text(written: str, value: object) -> None:
    found = read_yaml(f"key: {written}")["key"]
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize("key", ["5", "true", "null", "2026-12-31", "12:00", "on", "1.5"])
def test_keys_are_text_as_they_are_written(key: str) -> None:
    assert read_yaml(f"{key}: 1") == {key: 1}
    assert read_yaml(f"within: {{{key}: 1}}") == {"within": {key: 1}}


def test_comments_and_order_do_not_matter() -> None:
    assert read_yaml("# about\nb: 1  # one\n\na: 2\n") == {"a": 2, "b": 1}


@steady
@given(mappings)
def test_json_reads_as_it_is(sent: dict[str, Any]) -> None:
    assert read_yaml(json.dumps(sent, ensure_ascii=False)) == sent


@pytest.mark.parametrize(
    ("text", "field", "reason"),
    [
        ("a: 1\nb: 2\na: 3", "line 3", "`a` occurs twice"),
        ("a:\n  b: 1\n  b: 1", "line 3", "`b` occurs twice"),
        ("1: a\n'1': b", "line 2", "`1` occurs twice"),
        ("a: &one 1\nb: *one", "line 1", "anchors and aliases are not allowed"),
        ("a: 1\nb: &unused {}", "line 2", "anchors and aliases are not allowed"),
        ("a: &self [*self]", "line 1", "anchors and aliases are not allowed"),
        ("&self a: *self", "line 1", "anchors and aliases are not allowed"),
        ("a: 1\nb: !!timestamp foo", "line 2", "tags are not allowed"),
        ("!!map [a]", "line 1", "tags are not allowed"),
        ("a: !!binary aaaa", "line 1", "tags are not allowed"),
        ("a: !!python/object/apply:os.system [ls]", "line 1", "tags are not allowed"),
        ("a: !own 1", "line 1", "tags are not allowed"),
        ("a: 1\n? [b, c]\n: 2", "line 2", "a key is not a word"),
        ("a: 1\n{b: 1}: 2", "line 2", "a key is not a word"),
    ],
)
def test_what_would_surprise_is_refused_with_its_line(text: str, field: str, reason: str) -> None:
    found = mistake_in(text)
    assert (found.field, found.reason) == (field, reason)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: [", 2),
        ("a: 1\n b: 2", 2),
        ("a: 'open", 1),
        ("a: 1\n---\nb: 2", 2),
        ("a: \t- b: c: d", 1),
    ],
)
def test_what_is_no_yaml_is_refused_with_its_line(text: str, line: int) -> None:
    found = mistake_in(text)
    assert found.reason.startswith("it is not YAML: ")
    assert found.field.startswith("line ")
    assert int(found.field.removeprefix("line ")) >= line


@pytest.mark.parametrize("text", ["\x00\x01\x02", "a: \x07", "\x89PNG\r\n\x1a\n", "a: \ud800"])
def test_binary_junk_is_refused(text: str) -> None:
    found = mistake_in(text)
    assert (found.field, found.remedy) == ("policy", "Send UTF-8 text.")


@pytest.mark.parametrize(
    "text", ["", "# only a comment", "[]", "- a", "office", "5", "null", "---"]
)
def test_what_is_no_mapping_is_refused(text: str) -> None:
    remedy = "Begin as a shipped policy does."
    assert mistake_in(text) == FieldMistake("policy", "it is no mapping", remedy)


def test_a_text_has_a_greatest_size_in_bytes() -> None:
    limit = MAX_BYTES - len("a: ")
    assert len(read_yaml(f"a: {'x' * limit}")["a"]) == limit
    for too_long in ("x" * (limit + 1), "я" * (limit // 2 + 1)):
        assert mistake_in(f"a: {too_long}").reason == f"it is larger than {MAX_BYTES} bytes"


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ("{a: ", "}")])
def test_nesting_has_a_greatest_depth(opening: str, closing: str) -> None:
    deepest = MAX_DEPTH - 1
    read_yaml(f"a: {opening * deepest}1{closing * deepest}")
    found = mistake_in(f"a: {opening * MAX_DEPTH}1{closing * MAX_DEPTH}")
    assert found.reason == f"it is nested deeper than {MAX_DEPTH} levels"


@pytest.mark.timeout(10)
@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? "])
def test_endless_nesting_is_refused_at_once(opening: str) -> None:
    mistake_in("a: " + opening * (MAX_BYTES // len(opening) - 10))


@steady
@given(st.text(max_size=200) | st.text(":-[]{}&*!?|>'\"#%@`,\n ab01.~=<", max_size=60))
def test_any_text_is_data_of_json_or_a_mistake(text: str) -> None:
    with suppress(InvalidRequest):
        found = read_yaml(text)
        assert types_in(found) <= {dict, list, str, int, float, bool, type(None)}
        assert all(isinstance(key, str) for key in found)
