"""What a client's words say of urgency, bill, chance, intent and skill (rules A5, A6, A10).

A text becomes words, words become stems, and phrases of the lexicon are looked up in runs of stems,
the leftmost and longest first: a word is used once, so "не срочно" says nothing of "срочно".
Quantities go to the nearest signal of their clause that has a bill.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Generic, TypeVar

from service.leads.lead import Intent
from service.text.quantities import Stretch, count_pieces
from service.text.words import stem_of, tokens_of

LONGEST_PHRASE = 6
GRAVEST_FIRST = (Intent.COMPLAINT, Intent.RETURN, Intent.ORDER_QUESTION, Intent.SALE)


@dataclass(frozen=True, slots=True)
class Entry:
    """One signal of the policy's lexicon; urgencies 0…1, the bill of one piece."""

    signal: str
    phrases: tuple[str, ...]
    rule: str
    urgency: float | None = None
    urgency_at_most: float | None = None
    bill: float | None = None
    intent: Intent | None = None
    chance_factor: float = 1.0
    skill: str | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """A signal that a text gives, and of how many pieces it speaks."""

    entry: Entry
    quantity: int


Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Understood(Generic[Value]):
    """A value and the entries that decided it."""

    value: Value
    entries: tuple[Entry, ...]

    @property
    def source(self) -> str:
        """The signals that decided, as explanations name them."""
        return ", ".join(entry.signal for entry in self.entries)

    @property
    def rule(self) -> str:
        """The rules of these signals, each once."""
        return ", ".join(dict.fromkeys(entry.rule for entry in self.entries))


@dataclass(frozen=True, slots=True)
class TextReading:
    """What a text says; None where it says nothing. Matches are in the order of the text."""

    matches: tuple[Match, ...]
    urgency: Understood[float] | None
    bill: Understood[float] | None
    intent: Understood[Intent] | None
    chance_factor: Understood[float]
    skills: frozenset[str]


SILENT = TextReading((), None, None, None, Understood(1.0, ()), frozenset())


def stems_of(phrase: str) -> tuple[str, ...]:
    """The stems by which a phrase is found; empty when it has no word that means anything."""
    stems = tuple(stem for stem in map(stem_of, tokens_of(phrase)) if stem)
    return stems if any(not stem.isdigit() for stem in stems) else ()


@dataclass(frozen=True, slots=True)
class _Span(Stretch):
    entry: Entry


class Lexicon:
    """The signals of a policy, ready to be found; ValueError names what cannot be told apart."""

    __slots__ = ("_lengths", "_most_bill", "_most_quantity", "_phrases")

    def __init__(self, entries: Sequence[Entry], most_quantity: int, most_bill: float) -> None:
        self._most_quantity, self._most_bill = most_quantity, most_bill
        self._phrases = _by_stems(entries)
        self._lengths: dict[str, tuple[int, ...]] = {}
        for stems in sorted(self._phrases, key=len, reverse=True):
            existing = self._lengths.get(stems[0], ())
            self._lengths[stems[0]] = (
                existing if len(stems) in existing else (*existing, len(stems))
            )

    def read(self, text: str) -> TextReading:
        """What `text` says; takes time in proportion to its length, whatever it holds."""
        tokens = tokens_of(text)
        stems = [stem_of(token) for token in tokens]
        spans = self._spans(stems)
        if not spans:
            return SILENT
        priced = [span for span in spans if span.entry.bill is not None]
        counts = count_pieces(priced, tokens, stems) if priced else {}
        greatest: dict[str, Match] = {}
        for span in spans:
            existing = greatest.get(span.entry.signal)
            count = min(counts.get(span.start, 1), self._most_quantity)
            if existing is None or existing.quantity < count:
                greatest[span.entry.signal] = Match(span.entry, count)
        return _reading(tuple(greatest.values()), self._most_bill)

    def _spans(self, stems: list[str]) -> list[_Span]:
        spans, at = [], 0
        while at < len(stems):
            span = self._longest_at(stems, at) if stems[at] in self._lengths else None
            if span is not None:
                spans.append(span)
            at = at + 1 if span is None else span.end
        return spans

    def _longest_at(self, stems: list[str], at: int) -> _Span | None:
        for length in self._lengths[stems[at]]:
            entry = self._phrases.get(tuple(stems[at : at + length]))
            if entry is not None:
                return _Span(at, at + length, entry)
        return None


def _by_stems(entries: Sequence[Entry]) -> dict[tuple[str, ...], Entry]:
    if len({entry.signal for entry in entries}) < len(entries):
        raise ValueError("two entries have the same signal")
    phrases: dict[tuple[str, ...], Entry] = {}
    for entry in entries:
        for phrase in entry.phrases:
            stems = stems_of(phrase)
            if not 1 <= len(stems) <= LONGEST_PHRASE:
                raise ValueError(f"{entry.signal}: “{phrase}” needs 1 to {LONGEST_PHRASE} words")
            if phrases.setdefault(stems, entry) is not entry:
                raise ValueError(f"{entry.signal}: “{phrase}” also means {phrases[stems].signal}")
    return phrases


def _reading(matches: tuple[Match, ...], most_bill: float) -> TextReading:
    entries = [match.entry for match in matches]
    return TextReading(
        matches=matches,
        urgency=_urgency(entries),
        bill=_bill(matches, most_bill),
        intent=_intent(entries),
        chance_factor=_chance_factor(entries),
        skills=frozenset(entry.skill for entry in entries if entry.skill is not None),
    )


def _urgency(entries: Sequence[Entry]) -> Understood[float] | None:
    given = [(item.urgency, item) for item in entries if item.urgency is not None]
    if not given:
        return None
    greatest = max(urgency for urgency, _ in given)
    caps = [(item.urgency_at_most, item) for item in entries if item.urgency_at_most is not None]
    if not caps or (cap := min(limit for limit, _ in caps)) >= greatest:
        return Understood(greatest, tuple(entry for urgency, entry in given if urgency == greatest))
    return Understood(cap, tuple(entry for limit, entry in caps if limit == cap))


def _bill(matches: Sequence[Match], most_bill: float) -> Understood[float] | None:
    billed = [
        (item.entry.bill * item.quantity, item) for item in matches if item.entry.bill is not None
    ]
    if not billed:
        return None
    total = sum(bill for bill, _ in billed)
    return Understood(min(total, most_bill), tuple(match.entry for _, match in billed))


def _intent(entries: Sequence[Entry]) -> Understood[Intent] | None:
    given = {entry.intent for entry in entries}
    for intent in GRAVEST_FIRST:
        if intent in given:
            return Understood(intent, tuple(entry for entry in entries if entry.intent is intent))
    return None


def _chance_factor(entries: Sequence[Entry]) -> Understood[float]:
    deciding = tuple(entry for entry in entries if entry.chance_factor != 1)
    return Understood(prod((entry.chance_factor for entry in deciding), start=1.0), deciding)
