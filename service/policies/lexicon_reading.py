"""Reads the lexicon of a policy into the lexicon that reads texts."""

from collections.abc import Sequence
from functools import lru_cache

from service.policies.text_document import EntryPart, TextPart
from service.policies.votes_reading import votes_of
from service.text.dates import NamedDays
from service.text.entries import Entry
from service.text.lexicon import Lexicon
from service.text.phrases import words_of
from service.text.votes import Votes

REMEMBERED = 16


def lexicon_of(entries: Sequence[EntryPart], bounds: TextPart) -> Lexicon:
    """The lexicon of a checked document."""
    return _lexicon(
        tuple(map(entry_of, entries)),
        bounds.most_quantity,
        bounds.most_bill,
        votes_of(bounds.votes),
    )


@lru_cache(maxsize=REMEMBERED)
def _lexicon(
    entries: tuple[Entry, ...], max_quantity: int, max_bill: float, votes: Votes | None
) -> Lexicon:
    """The lexicon, cached: making one takes some 100 ms, and most changes leave it alone."""
    return Lexicon(entries, max_quantity, max_bill, votes)


def named_days_of(part: TextPart) -> NamedDays:
    """The days that the trade has names for."""
    days = {words_of(words): _month_and_day(day) for words, day in part.days.items()}
    return NamedDays(days)


def _month_and_day(written: str) -> tuple[int, int]:
    month, day = written.split("-")
    return int(month), int(day)


def entry_of(part: EntryPart) -> Entry:
    """One entry of the lexicon."""
    return Entry(
        signal=part.signal,
        phrases=tuple(part.phrases),
        rule=part.rule,
        urgency=part.urgency,
        urgency_at_most=part.urgency_at_most,
        bill=part.bill,
        intent=part.intent,
        chance_factor=part.chance_factor,
        skill=part.skill,
        form=part.form,
        max_pieces=part.max_pieces,
        assembly=part.assembly,
        describes=part.describes,
        together=tuple(part.together),
        apart=tuple(part.apart),
        note=part.note,
        names=_names(part),
    )


def _names(part: EntryPart) -> tuple[tuple[str, str], ...]:
    """The names in sentences: as given, else the first phrase in that language, else the signal."""
    russian = next((phrase for phrase in part.phrases if not phrase.isascii()), part.signal)
    return (
        ("ru", part.name.ru or russian.strip(".")),
        ("en", part.name.en or part.signal.replace("_", " ")),
    )
