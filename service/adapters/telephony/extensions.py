"""Decides which numbers are the exchange's own: its plan, else the extensions that it named.

A short number alone is no extension: in small towns numbers have five or six digits.
"""

import re
from collections.abc import Iterable

from service.adapters.source import Source

SIP = ("sip:", "sips:")
RANGE = re.compile(r"(\d{1,8})(?:-(\d{1,8}))?")
FEWEST_DIGITS = 5  # of a client's number
MAX_DIGITS = 8


def is_of_ours(number: str | None, source: Source) -> bool:
    """Whether a number is one of the exchange's own phones."""
    plain = (number or "").strip().lower()
    if plain.startswith(SIP) or plain in source.operators:
        return True
    if not (plain.isascii() and plain.isdecimal()) or len(plain) > MAX_DIGITS:
        return False
    if source.extensions:
        return is_within(plain, source.extensions)
    return len(plain) < FEWEST_DIGITS or plain in source.learnt_extensions


def is_extension(number: str | None) -> bool:
    """Whether the number that an exchange says answered may be its own extension."""
    plain = number or ""
    return plain.isascii() and plain.isdecimal() and len(plain) <= MAX_DIGITS


def is_within(number: str, extensions: Iterable[str]) -> bool:
    """Whether a number is one of the extensions or in one of their ranges."""
    ranges = (range_of(written) for written in extensions)
    return any(
        first <= number <= last and len(first) == len(number)
        for first, last in (item for item in ranges if item is not None)
    )


def range_of(written: str) -> tuple[str, str] | None:
    """The first and the last number of a range; None when it is no range."""
    match = RANGE.fullmatch(written.strip())
    if match is None:
        return None
    first, last = match[1], match[2] or match[1]
    return (first, last) if len(first) == len(last) and first <= last else None
