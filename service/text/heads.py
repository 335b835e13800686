"""The head noun is the thing wanted: "масло в раздатку" is oil, "прокладка турбины" a gasket.

The head noun comes first. A genitive, or "в", "на", "от" or "для" after it, says where it goes.
"""

from collections.abc import Sequence

from service.text.car_names import CAR_NAMES, CAR_STEMS
from service.text.dictionary import case_of, stem_of
from service.text.entries import Entry
from service.text.phrase_tree import SIDES, FoundPhrase
from service.text.tokens import listed

WHERE_TO = frozenset(listed("в во на от для под из к ко у до"))
PURPOSE = frozenset(listed("для под"))  # the next thing is never wanted itself
ALSO = frozenset(listed("и да или"))
MAX_BETWEEN = 4


def complements(tokens: Sequence[str], goods: Sequence[tuple[FoundPhrase, Entry]]) -> set[int]:
    """The starts of goods that only say where the thing before them goes."""
    off: set[int] = set()
    for number in range(1, len(goods)):
        (before, head), (found, entry) = goods[number - 1], goods[number]
        if found.start - before.end > MAX_BETWEEN:
            continue
        between = [word for word in tokens[before.end : found.start] if word not in SIDES]
        follows = number + 1 < len(goods) and goods[number + 1][0].start == found.end
        if not between:
            if _is_of(tokens[found.start : found.end], head, entry, follows):
                off.add(found.start)
        elif _leads_to(between, before.start in off or _has_place(tokens, before), entry):
            off.add(found.start)
    return off


def descriptions(tokens: Sequence[str], goods: Sequence[tuple[FoundPhrase, Entry]]) -> set[int]:
    """The starts of goods that only describe the car: "солярис 1.6 акпп, нужны колодки"."""
    if all(entry.describes for _, entry in goods):
        return set()
    return {
        found.start
        for found, entry in goods
        if entry.describes
        and (_tells(tokens, found.start - 1) or (_tells(tokens, found.end) and found.start > 0))
    }


def _tells(tokens: Sequence[str], at: int) -> bool:
    if not 0 <= at < len(tokens):
        return False
    token = tokens[at]
    return token[0].isdigit() or token in CAR_NAMES or stem_of(token) in CAR_STEMS


def _leads_to(between: Sequence[str], has_place: bool, entry: Entry) -> bool:
    """ "масло в двигатель и в раздатку", "масло в двигатель и раздатку"."""
    words = list(between)
    if words[0] in ALSO:
        words = words[1:]
        if not words:
            return has_place and entry.assembly
    return len(words) == 1 and (words[0] in PURPOSE or (entry.assembly and words[0] in WHERE_TO))


def _has_place(tokens: Sequence[str], found: FoundPhrase) -> bool:
    return not WHERE_TO.isdisjoint(tokens[found.start : found.end])


def _is_of(words: Sequence[str], head: Entry, entry: Entry, follows: bool) -> bool:
    """Whether a noun right after another is its genitive: "коробки", "заднего моста"."""
    if head is entry:
        return False
    cases = next(filter(None, map(case_of, words)), frozenset())
    if "genitive" not in cases:
        return False
    if "nominative" not in cases:
        return True
    return entry.assembly and not head.assembly and not follows
