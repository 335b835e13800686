"""How long a queue keeps the data of its leads."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Retention:
    """Days to keep leads, events and texts after the lead was settled, and senders' requests.

    Without `deliveries_days` the setting of the service applies.
    """

    settled_days: int = 730
    events_days: int = 730
    texts_days: int = 365
    deliveries_days: int | None = None
