"""The words beside a number of the form: its title, its unit, and what it does."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from babel.numbers import get_currency_symbol

from service.pages.catalogue import translator
from service.pages.formats import UNITS
from service.pages.names import KINDS
from service.policies.property_paths import words_at
from service.policies.property_words import PropertyWords, property_words
from service.storage.operators.operators import Queue

OF_RUSH = ("rush", "kinds")


@dataclass(frozen=True, slots=True)
class NumberWords:
    """What stands beside a number, and below it."""

    title: str
    unit: str
    text: str


def number_words(language: str, queue: Queue) -> Callable[[str], NumberWords | None]:
    """A function from a field such as `kinds.chat.stage` to its words."""
    say = translator(language)

    def words_of(field: str) -> NumberWords | None:
        path = tuple(field.split("."))
        found = words_at(path, language)
        if found is None:
            return None
        title = found.title
        if path[:-2] == OF_RUSH:
            title = f"{say(KINDS[path[2]])}: {title[0].lower()}{title[1:]}"
        return NumberWords(title, _unit(found, language, queue), found.text)

    return words_of


def entry_words(language: str, queue: Queue, names: Iterable[str]) -> Mapping[str, NumberWords]:
    """The words of the numbers of a lexicon's entry."""
    found = {name: property_words(language)[f"EntryPart.{name}"] for name in names}
    return {
        name: NumberWords(words.title, _unit(words, language, queue), words.text)
        for name, words in found.items()
    }


def _unit(words: PropertyWords, language: str, queue: Queue) -> str:
    """The unit, with the sign of the queue's currency."""
    sign = get_currency_symbol(queue.currency, locale=language)
    signs = {"money": sign, "money_per_minute": f"{sign}/{UNITS[language]['min']}"}
    return signs.get(words.measure, words.unit)
