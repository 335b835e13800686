"""Caches readings of texts, however many policies and orders need them."""

from collections.abc import Sequence

from service.rules.policy import Policy
from service.text.entries import TextReading
from service.text.lexicon import Article, Lexicon


class RememberedLexicon(Lexicon):
    """A lexicon that caches the texts of a week."""

    __slots__ = ("_lexicon", "_readings")

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._readings: dict[tuple[str, tuple[Article, ...]], TextReading] = {}

    def read(self, text: str, articles: Sequence[Article] = ()) -> TextReading:
        """The lexicon's reading of a text."""
        key = (text, tuple(articles))
        reading = self._readings.get(key)
        if reading is None:
            reading = self._readings[key] = self._lexicon.read(text, articles)
        return reading

    def forget(self) -> None:
        """Clear the cache, because another week has other texts."""
        self._readings.clear()

    def reads_as(self, other: Lexicon) -> bool:
        """Whether another lexicon reads the same as the cached one."""
        return self._lexicon.reads_as(other)


def sharing(policies: Sequence[Policy]) -> list[RememberedLexicon]:
    """A cached lexicon for each policy. Equal lexicons share one."""
    found: list[RememberedLexicon] = []
    for policy in policies:
        alike = next((item for item in found if item.reads_as(policy.lexicon)), None)
        found.append(alike or RememberedLexicon(policy.lexicon))
    return found
