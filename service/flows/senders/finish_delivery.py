"""A delivery was read, or could not be: it is written down what became of it.

What is not understood goes into quarantine, where somebody sees it; what fails for want of a
server is tried again, and never dropped.
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
    """It was read; of no interest when nothing came of any event, in quarantine when one waits.

    What the sender could not tell of it is asked for again, for a day.
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
    """It could not be read: now or never, as the error says.

    A sender who must be asked is asked for a day; a mistake of ours is tried ten times.
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
    """Whether it is not to be read any more: again and again it ended whoever read it."""
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
    """Where it was raised, unless its type says enough; the message may quote a client."""
    where = {} if isinstance(error, NextleadError) else {"exc_info": True}
    log.error(
        "delivery.failed",
        source=taken.source,
        delivery_id=str(taken.id),
        error=type(error).__name__,
        **where,
    )
