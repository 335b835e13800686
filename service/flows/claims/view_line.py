"""Show the line; nothing changes.

The order comes from the line, the leads from Postgres. If the line does not answer, Postgres gives
both.
"""

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from service.flows.claims.claim_next import full_kinds
from service.flows.claims.eligible_lanes import eligible_lanes, served_by_storage
from service.leads.errors import LineUnavailable
from service.leads.lead import Kind, Lead, State
from service.leads.operator import Operator
from service.queue.preview import guaranteed_next, upcoming, versions_of
from service.resources import Resources
from service.storage.leads.leads import find_many, list_in_order


@dataclass(frozen=True, slots=True)
class View:
    """The next leads of an operator, in the order in which they would get them.

    `etag` is equal exactly when nothing in the view has changed. `leads` is empty in a view that
    the reader has already.
    """

    leads: Sequence[Lead]
    from_line: bool
    etag: str
    is_known: bool = False


async def view_line(
    resources: Resources, name: str, limit: int, is_seen: Callable[[str], bool] | None = None
) -> View:
    """The line in the order in which this operator would get its leads.

    When the reader has seen the ETag, no lead is read: the line knows the versions of its leads.
    """
    operator = await resources.stores.directory.operator(name)
    now = resources.clock.now()
    resources.stores.attendance.seen(name, now)
    full = await full_kinds(resources, operator)
    if full:
        return _view(await _from_storage(resources, operator, limit, full), from_line=True)
    try:
        served = {
            queue: (await eligible_lanes(resources, operator, queue)).served
            for queue in operator.queues
        }
        ids = await upcoming(resources.line, served, limit, now)
        ids = await _late_first(resources, served, ids)
        etag = _etag(await versions_of(resources.line, served, ids)) if is_seen else ""
    except LineUnavailable:
        return _view(await _from_storage(resources, operator, limit), from_line=False)
    if is_seen and is_seen(etag):
        return View((), from_line=True, etag=etag, is_known=True)
    async with resources.stores.database.transaction() as connection:
        leads = await find_many(connection, [UUID(item) for item in ids])
    return _view([lead for lead in leads if lead.state is State.WAITING], from_line=True)


def _view(leads: Sequence[Lead], *, from_line: bool) -> View:
    return View(leads, from_line, _etag((str(lead.id), lead.version) for lead in leads))


def _etag(versions: Iterable[tuple[str, int]]) -> str:
    seen = ",".join(f"{lead_id}:{version}" for lead_id, version in versions)
    return f'"{hashlib.sha256(seen.encode()).hexdigest()[:32]}"'


async def _late_first(
    resources: Resources, served: Mapping[str, Sequence[str]], ids: list[str]
) -> list[str]:
    """Put the longest-late lead first when the next claim is guaranteed to get it.

    With several queues, only the queue of the first lead counts.
    """
    queue = await _queue_of_head(resources, served, ids)
    every = None
    if queue is not None:
        every = (await resources.stores.bases.of(queue)).policy.guarantee_every
    if queue is None or every is None:
        return ids
    now = resources.clock.now()
    late = await guaranteed_next(resources.line, queue, served[queue], every, now)
    return ids if late is None else [late, *(item for item in ids if item != late)][: len(ids)]


async def _queue_of_head(
    resources: Resources, served: Mapping[str, Sequence[str]], ids: Sequence[str]
) -> str | None:
    if not ids or len(served) == 1:
        return next(iter(served), None) if ids else None
    async with resources.stores.database.transaction() as connection:
        found = await find_many(connection, [UUID(ids[0])])
    return found[0].signal.queue if found and found[0].signal.queue in served else None


async def _from_storage(
    resources: Resources, operator: Operator, limit: int, without: Collection[Kind] = ()
) -> list[Lead]:
    served = await served_by_storage(resources, operator)
    async with resources.stores.database.transaction() as connection:
        return await list_in_order(connection, served, limit, without)
