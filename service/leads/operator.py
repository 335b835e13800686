"""Who takes leads."""

from dataclasses import dataclass

from service.leads.lead import EVERYBODY


@dataclass(frozen=True, slots=True)
class Operator:
    """A person who is served leads: from which queues, with which skills, how many at once."""

    name: str
    queues: tuple[str, ...]
    skills: frozenset[str] = frozenset()
    capacity: int = 1

    @property
    def lanes(self) -> tuple[str, ...]:
        """The lanes he is served from, in every queue of his."""
        return (EVERYBODY,)
