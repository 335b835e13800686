"""Telephone fields as people fill them in: two numbers, a name, an extension, a word.

A number counts when it exists in the numbering plan of its country. All other text is kept as
typed, so that nothing is lost.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from phonenumbers import (
    SUPPORTED_REGIONS,
    NumberParseException,
    PhoneNumberFormat,
    format_number,
    is_valid_number,
    parse,
)

from service.text.recognition import recognise

MAX_FIELD = 300
DIGITS_OF_TWO = range(18, 27)
MAX_PHONES = 5
SIP = ("sip:", "sips:")
BETWEEN = re.compile(
    r"[;,/|\\\n\r\t]+|\s(?:и|или|або|та|чи|және|немесе|and|or)\s|:::|(?<=\d)\s+(?=\+)"
)
ASIDE = re.compile(r"\([^()]*[^\W\d_][^()]*\)|\[[^\[\]]*\]|\"[^\"]*\"|«[^«»]*»")
LABEL = re.compile(r"^\W*(?:[^\W\d_]{1,20}\.?\s*){0,3}[:.\s-]*(?=[+(\d])")
NUMBER = re.compile(r"\+?\(?\d(?:[\s().\u00a0\u2010-\u2015-]{0,3}\d){4,16}")
# invisible characters that PDFs, address books and messengers put between digits
UNSEEN = re.compile(
    "[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff]"
)
# a number that a table reads as an amount, with all of its digits still there
EXPONENT = re.compile(r"(\d)[.,](\d{9,13})E\+?(\d\d)", re.IGNORECASE)
FOREIGN = re.compile(r"[1-9]\d{10,12}")
# codes of neighbours, which people write in a group of their own
NEIGHBOUR = re.compile(r"(?:37[0-5]|380|99[2-68])[\s(.-]")
DOUBLE_NULL = re.compile(r"00(?=[1-9]\d{9,12}$)")
SIGNS = re.compile(r"\D+", re.ASCII)
LETTER = re.compile(r"[^\W\d_]")
OUR_WORDS = re.compile(r"\b(?:телефон|тел|т|phone|tel|whatsapp|viber)\b", re.IGNORECASE)
COUNTRIES = {
    "россия": "RU", "российская федерация": "RU", "рф": "RU", "russia": "RU",
    "russian federation": "RU",
    "казахстан": "KZ", "қазақстан": "KZ", "республика казахстан": "KZ", "kazakhstan": "KZ",
    "беларусь": "BY", "белоруссия": "BY", "республика беларусь": "BY", "belarus": "BY",
    "украина": "UA", "україна": "UA", "ukraine": "UA",
    "армения": "AM", "armenia": "AM", "азербайджан": "AZ", "azerbaijan": "AZ",
    "грузия": "GE", "georgia": "GE", "кыргызстан": "KG", "киргизия": "KG", "kyrgyzstan": "KG",
    "молдова": "MD", "молдавия": "MD", "moldova": "MD", "таджикистан": "TJ", "tajikistan": "TJ",
    "узбекистан": "UZ", "uzbekistan": "UZ", "туркменистан": "TM", "turkmenistan": "TM",
    "латвия": "LV", "latvia": "LV", "литва": "LT", "lithuania": "LT", "эстония": "EE",
    "estonia": "EE", "польша": "PL", "poland": "PL", "polska": "PL", "германия": "DE",
    "germany": "DE", "deutschland": "DE", "турция": "TR", "turkey": "TR", "türkiye": "TR",
    "израиль": "IL", "israel": "IL", "китай": "CN", "china": "CN", "монголия": "MN",
    "mongolia": "MN", "сербия": "RS", "serbia": "RS", "финляндия": "FI", "finland": "FI",
    "чехия": "CZ", "czechia": "CZ", "czech republic": "CZ", "франция": "FR", "france": "FR",
    "италия": "IT", "italy": "IT", "испания": "ES", "spain": "ES", "сша": "US",
    "united states": "US", "usa": "US", "великобритания": "GB", "united kingdom": "GB",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class PhoneField:
    """The numbers of a field in E.164, the first five; `left` is the whole field as typed.

    `left` is None when the field holds nothing but the numbers.
    """

    phones: tuple[str, ...] = ()
    left: str | None = None


def read_phone_field(raw: str, region: str) -> PhoneField:
    """The content of a telephone field. Numbers without a country code are of `region`."""
    typed = _whole(UNSEEN.sub("", raw).strip()[:MAX_FIELD])
    if not typed or typed.lower().startswith(SIP):
        return PhoneField()
    found = dict.fromkeys(_numbers(typed.removeprefix("tel:"), region))
    phones = tuple(found)[:MAX_PHONES]
    return PhoneField(phones, None if phones and _is_said(typed, phones, region) else typed)


def existing_number(raw: str, region: str) -> str | None:
    """A number in E.164 if it exists in its country's numbering plan, else None."""
    try:
        number = parse(raw, region)
    except NumberParseException:
        return None
    return format_number(number, PhoneNumberFormat.E164) if is_valid_number(number) else None


