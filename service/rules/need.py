"""What a client needs: their words, the articles, the kind and the intent."""

import math
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from service.leads.lead import Channel, Intent, Kind, RankingInput, Signal
from service.leads.unchanging import replace, unchanging
from service.rules.policy import Policy
from service.text.dates import NamedDays, find_needed_by, may_name_a_day
from service.text.entries import SILENT, TextReading
from service.text.kept_reading import digest_of, from_short_form, short_form
from service.text.lexicon import Article, Lexicon
from service.text.recognition import NOTHING, Recognised, recognise
from service.text.tokens import listed

# Fields of a form that are read as a message, as the name of an article, and as a car.
TEXT_FIELDS = frozenset(
    listed(
        "subject topic caption comment comments message question note тема подпись комментарий "
        "вопрос"
    )
)
ARTICLE_FIELDS = frozenset(
    listed("part parts goods product products detail details запчасть запчасти деталь детали товар")
)
CAR_FIELDS = frozenset(
    listed("car auto vehicle model vin frame chassis авто автомобиль машина модель марка вин кузов")
)
CLIENTS_CHANNELS = frozenset({Channel.SITE_ORDER, Channel.VIN_REQUEST, Channel.CRM_TASK})
MAX_FIELD = 500  # characters
# what adapters write for a thing that was sent, with the name of its file or its address
SENT_THING = re.compile(r"\[[a-z][a-z_ -]{1,30}\](?:\s+(?:\S[^\n]{0,200}\.\w{2,5}|https?://\S+))?")
THOUSAND = 1000
# Greetings and what forms write come again, and a lead that is ranked again is read again.
REMEMBERED, LONGEST_REMEMBERED, FEW = 1024, 300, 20
BELIEVABLE = (
    20  # a bare number is a price if it is at most so many times the usual bill, or a part of it
)


class TextReader(NamedTuple):
    """What reads texts: the words of a policy, its region, its currency and its days."""

    lexicon: Lexicon
    region: str
    currency: str
    named_days: NamedDays


Read = tuple[TextReading, Recognised, str | None]
"""The reading of words, what was recognised in them, and both in the form that is kept."""


@unchanging
class Need:
    """A lead's ranking input, understood under a policy; it does not change with time alone.

    The price is a guess when it had no unit: it was read as thousands, or no word called it a
    price. `is_dated_by_text` says that the client's words gave `needed_by`. `kept` is the reading
    in the form that is kept with the lead.
    """

    situation: RankingInput
    kind: Kind
    intent: Intent
    reading: TextReading
    recognised: Recognised
    price: Decimal | None = None
    price_is_guess: bool = False
    is_dated_by_text: bool = False
    kept: str | None = None

    @property
    def signal(self) -> Signal:
        """What the client sent."""
        return self.situation.signal

    @property
    def has_vin(self) -> bool:
        """Whether the car is identified (VIN or body number)."""
        found = self.recognised
        return bool(self.signal.vin or found.vins or found.body_numbers)

    @property
    def is_live(self) -> bool:
        """Whether the client is on the line or in the office."""
        return self.signal.live and self.kind in (Kind.PHONE, Kind.OFFICE)


@unchanging
class Words:
    """The words of a signal: a text, names of articles, and where cars are named."""

    text: str
    articles: tuple[Article, ...]
    cars: str


def understand(situation: RankingInput, policy: Policy, kept: str | None = None) -> Need:
    """Read the text, and find kind and intent; stated values go before values from the text.

    A `kept` reading is used instead of reading again, unless the words, the policy's lexicon or the
    code are others.
    """
    signal = situation.signal
    reading, recognised, kept = _read(_words(signal), policy, kept)
    kind = find_kind(situation, policy)
    intent = signal.intent or _intent_of(reading, signal, recognised)
    price, is_guess = _price(recognised, reading, policy.kinds[kind].usual_bill)
    need = Need(situation, kind, intent, reading, recognised, price, is_guess, kept=kept)
    return _dated(need, policy)


def _words(signal: Signal) -> Words:
    fields = {name.lower(): value for name, value in _fields(signal.attributes)}
    text = "\n".join([*_values(fields, TEXT_FIELDS), *([signal.text] if signal.text else [])])
    cars = "\n".join([*_values(fields, CAR_FIELDS), text])
    return Words(text, tuple(_articles(signal, fields)), cars)


def _read(words: Words, policy: Policy, kept: str | None) -> Read:
    if not (words.cars or words.articles):
        return SILENT, NOTHING, None
    reader = TextReader(policy.lexicon, policy.region, policy.currency, policy.named_days)
    known = None if kept is None else _kept_reading(words, reader, kept)
    if known is not None:
        return known
    is_short = len(words.cars) <= LONGEST_REMEMBERED and len(words.articles) <= FEW
    return (reread if is_short else _read_anew)(words, reader)


def _kept_reading(words: Words, reader: TextReader, kept: str) -> Read | None:
    known = from_short_form(kept, _digest(words, reader), reader.lexicon)
    if known is None:
        return None
    return known[0] if words.text or words.articles else SILENT, known[1], kept


