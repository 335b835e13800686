"""Store how a delivery ended: it was read, or it could not be.

A delivery that is not understood goes into quarantine, where people see it. One that failed because
a server was unavailable is tried again and never dropped.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta

import structlog

from service.flows.senders.handle_delivery import EMPTY, HandledDelivery
from service.leads.errors import (
    InvalidRequest,
    LineUnavailable,
    NextleadError,
    Overloaded,
    SecretKeyMissing,
    SecretLost,
    SignalTaken,
    StorageUnavailable,
    Unanswered,
    Unreadable,
)
from service.metrics.families import DELIVERIES
from service.resources import Resources
from service.storage.senders.deliveries import DeliveryState, Finished, Taken, finish, try_again

log = structlog.get_logger()

FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=1), timedelta(minutes=5)
MAX_ATTEMPTS = 10
BROKEN_OFF = f"internal: whoever read it {MAX_ATTEMPTS} times wrote down no end"
MAX_SILENCE = timedelta(hours=24)
MAX_REASON = 500
NOT_NOW = (StorageUnavailable, LineUnavailable, Overloaded, SecretKeyMissing, SecretLost)


async def end_handled(resources: Resources, taken: Taken, handled: HandledDelivery) -> None:
    """End a read delivery: ignored without any effect, in quarantine if an event was put aside.

    What the sender did not tell yet is asked for again, for a day.
    """
    now = resources.clock.now()
    if handled.missing and now - taken.received_at < MAX_SILENCE:
        await _later(resources, taken, f"not told yet: {', '.join(handled.missing)}")
        return
    results = handled.results or [EMPTY]
    if handled.put_aside:
        reason = "; ".join(handled.put_aside)[:MAX_REASON]
        await _quarantine(resources, taken, reason, handled.results)
        return
    reasons = [item.get("reason") for item in results]
    if all(reasons):
        done = Finished(taken.id, DeliveryState.IGNORED, str(reasons[0]), results)
    else:
        done = Finished(taken.id, DeliveryState.READ, result=results)
    await finish(resources.stores.database, done, now)
    DELIVERIES.add(taken.source, done.state.value, done.reason or "")


async def end_in_failure(resources: Resources, taken: Taken, error: Exception) -> None:
    """End a delivery that could not be read; the error decides whether it is tried again.

    A sender who must be asked is asked for a day. An internal error is tried ten times.
    """
    reason = str(error)
    match error:
        case Unreadable() | InvalidRequest() | SignalTaken():
            lasting = True
        case Unanswered():
            lasting = resources.clock.now() - taken.received_at >= MAX_SILENCE
        case _ if isinstance(error, NOT_NOW):
            lasting, reason = False, type(error).__name__
        case _:
            lasting, reason = taken.attempts >= MAX_ATTEMPTS, f"internal: {type(error).__name__}"
            _log_mistake(taken, error)
    if lasting:
        await _quarantine(resources, taken, reason[:MAX_REASON])
    else:
        await _later(resources, taken, reason[:MAX_REASON])


async def end_unread(resources: Resources, taken: Taken) -> bool:
    """Give up a delivery whose readers ended too often without a result; True if given up."""
    if taken.broken_off <= MAX_ATTEMPTS:
        return False
    await _quarantine(resources, taken, BROKEN_OFF)
    return True


async def _quarantine(
    resources: Resources,
    taken: Taken,
    reason: str,
    results: Sequence[Mapping[str, object]] | None = None,
) -> None:
    log.warning("delivery.quarantined", source=taken.source, delivery_id=str(taken.id))
    done = Finished(taken.id, DeliveryState.QUARANTINED, reason, results or None)
    await finish(resources.stores.database, done, resources.clock.now())
    DELIVERIES.add(taken.source, done.state.value, "")


async def _later(resources: Resources, taken: Taken, reason: str) -> None:
    pause = min(FIRST_PAUSE * 2 ** min(taken.attempts - 1, 20), LONGEST_PAUSE)
    DELIVERIES.add(taken.source, "later", "")
    log.warning("delivery.later", source=taken.source, delivery_id=str(taken.id), why=reason)
    at = resources.clock.now() + pause
    await try_again(resources.stores.database, taken.id, at, reason)


def _log_mistake(taken: Taken, error: Exception) -> None:
    """Log where the error was raised, unless its type says enough; its message may name people."""
    where = {} if isinstance(error, NextleadError) else {"exc_info": True}
    log.error(
        "delivery.failed",
        source=taken.source,
        delivery_id=str(taken.id),
        error=type(error).__name__,
        **where,
    )
