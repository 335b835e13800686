"""Finds a client's own words in a mail, without quotations.

It reads line by line and never matches the whole text, so that hostile text takes linear time at
most. A forwarded mail is what the client wants us to read, so nothing below its mark is a
quotation.
"""

import re
from collections.abc import Sequence

from service.adapters.mail.quotation_words import (
    FORWARDED,
    FROM,
    ORIGINAL,
    OTHER_HEADERS,
    REPLY_ABOVE,
    WROTE,
    YOU_WROTE,
)

MAX_WORDS = 100_000
MAX_LINE = 300
LINES_OF_ATTRIBUTION = 4  # Gmail breaks the line above a quotation, twice where names are long
LINES_OF_HEADERS = 6


def _any(words: Sequence[str]) -> str:
    return "|".join(re.escape(word) for word in sorted({*words}, key=len, reverse=True))


FRAME = r"[\s\-–—_=*#~]*"
SEPARATOR = re.compile(rf"{FRAME}(?:{_any(ORIGINAL)}){FRAME}:?{FRAME}", re.IGNORECASE)
# telephones put the separator and the headers on the same line as the words
RUN_ON = re.compile(rf"[-–—_]{{4,40}}[ \t]*(?:{_any(ORIGINAL)})[ \t]*[-–—_]{{4,40}}", re.IGNORECASE)
FORWARD = re.compile(rf"{FRAME}(?:{_any(FORWARDED)})[^\n]{{0,80}}", re.IGNORECASE)
ABOVE = re.compile(rf"{FRAME}(?:{_any(REPLY_ABOVE)}){FRAME}\.?{FRAME}", re.IGNORECASE)
HEADER = re.compile(rf"[\s>*_]*(?P<name>{_any((*FROM, *OTHER_HEADERS))})\s*:[*_]*\s", re.IGNORECASE)
FROM_NAMES = frozenset(FROM)
ADDRESS = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}")
ADDRESS_AT_END = re.compile(r"(?:^|[\s<\[(:])[^<>\[\]()\s]{1,80}@[^<>\[\]()\s]{1,80}[>\])]?\s*:?$")
WROTE_AT_END = re.compile(rf"(?:^|[\s,>)\]]){{1}}(?:{_any(WROTE)})\s*:$", re.IGNORECASE)
WROTE_THEN = re.compile(
    rf"(?:^|\s)(?:{_any(WROTE)})\s[^\n]{{0,20}}\d[.\-/]\d\d?[^\n]{{0,10}}\s\d\d?:\d\d(?::\d\d)?\s*:$",
    re.IGNORECASE,
)
DAY = re.compile(r"(?<!\d)\d\d?(?!\d)")
YOU_AT_BEGINNING = re.compile(rf"(?:{_any(YOU_WROTE)})\b", re.IGNORECASE)
CLOCK = re.compile(r"(?<!\d)\d{1,2}[:.]\d\d(?!\d)")
YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
RULE = re.compile(r"[_]{10,}|[-–—]{20,}|={10,}")


def own_words(raw: str) -> str:
    """The words above a quotation, else the unquoted lines below it; may be empty."""
    plain = RUN_ON.sub(r"\n\g<0>\n", raw[:MAX_WORDS])
    lines = plain.replace("\r\n", "\n").replace("\r", "\n").strip().split("\n")
    start, after = _quotation(lines)
    if start is None:
        return _unquoted(lines)
    above, below = _unquoted(lines[:start]), lines[after:]
    if FORWARD.fullmatch(lines[start].strip()):
        return "\n".join(lines).strip()
    first = next((line for line in below if line.strip()), "")
    # where each quoted line is marked, answers also stand below and between them
    return _together(above, _unquoted(below)) if _is_quoted(first) else above


def _together(*parts: str) -> str:
    return "\n".join(part for part in parts if part)


def _quotation(lines: Sequence[str]) -> tuple[int | None, int]:
    """Where a quotation begins, and where its introduction ends."""
    for number, line in enumerate(lines):
        plain = line.strip()
        if not plain or len(plain) > MAX_LINE:
            continue
        if SEPARATOR.fullmatch(plain) or FORWARD.fullmatch(plain) or ABOVE.fullmatch(plain):
            return number, number + 1
        if _begins_headers(lines, number) or _is_rule_above_headers(lines, number):
            return number, number + 1
        if ended := _attribution(lines, number):
            return number, ended
    return None, 0


def _attribution(lines: Sequence[str], start: int) -> int:
    """The end of the lines of an attribution ("X wrote on …"); 0 when none begins here."""
    if _is_quoted(lines[start]):
        return 0
    whole = ""
    for number in range(start, min(start + LINES_OF_ATTRIBUTION, len(lines))):
        plain = lines[number].strip()
        if not plain or (number > start and _is_quoted(plain)):
            return 0
        whole = f"{whole} {plain}".strip()
        if len(whole) > MAX_LINE:
            return 0
        if plain.endswith(":") or _stands_above_quoted(lines, number):
            return number + 1 if _introduces(whole) else 0
    return 0


def _stands_above_quoted(lines: Sequence[str], number: int) -> bool:
    below = lines[number + 1 : number + 2]
    return bool(below) and _is_quoted(below[0]) and ADDRESS.search(lines[number]) is not None


def _introduces(line: str) -> bool:
    """Whether a line is an attribution: a person and a time, in a form that no client writes."""
    is_of_a_year = YEAR.search(line) is not None and DAY.search(line) is not None
    is_dated = CLOCK.search(line) is not None or is_of_a_year
    if ADDRESS_AT_END.search(line):
        return is_dated
    if WROTE_THEN.search(line):
        return True
    if WROTE_AT_END.search(line):
        dated_whole = CLOCK.search(line) is not None and any(map(str.isdigit, line[:40]))
        return ADDRESS.search(line) is not None or dated_whole or YEAR.search(line) is not None
    return is_dated and YOU_AT_BEGINNING.match(line) is not None


def _begins_headers(lines: Sequence[str], start: int) -> bool:
    """Whether a mail's headers begin here: `From:` and others. Forms of sites have no such pair."""
    first = _header(lines[start])
    if first is None:
        return False
    names = {first}
    for line in lines[start + 1 : start + 1 + LINES_OF_HEADERS]:
        name = _header(line)
        if name is None and line.strip():
            break
        names |= {name} if name else set()
    others = names - FROM_NAMES
    return bool(names & FROM_NAMES) and (len(others) >= 2 or (first in FROM_NAMES and bool(others)))


def _is_rule_above_headers(lines: Sequence[str], start: int) -> bool:
    if not RULE.fullmatch(lines[start].strip()):
        return False
    below = [number for number in range(start + 1, len(lines)) if lines[number].strip()][:1]
    return bool(below) and _begins_headers(lines, below[0])


def _header(line: str) -> str | None:
    found = HEADER.match(f"{line[:MAX_LINE]} ")
    return found["name"].lower() if found else None


def _unquoted(lines: Sequence[str]) -> str:
    return "\n".join(line for line in lines if not _is_quoted(line)).strip()


def _is_quoted(line: str) -> bool:
    return line.lstrip().startswith((">", "|>"))
