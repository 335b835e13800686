"""Drop and count signals that an erased client wrote before the erasure, whenever they come.

They are known by keyed hashes of the client's marks and of the signal's ids, which nobody can read
back. What the client writes later opens a lead as usual.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import NoReturn

from service.flows.leads.marks_of_signal import marks_of_customer
from service.leads.errors import ClientErased
from service.leads.lead import Signal
from service.matching.marks import Mark
from service.resources import Resources
from service.storage.customers.tombstones import Hashed, are_buried, count_dropped
from service.storage.leads.duplicates import Sender
from service.storage.policies.queue_context import QueueContext


def signal_id(source: str, external_id: str) -> str:
    """The text that is hashed for a signal's id at its sender."""
    return f"signal:{source}:{external_id}"


def request_id(teller: str, idempotency_key: str) -> str:
    """The text that is hashed for an Idempotency-Key."""
    return f"request:{teller}:{idempotency_key}"


def hashes_of(
    resources: Resources,
    signal: Signal,
    sender: Sender,
    marks: Collection[Mark],
    basis: QueueContext,
) -> tuple[Hashed, ...]:
    """The hashes by which an arrival may be known as an erased client's."""
    marks = marks or marks_of_customer(signal.customer, basis)  # a call task has none
    return hashes_of_signal(resources, signal, sender, marks)


def hashes_of_signal(
    resources: Resources, signal: Signal, sender: Sender, marks: Iterable[Mark]
) -> tuple[Hashed, ...]:
    """The hashes of a signal."""
    texts: list[tuple[str, datetime | None]] = [
        (mark.identity, signal.received_at) for mark in marks
    ]
    if signal.external_id is not None:
        texts.append((signal_id(signal.source, signal.external_id), None))
    if sender.idempotency_key is not None:
        texts.append((request_id(sender.name, sender.idempotency_key), None))
    known_as = resources.fingerprints.known_as
    return tuple(Hashed(digest, at) for text, at in texts for digest in known_as(text))


async def check_not_erased(resources: Resources, hashes: Sequence[Hashed]) -> None:
    """Raise ClientErased when the signal belongs to a client who was erased since."""
    if hashes and await are_buried(resources.stores.database, hashes):
        await drop_erased(resources, hashes)


async def drop_erased(resources: Resources, hashes: Sequence[Hashed]) -> NoReturn:
    """Count the dropped signal and raise ClientErased."""
    await count_dropped(resources.stores.database, hashes, resources.clock.now())
    raise ClientErased(
        "The client's data were erased after this was written, so it is dropped. What they write"
        " from now on opens a new lead: send it with its own time and id."
    )
