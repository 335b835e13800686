"""Our side answered a client at a sender; the client's open lead stores when (A19).

It writes Postgres only: nothing moves in the line. A repeated answer changes nothing.
"""

from collections.abc import Sequence
from uuid import UUID

from service.adapters.inbound_event import OwnAnswer
from service.adapters.source import Source
from service.flows.leads.marks_of_signal import joining_marks, marks_of_customer
from service.leads.customer import Customer
from service.matching.marks import Mark
from service.resources import Resources
from service.storage.leads.answers import note_answer, note_answering_source
from service.storage.leads.identities import leads_of_marks


async def note_own_answer(resources: Resources, source: Source, answer: OwnAnswer) -> UUID | None:
    """Note the answer and return the client's open lead, if any, in a queue of the source.

    A time in the future counts as now.
    """
    now, database = resources.clock.now(), resources.stores.database
    await note_answering_source(database, source.name, now)
    marks = {queue: await _marks_in(resources, queue, answer.customer) for queue in source.queues}
    async with database.transaction() as connection:
        found = [await leads_of_marks(connection, queue, theirs) for queue, theirs in marks.items()]
    leads = sorted(set().union(*found))
    if not leads:
        return None
    await note_answer(database, leads, min(answer.at, now))
    return leads[0]


async def _marks_in(resources: Resources, queue: str, customer: Customer) -> Sequence[Mark]:
    """The marks by which a queue of the source recognises the client."""
    basis = await resources.stores.bases.of(queue)
    return joining_marks(marks_of_customer(customer, basis), basis)
