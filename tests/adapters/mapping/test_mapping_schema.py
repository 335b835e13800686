"""The JSON Schema of mappings: what an editor accepts and refuses is what the service does."""

import json
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from webhooks.mapping_builders import WORD, text_of

from service.adapters.mapping.document import DIALECT, mapping_schema
from service.adapters.mapping.reading import SHIPPED, read_mapping, shipped_text
from service.leads.errors import InvalidRequest
from service.policies.yaml_text import read_yaml

VALIDATOR = Draft202012Validator(mapping_schema())
MISTAKES: list[dict[str, Any]] = [
    {"title": ""},
    {"title": None},
    {"body": "xml"},
    {"zzz": 1},
    {"auth": {"scheme": "magic"}},
    {"auth": {"scheme": "hmac"}},
    {"auth": {"scheme": "hmac", "header": "X Y"}},
    {"auth": {"scheme": "hmac", "header": "X", "algorithm": "md5"}},
    {"auth": {"scheme": "hmac", "header": "X", "window_seconds": 5}},
    {"auth": {"scheme": "hmac_of_fields", "fields": [], "header": "X"}},
    {"events": []},
    {"events": [{"what": "shout"}]},
    {"events": [{"when": {}, "what": "nothing"}]},
    {"events": [{"when": {"$.a": None}, "what": "nothing"}]},
    {"events": [{"when": {"$.a": {"like": "x"}}, "what": "nothing"}]},
    {"events": [{"what": "word", "lead": {**WORD, "fone": "$.a"}}]},
    {"events": [{"what": "word", "lead": {**WORD, "phone": {"path": "$.a", "as": "number"}}}]},
    {"events": [{"what": "word", "lead": {**WORD, "phone": 5}}]},
    {"events": [{"what": "word", "lead": {**WORD, "items": {"each": "$.a"}}}]},
    {"reply": {"status": 500}},
    {"greet": [{"reply": {}}]},
    {"otherwise": "loud"},
]


def reads(text: str) -> bool:
    try:
        read_mapping(text)
    except InvalidRequest as error:
        return not all(
            mistake.field and mistake.reason and mistake.remedy for mistake in error.mistakes
        )
    return True


def test_the_schema_is_one() -> None:
    schema = mapping_schema()
    assert schema["$schema"] == DIALECT == Draft202012Validator.META_SCHEMA["$id"]
    Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("name", SHIPPED)
def test_the_schema_accepts_what_is_shipped(name: str) -> None:
    assert list(VALIDATOR.iter_errors(read_yaml(shipped_text(name)))) == []


@pytest.mark.parametrize("changed", MISTAKES)
def test_the_schema_refuses_what_does_not_read(changed: dict[str, Any]) -> None:
    text = text_of(**changed)
    assert not VALIDATOR.is_valid(json.loads(text))
    assert not reads(text)


def places_in(value: Any, place: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    listed = dict(enumerate(value)) if isinstance(value, list) else value
    parts = listed.items() if isinstance(listed, dict) else ()
    return [place, *(item for key, part in parts for item in places_in(part, (*place, key)))]


WHOLE = {name: read_yaml(shipped_text(name)) for name in SHIPPED}
small = st.integers(-(10**15), 10**15)  # longer ones are texts in YAML
anything = st.none() | st.booleans() | small | st.text(max_size=5) | st.just([]) | st.just({})


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(SHIPPED), st.data())
def test_whatever_is_wrong_in_a_mapping_is_told_and_never_fails(
    name: str, data: st.DataObject
) -> None:
    sent = deepcopy(WHOLE[name])
    *path, last = data.draw(st.sampled_from(places_in(sent)[1:]))
    part = sent
    for step in path:
        part = part[step]
    part[last] = data.draw(anything)
    text = json.dumps(sent)
    assert not reads(text) or VALIDATOR.is_valid(sent)
