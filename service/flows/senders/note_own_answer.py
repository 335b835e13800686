"""Our own side answered a client at a sender's: the client's open lead shows when (A19).

Postgres only: nothing of it moves the line. An answer that is read twice changes nothing more.
"""

from uuid import UUID

from service.adapters.inbound_event import OwnAnswer
from service.adapters.source import Source
from service.flows.leads.marks_of_signal import joining_marks, marks_of_customer
from service.resources import Resources
from service.storage.leads.answers import note_answer, note_answering_source
from service.storage.leads.identities import leads_of_marks


async def note_own_answer(resources: Resources, source: Source, answer: OwnAnswer) -> UUID | None:
    """The open lead of who was answered, if they have one.

    What the sender's clock puts into the future was answered now.
    """
    now, database = resources.clock.now(), resources.stores.database
    await note_answering_source(database, source.name, now)
    basis = await resources.stores.bases.of(source.queue)
    marks = joining_marks(marks_of_customer(answer.customer, basis), basis)
    async with database.transaction() as connection:
        found = await leads_of_marks(connection, source.queue, marks)
    leads = sorted(found)
    if not leads:
        return None
    await note_answer(database, leads, min(answer.at, now))
    return leads[0]
