"""Finds phrases of a lexicon in a text, in all forms of their words, the longest first.

Fillers may come between the words of a phrase ("не очень-то срочно"). The two words of a thing to
buy may change places ("колодки тормозные"). A phrase with a full stop at its end matches only at
the end of a clause, and with one at both ends only a whole clause. A phrase with a question mark at
its end matches only at the end of a question. `#` stands for a number of three digits or more.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from service.text.dictionary import forms_of, is_in_dictionary, stem_of
from service.text.tokens import CLAUSE_MARKS, FILLERS, is_word, listed, tokens_of

Holds = Callable[[int, int, int], bool]

MAX_PHRASE = 6
MAX_SKIPPED = 2
END, END_OF_CLAUSE, WHOLE_CLAUSE, END_OF_QUESTION = -1, -2, -3, -4
NOT_PAST = ("infinitive", "imperative", "first", "second", "third")
NUMBER, QUESTION = "#", "?"
FEWEST_DIGITS = 3

# Words that distinguish the parts of a pair, anywhere in their names.
SIDES = frozenset(
    listed(
        "передний передняя переднее передние передних переднюю передней задний задняя заднее "
        "задние задних заднюю задней левый левая левое левые левую левой левого правый правая "
        "правое правые правую правой правого верхний верхняя верхние нижний нижняя нижние нижнюю "
        "новый новая новое новые новую новых хороший хорошие оригинальный оригинальные дешевый "
        "недорогой недорогие внутренний наружный наружная внутренняя front rear left right new"
    )
)
WHERE_TO = frozenset(listed("для от под"))
SKIPPED = FILLERS | SIDES | WHERE_TO | {"№", "#"}


@dataclass(frozen=True, slots=True)
class FoundPhrase:
    """A phrase found in a text: the place of its first word, the end, and its owner."""

    start: int
    end: int
    owner: int


@lru_cache(maxsize=16_384)
def words_of(phrase: str) -> tuple[str, ...]:
    """The words and numbers of a phrase without marks; `#` stays, for any number."""
    return tuple(token for token in tokens_of(phrase) if token[0].isalnum() or token == NUMBER)


def key_of(phrase: str, form: str | None = None) -> tuple[tuple[str, ...], int]:
    """The key that two phrases share when the same words match both."""
    keys = (NUMBER if word == NUMBER else forms_of(word, form)[0] for word in words_of(phrase))
    return tuple(keys), _end_of(phrase)


class Phrases:
    """Phrases by their words, each with the number of its owner."""

    __slots__ = ("_forms", "_ids", "_stems", "_tree", "_written")

    def __init__(self) -> None:
        self._ids: dict[str, int] = {}
        self._written: dict[tuple[str, str | None], int] = {}
        self._forms: dict[str, tuple[int, ...]] = {}
        self._stems: dict[str, int] = {}
        self._tree: dict[int, Any] = {}

    def add(self, phrase: str, owner: int, form: str | None = None, *, turns: bool = False) -> None:
        """Add a phrase. If it has owners already, this one comes after them."""
        ids = [self._identify(word, form) for word in words_of(phrase)]
        end = _end_of(phrase)
        self._put(ids, end, owner)
        if turns and len(ids) == 2 and not self._owners(ids[::-1], end):
            self._put(ids[::-1], end, owner)

    def owners_of(self, phrase: str, form: str | None = None) -> tuple[int, ...]:
        """The owners of a phrase."""
        return self._owners(
            [self._identify(word, form) for word in words_of(phrase)], _end_of(phrase)
        )

    def _put(self, ids: Sequence[int], end: int, owner: int) -> None:
        node = self._tree
        for identity in ids:
            node = node.setdefault(identity, {})
        owners = node.get(end, ())
        if owner not in owners:
            node[end] = (*owners, owner)

    def _owners(self, ids: Sequence[int], end: int) -> tuple[int, ...]:
        node: Any = self._tree
        for identity in ids:
            node = node.get(identity)
            if node is None:
                return ()
        owners: tuple[int, ...] = node.get(end, ())
        return owners

    def _identify(self, word: str, form: str | None) -> int:
        existing = self._written.get((word, form))
        if existing is not None:
            return existing
        key, forms = forms_of(word, form) if word != NUMBER else (NUMBER, ())
        is_new = key not in self._ids
        identity = self._written[word, form] = self._ids.setdefault(key, len(self._ids))
        if is_new and not forms and word != NUMBER:
            self._stems[key[1:]] = identity
        if is_new or identity not in self._forms.get(word, ()):
            for written in forms or (word,):
                known = self._forms.get(written, ())
                self._forms[written] = known if identity in known else (*known, identity)
        return identity

    def identities_of(self, words: Iterable[str]) -> frozenset[int]:
        """Words beside a phrase; an infinitive also stands for all forms except the past."""
        return frozenset(
            self._identify(word, form)
            for written in words
            for word in words_of(written)
            for form in (NOT_PAST if forms_of(word)[0].endswith("|infinitive") else (None,))
        )

    @property
    def forms(self) -> Iterable[str]:
        """Every form of a word by which a phrase can be found."""
        return self._forms

    def __contains__(self, word: str) -> bool:
        return word in self._forms

    def identities(self, word: str) -> tuple[int, ...]:
        """The identities of a word; by its stem if no dictionary has it."""
        found = self._forms.get(word)
        if found is not None:
            return found
        if word.isdigit() and len(word) >= FEWEST_DIGITS:
            return self._forms.get(NUMBER, ())
        if not is_word(word) or is_in_dictionary(word):
            return ()
        identity = self._stems.get(stem_of(word))
        return () if identity is None else (identity,)

    def find(
        self, tokens: Sequence[str], ids: Sequence[tuple[int, ...]], holds: Holds
    ) -> list[FoundPhrase]:
        """The phrases of a text for which `holds` is true: leftmost and longest, no overlaps."""
        found, at, count = [], 0, len(tokens)
        while at < count:
            best = self._longest(tokens, ids, at, holds) if ids[at] else None
            if best is not None:
                found.append(best)
            at = at + 1 if best is None else best.end
        return found

    def _longest(
        self, tokens: Sequence[str], ids: Sequence[tuple[int, ...]], start: int, holds: Holds
    ) -> FoundPhrase | None:
        best: tuple[int, int, int] | None = None
        paths = [(self._tree[i], start + 1, 1) for i in ids[start] if i in self._tree]
        while paths:
            node, at, words = paths.pop()
            if best is None or words > best[0]:
                owners = _owners_at(node, tokens, start, at)
                owner = next((each for each in owners if holds(each, start, at)), None)
                if owner is not None:
                    best = (words, at, owner)
            paths.extend(_onward(node, tokens, ids, at, words))
        return None if best is None else FoundPhrase(start, best[1], best[2])


def _onward(
    node: dict[int, Any], tokens: Sequence[str], ids: Sequence[tuple[int, ...]], at: int, words: int
) -> list[tuple[dict[int, Any], int, int]]:
    """Where a phrase may continue: at the next word, or after fillers."""
    if len(node) == 1 and min(node) < 0:
        return []
    onward: list[tuple[dict[int, Any], int, int]] = []
    for place in range(at, min(at + MAX_SKIPPED + 1, len(tokens))):
        onward.extend((node[i], place + 1, words + 1) for i in ids[place] if i in node)
        if tokens[place] not in SKIPPED:
            break
    return onward


def _end_of(phrase: str) -> int:
    written = phrase.strip()
    if written.endswith("?"):
        return END_OF_QUESTION
    if not written.endswith("."):
        return END
    return WHOLE_CLAUSE if written.startswith(".") else END_OF_CLAUSE


def _owners_at(node: dict[int, Any], tokens: Sequence[str], start: int, at: int) -> tuple[int, ...]:
    """The owners of a phrase that may end here; the strictest match comes first."""
    owners: tuple[int, ...] = node.get(END, ())
    if WHOLE_CLAUSE in node and _closes(tokens, at) and _opens(tokens, start):
        owners = node[WHOLE_CLAUSE] + owners
    if END_OF_CLAUSE in node and _closes(tokens, at):
        owners = node[END_OF_CLAUSE] + owners
    if END_OF_QUESTION in node and _asks(tokens, at):
        owners = node[END_OF_QUESTION] + owners
    return owners


def _opens(tokens: Sequence[str], start: int) -> bool:
    return start == 0 or tokens[start - 1] in CLAUSE_MARKS


def _asks(tokens: Sequence[str], at: int) -> bool:
    for place in range(at, min(at + MAX_SKIPPED + 1, len(tokens))):
        if tokens[place] == QUESTION:
            return True
        if tokens[place] not in SKIPPED:
            return False
    return False


def _closes(tokens: Sequence[str], at: int) -> bool:
    return at >= len(tokens) or tokens[at] in CLAUSE_MARKS
