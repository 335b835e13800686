"""VINs and body numbers in a text: in groups, joined to "vin", with look-alikes, O for 0.

If several readings are possible, the check digit of ISO 3779 decides, when one has it.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

LOOK_ALIKES = str.maketrans("АВСЕНКМРТХУОІЗ–—", "ABCEHKMPTXYOI3--")
FOR_DIGITS = str.maketrans("OIQ", "010")
BY_SOUND = str.maketrans("ЛДФГПБЮЙИ", "LDFGPBUJI")  # "ХТА", but "Х7Л" and "ЗФА" too
CAPITALS = "A-Z0-9АВСЕНКМРТХУОІЗЛДФГПБЮЙИ"
WORD = re.compile(r"\w+")
SEPARATOR = re.compile(r"[ .\-–:]{0,2}")
WRITTEN = re.compile(rf"[{CAPITALS}]+")
FIRST_OF_VIN = frozenset("VWВ")
WORD_VIN = re.compile(r"^(?:VINCODE|VIN|WIN|ВИНКОД|ВИН)(?=[A-Z0-9А-Я])")
VIN_WORDS = frozenset({"VIN", "VINCODE", "WIN", "ВИН", "ВИНКОД", "КОД", "CODE", "VOT", "ВОТ"})
LENGTH = 17
MAX_GROUPS = 9
FEWEST_LETTERS, FEWEST_DIGITS = 2, 5
LONGEST_CODE = 4  # letters in a row
BODY_NUMBER = re.compile(
    r"(?<![\w-])[A-ZАВСЕНКМРТХУ]{1,5}[0-9]{1,3}[A-ZАВСЕНКМРТХУ]{0,2}[-–][0-9]{6,7}(?![\w-])"
)
BODY_WORD = r"(?:КУЗОВ\w{0,2}|РАМ[АЫ]|ШАССИ|FRAME|CHASSIS|BODY|НОМЕР)"
SPACED_BODY = re.compile(
    r"(?<![\w-])(?P<model>[A-ZАВСЕНКМРТХУ]{1,5}[0-9]{1,3}[A-ZАВСЕНКМРТХУ]{0,2})[ ]"
    r"(?P<number>[0-9]{6,7})(?![\w-])"
)
CERTAIN_MODEL = re.compile("[A-Z]{2,4}[0-9]{2,3}[A-Z]{0,2}")
LONGEST_NUMBER = 7
NEAR = re.compile(rf"{BODY_WORD}\W{{1,3}}(?:\w{{1,8}}\W{{1,3}})?$")
WIDTH = 24


def find_vins(capitals: str) -> Iterator[str]:
    """The VINs of a text in capitals, as 17 Latin letters and digits."""
    for run in _runs(capitals):
        joined = "".join(run)
        if len(joined) >= LENGTH and not joined.isdigit():
            yield from _of_groups(run)


def _runs(capitals: str) -> Iterator[list[str]]:
    """Groups of letters and digits that stand close together; words such as "vin" end a run."""
    run: list[str] = []
    end = 0
    for word in WORD.finditer(capitals):
        if run and not SEPARATOR.fullmatch(capitals, end, word.start()):
            yield run
            run = []
        end = word.end()
        written = word[0]
        if written[0] in FIRST_OF_VIN:
            written = WORD_VIN.sub("", written)
        if WRITTEN.fullmatch(written) and written not in VIN_WORDS:
            run.append(written)
        elif run:
            yield run
            run = []
    yield run


class Group(NamedTuple):
    """Adjoining letters and digits as a VIN writes them; `is_word`: letters and no maker's code."""

    signs: str
    digits: int
    is_word: bool


@lru_cache(maxsize=4_096)
def _group(written: str) -> Group:
    latin = _in_latin(written)
    signs = latin.translate(FOR_DIGITS)
    is_word = len(latin) > LONGEST_CODE and latin.isalpha()
    return Group(signs, sum(map(str.isdigit, signs)), is_word)


def _in_latin(written: str) -> str:
    """Cyrillic letters as the Latin ones that look alike, else as those that sound alike."""
    if written.startswith("З") and not written.isdigit():
        written = f"Z{written[1:]}"
    return written.translate(LOOK_ALIKES).translate(BY_SOUND)


def _of_groups(written: list[str]) -> Iterator[str]:
    """The VINs in a run; each group is passed twice at most."""
    groups = list(map(_group, written))
    at = stop = length = 0
    while at < len(groups):
        while stop < min(len(groups), at + MAX_GROUPS) and length < LENGTH:
            length += len(groups[stop].signs)
            stop += 1
        vin = _vin(groups[at:stop]) if length == LENGTH else None
        if vin is not None:
            yield vin
            at, length = stop, 0
        else:
            length -= len(groups[at].signs)
            at += 1


def _vin(groups: Sequence[Group]) -> str | None:
    """The VIN that 17 signs may be: several words and an article number are none."""
    digits = sum([group.digits for group in groups])
    if not FEWEST_DIGITS <= digits <= LENGTH - FEWEST_LETTERS:
        return None
    if len(groups) > 1 and any(group.is_word for group in groups):
        return None
    vin = "".join([group.signs for group in groups])
    return vin if vin[-3:].isdigit() and vin[0] != "0" else None


def find_body_numbers(capitals: str) -> Iterator[str]:
    """The body numbers of Japanese cars, such as NCP31-0098765."""
    for match in BODY_NUMBER.finditer(capitals):
        yield match[0].translate(LOOK_ALIKES)
    for match in SPACED_BODY.finditer(capitals):
        before = capitals[max(0, match.start() - WIDTH) : match.start()]
        model, number = match["model"].translate(LOOK_ALIKES), match["number"]
        is_certain = len(number) == LONGEST_NUMBER and CERTAIN_MODEL.fullmatch(model)
        if is_certain or number.startswith("0") or NEAR.search(before):
            yield f"{model}-{number}"
