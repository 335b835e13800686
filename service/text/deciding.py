"""Decides urgency, bill, intent and chance from the signals of a text.

Lines are read in order, because each message of a client begins one. The newest word on urgency and
on intent decides. A complaint lasts until the client withdraws it (rule B4).
"""

from collections.abc import Iterable, Mapping, Sequence

from service.leads.lead import Intent
from service.leads.unchanging import unchanging
from service.text.decided import AFTER_SALE, SOLD, Bounds, Decided, reading_of
from service.text.entries import Entry, Match, Seen, TextReading, Understood, each_once
from service.text.votes import Voted

GRAVEST_FIRST = (Intent.COMPLAINT, Intent.RETURN, Intent.ORDER_QUESTION, Intent.OTHER, Intent.SALE)
NOT_IN_A_HURRY = 0.3  # the greatest urgency of a client who says that it is not urgent
HURRY = 0.5  # a lower urgency shows no hurry
PRESSING = 0.85  # from here on it holds even after a cap in the same line
LOST = 0.3


@unchanging
class TextLine:
    """The signals of one line; whether it names goods, asks for them, or settles a matter."""

    number: int
    seen: tuple[Seen, ...]
    wants: bool
    asks: bool
    settles: bool


def decide(
    seen: Sequence[Seen],
    wanted: Sequence[tuple[int, int]],
    bounds: Bounds,
    corrections: Mapping[str, str],
    vote: Voted | None = None,
    tokens: tuple[str, ...] = (),
    settled: frozenset[int] = frozenset(),
) -> TextReading:
    """The reading of a text from its signals.

    `wanted` are place and line of words like "нужен". `vote` is the intent if words give it.
    `settled` are the numbers of lines that say that a matter is settled.
    """
    holding = _holding(_without_taken_out(seen), seen, wanted)
    lines = _lines(holding, {line for _, line in wanted}, settled)
    intent = _intent(lines) if vote is None else Understood(vote.intent, ())
    after_sale = intent is not None and intent.value in AFTER_SALE
    matches = _matches(holding)
    urgency, cap = _urgency(lines, goods=not after_sale)
    decided = Decided(matches, urgency, cap, intent, tuple(corrections.items()), vote, tokens)
    return reading_of(decided, bounds)


def is_goods(entry: Entry) -> bool:
    """Whether a signal names something to buy."""
    return entry.bill is not None


def _without_taken_out(seen: Sequence[Seen]) -> Sequence[Seen]:
    """The signals left after later words exclude goods asked for before ("диски не нужны")."""
    taken = {signal.entry.signal: signal.at for signal in seen if signal.opposite}
    if not taken:
        return seen
    return [
        signal
        for signal in seen
        if not is_goods(signal.entry)
        or (not signal.opposite and signal.at > taken.get(signal.entry.signal, -2))
    ]


def _holding(
    kept: Sequence[Seen], seen: Sequence[Seen], wanted: Sequence[tuple[int, int]]
) -> Sequence[Seen]:
    """The signals without signs of a lost client who bought this and wants other goods."""
    if min([signal.entry.chance_factor for signal in kept], default=1.0) > LOST:
        return kept
    goods = [signal for signal in seen if is_goods(signal.entry)]
    last_goods = max([signal.at for signal in goods if not signal.opposite], default=-1)
    last_wanted = max([at for at, _ in wanted], default=-1)
    lines_with_this = {signal.line for signal in goods if signal.opposite}
    return [
        signal
        for signal in kept
        if signal.opposite
        or signal.entry.chance_factor > LOST
        or signal.entry.intent is not None
        or signal.at >= last_goods
        or (signal.line not in lines_with_this and signal.at >= last_wanted)
    ]


def _lines(seen: Sequence[Seen], wanting: set[int], settled: frozenset[int]) -> list[TextLine]:
    by_line: dict[int, list[Seen]] = {number: [] for number in settled}
    for signal in seen:
        by_line.setdefault(signal.line, []).append(signal)
    return [
        TextLine(number, tuple(part), _wants(part), number in wanting, number in settled)
        for number, part in sorted(by_line.items())
    ]


def _wants(seen: Sequence[Seen]) -> bool:
    return any(signal.entry.bill is not None and not signal.opposite for signal in seen)


def _matches(seen: Iterable[Seen]) -> tuple[Match, ...]:
    greatest: dict[str, Match] = {}
    for signal in seen:
        if signal.opposite:
            continue
        entry = signal.entry
        match = greatest.get(entry.signal)
        if match is None or match.quantity < signal.quantity:
            greatest[entry.signal] = Match(entry, signal.quantity)
    return tuple(greatest.values())


def _intent(lines: Sequence[TextLine]) -> Understood[Intent] | None:
    current: Understood[Intent] | None = None
    for line in lines:
        current = _intent_after(current, line)
    return current


def _intent_after(current: Understood[Intent] | None, line: TextLine) -> Understood[Intent] | None:
    before = None if current is None else current.value
    if before in AFTER_SALE and (taken := _taken_back(line)) is not None:
        return taken
    if line.settles and before in SOLD and not _complains(line):
        return Understood(Intent.SALE, (), line.number + 1)
    denied = [signal.entry.intent for signal in line.seen if signal.opposite]
    if before in denied or Intent.COMPLAINT in denied:
        current = before = None
    found = _gravest(line)
    if found is None:
        answered = line.wants and before is not Intent.COMPLAINT
        return None if answered else current
    if before is Intent.COMPLAINT and found.value is not Intent.SALE:
        return current
    return found


