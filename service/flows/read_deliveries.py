"""What senders delivered is read: what a client said by it becomes a lead, or joins one.

A delivery is taken for a moment, read by its adapter, and heard; then it is written down what
became of it. Whoever dies in between leaves it to the next after the moment is over. Hearing
knows by the sender's own ids what it heard before, so reading twice is reading once. What is not
understood goes into quarantine, where somebody sees it; what fails for want of a server is tried
again and never dropped.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog

from service.adapters.delivery import Delivery
from service.adapters.heard import Heard, Question
from service.adapters.registry import ADAPTERS
from service.adapters.source import Source
from service.flows.ask_sender import MOST_QUESTIONS, ask_sender
from service.flows.hear import hear
from service.flows.open_source import open_source
from service.leads.errors import (
    InvalidRequest,
    LineUnavailable,
    NextleadError,
    Overloaded,
    SecretKeyMissing,
    SecretLost,
    StorageUnavailable,
    Unanswered,
    Unreadable,
)
from service.resources import Resources
from service.storage.deliveries import (
    DeliveryState,
    Finished,
    Taken,
    due_sources,
    finish,
    take_due,
    try_again,
)
from service.storage.sealed_requests import open_request

log = structlog.get_logger()

BATCH = 20
MOST_SOURCES = 100
LEASE = timedelta(seconds=90)
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=1), timedelta(minutes=5)
MOST_ATTEMPTS = 10
MOST_SILENCE = timedelta(hours=24)
MOST_REASON = 500
NOT_NOW = (StorageUnavailable, LineUnavailable, Overloaded, SecretKeyMissing, SecretLost)


@dataclass(frozen=True, slots=True)
class Reading:
    """A delivery being read, and the account it came for."""

    taken: Taken
    source: Source
    delivery: Delivery


async def read_deliveries(resources: Resources) -> int:
    """Read everything that is due, one source after the other; how many deliveries."""
    due = await due_sources(resources.stores.database, resources.clock.now(), (), MOST_SOURCES)
    return sum([await read_source(resources, source) for source in due])


async def read_source(resources: Resources, name: str) -> int:
    """Read what is due of one source in the order in which it came; how many deliveries."""
    count, batch = 0, await _batch_of(resources, name)
    while True:
        now = resources.clock.now()
        taken = await take_due(resources.stores.database, name, now, LEASE, batch)
        for one in taken:
            await _read(resources, one)
        count += len(taken)
        if len(taken) < batch:
            return count


async def _batch_of(resources: Resources, name: str) -> int:
    """How many are taken at once: one, where others may have to be waited for meanwhile."""
    kept = await resources.stores.sources.find(name)
    adapter = ADAPTERS.get(kept.said.adapter) if kept else None
    return 1 if adapter is not None and adapter.read_answer is not None else BATCH


async def _read(resources: Resources, taken: Taken) -> None:
    """Read one delivery; whatever comes of it is written down, and must not stop the next."""
    try:
        heard = await _hear_all(resources, taken)
    except (Unreadable, InvalidRequest) as error:
        await _quarantine(resources, taken, str(error))
    except Unanswered as error:
        if resources.clock.now() - taken.received_at >= MOST_SILENCE:
            await _quarantine(resources, taken, str(error))
        else:
            await _later(resources, taken, str(error))
    except NOT_NOW as error:
        await _later(resources, taken, type(error).__name__)
    except Exception as error:  # a mistake of ours with one delivery must not stop the others
        await _after_mistake(resources, taken, error)
    else:
        state = DeliveryState.READ if heard else DeliveryState.IGNORED
        done = Finished(taken.id, state, result=heard or None)
        await finish(resources.stores.database, done, resources.clock.now())


async def _hear_all(resources: Resources, taken: Taken) -> list[Mapping[str, object]]:
    kept = await resources.stores.sources.find(taken.source)
    if kept is None:
        raise StorageUnavailable("The source is known to others only.")
    source = open_source(resources, kept)
    delivery = await open_request(resources.sealer, taken.request, received_at=taken.received_at)
    return await _hear_each(
        resources,
        Reading(taken, source, delivery),
        ADAPTERS[source.adapter].read(delivery, source),
        MOST_QUESTIONS,
    )


async def _hear_each(
    resources: Resources, reading: Reading, all_heard: Sequence[Heard], questions: int
) -> list[Mapping[str, object]]:
    """Hear one thing after the other, asking the sender where he only named what happened."""
    results: list[Mapping[str, object]] = []
    for heard in all_heard:
        if isinstance(heard, Question):
            answered = await ask_sender(
                resources, reading.delivery, reading.source, heard, questions
            )
            results += await _hear_each(resources, reading, answered, questions - 1)
        else:
            lead_id = await hear(resources, reading.source, heard)
            results.append({"heard": type(heard).__name__, "lead_id": lead_id})
    return results


async def _quarantine(resources: Resources, taken: Taken, reason: str) -> None:
    log.warning("delivery.quarantined", source=taken.source, delivery_id=str(taken.id))
    done = Finished(taken.id, DeliveryState.QUARANTINED, reason[:MOST_REASON])
    await finish(resources.stores.database, done, resources.clock.now())


async def _later(resources: Resources, taken: Taken, reason: str) -> None:
    pause = min(FIRST_PAUSE * 2 ** min(taken.attempts - 1, 20), LONGEST_PAUSE)
    log.warning("delivery.later", source=taken.source, delivery_id=str(taken.id), why=reason)
    at = resources.clock.now() + pause
    await try_again(resources.stores.database, taken.id, at, reason[:MOST_REASON])


async def _after_mistake(resources: Resources, taken: Taken, error: Exception) -> None:
    known = isinstance(error, NextleadError)
    log.error("delivery.failed", source=taken.source, delivery_id=str(taken.id), exc_info=not known)
    reason = f"internal: {type(error).__name__}"
    if taken.attempts >= MOST_ATTEMPTS:
        await _quarantine(resources, taken, reason)
    else:
        await _later(resources, taken, reason)
