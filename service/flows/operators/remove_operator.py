"""Delete an operator who has left the firm; their leads are then everybody's.

Postgres is written first, under the operator's lock, so that no claim of theirs is confirmed
meanwhile; then the line. Histories and statistics keep the name.
"""

from dataclasses import replace

import structlog

from service.flows.line.place_held import place_in_line
from service.flows.line.show_in_line import show_all_in_line
from service.flows.line.watch_staff import watch_staff_of
from service.leads.lead import Lead, State
from service.resources import Resources
from service.storage.database import Connection
from service.storage.leads.history import LeadEvent
from service.storage.leads.holdings import locked_with_held
from service.storage.leads.leads import count_held, move
from service.storage.operators.operators import delete_operator, find_operator
from service.storage.senders.sources import drop_operator

log = structlog.get_logger()

TAKEN_AWAY = "lead.taken_away"


async def remove_operator(resources: Resources, name: str, author: str) -> None:
    """Delete an operator; raises OperatorNotFound.

    The leads that they hold go back to their places in the line. Leads that they own no longer wait
    for them, because no operator of that name is present. Sources forget them too.
    """
    async with resources.stores.database.transaction() as connection:
        await count_held(connection, name)
        operator = await find_operator(connection, name)
        _, held = await locked_with_held(connection, name)
        back = [await _take_away(connection, resources, lead, author) for lead in held]
        await drop_operator(connection, name)
        await delete_operator(connection, name)
    resources.stores.directory.forget()
    resources.stores.sources.forget()
    log.info("operator.removed", operator=name, by=author, leads=len(back))
    await show_all_in_line(resources, back)
    for queue in operator.queues:
        await watch_staff_of(resources, queue)


async def _take_away(connection: Connection, resources: Resources, lead: Lead, author: str) -> Lead:
    assert lead.claim is not None, "it was read as held"
    now, routing = resources.clock.now(), lead.situation.routing
    if routing.assigned_to == lead.claim.operator:
        routing = replace(routing, assigned_to=None)
    basis = await resources.stores.bases.of(lead.signal.queue)
    details = {"operator": lead.claim.operator}
    event = LeadEvent(TAKEN_AWAY, now, author, "the operator was deleted", details)
    return await move(
        connection, lead, State.WAITING, event, place_in_line(lead, routing, basis, now)
    )
