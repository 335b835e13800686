"""Every property that a head of sales can set has a title, a unit and a text in both languages."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from service.policies.document import policy_schema
from service.policies.property_words import LANGUAGES, property_words

WITHOUT_NUMBER = (
    *("part", "list", "by_name", "text", "name", "choice", "yes_no", "rule", "address"),
    *("currency", "country", "zone", "time", "day", "hours_of_day", "weekdays"),
)
CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)
NO_WORDS = {"VIN", "VIP"}  # the same in Russian


def properties() -> Iterator[tuple[str, dict[str, Any]]]:
    schema = policy_schema()
    for part, shape in (("PolicyDocument", schema), *schema["$defs"].items()):
        for name, found in shape.get("properties", {}).items():
            yield f"{part}.{name}", found


def is_number(shape: dict[str, Any]) -> bool:
    kinds = [shape, *shape.get("anyOf", [])]
    return any(kind.get("type") in ("number", "integer") for kind in kinds)


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_property_has_words_and_no_words_are_left_over(language: str) -> None:
    assert {name for name, _ in properties()} == set(property_words(language))
    for name, words in property_words(language).items():
        assert "" not in (words.title, words.unit), name
        assert words.text.endswith("."), name
        assert words.title[-1] not in ".,", name


def test_the_languages_are_two() -> None:
    for name, words in property_words("ru").items():
        english = property_words("en")[name]
        assert not CYRILLIC.search(english.title + english.text + english.unit), name
        assert CYRILLIC.search(words.text), name
        assert CYRILLIC.search(words.title) or words.title in NO_WORDS, name


def test_numbers_have_the_unit_of_a_number_and_others_have_none() -> None:
    words = property_words("en")
    for name, shape in properties():
        if name in ("PolicyDocument.no_answer_retry_minutes", "ExamplePart.urgency"):
            continue  # lists of numbers
        assert is_number(shape) == (words[name].measure not in WITHOUT_NUMBER), name


@pytest.mark.parametrize("unit", ["seconds", "minutes", "hours", "days", "years", "share"])
def test_a_unit_in_the_name_is_the_unit_in_words(unit: str) -> None:
    others = {"minutes": ("open_minutes", "work_minutes"), "share": ()}
    words = property_words("en")
    for name, shape in properties():
        if name.endswith(f"_{unit}") and is_number(shape):
            assert words[name].measure in (unit, *others.get(unit, ())), name


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_schema_speaks_the_language(language: str) -> None:
    chance = policy_schema(language)["$defs"]["KindPart"]["properties"]["chance"]
    words = property_words(language)["KindPart.chance"]
    assert (chance["title"], chance["description"]) == (words.title, words.text)
    assert chance["x-words"][language]["unit"] == chance["x-unit"] == words.unit
