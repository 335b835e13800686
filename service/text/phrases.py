"""Finds phrases of a lexicon in a text, in all forms of their words, the longest first.

Fillers may come between the words of a phrase ("не очень-то срочно"). The two words of a thing to
buy may change places ("колодки тормозные"). A phrase with a full stop at its end matches only at
the end of a clause, and with one at both ends only a whole clause. A phrase with a question mark at
its end matches only at the end of a question. `#` stands for a number of three digits or more.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache

from service.text.dictionary import is_in_dictionary, stem_of
from service.text.phrase_tree import (
    END,
    END_OF_CLAUSE,
    END_OF_QUESTION,
    WHOLE_CLAUSE,
    FoundPhrase,
    Holds,
    PhraseNode,
    find_phrases,
)
from service.text.tokens import is_word, tokens_of
from service.text.word_forms import NO_DICTIONARY, forms_of_word, keyed

MAX_PHRASE = 6
NOT_PAST = ("infinitive", "imperative", "first", "second", "third")
NUMBER = "#"
FEWEST_DIGITS = 3


@lru_cache(maxsize=16_384)
def words_of(phrase: str) -> tuple[str, ...]:
    """The words and numbers of a phrase without marks; `#` stays, for any number."""
    return tuple([token for token in tokens_of(phrase) if token[0].isalnum() or token == NUMBER])


def key_of(phrase: str, form: str | None = None) -> tuple[tuple[str, ...], int]:
    """The key that two phrases share when the same words match both."""
    return tuple([keyed(word, form)[0] for word in words_of(phrase)]), end_of(phrase)


class Phrases:
    """Phrases by their words, each with the number of its owner."""

    __slots__ = ("_forms", "_ids", "_stems", "_written", "tree")

    def __init__(self) -> None:
        self._ids: dict[str, int] = {}
        self._written: dict[tuple[str, str | None], int] = {}
        self._forms: dict[str, tuple[int, ...]] = {}
        self._stems: dict[str, int] = {}
        self.tree = PhraseNode()

    def located(self, phrase: str, form: str | None = None) -> tuple[tuple[int, ...], int]:
        """The identities of a phrase's words and how it ends: where it is in the tree."""
        return tuple([self._identity(word, form) for word in words_of(phrase)]), end_of(phrase)

    def _identity(self, word: str, form: str | None) -> int:
        found = self._written.get((word, form))
        return self._identify(word, form) if found is None else found

    def _identify(self, word: str, form: str | None) -> int:
        key = keyed(word, form)[0]
        is_new = key not in self._ids
        identity = self._written[word, form] = self._ids.setdefault(key, len(self._ids))
        if is_new and key.startswith(NO_DICTIONARY):
            self._stems[key[1:]] = identity
        if is_new or identity not in self._forms.get(word, ()):
            alone = (identity,)  # shared by all forms that mean nothing else
            for written in forms_of_word(word, form) or (word,):
                known = self._forms.setdefault(written, alone)
                if identity not in known:
                    self._forms[written] = (*known, identity)
        return identity

    def identities_of(self, words: Iterable[str]) -> frozenset[int]:
        """Words beside a phrase; an infinitive also stands for all forms except the past."""
        return frozenset(
            self._identity(word, form)
            for written in words
            for word in words_of(written)
            for form in (NOT_PAST if keyed(word)[0].endswith("|infinitive") else (None,))
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
        return find_phrases(self.tree, tokens, ids, holds)


def end_of(phrase: str) -> int:
    """How a phrase ends, by its marks."""
    written = phrase.strip()
    if written.endswith("?"):
        return END_OF_QUESTION
    if not written.endswith("."):
        return END
    return WHOLE_CLAUSE if written.startswith(".") else END_OF_CLAUSE
