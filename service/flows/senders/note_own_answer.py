"""Our own side answered a client at a sender's: the client's open lead shows when (A19).

Postgres only: nothing of it moves the line. An answer that is read twice changes nothing more.
"""

from uuid import UUID

from service.adapters.inbound_event import OwnAnswer
from service.adapters.source import Source
from service.matching.find_identities import find_identities
from service.resources import Resources
from service.storage.leads.answers import note_answer, note_answering_source
from service.storage.leads.identities import leads_of_identities


async def note_own_answer(resources: Resources, source: Source, answer: OwnAnswer) -> UUID | None:
    """The open lead of who was answered, if they have one.

    What the sender's clock puts into the future was answered now.
    """
    now, database = resources.clock.now(), resources.stores.database
    await note_answering_source(database, source.name, now)
    policy = (await resources.stores.bases.of(source.queue)).policy
    identities = find_identities(answer.customer, policy.region, policy.joins_by)
    async with database.transaction() as connection:
        found = await leads_of_identities(connection, source.queue, identities)
    leads = sorted({*found.values()})
    if not leads:
        return None
    await note_answer(database, leads, min(answer.at, now))
    return leads[0]
