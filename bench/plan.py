"""What is to be measured, and how long."""

from dataclasses import dataclass

from bench.load import Load

# The embedded PostgreSQL takes 100 connections. A worker of the service opens up to 12, one of
# the floor up to 20, at every depth.
CONNECTIONS = 96
OF_A_WORKER = 32


class PlanImpossible(Exception):
    """The options ask for what cannot be done."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The options of `make bench`."""

    depths: tuple[int, ...]
    rounds: int
    load: Load
    workers: int
    minutes: float
    quick: bool = False

    def check(self) -> None:
        """Raise PlanImpossible when the servers could not take it."""
        if self.workers * len(self.depths) * OF_A_WORKER > CONNECTIONS:
            limit = CONNECTIONS // OF_A_WORKER
            raise PlanImpossible(f"workers times depths must be {limit} at most")


def read_depths(sent: str) -> tuple[int, ...]:
    """The depths in `1000,100000`, the least first; raises PlanImpossible."""
    words = [word.strip() for word in sent.split(",")]
    if not all(word.isdecimal() and int(word) > 0 for word in words):
        raise PlanImpossible("depths must be numbers above 0, like 1000,100000")
    return tuple(sorted({int(word) for word in words}))
