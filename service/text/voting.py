"""When the words of a text vote on its intent, and what its signals tell the vote."""

from collections.abc import Collection, Iterable, Iterator, Sequence

from service.leads.lead import Intent
from service.text.deciding import LOST
from service.text.entries import Seen, TextReading
from service.text.scope import WANTED
from service.text.tokens import LINE_END, last_line, lines_of
from service.text.votes import VOTED, WILL_PAY, WISHES, Electorate, Voted, Votes

MORE_LIKELY = 1.1
LEAVES, HINTS = "<chance lost>", "<chance hint>"
DENIED, HURRIES, SKILL = "<opposite>", "<hurries>", "<skill>"
MAX_LINES = 20  # the latest that may settle something


def vote_on(
    votes: Votes,
    tokens: Sequence[str],
    goods: Collection[int],
    seen: Sequence[Seen],
    reading: TextReading,
) -> Voted | None:
    """The vote of the words, if no signal gives the intent, or they make a graver matter of it.

    A client who says that they need our goods wants to buy, unless the words are certain.
    """
    intent = None if reading.intent is None else reading.intent.value
    if intent is None and any(signal.entry.intent for signal in seen):
        return None
    if intent is not None and LINE_END in tokens:
        return None
    hints = hints_of(seen)
    if goods and not WANTED.isdisjoint(tokens):
        hints |= {WISHES}
    vote = votes.of(Electorate(tokens, goods, hints, intent))
    if vote is None or vote.intent is Intent.OTHER or LINE_END not in tokens:
        return vote
    return None if votes.settles(last_line(tokens)) else vote


def settled_lines(votes: Votes, tokens: Sequence[str], seen: Sequence[Seen]) -> frozenset[int]:
    """The numbers of later lines that settle what an earlier line complains or asks about."""
    if LINE_END not in tokens:
        return frozenset()
    first = min((signal.line for signal in seen if signal.entry.intent in VOTED), default=None)
    if first is None:
        return frozenset()
    latest = list(enumerate(lines_of(tokens)))[first + 1 :][-MAX_LINES:]
    return frozenset(number for number, line in latest if votes.settles(line))


def hints_of(seen: Iterable[Seen]) -> frozenset[str]:
    """The features of signals: their intents, and whether they show a client."""
    return frozenset(feature for signal in seen for feature in _of(signal))


def _of(signal: Seen) -> Iterator[str]:
    entry = signal.entry
    if signal.opposite:
        yield DENIED
        return
    if entry.intent is not None:
        yield f"<says {entry.intent.value}>"
    if entry.skill is not None:
        yield SKILL
    if entry.chance_factor > MORE_LIKELY:
        yield WILL_PAY
    elif entry.chance_factor <= LOST:
        yield LEAVES
    elif entry.chance_factor != 1:
        yield HINTS
    if entry.bill is None and entry.urgency:
        yield HURRIES
