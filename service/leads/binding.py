"""What a key is bound to: an operator, queues, sources, and until when it opens."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from service.leads.errors import FieldMistake, KeyBound

OF_OPERATORS = frozenset({"operate", "read", "personal"})
OF_SOURCES = frozenset({"intake"})


@dataclass(frozen=True, slots=True)
class Binding:
    """What a key is for alone; None: for all of them.

    One of an operator acts as them only, in `queues`, else in those that they serve.
    """

    operator: str | None = None
    queues: frozenset[str] | None = None
    sources: frozenset[str] | None = None
    expires_at: datetime | None = None

    @property
    def is_narrow(self) -> bool:
        """Whether it is for less than everything; when it ends is another matter."""
        return not (self.operator is None and self.queues is None and self.sources is None)

    def only_queue(self) -> str | None:
        """The queue of who names none, where there is one alone."""
        return next(iter(self.queues)) if self.queues and len(self.queues) == 1 else None

    def only_source(self) -> str | None:
        """The source of who names none, where there is one alone."""
        return next(iter(self.sources)) if self.sources and len(self.sources) == 1 else None

    def check_signal(self, queue: str, source: str) -> None:
        """Raise KeyBound for a signal of another queue or in another source's name."""
        if self.operator is not None:
            raise KeyBound(f"This key is of the operator `{self.operator}`, and sends no leads.")
        if self.queues is not None and queue not in self.queues:
            raise KeyBound(f"This key is not for the queue `{queue}`.")
        if self.sources is not None and source not in self.sources:
            raise KeyBound(f"This key does not speak in the name of `{source}`.")


UNBOUND = Binding()


def mistakes_in(binding: Binding, scopes: Collection[str], now: datetime) -> Iterator[FieldMistake]:
    """What cannot be: scopes that reach further than what the key is bound to."""
    if binding.operator is not None and not OF_OPERATORS.issuperset(scopes):
        yield _too_wide("operator", "an operator", OF_OPERATORS)
    if binding.sources is not None and not OF_SOURCES.issuperset(scopes):
        yield _too_wide("sources", "sources", OF_SOURCES)
    if binding.queues is not None and "metrics" in scopes:
        yield FieldMistake("scopes", "figures are of all queues", "Leave `metrics` out.")
    if binding.expires_at is not None and binding.expires_at <= now:
        yield FieldMistake("expires_at", "it is over already", "Send a time to come.")


def _too_wide(field: str, what: str, scopes: Collection[str]) -> FieldMistake:
    names = ", ".join(f"`{scope}`" for scope in sorted(scopes))
    return FieldMistake(
        "scopes", f"a key of {what} has no others than {names}", f"Leave them or `{field}` out."
    )
