"""The times that a signal may carry."""

from datetime import UTC, datetime, timedelta

from service.leads.errors import FieldMistake, InvalidRequest
from service.leads.lead import Signal

TOLERATED_SKEW = timedelta(minutes=5)
FARTHEST_NEED = timedelta(days=5 * 365)
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)


def check_times(signal: Signal, now: datetime) -> None:
    """Raise InvalidRequest for times in the future, before 2000, or too far away."""
    mistakes = []
    if not EARLIEST <= signal.received_at <= now + TOLERATED_SKEW:
        remedy = "Send when it was received, or leave it out for now."
        mistakes.append(FieldMistake("received_at", "it is not a past moment", remedy))
    if signal.needed_by is not None and not EARLIEST <= signal.needed_by <= now + FARTHEST_NEED:
        remedy = "Send a moment in the next five years."
        mistakes.append(FieldMistake("needed_by", "it is too far away", remedy))
    if mistakes:
        raise InvalidRequest(mistakes)
