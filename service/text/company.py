"""Phrases that count only in sentences with certain words, or without certain words.

A phrase that does not count leaves its words to shorter phrases.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence

from service.text.phrase_tree import Holds
from service.text.scope import sentences

REACH = 30  # how many words around a phrase are searched

Ids = Sequence[tuple[int, ...]]


class Company:
    """The words that an owner's phrases need, or exclude, in the same sentence."""

    __slots__ = ("_apart", "_owners", "_together")

    def __init__(
        self, together: Mapping[int, frozenset[int]], apart: Mapping[int, frozenset[int]]
    ) -> None:
        self._together, self._apart = together, apart
        self._owners = together.keys() | apart.keys()

    def in_text(self, tokens: Sequence[str], ids: Ids) -> Holds:
        """A test of whether a phrase counts in this text, by its owner and its places."""
        parts: list[tuple[int, int]] = []
        starts: list[int] = []
        beside: dict[tuple[int, int], set[int]] = {}

        def holds(owner: int, start: int, end: int) -> bool:
            if owner not in self._owners:
                return True
            if not parts:
                parts.extend(sentences(tokens))
                starts.extend(begin for begin, _ in parts)
            around = beside.get((start, end))
            if around is None:
                begin, close = parts[bisect_right(starts, start) - 1]
                first, last = max(begin, start - REACH), min(close, end + REACH)
                around = beside[start, end] = _around(ids, first, last, start, end)
            return self._counts(owner, around)

        return holds

    def _counts(self, owner: int, around: set[int]) -> bool:
        unwanted, wanted = self._apart.get(owner), self._together.get(owner)
        if unwanted is not None and not unwanted.isdisjoint(around):
            return False
        return wanted is None or not wanted.isdisjoint(around)


def _around(ids: Ids, begin: int, close: int, start: int, end: int) -> set[int]:
    """The identities of the words around a phrase."""
    return set().union(*ids[begin:start], *ids[end:close])
