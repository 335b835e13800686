"""Chooses the queue of a signal by a value in it: a line, a branch, a region (B18)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from service.leads.lead import Signal

LINE = "line"
SAME_LINE = 10  # digits from the end: +7 495 … and 8 495 … are one number


@dataclass(frozen=True, slots=True)
class QueueBy:
    """The attribute that chooses the queue of a signal, and the queue for each value.

    `line` is the number that was dialled, in any notation. Any other value goes to `otherwise`, or
    to the source's own queue when that is unset.
    """

    attribute: str
    queue_of_value: Mapping[str, str] = field(hash=False)
    otherwise: str | None = None

    @property
    def queues(self) -> tuple[str, ...]:
        """Every queue that it names."""
        named = dict.fromkeys(self.queue_of_value.values())
        return (*named, *([] if self.otherwise is None else [self.otherwise]))

    @property
    def written(self) -> dict[str, Any]:
        """The form in which it is stored."""
        return {"field": self.attribute, "map": dict(self.queue_of_value), "else": self.otherwise}

    def of(self, signal: Signal, own: str) -> str:
        """The queue of a signal; `own` is the source's queue."""
        value = (signal.attributes or {}).get(self.attribute)
        by_value = {self._plain(key): queue for key, queue in self.queue_of_value.items()}
        found = None if value is None else by_value.get(self._plain(value))
        return found or self.otherwise or own

    def _plain(self, value: object) -> str:
        text = str(value).strip().casefold()
        digits = "".join(sign for sign in text if sign.isdigit())
        is_number = self.attribute == LINE and bool(digits) and not any(map(str.isalpha, text))
        return digits[-SAME_LINE:] if is_number else text


def queue_by_of(spec: Mapping[str, Any]) -> QueueBy:
    """The choice read from its stored form."""
    return QueueBy(spec["field"], spec["map"], spec["else"])
