"""Prices, telephone numbers, VINs and body numbers in a client's text.

Repetitions in the patterns are bounded or possessive: reading takes time in proportion to the text.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
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

MAX_OF_A_SORT = 5
HIGHEST_PRICE = Decimal(1_000_000_000)
CENT = Decimal("0.01")

AMOUNT = (
    r"(?:[0-9]{1,3}(?:[ .\u00a0\u202f][0-9]{3}){1,3}(?![0-9])(?:,[0-9]{2}(?![0-9]))?"  # 20 000,50
    r"|[0-9]{1,10}(?:[.,][0-9]{1,2})?)"  # 1,5
)
THOUSANDS = r"(?P<thousands>[кk]\b|\s?т\.?\s?(?=р)|\s?ты[сщ](?:\.|яч[аиу]?)?(?![а-я])|\s?тыр\b)"
MILLIONS = r"(?P<millions>\s?(?:млн|миллион(?:а|ов)?|лям(?:а|ов)?)\b\.?)"
ROUBLES = r"\s?(?:₽|[рp](?:уб(?:\.|л[а-я]{1,3})?)?(?!-?[а-яa-z])|(?:rub|rubles?)\b)"
NO_MONEY = (
    r"(?!\.?\s?(?:км|километ|пробег|миль|шт|об\b|человек|гост|раз\b|лет\b|год|г\b|л\b|мм\b|"
    r"доллар|бакс|евро|\$|€|usd|eur))"
)
PRICE = re.compile(
    rf"(?<![\w.,])(?<!\w-)(?:{AMOUNT}[кk]?\s?[-–—]\s?)?(?P<amount>{AMOUNT})(?![0-9])"
    rf"(?:(?:{THOUSANDS}|{MILLIONS}){NO_MONEY}|{ROUBLES})"
)
BUDGET = re.compile(
    r"(?<!\w)(?:бюджет[а-я]{0,2}|сумм[аеуы]|цена до|budget|price up to)"
    r"(?:\s|[:=~—–-]|(?:до|около|примерно|в|максимум|не более|не больше|of|is|up to)(?!\w)){1,6}"
    rf"(?:[0-9]{{3,8}}\s?[-–—]\s?)?(?P<amount>{AMOUNT})(?![\w/-]){NO_MONEY}"
)
SMALLEST_BUDGET = 100  # "бюджет 20" may well mean thousands
MILEAGE = re.compile(r"(?:пробег\w{0,2}|прош(?:ла|ел|ёл)|проехала?|накатала?)\W{1,3}$")
MILEAGE_WIDTH = 16

MAYBE_PHONE = re.compile(
    r"(?<!\w)(?<![a-zA-Z0-9]-)(?:\+\s?)?\(?[0-9](?:[ ().\u00a0-]{0,3}+[0-9]){6,14}+(?!\w)"
)
GROUP = re.compile("[0-9]+")
FEWEST_DIGITS = 7
MAX_TRIES = 30

LOOK_ALIKES = str.maketrans("АВСЕНКМРТХУ–", "ABCEHKMPTXY-")
VIN = re.compile(r"(?<!\w)[A-HJ-NPR-Z0-9АВСЕНКМРТХУ]{17}(?!\w)")
BODY_NUMBER = re.compile(
    r"(?<![\w-])[A-ZАВСЕНКМРТХУ]{1,5}[0-9]{1,3}[A-ZАВСЕНКМРТХУ]{0,2}[-–][0-9]{6,7}(?![\w-])"
)
VIN_VALUES = dict(zip("ABCDEFGHJKLMNPRSTUVWXYZ", map(int, "12345678123457923456789"), strict=True))
VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
CHECK_PLACE = 8


@dataclass(frozen=True, slots=True)
class Recognised:
    """What a text holds: the highest price in roubles; of the rest the first five each.

    Phones are E.164, VINs and body numbers upper case Latin.
    """

    price: Decimal | None
    phones: tuple[str, ...]
    vins: tuple[str, ...]
    body_numbers: tuple[str, ...]


NOTHING = Recognised(None, (), (), ())


def recognise(text: str, region: str = "RU") -> Recognised:
    """Find all in `text`; telephone numbers without a country's code are those of `region`."""
    if GROUP.search(text) is None:
        return NOTHING
    capitals = text.upper()
    return Recognised(
        price=_price(text.lower()),
        phones=_first(_phones(text, region)),
        vins=_first(_vins(capitals)),
        body_numbers=_first(found[0] for found in BODY_NUMBER.finditer(capitals)),
    )


def has_right_check_digit(vin: str) -> bool:
    """Whether place 9 is the check digit of ISO 3779; only North America and China demand it."""
    if VIN.fullmatch(vin) is None or not vin.isascii():
        return False
    values = (VIN_VALUES.get(sign) or int(sign) for sign in vin)
    remainder = sum(value * weight for value, weight in zip(values, VIN_WEIGHTS, strict=True)) % 11
    return vin[CHECK_PLACE] == "0123456789X"[remainder]


def _first(found: Iterable[str]) -> tuple[str, ...]:
    plain = dict.fromkeys(item.translate(LOOK_ALIKES) for item in found)
    return tuple(plain)[:MAX_OF_A_SORT]


def _price(text: str) -> Decimal | None:
    prices = [*_spoken_prices(text), *_budgets(text)]
    return min(max(prices), HIGHEST_PRICE).quantize(CENT) if prices else None


def _spoken_prices(text: str) -> Iterator[Decimal]:
    for found in PRICE.finditer(text):
        before = text[max(0, found.start() - MILEAGE_WIDTH) : found.start()]
        amount = _number(found["amount"]) * _multiplier(found)
        if amount > 0 and MILEAGE.search(before) is None:
            yield amount


def _multiplier(found: re.Match[str]) -> int:
    if found["millions"]:
        return 1_000_000
    return 1_000 if found["thousands"] else 1


def _budgets(text: str) -> Iterator[Decimal]:
    for found in BUDGET.finditer(text):
        amount = _number(found["amount"])
        if amount >= SMALLEST_BUDGET:
            yield amount


def _number(written: str) -> Decimal:
    whole, comma, fraction = written.replace(" ", "").partition(",")
    if not comma and re.fullmatch(r"[0-9]+\.[0-9]{1,2}", whole):
        return Decimal(whole)
    digits = "".join(GROUP.findall(whole))
    return Decimal(f"{digits}.{fraction or 0}")


def _phones(text: str, region: str) -> Iterator[str]:
    """Valid numbers from the left; digits that lead nowhere are left behind group by group."""
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
    # Ten digits in a row are an article number more often than somebody's desk.
    if written == str(phone.national_number) and number_type(phone) == PhoneNumberType.FIXED_LINE:
        return None
    return format_number(phone, PhoneNumberFormat.E164)


def _vins(capitals: str) -> Iterator[str]:
    for found in VIN.finditer(capitals):
        if not found[0].isdigit() and not found[0].isalpha():
            yield found[0]