def number_as_typed(plain: str, region: str) -> str | None:
    """A number in E.164 if it exists in the region, else abroad, without the plus or after 00."""
    if found := existing_number(plain, region):
        return found
    digits = SIGNS.sub("", plain)
    if DOUBLE_NULL.match(digits):
        return existing_number(f"+{digits[2:]}", region)
    is_abroad = FOREIGN.fullmatch(digits if NEIGHBOUR.match(plain) else plain) is not None
    return existing_number(f"+{digits}", region) if is_abroad else None


def region_of(country: object, otherwise: str) -> str:
    """The region of a country that an order or a form names, by its code or its name."""
    plain = country.strip() if isinstance(country, str) else ""
    if plain.upper() in SUPPORTED_REGIONS:
        return plain.upper()
    return COUNTRIES.get(plain.lower(), otherwise)


def _whole(typed: str) -> str:
    table = EXPONENT.fullmatch(typed)
    if table is None or len(table[2]) != int(table[3]):
        return typed
    return table[1] + table[2]


def _numbers(typed: str, region: str) -> Iterator[str]:
    """The number of the whole field, else the numbers of its parts, else those within the parts."""
    if number := _number(typed, region):
        yield number
        return
    for piece in BETWEEN.split(typed):
        if number := _number(piece, region):
            yield number
        else:
            yield from _side_by_side(piece, region) or recognise(piece, region, None).phones


def _number(piece: str, region: str) -> str | None:
    """The number of a part. A number of another country may lack the plus."""
    plain = _plain(piece)
    return number_as_typed(plain, region) if plain else None


def _side_by_side(piece: str, region: str) -> list[str]:
    """Two numbers separated by a blank or by nothing."""
    if LETTER.search(piece) or sum(map(str.isdigit, piece)) not in DIGITS_OF_TWO:
        return []
    half = len(piece) // 2
    breaks = [place for place, sign in enumerate(piece) if sign.isspace()] or [half, half + 1]
    for place in sorted(breaks, key=lambda at: abs(at - half)):
        both = [_number(part, region) for part in (piece[:place], piece[place:].strip())]
        if None not in both:
            return [number for number in both if number]
    return []


def _plain(piece: str) -> str:
    """A part without a word before the number and without text in brackets."""
    plain = LABEL.sub("", ASIDE.sub(" ", piece), count=1).strip(" .;,-–—")
    return plain if NUMBER.fullmatch(plain) else ""


def _is_said(typed: str, phones: tuple[str, ...], region: str) -> bool:
    """Whether the field holds only these numbers: no word, and no other digit."""
    if LETTER.search(OUR_WORDS.sub("", typed)):
        return False
    pieces = [piece for piece in BETWEEN.split(typed) if any(map(str.isdigit, piece))]
    if len(pieces) > len(phones) and _number(typed, region) is None:
        return False
    # some spellings of a number have more digits than others: 8, 00
    return sum(map(str.isdigit, typed)) <= sum(len(phone) + 1 for phone in phones)
