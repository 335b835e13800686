"""The reading of a text in a short form, so that it is not read again when only the rank changes.

The form begins with a digest of all that a reading depends on: the words, the lexicon, the code. A
form with another digest is not used.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import cache
from hashlib import blake2b
from importlib.resources import files
from typing import Any, TypeVar

import orjson
import phonenumbers
import pymorphy3  # type: ignore[import-untyped]

from service.leads.lead import Intent
from service.text.decided import Decided, reading_of
from service.text.entries import Match, TextReading, Understood
from service.text.lexicon import Lexicon
from service.text.recognition import NOTHING, Recognised
from service.text.votes import Voted

DIGEST_BYTES = 9

Value = TypeVar("Value")
Short = list[Any] | None


@cache
def code_digest() -> bytes:
    """A digest of the code and of the dictionaries that read."""
    digest = blake2b(digest_size=DIGEST_BYTES)
    for library in (phonenumbers, pymorphy3):
        digest.update(library.__version__.encode())
    sources = (item for item in files("service.text").iterdir() if item.name.endswith(".py"))
    for source in sorted(sources, key=lambda item: item.name):
        digest.update(source.read_bytes())
    return digest.digest()


def digest_of(words: Sequence[str], lexicon: Lexicon, *beside: str) -> str:
    """A digest of words, of the lexicon and the code that read them, and of what is `beside`."""
    digest = blake2b(code_digest() + lexicon.digest(), digest_size=DIGEST_BYTES)
    for word in (*beside, *words):
        digest.update(b"%d:" % len(word))
        digest.update(word.encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def short_form(
    digest: str,
    reading: TextReading,
    recognised: Recognised,
    lexicon: Lexicon,
    tokens: Sequence[str],
) -> str:
    """The short form; `tokens` are those of the reading that are needed later."""
    number = lexicon.number_of
    return orjson.dumps(
        [
            digest,
            [(number(match.entry), match.quantity) for match in reading.matches],
            _short(reading.urgency, lexicon),
            _short(reading.urgency_cap, lexicon),
            _short(reading.intent, lexicon),
            reading.corrections,
            None if reading.vote is None else (reading.vote.intent, reading.vote.certainty),
            tokens,
            None if recognised == NOTHING else tuple(_fields(recognised)),
        ]
    ).decode()


def from_short_form(
    kept: str, digest: str, lexicon: Lexicon
) -> tuple[TextReading, Recognised] | None:
    """The reading and what was recognised; None when the form is of another digest."""
    if not kept.startswith(f'["{digest}"'):
        return None
    _, matches, urgency, cap, intent, corrections, vote, tokens, recognised = orjson.loads(kept)
    entries = lexicon.entries
    decided = Decided(
        matches=tuple(Match(entries[number], quantity) for number, quantity in matches),
        urgency=_understood(urgency, lexicon),
        urgency_cap=_understood(cap, lexicon),
        intent=_intent(intent, lexicon),
        corrections=tuple((written, meant) for written, meant in corrections),
        vote=None if vote is None else Voted(Intent(vote[0]), vote[1]),
        tokens=tuple(tokens),
    )
    return reading_of(decided, lexicon.bounds), _recognised(recognised)


def _short(found: Understood[Any] | None, lexicon: Lexicon) -> Short:
    if found is None:
        return None
    return [found.value, found.line, *map(lexicon.number_of, found.entries)]


def _understood(short: Short, lexicon: Lexicon) -> Understood[Any] | None:
    if short is None:
        return None
    value, line, *numbers = short
    return Understood(value, tuple(lexicon.entries[number] for number in numbers), line)


def _intent(short: Short, lexicon: Lexicon) -> Understood[Intent] | None:
    return None if short is None else _understood([Intent(short[0]), *short[1:]], lexicon)


def _fields(found: Recognised) -> Iterator[object]:
    yield None if found.price is None else str(found.price)
    yield from (found.phones, found.vins, found.body_numbers)
    yield from (found.price_is_small, found.price_is_bare, found.price_is_each)


def _recognised(fields: Short) -> Recognised:
    if fields is None:
        return NOTHING
    price, phones, vins, body_numbers, *flags = fields
    amount = None if price is None else Decimal(price)
    return Recognised(amount, tuple(phones), tuple(vins), tuple(body_numbers), *flags)
