"""Whether a sender's request contains the marks of a client.

Telephone numbers are written in many ways, so their digits are compared, without country code and
trunk prefix.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from phonenumbers import NumberParseException, national_significant_number, parse

from service.leads.identity import Evidence
from service.matching.marks import mark_of

FEWEST_DIGITS = 7
SHORTEST_ID = 5  # a shorter id occurs in requests about other clients
NO_DIGIT = re.compile(rb"[^0-9]+")
UNICODE_ESCAPE = re.compile(rb"\\u([0-9a-fA-F]{4})")


@dataclass(frozen=True, slots=True)
class Needles:
    """What to look for: digits of telephone numbers, addresses and ids."""

    digits: tuple[bytes, ...]
    words: re.Pattern[bytes] | None

    def are_in(self, content: bytes) -> bool:
        """Whether a request contains any of them, in JSON, in a form or as plain text."""
        plain = UNICODE_ESCAPE.sub(_character, unquote_to_bytes(content.replace(b"+", b" ")))
        numbers = NO_DIGIT.sub(b"", plain)
        if any(item in numbers for item in self.digits):
            return True
        return self.words is not None and self.words.search(plain.lower()) is not None


def needles_of(identities: Iterable[str]) -> Needles:
    """What to look for, from a client's marks; customer numbers are too short to be used."""
    digits, words = [], []
    for identity in sorted(identities):
        mark = mark_of(identity, 1)
        if mark.evidence is Evidence.PHONE:
            digits.append(_national(mark.value).encode())
        elif mark.evidence is not Evidence.CUSTOMER and len(mark.value) >= SHORTEST_ID:
            words.append(re.escape(mark.value.lower().encode()))
    pattern = rb"(?<![0-9a-z_])(?:" + b"|".join(words) + rb")(?![0-9a-z_])" if words else None
    enough = tuple(item for item in digits if len(item) >= FEWEST_DIGITS)
    return Needles(enough, None if pattern is None else re.compile(pattern))


def _national(phone: str) -> str:
    try:
        return national_significant_number(parse(phone))
    except NumberParseException:
        return phone.lstrip("+")


def _character(found: re.Match[bytes]) -> bytes:
    character: str = json.loads(b'"' + found.group(0) + b'"')
    return character.encode("utf-8", "replace")
