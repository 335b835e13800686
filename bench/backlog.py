"""The leads that wait: filled once to the wanted depth, brought back to that after every run.

A run of intake leaves new leads behind, a run of serving leaves claimed ones; both are undone in
Postgres and in Valkey, so that every run meets the same line. What the run did is counted first,
in Postgres, where it cannot be mistaken.
"""

from dataclasses import dataclass
from typing import Protocol

PATTERNS = 200


@dataclass(frozen=True, slots=True)
class Moved:
    """What a run did, as the table says."""

    taken_in: int
    served: int
    settled: int


class Backlog(Protocol):
    """The leads of one contender at one depth."""

    waiting: int

    async def fill(self, waiting: int) -> None:
        """Let so many leads wait, copies of the first that came in through the API."""
        ...

    async def moved(self) -> Moved:
        """What has happened since the backlog was filled or restored."""
        ...

    async def restore(self) -> None:
        """Undo all that has happened since the backlog was filled."""
        ...
