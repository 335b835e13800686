"""What is to be measured: whom, at what, how deep the line is, and how long."""

from collections.abc import Sequence
from dataclasses import dataclass

from bench.works import Work

# The embedded PostgreSQL takes 97 connections of ours. A worker of the service opens up to 12, of a
# plain floor 10, of the tuned one 4, a peer 8 and BullMQ none; the bench itself one for each.
CONNECTIONS = 97
OF_A_WORKER = {"service": 12, "floor": 10, "harder floor": 10, "tuned floor": 4}
OF_A_PEER = {"SKIP LOCKED": 8, "PgQueuer": 8, "procrastinate": 8, "BullMQ": 0}

LEAST = 1000
FLOORS = ("floor", "tuned floor", "harder floor")
PEERS = ("SKIP LOCKED", "PgQueuer", "procrastinate", "BullMQ")
DEEP_WORKS = (Work.INTAKE, Work.SERVING, Work.SETTLING, Work.PAIRS)
QUICK_WORKS = (Work.INTAKE, Work.JOINING, Work.POLLING, Work.SERVING, Work.SETTLING)


class PlanImpossible(Exception):
    """The options ask for what cannot be done."""


@dataclass(frozen=True, slots=True)
class Part:
    """Who takes turns at which work, with how many leads waiting, over how many connections."""

    depth: int
    connections: int
    contenders: tuple[str, ...]
    works: tuple[Work, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """The options of `make bench`."""

    parts: tuple[Part, ...]
    rounds: int
    seconds: int
    workers: int
    minutes: float
    quick: bool = False

    def check(self) -> None:
        """Raise PlanImpossible when the servers could not take it."""
        wanted = sum(
            1 + (self.workers * OF_A_WORKER[name] if name in OF_A_WORKER else OF_A_PEER[name])
            for depth in self.depths
            for name in self.contenders(depth)
        )
        if wanted > CONNECTIONS:
            raise PlanImpossible("so many workers and depths need too many database connections")

    @property
    def depths(self) -> tuple[int, ...]:
        """How many leads wait, the least first."""
        return tuple(sorted({part.depth for part in self.parts}))

    def contenders(self, depth: int) -> tuple[str, ...]:
        """Who is needed at a depth, in the order in which they take turns."""
        named = {name for part in self.parts if part.depth == depth for name in part.contenders}
        return tuple(name for name in ("floor", "service", *FLOORS[1:], *PEERS) if name in named)


# What `make bench-quick` measures: under 90 seconds in all.
QUICK = Plan((Part(LEAST, 32, ("floor", "service"), QUICK_WORKS),), 3, 1, 1, 1.3, quick=True)


def parts_of(
    depths: Sequence[int], connections: Sequence[int], peers: Sequence[str]
) -> tuple[Part, ...]:
    """The whole ladder where a thousand wait; where more do, the plain floor and the peers."""
    first, *others = connections
    everybody = ("floor", "service", "tuned floor", "harder floor")
    ladder = [Part(LEAST, first, everybody, tuple(Work))]
    ladder += [Part(LEAST, number, everybody[:3], tuple(Work)) for number in others]
    deep = [
        Part(depth, first, ("floor", "service", *peers), DEEP_WORKS)
        for depth in depths
        if depth != LEAST
    ]
    return (*ladder, *deep)


def read_numbers(sent: str) -> tuple[int, ...]:
    """The numbers in `32,128`, the least first; raises PlanImpossible."""
    words = [word.strip() for word in sent.split(",")]
    if not all(word.isdecimal() and int(word) > 0 for word in words):
        raise PlanImpossible(f"these must be numbers above 0, like 32,128: {sent}")
    return tuple(sorted({int(word) for word in words}))
