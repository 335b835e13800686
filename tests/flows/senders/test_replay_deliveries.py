"""Sequences that once went wrong: each was found by reading, and is kept from coming back."""

import asyncio

from driven_clock import DrivenClock
from redis.asyncio import Redis
from sqlalchemy import text
from stories import Receive, take

from service.flows.claims.claim_lead import claim_lead
from service.flows.claims.claim_next import claim_next
from service.flows.leads.view_leads import view_held
from service.flows.upkeep.keep_in_step import compare_changes, keep_in_step
from service.leads.errors import AtCapacity
from service.queue.in_step import in_step
from service.resources import Resources


async def test_a_line_lost_during_a_comparison_is_built_anew(
    resources: Resources, receive: Receive, redis: Redis, clock: DrivenClock
) -> None:
    lead = await receive()
    clock.pass_by(hours=1)
    existing = await in_step(resources.line, ["main"])
    await redis.flushall()
    await compare_changes(resources, existing)
    await keep_in_step(resources)
    assert (await take(resources, "anna")).id == lead.id


async def test_a_locked_lead_at_the_head_holds_nobody_up(
    resources: Resources, receive: Receive
) -> None:
    first, second = await receive(urgency=1.0), await receive(urgency=0.1)
    async with resources.stores.database.transaction() as connection:
        lock = text("SELECT id FROM leads WHERE id = :id FOR UPDATE")
        await connection.execute(lock, {"id": first.id})
        async with asyncio.timeout(2):
            served = await claim_next(resources, "anna")
    assert (served.lead.id, served.from_line) == (second.id, False)


async def test_capacity_holds_against_claims_by_id_at_once(
    resources: Resources, receive: Receive
) -> None:
    leads = [await receive() for _ in range(4)]
    claims = [claim_lead(resources, lead.id, "anna") for lead in leads]
    answers = await asyncio.gather(*claims, return_exceptions=True)
    assert sum(isinstance(answer, AtCapacity) for answer in answers) == 3
    assert len(await view_held(resources, "anna")) == 1


async def test_capacity_holds_without_the_line(
    resources: Resources, receive: Receive, redis: Redis
) -> None:
    for _ in range(4):
        await receive()
    await redis.flushall()
    served = await asyncio.gather(*(claim_next(resources, "anna") for _ in range(4)))
    assert not any(item.from_line for item in served)
    assert len({item.lead.id for item in served}) == 1
    assert len(await view_held(resources, "anna")) == 1


async def test_what_is_left_of_a_torn_line_stops_no_round(
    resources: Resources, receive: Receive, redis: Redis, clock: DrivenClock
) -> None:
    lead = await receive()
    await take(resources, "anna")
    await redis.delete(resources.line.keys("main").places)
    clock.pass_by(minutes=3)
    await keep_in_step(resources)
    assert (await take(resources, "boris")).id == lead.id