def _read_anew(words: Words, reader: TextReader) -> Read:
    lexicon, region, currency, named_days = reader
    has_words = bool(words.text or words.articles)
    reading = lexicon.read(words.text, words.articles) if has_words else SILENT
    recognised = recognise(words.cars, region, currency) if words.cars else NOTHING
    days = reading.tokens if may_name_a_day(reading.tokens, named_days) else ()
    digest = _digest(words, reader)
    return reading, recognised, short_form(digest, reading, recognised, lexicon, days)


reread = lru_cache(REMEMBERED)(_read_anew)
"""The same; what was read before is not read again."""


def _digest(words: Words, reader: TextReader) -> str:
    named = (f"{article.quantity} {article.name}" for article in words.articles)
    beside = (reader.region, reader.currency, reader.named_days.written)
    return digest_of((words.text, words.cars, *named), reader.lexicon, *beside)


def understands_alike(policy: Policy, other: Policy) -> bool:
    """Whether two policies read every situation alike. They may rank it differently."""
    return policy.lexicon.reads_as(other.lexicon) and _asked_of(policy) == _asked_of(other)


def _asked_of(policy: Policy) -> tuple[object, ...]:
    """What `understand` uses of a policy, beside its lexicon."""
    bills = {kind: numbers.usual_bill for kind, numbers in policy.kinds.items()}
    when = (policy.hours.timetable, policy.named_days)
    return policy.region, policy.currency, policy.channels, bills, when


def _fields(attributes: Mapping[str, object] | None) -> Iterator[tuple[str, str]]:
    for name, value in (attributes or {}).items():
        if isinstance(value, str) and value.strip():
            yield name, value[:MAX_FIELD]


def _values(fields: Mapping[str, str], names: frozenset[str]) -> list[str]:
    return [value for name, value in fields.items() if name in names]


def _articles(signal: Signal, fields: Mapping[str, str]) -> Iterator[Article]:
    """The items of the signal and the articles in the fields of a form (A5, A6)."""
    for item in signal.items:
        yield Article(item.name, max(1, int(item.quantity)))
    for value in _values(fields, ARTICLE_FIELDS):
        yield Article(value, 1)


def _is_client(signal: Signal, recognised: Recognised) -> bool:
    """Whether more than words shows a client: an order, money, a VIN. No vote denies it."""
    return bool(
        (signal.items or signal.budget or signal.vin or signal.paid)
        or (recognised.vins or recognised.body_numbers)
        or signal.channel in CLIENTS_CHANNELS
    )


def _intent_of(reading: TextReading, signal: Signal, recognised: Recognised) -> Intent:
    """The intent of the words.

    A live client without a clear one wants a sale (A3), and so does a client whose words alone
    sound like no client's.
    """
    if reading.intent is None or (reading.vote is not None and _is_only_sent(signal.text)):
        return Intent.SALE
    if reading.intent.value is not Intent.OTHER:
        return reading.intent.value
    is_unsure = signal.live or (reading.vote is not None and _is_client(signal, recognised))
    return Intent.SALE if is_unsure else Intent.OTHER


def _is_only_sent(text: str | None) -> bool:
    """Whether a client sent things without a word of their own: names of files do not vote."""
    lines = (text or "").split("\n")
    return all(SENT_THING.fullmatch(line.strip()) for line in lines)


def _price(
    recognised: Recognised, reading: TextReading, usual_bill: float
) -> tuple[Decimal | None, bool]:
    """The price in the text, and whether it is a guess."""
    price = recognised.price
    if price is not None and recognised.price_is_each:
        price *= _pieces(reading)
    usual = reading.bill.value if reading.bill is not None else usual_bill
    if price is None or price <= 0 or usual <= 0:
        return price, False
    if recognised.price_is_bare:
        is_near = abs(math.log(float(price) / usual)) <= math.log(BELIEVABLE)
        return (price, True) if reading.bill is not None and is_near else (None, False)
    ratio = float(price) / usual
    if recognised.price_is_small and abs(math.log(ratio * THOUSAND)) < abs(math.log(ratio)):
        return price * THOUSAND, True
    return price, False


def _pieces(reading: TextReading) -> int:
    """How many pieces a price of one piece is for: those of the only thing that is wanted."""
    counts = [match.quantity for match in reading.matches if match.entry.bill is not None]
    return counts[0] if len(counts) == 1 else 1


def _dated(need: Need, policy: Policy) -> Need:
    """The need with the day that the client's words name, unless the sender stated one."""
    if need.intent is not Intent.SALE or need.signal.needed_by is not None:
        return need
    asked_at = need.situation.asked_at.astimezone(policy.hours.timetable.zone)
    found = find_needed_by(need.reading.tokens, asked_at, policy.named_days)
    if found is None:
        return need
    signal = replace(need.signal, needed_by=found)
    return replace(need, situation=replace(need.situation, signal=signal), is_dated_by_text=True)


def find_kind(situation: RankingInput, policy: Policy) -> Kind:
    """The stated kind, else that of the channel; a chat message outside hours is `offline` (A2)."""
    signal = situation.signal
    if signal.kind is not None:
        return signal.kind
    kind = policy.channels[signal.channel]
    if kind is Kind.CHAT and not policy.hours.is_open(situation.asked_at):
        return Kind.OFFLINE
    return kind
