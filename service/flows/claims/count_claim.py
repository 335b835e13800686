"""A claim was made or refused, and is counted for metrics; nothing moves."""

from collections.abc import Iterator
from contextlib import contextmanager

from service.leads.errors import LineUnavailable, NextleadError, Overloaded, StorageUnavailable
from service.leads.lead import Lead
from service.metrics.families import CLAIMS, FIRST_CLAIM
from service.ranking.decision import ServedVia

NOT_REFUSED = (StorageUnavailable, LineUnavailable, Overloaded)


def count_claim(lead: Lead, via: ServedVia) -> None:
    """Count a claim that was just made, and how long its client waited if it is the first."""
    CLAIMS.add("served", via.value)
    if lead.claim is not None and lead.first_claimed_at == lead.claim.since:
        waited = lead.claim.since - lead.signal.received_at
        FIRST_CLAIM.observe(waited.total_seconds(), lead.ranking.kind.value)


@contextmanager
def refusals_counted() -> Iterator[None]:
    """Count it when the block refuses a claim to who asks for it."""
    try:
        yield
    except NextleadError as error:
        if not isinstance(error, NOT_REFUSED):
            CLAIMS.add("refused", "")
        raise
