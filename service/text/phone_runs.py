"""Digits in words that may be a telephone number, in whatever country and however they are written.

Unlike recognition, nothing is looked up: a number of seven digits or more may be somebody's. Days
and years are none.
"""

import re

BETWEEN = r"[\s().\u00a0\u2010-\u2015-]{0,3}"
RUN = re.compile(rf"\d(?:{BETWEEN}\d){{6}}")
DAY = r"(?:0?[1-9]|[12]\d|3[01])"
MONTH = r"(?:0?[1-9]|1[0-2])"
YEAR = r"(?:19|20)\d\d"
# "29.11.2026", "29/11/26", "2026-11-29", "2025-2026", each with what stands between other digits
DATE = re.compile(
    rf"(?P<before>\d{BETWEEN})?(?<!\d)(?:"
    rf"{DAY}(?P<a>[./ -]){MONTH}(?P=a)(?:{YEAR}|\d\d)"
    rf"|{YEAR}(?P<b>[./-]){MONTH}(?P=b){DAY}"
    rf"|{YEAR}(?P<c>\ ?[-\u2013]\ ?){YEAR}"
    rf")(?!\d)(?P<after>{BETWEEN}(?=\d))?"
)


def may_hold_phone(words: str) -> bool:
    """Whether seven digits stand together as in a telephone number, and are no days."""
    return RUN.search(DATE.sub(_without_date, words)) is not None


def _without_date(found: re.Match[str]) -> str:
    """Nothing in place of a date; a row of more numbers that are written like it is none."""
    before, after = found["before"] or "", found["after"] or ""
    sign = (found["a"] or found["b"] or found["c"]).strip() or " "
    return found[0] if sign in before + after else f"{before}…{after}"
