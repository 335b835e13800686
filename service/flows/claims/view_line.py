"""Somebody looks at the line; nothing moves.

The order comes from the line, the leads from Postgres; where the line does not answer, both.
"""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from service.flows.claims.claim_next import full_kinds
from service.flows.claims.eligible_lanes import eligible_lanes, served_by_storage
from service.leads.errors import LineUnavailable
from service.leads.lead import Kind, Lead, State
from service.leads.operator import Operator
from service.queue.preview import upcoming
from service.resources import Resources
from service.storage.leads.leads import find_many, list_in_order


@dataclass(frozen=True, slots=True)
class View:
    """The next leads of an operator in the order in which he would be served them."""

    leads: Sequence[Lead]
    from_line: bool

    @property
    def etag(self) -> str:
        """Equal exactly when nothing of what is seen has changed."""
        seen = ",".join(f"{lead.id}:{lead.version}" for lead in self.leads)
        return f'"{hashlib.sha256(seen.encode()).hexdigest()[:32]}"'


async def view_line(resources: Resources, name: str, limit: int) -> View:
    """The line as this operator would be served it."""
    operator = await resources.stores.directory.operator(name)
    now = resources.clock.now()
    resources.stores.attendance.seen(name, now)
    full = await full_kinds(resources, operator)
    if full:
        return View(await _from_storage(resources, operator, limit, full), from_line=True)
    try:
        served = {
            queue: (await eligible_lanes(resources, operator, queue)).served
            for queue in operator.queues
        }
        ids = await upcoming(resources.line, served, limit, now)
    except LineUnavailable:
        return View(await _from_storage(resources, operator, limit), from_line=False)
    async with resources.stores.database.transaction() as connection:
        leads = await find_many(connection, [UUID(item) for item in ids])
    return View([lead for lead in leads if lead.state is State.WAITING], from_line=True)


async def _from_storage(
    resources: Resources, operator: Operator, limit: int, without: Collection[Kind] = ()
) -> list[Lead]:
    served = await served_by_storage(resources, operator)
    async with resources.stores.database.transaction() as connection:
        return await list_in_order(connection, served, limit, without)
