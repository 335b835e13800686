"""Which phrases count only in company: in a sentence with one of some words, or without others.

A phrase that does not count leaves its words to shorter ones.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence

from service.text.phrases import Holds
from service.text.scope import sentences

REACH = 30  # words around a phrase among which its company is sought

Ids = Sequence[tuple[int, ...]]


class Company:
    """The words that the phrases of an owner must, and must not, stand together with."""

    __slots__ = ("_apart", "_owners", "_together")

    def __init__(
        self, together: Mapping[int, frozenset[int]], apart: Mapping[int, frozenset[int]]
    ) -> None:
        self._together, self._apart = together, apart
        self._owners = together.keys() | apart.keys()

    def in_text(self, tokens: Sequence[str], ids: Ids) -> Holds:
        """Whether a phrase counts in this text, by its owner and the places that it takes."""
        parts: list[tuple[int, int]] = []
        starts: list[int] = []

        def holds(owner: int, start: int, end: int) -> bool:
            if owner not in self._owners:
                return True
            if not parts:
                parts.extend(sentences(tokens))
                starts.extend(begin for begin, _ in parts)
            begin, close = parts[bisect_right(starts, start) - 1]
            around = _around(ids, max(begin, start - REACH), min(close, end + REACH), start, end)
            return self._counts(owner, around)

        return holds

    def _counts(self, owner: int, around: set[int]) -> bool:
        unwanted, wanted = self._apart.get(owner), self._together.get(owner)
        if unwanted is not None and not unwanted.isdisjoint(around):
            return False
        return wanted is None or not wanted.isdisjoint(around)


def _around(ids: Ids, begin: int, close: int, start: int, end: int) -> set[int]:
    """What the words may be that stand around a phrase."""
    places = (*range(begin, start), *range(end, close))
    return {identity for place in places for identity in ids[place]}
