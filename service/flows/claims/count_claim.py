"""Count claims that were made or refused, for metrics; nothing changes."""

from collections.abc import Iterator
from contextlib import contextmanager

from service.leads.errors import LineUnavailable, NextleadError, Overloaded, StorageUnavailable
from service.leads.lead import Lead
from service.metrics.families import CLAIMS, FIRST_CLAIM
from service.ranking.decision import ServedVia

NOT_REFUSED = (StorageUnavailable, LineUnavailable, Overloaded)


def count_claim(lead: Lead, via: ServedVia) -> None:
    """Count a new claim, and the client's waiting time if it is the lead's first claim."""
    CLAIMS.add("served", via.value)
    if lead.claim is not None and lead.first_claimed_at == lead.claim.since:
        waited = lead.claim.since - lead.signal.received_at
        FIRST_CLAIM.observe(waited.total_seconds(), lead.ranking.kind.value)


@contextmanager
def refusals_counted() -> Iterator[None]:
    """Count a refusal when the block refuses a claim."""
    try:
        yield
    except NextleadError as error:
        if not isinstance(error, NOT_REFUSED):
            CLAIMS.add("refused", "")
        raise
