"""What a key is bound to: an operator, queues, sources, and a time when it expires."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from service.leads.errors import FieldMistake, KeyBound

OF_OPERATORS = frozenset({"operate", "read", "personal"})
OF_SOURCES = frozenset({"intake"})


@dataclass(frozen=True, slots=True)
class Binding:
    """The limits of a key; None means no limit.

    A key with an `operator` acts as that operator only, in `queues`, or else in the operator's
    queues.
    """

    operator: str | None = None
    queues: frozenset[str] | None = None
    sources: frozenset[str] | None = None
    expires_at: datetime | None = None

    @property
    def is_narrow(self) -> bool:
        """Whether the key is limited to an operator, queues or sources."""
        return not (self.operator is None and self.queues is None and self.sources is None)

    def only_queue(self) -> str | None:
        """The queue for a request that names none: the only queue of the key, else None."""
        return next(iter(self.queues)) if self.queues and len(self.queues) == 1 else None

    def only_source(self) -> str | None:
        """The source for a request that names none: the only source of the key, else None."""
        return next(iter(self.sources)) if self.sources and len(self.sources) == 1 else None

    def check_signal(self, queue: str, source: str) -> None:
        """Raise KeyBound when the key may not send a signal to this queue or for this source."""
        if self.operator is not None:
            raise KeyBound(f"This key is of the operator `{self.operator}`, and sends no leads.")
        if self.queues is not None and queue not in self.queues:
            raise KeyBound(f"This key is not for the queue `{queue}`.")
        if self.sources is not None and source not in self.sources:
            raise KeyBound(f"This key does not speak in the name of `{source}`.")


UNBOUND = Binding()


def mistakes_in(binding: Binding, scopes: Collection[str], now: datetime) -> Iterator[FieldMistake]:
    """Contradictions in a new key: scopes wider than its binding, or an expiry in the past."""
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
