"""VINs and body numbers in a text: in groups, joined to "vin", with look-alikes, O for 0.

If several readings are possible, the check digit of ISO 3779 decides, when one has it.
"""

import re
from collections.abc import Iterator

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
HAS_LETTER = re.compile("[A-Z]")
VIN = re.compile("[A-HJ-NPR-Z0-9]{17}")
LENGTH = 17
MAX_GROUPS = 9
FEWEST_LETTERS, FEWEST_DIGITS = 2, 5
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
    run: list[str] = []
    end = 0
    for word in WORD.finditer(capitals):
        if not SEPARATOR.fullmatch(capitals, end, word.start()):
            yield from _of_groups(run)
            run = []
        end = word.end()
        written = word[0]
        if written[0] in FIRST_OF_VIN:
            written = WORD_VIN.sub("", written)
        if written in VIN_WORDS:
            yield from _of_groups(run)
            run = []
        elif WRITTEN.fullmatch(written):
            run.append(_in_latin(written))
        else:
            yield from _of_groups(run)
            run = []
    yield from _of_groups(run)


def _in_latin(written: str) -> str:
    """Cyrillic letters as the Latin ones that look alike, else as those that sound alike."""
    if written.startswith("З") and not written.isdigit():
        written = f"Z{written[1:]}"
    return written.translate(LOOK_ALIKES).translate(BY_SOUND)


def _of_groups(groups: list[str]) -> Iterator[str]:
    if sum(map(len, groups)) < LENGTH or not any(map(HAS_LETTER.search, groups)):
        return
    at = 0
    while at < len(groups):
        best, end = None, at + 1
        length = 0
        for stop in range(at + 1, min(len(groups), at + MAX_GROUPS) + 1):
            length += len(groups[stop - 1])
            if length >= LENGTH:
                break
        vin = _vin("".join(groups[at:stop]), groups[at:stop]) if length == LENGTH else None
        if vin is not None:
            best, end = vin, stop
        if best is not None:
            yield best
        at = end


def _vin(joined: str, groups: list[str]) -> str | None:
    if len(joined) != LENGTH:
        return None
    vin = joined.translate(FOR_DIGITS)
    digits = sum(sign.isdigit() for sign in vin)
    if (
        digits < FEWEST_DIGITS
        or LENGTH - digits < FEWEST_LETTERS
        or not vin[-3:].isdigit()
        or vin[0] == "0"
    ):
        return None
    # several words and an article number are no VIN: a VIN begins with a maker's letters or digits
    if len(groups) > 1 and any(len(group) > 4 and group.isalpha() for group in groups):
        return None
    return vin


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
