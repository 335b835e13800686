"""What each property of a policy is called, its unit and what it does, in both languages."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml

LANGUAGES = ("en", "ru")


@dataclass(frozen=True, slots=True)
class PropertyWords:
    """A property for people: its title, the name of its unit, the unit and a text."""

    title: str
    measure: str
    unit: str
    text: str


@lru_cache
def property_words(language: str) -> Mapping[str, PropertyWords]:
    """The words in a language, by `Part.property`."""
    found = dict(_written())
    units = found.pop("units")
    return {
        name: PropertyWords(
            title=entry[language][0],
            measure=entry["unit"],
            unit=units[entry["unit"]][language],
            text=entry[language][1],
        )
        for name, entry in found.items()
    }


def describe_properties(schema: dict[str, Any], part: type[Any]) -> None:
    """Describe the properties of a part in its JSON Schema, in English."""
    words = property_words("en")
    for name, shape in schema.get("properties", {}).items():
        shape["description"] = words[f"{part.__name__}.{name}"].text


def add_words(schema: dict[str, Any], part: str, language: str) -> None:
    """Give a part's properties title, unit and text; `x-words` has them in each language."""
    for name, shape in schema.get("properties", {}).items():
        every = {each: property_words(each)[f"{part}.{name}"] for each in LANGUAGES}
        shape["title"], shape["description"] = every[language].title, every[language].text
        shape["x-unit"] = every[language].unit
        shape["x-words"] = {
            each: {"title": words.title, "unit": words.unit, "description": words.text}
            for each, words in every.items()
        }


@lru_cache
def _written() -> dict[str, Any]:
    text = files("service.policies").joinpath("property_words.yaml").read_text("utf-8")
    found: dict[str, Any] = yaml.load(text, Loader=yaml.CSafeLoader)
    return found
