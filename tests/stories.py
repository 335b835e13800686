"""Short ways to say what operators do."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from open_always import open_always

from service.flows.claims.claim_next import claim_next
from service.flows.claims.settle_claim import settle_claim
from service.flows.leads.view_leads import view_lead_events
from service.leads.lead import Lead
from service.leads.settlement import Outcome, Settlement
from service.policies.yaml_text import read_yaml
from service.resources import Resources
from service.storage.operators.last_seen import LastSeen
from service.storage.operators.operators import Queue, put_queue
from service.storage.policies.policies import Version, put_in_force, version_in_force
from service.storage.policies.queue_context import QueueContexts

LOST = Settlement(Outcome.LOST, reason="tests", note="tests")
Receive = Callable[..., Awaitable[Lead]]


async def take(resources: Resources, operator: str) -> Lead:
    """The operator asks for the next lead and is given one."""
    lead = (await claim_next(resources, operator)).lead
    assert lead is not None
    assert lead.claim is not None
    return lead


async def settle(resources: Resources, lead: Lead, settlement: Settlement = LOST) -> Lead:
    """Whoever holds the lead settles it."""
    assert lead.claim is not None
    return await settle_claim(resources, lead.id, lead.claim.token, settlement)


async def event_types(resources: Resources, lead: Lead) -> list[str]:
    """What happened to a lead, in order."""
    records = await view_lead_events(resources, lead.id, after=0, limit=100)
    return [record.event.type for record in records]


async def put_policy(resources: Resources, queue: str = "main", **parts: Any) -> Version:
    """The default policy with parts replaced comes into force for a queue; None drops a part."""
    sent = {**read_yaml(open_always()), **parts}
    text = json.dumps({name: part for name, part in sent.items() if part is not None})
    async with resources.stores.database.transaction() as connection:
        existing = await version_in_force(connection, queue, locked=True)
        version = Version(queue, existing + 1, text, "tests", resources.clock.now())
        await put_in_force(connection, version)
    resources.stores.bases.forget()
    return version


async def join_nothing(resources: Resources, queue: str = "main") -> None:
    """From now on each signal opens a lead, so that one client may have several."""
    await put_policy(resources, queue, joining={"by": []})


async def add_queue(resources: Resources, name: str) -> None:
    """Another queue of the shop, with the default policy."""
    async with resources.stores.database.transaction() as connection:
        await put_queue(connection, Queue(name, name, "RUB", "UTC"), resources.clock.now())
    resources.stores.directory.forget()


def another_process(resources: Resources) -> Resources:
    """The resources of a process that has just begun: it remembers nothing."""
    database = resources.stores.database
    fresh = {"bases": QueueContexts(database), "attendance": LastSeen(database)}
    return replace(resources, stores=replace(resources.stores, **fresh))


async def on_shift(resources: Resources, *operators: str) -> None:
    """The operators give a sign of life, and it is written down."""
    for name in operators:
        resources.stores.attendance.seen(name, resources.clock.now())
    await resources.stores.attendance.write()
