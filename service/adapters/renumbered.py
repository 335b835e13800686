"""Numbers as they are dialled now: WhatsApp keeps ids of before a country changed its numbers."""

import re

CHANGES = (  # mobiles of Mexico lost a 1, and those of Brazil got a 9
    (re.compile(r"\+521(\d{10})"), r"+52\1"),
    (re.compile(r"\+55(\d\d)([6-9]\d{7})"), r"+55\g<1>9\2"),
)


def as_dialled_now(number: str) -> str:
    """The number, with a plus, that a call from the same telephone shows."""
    for before, now in CHANGES:
        if (found := before.fullmatch(number)) is not None:
            return found.expand(now)
    return number
