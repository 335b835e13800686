"""Prices, telephone numbers, VINs and body numbers in a client's text.

Repetitions in the patterns are bounded or possessive, so reading takes linear time.
"""

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal

from phonenumbers import (
    NumberParseException,
    PhoneNumberFormat,
    PhoneNumberType,
    format_number,
    is_valid_number,
    number_type,
    parse,
)

from service.leads.unchanging import unchanging
from service.text.cars import find_body_numbers, find_vins
from service.text.currencies import without_foreign
from service.text.spoken_sums import SPOKEN_SUM
from service.text.sums import Firmness, find_sum
from service.text.tokens import normal

MAX_OF_A_SORT = 5
THOUSAND = 1000

MAYBE_PHONE = re.compile(
    r"(?<!\w)(?<![a-zA-Z0-9]-)(?:\+\s?)?\(?[0-9](?:[ ().\u00a0-]{0,3}+[0-9]){6,14}+(?!\w)"
)
GROUP = re.compile("[0-9]+")
FEWEST_DIGITS = 7
MAX_TRIES = 30
MAYBE_SPOKEN = re.compile(SPOKEN_SUM, re.IGNORECASE)


@unchanging
class Recognised:
    """The price that counts in a text, and the first five of each other sort.

    For a price without a unit, `price_is_small` says that thousands may be meant, and
    `price_is_bare` that no word calls it a price. `price_is_each` is the price of one piece.
    Phones are E.164. VINs and body numbers are upper-case Latin.
    """

    price: Decimal | None
    phones: tuple[str, ...]
    vins: tuple[str, ...]
    body_numbers: tuple[str, ...]
    price_is_small: bool = False
    price_is_bare: bool = False
    price_is_each: bool = False


NOTHING = Recognised(None, (), (), ())


def recognise(text: str, region: str, currency: str | None) -> Recognised:
    """Everything found in `text`.

    Phone numbers without a country code are of `region`. A price in another currency than
    `currency` does not count; without `currency`, every price counts.
    """
    if GROUP.search(text) is None and MAYBE_SPOKEN.search(text) is None:
        return NOTHING
    capitals = text.upper()
    priced = normal(text)
    found = find_sum(priced if currency is None else without_foreign(priced, currency))
    return Recognised(
        price=None if found is None else found.amount,
        phones=_first(_phones(text, region)),
        vins=_first(find_vins(capitals)),
        body_numbers=_first(find_body_numbers(capitals)),
        price_is_small=found is not None and found.is_small,
        price_is_bare=found is not None and found.firmness is Firmness.BARE,
        price_is_each=found is not None and found.is_each,
    )


def _first(found: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(found))[:MAX_OF_A_SORT]


def _phones(text: str, region: str) -> Iterator[str]:
    """Valid numbers from left to right; digits without a number are skipped group by group."""
    at, tries = 0, MAX_TRIES
    while tries > 0 and (run := MAYBE_PHONE.search(text, at)) is not None:
        ends = [group.end() for group in GROUP.finditer(run[0])]
        at = run.start() + ends[0]
        for end in reversed(ends):
            written = run[0][:end]
            if sum(map(str.isdigit, written)) < FEWEST_DIGITS or tries <= 0:
                break
            tries -= 1
            if (phone := _phone(written, region)) is not None:
                yield phone
                at = run.start() + end
                break


def _phone(written: str, region: str) -> str | None:
    try:
        phone = parse(written, region)
    except NumberParseException:
        return None
    if not is_valid_number(phone):
        return None
    # Ten digits in a row are more often an article number than a landline.
    if written == str(phone.national_number) and number_type(phone) == PhoneNumberType.FIXED_LINE:
        return None
    return format_number(phone, PhoneNumberFormat.E164)
