"""Signals of a lexicon, and the result of reading a text with them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from service.leads.lead import Intent
from service.leads.unchanging import unchanging
from service.text.votes import Voted


@dataclass(frozen=True, slots=True)
class Entry:
    """One signal of the policy's lexicon; urgencies are 0…1, and the bill is for one piece.

    `form` is the form of verbs that its phrases match. `max_pieces` is the greatest bare number
    that counts pieces. An `assembly` named after its part ("сальник кпп") is not wanted. One that
    `describes` a car is not wanted beside a number or a car's name, if there is another thing to
    buy. The phrases count only in sentences with a word of `together`, if it has any, and never in
    those with a word of `apart`.
    """

    signal: str
    phrases: tuple[str, ...]
    rule: str
    urgency: float | None = None
    urgency_at_most: float | None = None
    bill: float | None = None
    intent: Intent | None = None
    chance_factor: float = 1.0
    skill: str | None = None
    form: str | None = None
    max_pieces: int | None = None
    assembly: bool = False
    describes: bool = False
    together: tuple[str, ...] = ()
    apart: tuple[str, ...] = ()
    note: str | None = None
    names: tuple[tuple[str, str], ...] = ()

    @property
    def is_conditional(self) -> bool:
        """Whether the phrases count only in some sentences."""
        return bool(self.together or self.apart)


@unchanging
class Match:
    """A signal found in a text, and its number of pieces."""

    entry: Entry
    quantity: int


@unchanging
class Seen:
    """A signal at its place in a text.

    `at` is the place of its first word, and `line` counts from 0. `opposite` means that a negation
    turned it into its opposite.
    """

    entry: Entry
    quantity: int
    at: int
    line: int
    opposite: bool = False


Value = TypeVar("Value")


@unchanging
class Understood(Generic[Value]):
    """A value, the entries that decided it, and the line of the text (from 1) where they are."""

    value: Value
    entries: tuple[Entry, ...]
    line: int | None = None

    @property
    def source(self) -> str:
        """The signals that decided it, as explanations name them."""
        return ", ".join(entry.signal for entry in self.entries)

    @property
    def rule(self) -> str:
        """The rules of these signals, each once."""
        return ", ".join(dict.fromkeys(entry.rule for entry in self.entries))


@unchanging
class TextReading:
    """The result of reading a text; None for what it does not say. Matches are in text order.

    `corrections` are words as written and as read. A signal missing from `matches` may still occur
    in the text, when it is negated, only supposed, or no thing to buy. If there is a `vote`, it
    made the intent, and no signal did.
    """

    matches: tuple[Match, ...]
    urgency: Understood[float] | None
    bill: Understood[float] | None
    intent: Understood[Intent] | None
    chance_factor: Understood[float]
    skills: frozenset[str]
    urgency_cap: Understood[float] | None = None
    corrections: tuple[tuple[str, str], ...] = ()
    vote: Voted | None = None
    tokens: tuple[str, ...] = field(default=(), repr=False, compare=False)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Every entry that a source may name, also one that counts as its opposite."""
        deciding = (self.urgency, self.urgency_cap)
        others = [entry for part in deciding if part is not None for entry in part.entries]
        return each_once((*(match.entry for match in self.matches), *others))


def each_once(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """The entries without repetitions, by their signals: to hash an entry reads all its phrases."""
    return tuple({entry.signal: entry for entry in entries}.values())


SILENT = TextReading((), None, None, None, Understood(1.0, ()), frozenset())
