"""What a sender delivered is read: what a client said by it becomes a lead, or joins one.

A delivery is taken for a moment, read by its adapter, and heard; then it is written down what
became of it. Whoever dies in between leaves it to the next after the moment is over; what kills
reader after reader is read by itself, and in the end by nobody. Hearing
knows by the sender's own ids what it heard before, so reading twice is reading once. Of what is
taken together, what one client said, and what happened to one call, is heard in the order in which
it came; clients are heard beside each other. What failed, and what another process took, comes
later: hearing knows what is older than what it heard.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from service.adapters.delivery import Delivery
from service.adapters.inbound_event import CallHeard, Heard, Left, Question
from service.adapters.registry import ADAPTERS
from service.adapters.source import Source
from service.flows.senders.fetch_details import MOST_QUESTIONS, ask_sender
from service.flows.senders.finish_delivery import end_as_read, end_in_failure, end_unread
from service.flows.senders.handle_event import hear
from service.flows.senders.open_source import open_source
from service.leads.errors import StorageUnavailable
from service.resources import Resources
from service.storage.senders.deliveries import Taken, take_due, take_suspected
from service.storage.senders.sealed_requests import open_request

BATCH = 32
LEASE = timedelta(seconds=15)  # reading again what is being read still changes nothing
LEASE_TO_ASK = timedelta(seconds=90)  # a sender is asked three times at most, 20 s each


@dataclass(frozen=True, slots=True)
class Reading:
    """A delivery that was read, the account it came for, and what was heard by it."""

    taken: Taken
    source: Source
    delivery: Delivery
    heard: Sequence[Heard]


def asking_adapters() -> list[str]:
    """The adapters whose senders have to be asked what happened: they may take long to answer."""
    return [name for name, one in ADAPTERS.items() if one.read_answer is not None]


async def read_source(resources: Resources, name: str) -> int:
    """Read what is due of one source, the oldest first; how many deliveries."""
    count, (batch, lease) = 0, await _batch_of(resources, name)
    database = resources.stores.database
    while True:
        taken = await take_due(database, name, resources.clock.now(), lease, batch)
        await _read_batch(resources, taken)
        count += len(taken)
        if len(taken) < batch:
            break
    while taken := await take_suspected(database, name, resources.clock.now(), lease):
        if not await end_unread(resources, taken[0]):
            await _read_batch(resources, taken)
        count += 1
    return count


async def _batch_of(resources: Resources, name: str) -> tuple[int, timedelta]:
    """How many are taken at once, and for how long: one where its sender may have to be asked."""
    kept = await resources.stores.sources.find(name)
    asks = kept is not None and kept.said.adapter in asking_adapters()
    return (1, LEASE_TO_ASK) if asks else (BATCH, LEASE)


async def _read_batch(resources: Resources, batch: Sequence[Taken]) -> None:
    """Read deliveries; what one of them meets must not keep the others from being heard."""
    readings = [one for taken in batch if (one := await _read(resources, taken)) is not None]
    hearing = (_hear_in_order(resources, chain) for chain in _in_chains(readings))
    ended = await asyncio.gather(*hearing, return_exceptions=True)
    for failure in ended:
        if failure is not None:
            raise failure


async def _read(resources: Resources, taken: Taken) -> Reading | None:
    """One delivery, read; None when it could not be, and that is written down."""
    try:
        kept = await resources.stores.sources.find(taken.source)
        if kept is None:
            raise StorageUnavailable("The source is new, and known to others only.")
        source = open_source(resources, kept)
        delivery = await open_request(
            resources.sealer, taken.request, received_at=taken.received_at
        )
        heard = ADAPTERS[source.adapter].read(delivery, source)
    except Exception as error:  # a mistake of ours with one delivery must not stop the others
        await end_in_failure(resources, taken, error)
        return None
    return Reading(taken, source, delivery, heard)


def _in_chains(readings: Sequence[Reading]) -> list[list[Reading]]:
    """Readings that are of one client or call together, each chain in the order of its coming."""
    chains: dict[str, list[Reading]] = {}
    for reading in readings:
        known = {id(chain): chain for one in _whose(reading) if (chain := chains.get(one))}
        chain = sorted(sum(known.values(), [reading]), key=lambda one: one.taken.id)
        chains.update({name: chain for one in chain for name in _whose(one)})
    return list({id(chain): chain for chain in chains.values()}.values())


def _whose(reading: Reading) -> list[str]:
    """Names of the clients and calls that it is about; its own where nobody is named."""
    names = [name for heard in reading.heard for name in _names(heard)]
    return names or [str(reading.taken.id)]


def _names(heard: Heard) -> list[str]:
    if isinstance(heard, Question):
        return []
    if isinstance(heard, Left):
        return [f"{heard.messenger}:{heard.client}"]
    said = heard.signal.customer
    names = [f"call:{heard.signal.external_id}"] if isinstance(heard, CallHeard) else []
    if said is not None:
        names += [one for one in (said.external_id, said.phone, said.email) if one]
        names += [f"{name}:{client}" for name, client in (said.messengers or {}).items()]
    return names


async def _hear_in_order(resources: Resources, chain: Sequence[Reading]) -> None:
    for reading in chain:
        try:
            result = await _hear_all(resources, reading, reading.heard, MOST_QUESTIONS)
        except Exception as error:  # as above
            await end_in_failure(resources, reading.taken, error)
        else:
            await end_as_read(resources, reading.taken, result)


async def _hear_all(
    resources: Resources, reading: Reading, all_heard: Sequence[Heard], questions: int
) -> list[Mapping[str, object]]:
    """Hear one thing after the other, asking the sender where he only named what happened."""
    results: list[Mapping[str, object]] = []
    for heard in all_heard:
        if isinstance(heard, Question):
            answered = await ask_sender(
                resources, reading.delivery, reading.source, heard, questions
            )
            results += await _hear_all(resources, reading, answered, questions - 1)
        else:
            async with resources.stores.inbox.hearing:
                lead_id = await hear(resources, reading.source, heard)
            results.append({"heard": type(heard).__name__, "lead_id": lead_id})
    return results
