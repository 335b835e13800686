"""A position in the order of all events; the order is final and equal on every replica."""

import re
from dataclasses import dataclass

LOGS = {"l": "lead", "q": "queue"}
LETTERS = {log: letter for letter, log in LOGS.items()}
CURSOR = re.compile(r"([0-9]{1,19})-([0-9]{1,19})(?:-([lq])([0-9]{1,19}))?")
GREATEST = 2**63 - 1


@dataclass(frozen=True, slots=True, order=True)
class EventPosition:
    """A place in the order of events: by `turn`, then by log, then by id.

    `turn` is the number of a transaction: the event's own, or that of an earlier event of the same
    lead or queue if it is higher. A position without a log stands before all events of its turn.
    """

    turn: int
    log: str = ""
    id: int = 0


@dataclass(frozen=True, slots=True)
class Cursor:
    """A position as listeners know it.

    `era` distinguishes the database servers that counted the transactions. A restored copy may
    count from a lower number; its era is higher.
    """

    era: int
    position: EventPosition

    def __str__(self) -> str:
        at = self.position
        event = f"-{LETTERS[at.log]}{at.id}" if at.log else ""
        return f"{self.era}-{at.turn}{event}"


def cursor_of(given: str) -> Cursor | None:
    """The cursor that a text names; None when the text is not a cursor."""
    found = CURSOR.fullmatch(given)
    if found is None:
        return None
    era, turn, letter, number = found.groups()
    position = EventPosition(int(turn), LOGS.get(letter or "", ""), int(number or 0))
    if max(int(era), position.turn, position.id) > GREATEST:
        return None
    return Cursor(int(era), position)
