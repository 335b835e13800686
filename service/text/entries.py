"""Signals of a lexicon, and what a text comes to by them."""

from dataclasses import dataclass, field
from typing import Generic, TypeVar

from service.leads.lead import Intent
from service.text.votes import Voted


@dataclass(frozen=True, slots=True)
class Entry:
    """One signal of the policy's lexicon; urgencies 0…1, the bill of one piece.

    `form` asks for a form of the verbs in its phrases; `max_pieces` is the greatest bare number
    that is believed to count pieces. An `assembly` named behind its part ("сальник кпп") is not
    wanted; one that `describes` a car is not, beside a number or a car's name and another thing to
    buy. The phrases count only in a sentence with one of the words of `together`, if it has any,
    and in none with a word of `apart`.
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


@dataclass(frozen=True, slots=True)
class Match:
    """A signal that a text gives, and of how many pieces it speaks."""

    entry: Entry
    quantity: int


@dataclass(frozen=True, slots=True)
class Seen:
    """A signal where it stands: the place of its first word, the line (from 0), and whether a
    negation turned it into its opposite."""

    entry: Entry
    quantity: int
    at: int
    line: int
    opposite: bool = False


Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Understood(Generic[Value]):
    """A value, the entries that decided it, and the line of the text (from 1) where they stand."""

    value: Value
    entries: tuple[Entry, ...]
    line: int | None = None

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
    """What a text says; None where it says nothing. Matches are in the order of the text.

    `corrections` are words as they were written and as they were read. Of what is not in `matches`
    some was written, but is negated, only supposed, or no thing to buy. Where there is a `vote`, it
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
        return tuple(dict.fromkeys((*(match.entry for match in self.matches), *others)))


SILENT = TextReading((), None, None, None, Understood(1.0, ()), frozenset())
