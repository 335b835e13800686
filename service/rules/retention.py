"""How long what is kept of a queue's leads is kept, by its policy."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Retention:
    """Days: of leads, their events and words since they were settled; of senders' requests.

    Unset `deliveries_days`: as the settings say.
    """

    settled_days: int = 730
    events_days: int = 730
    texts_days: int = 365
    deliveries_days: int | None = None
