"""The phrases of a policy's entries, ready to be found.

Each phrase is looked up once: the dictionary's forms are the dear part of compiling a policy.
"""

from collections.abc import Sequence

from service.text.entries import Entry
from service.text.phrases import MAX_PHRASE, Phrases, words_of

NEGATIVE = frozenset({"не", "нет", "без", "ни", "not", "no", "в", "на", "по", "с"})
TURNING = 2  # words of a phrase that may change places


def phrases_of(entries: Sequence[Entry]) -> Phrases:
    """The phrases of the entries; ValueError names a phrase with two owners or without a word."""
    if len({entry.signal for entry in entries}) < len(entries):
        raise ValueError("two entries have the same signal")
    phrases = Phrases()
    turning: dict[int, list[tuple[tuple[int, ...], int]]] = {}
    for number, entry in in_company_first(entries):
        for phrase in entry.phrases:
            words = words_of(phrase)
            if not 1 <= len(words) <= MAX_PHRASE or not has_a_word(words):
                raise ValueError(f"{entry.signal}: “{phrase}” needs 1 to {MAX_PHRASE} words")
            ids, end = phrases.located(phrase, entry.form)
            node = phrases.tree.at(ids)
            if owners := node.ending(end):
                _refuse_another_owner(entries, number, phrase, owners)
            node.put(end, number)
            if len(ids) == TURNING and NEGATIVE.isdisjoint(words):
                turning.setdefault(number, []).append((ids[::-1], end))
    for number in sorted(turning):
        for ids, end in turning[number]:
            if not phrases.tree.owners_of(ids, end):
                phrases.tree.at(ids).put(end, number)
    return phrases


def _refuse_another_owner(
    entries: Sequence[Entry], number: int, phrase: str, owners: Sequence[int]
) -> None:
    entry = entries[number]
    others = [entries[owner] for owner in owners if owner != number]
    if not entry.is_conditional and not all(other.is_conditional for other in others):
        raise ValueError(f"{entry.signal}: “{phrase}” also means {others[-1].signal}")


def in_company_first(entries: Sequence[Entry]) -> list[tuple[int, Entry]]:
    """Entries with their numbers. Conditional entries come before the others."""
    return sorted(enumerate(entries), key=lambda pair: not pair[1].is_conditional)


def has_a_word(words: Sequence[str]) -> bool:
    """Whether a phrase has a word, and not only numbers and marks."""
    return any(word[0].isalpha() for word in words)
