"""The leads that wait: filled once to the wanted depth, brought back to that after every turn.

Intake leaves new leads behind, serving leaves claimed ones; both are undone in Postgres and in
Valkey, so that every turn meets the same line. What a run did is counted first, in Postgres, where
it cannot be mistaken.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from bench.works import Work

PATTERNS = 200
CLIENTS_AT_MOST = 2000
# Of this database, whoever asks.
UNDER_WAY = """
SELECT count(*) > 0 FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'
"""


@dataclass(frozen=True, slots=True)
class Moved:
    """What was done since the backlog was filled or restored, as the tables say."""

    taken_in: int = 0
    joined: int = 0
    held: int = 0
    settled: int = 0

    def done(self, work: Work) -> int:
        """How much of one kind of work; nobody counts polls."""
        served = self.held + self.settled
        return {
            Work.INTAKE: self.taken_in,
            Work.JOINING: self.joined,
            Work.POLLING: 0,
            Work.SERVING: served,
            Work.SETTLING: self.settled,
            Work.PAIRS: self.settled,
        }[work]

    @property
    def more_wait(self) -> int:
        """By how many more leads wait."""
        return self.taken_in - self.held - self.settled


class Backlog(Protocol):
    """The leads of one contender at one depth."""

    waiting: int

    async def fill(self, waiting: int) -> None:
        """Let so many leads wait, copies of the first that came in through the API."""
        ...

    async def moved(self) -> Moved:
        """What has happened since the backlog was filled or restored."""
        ...

    async def clients(self) -> Sequence[str]:
        """Clients, by number, whose lead came in since then and waits."""
        ...

    async def claims(self) -> Sequence[str]:
        """The id and the token of every claim that is held, with a space between."""
        ...

    async def busy(self) -> bool:
        """Whether something is still under way."""
        ...

    async def restore(self) -> None:
        """Undo all that has happened since the backlog was filled."""
        ...