def _complains(line: TextLine) -> bool:
    return any(
        signal.entry.intent is Intent.COMPLAINT and not signal.opposite for signal in line.seen
    )


def _taken_back(line: TextLine) -> Understood[Intent] | None:
    """What ends a complaint or a return of before: no new complaint is said behind it.

    Whoever needs nothing more ("вопрос снят") ends it too, if they say nothing of it again.
    """
    plain = [signal for signal in line.seen if not signal.opposite]
    about = [signal.at for signal in plain if signal.entry.intent in AFTER_SALE]
    complaints = [signal.at for signal in plain if signal.entry.intent is Intent.COMPLAINT]
    ends = [
        signal
        for signal in plain
        if signal.entry.intent is Intent.SALE or (not about and _leaves(signal.entry))
    ]
    if not ends or max(complaints, default=-1) > ends[-1].at:
        return None
    return Understood(Intent.SALE, (ends[-1].entry,), line.number + 1)


def _leaves(entry: Entry) -> bool:
    return entry.intent is None and entry.chance_factor <= LOST


def _gravest(line: TextLine) -> Understood[Intent] | None:
    plain = [
        signal.entry
        for signal in line.seen
        if signal.entry.intent is not None and not signal.opposite
    ]
    if not plain:
        return None
    intents = {entry.intent for entry in plain}
    if line.wants and line.asks:
        intents.discard(Intent.OTHER)  # in doubt the writer stays a client
    for intent in GRAVEST_FIRST:
        if intent in intents:
            deciding = [entry for entry in plain if entry.intent is intent]
            return Understood(intent, each_once(deciding), line.number + 1)
    return None


def _urgency(
    lines: Sequence[TextLine], *, goods: bool
) -> tuple[Understood[float] | None, Understood[float] | None]:
    """The urgency and the cap in force; None where no word gives them."""
    named = _greatest(lines) if goods else None
    pressed: Understood[float] | None = None
    cap: Understood[float] | None = None
    for line in lines:
        pressed, cap = _urgency_after(pressed, cap, line)
    values = [found for found in (pressed, named) if found is not None]
    if not values:
        return None, cap
    top = max([found.value for found in values])
    if cap is not None and cap.value < top:
        return cap, cap
    deciding = [found for found in values if found.value == top]
    if len(deciding) == 1:
        return deciding[0], cap
    entries = each_once([entry for found in deciding for entry in found.entries])
    return Understood(top, entries, deciding[0].line), cap


def _urgency_after(
    pressed: Understood[float] | None, cap: Understood[float] | None, line: TextLine
) -> tuple[Understood[float] | None, Understood[float] | None]:
    caps = [
        (value, signal)
        for signal in line.seen
        if (signal.opposite or signal.entry.urgency_at_most is not None)
        and (value := _cap(signal)) is not None
    ]
    raises = [
        signal
        for signal in line.seen
        if signal.entry.urgency is not None and signal.entry.bill is None and not signal.opposite
    ]
    if caps:
        lowest, signal = min(caps, key=lambda pair: pair[0])
        cap = Understood(lowest, (signal.entry,), line.number + 1)
        last = max(other.at for _, other in caps)
        over = [r for r in raises if r.at > last and (r.entry.urgency or 0) >= PRESSING]
        if not over:
            return _highest(pressed, raises, line), cap
        raises = over
    if cap is not None and any(
        (signal.entry.urgency or 0) > cap.value
        for signal in raises
        if signal.entry.chance_factor <= 1
    ):
        return _highest(None, raises, line), None
    return _highest(pressed, raises, line), cap


def _cap(signal: Seen) -> float | None:
    if signal.opposite:
        hurries = not is_goods(signal.entry) and (signal.entry.urgency or 0) >= HURRY
        return NOT_IN_A_HURRY if hurries and signal.entry.intent is None else None
    return signal.entry.urgency_at_most


def _highest(
    pressed: Understood[float] | None, raises: Sequence[Seen], line: TextLine
) -> Understood[float] | None:
    if not raises:
        return pressed
    top = max([signal.entry.urgency or 0 for signal in raises])
    if pressed is not None and pressed.value > top:
        return pressed
    deciding = [signal.entry for signal in raises if signal.entry.urgency == top]
    before = pressed.entries if pressed is not None and pressed.value == top else ()
    return Understood(top, each_once((*before, *deciding)), line.number + 1)


def _greatest(lines: Iterable[TextLine]) -> Understood[float] | None:
    """The urgency of the goods themselves."""
    top, deciding, first = -1.0, [], 0
    for line in lines:
        for signal in line.seen:
            entry = signal.entry
            if entry.urgency is None or entry.bill is None or signal.opposite:
                continue
            if entry.urgency > top:
                top, deciding, first = entry.urgency, [entry], line.number + 1
            elif entry.urgency == top:
                deciding.append(entry)
    return Understood(top, each_once(deciding), first) if deciding else None
