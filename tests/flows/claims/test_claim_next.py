"""Serving the next lead."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from driven_clock import DrivenClock
from redis.asyncio import Redis
from stories import Receive, event_types, take

from service.flows.claims.claim_lead import claim_lead
from service.flows.claims.claim_next import claim_next
from service.flows.claims.release_claim import release_claim
from service.flows.leads.update_lead import LeadUpdate, update_lead
from service.flows.leads.view_leads import view_lead
from service.flows.line.rebuild_line import rebuild_line
from service.flows.line.show_in_line import show_in_line
from service.flows.upkeep.keep_in_step import keep_in_step
from service.leads.errors import StorageUnavailable
from service.leads.lead import Channel, Claim, Lead, State
from service.leads.operator import Operator
from service.resources import Resources
from service.storage.leads.claims import ClaimRequest, Claims
from service.storage.leads.duplicates import Sender
from service.storage.operators.operators import put_operator

PUT = "UPDATE leads SET lane = $2, rank = $3, version = version + 1 WHERE id = $1"


async def test_leads_are_served_in_the_policys_order(
    resources: Resources, receive: Receive
) -> None:
    later = await receive(channel=Channel.SITE_ORDER)
    first = await receive(channel=Channel.WALK_IN, live=True)
    assert (await take(resources, "anna")).id == first.id
    assert (await take(resources, "boris")).id == later.id


async def test_nothing_waits(resources: Resources) -> None:
    assert (await claim_next(resources, "anna")).lead is None


async def test_asking_again_gives_the_held_lead_with_a_fresh_lease(
    resources: Resources, receive: Receive, clock: DrivenClock
) -> None:
    await receive()
    await receive()
    held = await take(resources, "anna")
    clock.pass_by(seconds=60)
    again = await take(resources, "anna")
    assert again.id == held.id
    assert again.claim.token == held.claim.token
    assert again.claim.lease_until == clock.now() + timedelta(seconds=120)
    assert again.claim.since == held.claim.since
    assert await event_types(resources, held) == ["lead.received", "lead.claimed"]


async def test_an_operator_of_capacity_three_is_given_three(
    resources: Resources, receive: Receive
) -> None:
    async with resources.stores.database.transaction() as connection:
        await put_operator(
            connection, Operator("clara", ("main",), capacity=3), resources.clock.now()
        )
    waiting = {(await receive()).id for _ in range(4)}
    taken = [(await take(resources, "clara")).id for _ in range(4)]
    assert len(set(taken)) == 3
    assert set(taken) < waiting


async def test_a_hundred_askers_get_a_hundred_different_leads(
    resources: Resources, receive: Receive
) -> None:
    names = [f"operator-{number}" for number in range(100)]
    async with resources.stores.database.transaction() as connection:
        for name in names:
            await put_operator(connection, Operator(name, ("main",)), resources.clock.now())
    await asyncio.gather(*(receive() for _ in range(60)))
    served = await asyncio.gather(*(claim_next(resources, name) for name in names))
    leads = [item.lead for item in served if item.lead is not None]
    assert len(leads) == 60
    assert len({lead.id for lead in leads}) == 60
    for lead in leads:
        assert lead.claim == (await view_lead(resources, lead.id)).claim


async def test_ten_requests_of_one_operator_at_once_give_one_lead(
    resources: Resources, receive: Receive
) -> None:
    for _ in range(20):
        await receive()
    served = await asyncio.gather(*(claim_next(resources, "anna") for _ in range(10)))
    assert len({item.lead.id for item in served}) == 1
    assert len({item.lead.claim.token for item in served}) == 1
    assert await event_types(resources, served[0].lead) == ["lead.received", "lead.claimed"]


async def test_a_stale_line_is_shown_the_truth_and_asked_again(
    resources: Resources, receive: Receive, redis: Redis
) -> None:
    gone, waiting = await receive(channel=Channel.WALK_IN, live=True), await receive()
    await claim_lead(resources, gone.id, "boris")
    # as if the line had slept through boris's claim
    keys = resources.line.keys("main")
    await redis.zrem(keys.held, str(gone.id))
    await redis.hdel(keys.holders, str(gone.id))
    await redis.delete(keys.holdings)
    await redis.hset(keys.places, str(gone.id), f"1|everybody|{-gone.ranking.rank}")
    await redis.zadd(keys.lanes + "everybody", {str(gone.id): -gone.ranking.rank})
    assert (await take(resources, "anna")).id == waiting.id
    assert await redis.zscore(keys.held, str(gone.id)) is not None


async def test_a_line_that_knows_an_earlier_version_serves_by_the_present_one(
    resources: Resources, receive: Receive, redis: Redis
) -> None:
    dear, modest = await receive(budget=Decimal(100_000)), await receive(budget=Decimal(5_000))
    cheaper = LeadUpdate({"budget": Decimal(1)}, from_client=False, sender=Sender("tests"))
    await update_lead(resources, dear.id, cheaper)
    # as if the line had slept through the change
    keys = resources.line.keys("main")
    await redis.hset(keys.places, str(dear.id), f"{dear.version}|everybody|{-dear.ranking.rank}")
    await redis.zadd(keys.lanes + "everybody", {str(dear.id): -dear.ranking.rank})
    assert (await take(resources, "anna")).id == modest.id
    assert (await take(resources, "boris")).id == dear.id


class ClaimsWithoutPostgres(Claims):
    """The real claims at a moment when Postgres does not answer."""

    async def confirm(self, wanted: ClaimRequest) -> Lead | None:
        raise StorageUnavailable


async def test_a_reservation_that_postgres_did_not_confirm_is_there_for_others_at_once(
    resources: Resources, receive: Receive
) -> None:
    lead = await receive()
    claims = ClaimsWithoutPostgres(resources.stores.database)
    cut_off = replace(resources, stores=replace(resources.stores, claims=claims))
    with pytest.raises(StorageUnavailable):
        await claim_next(cut_off, "boris")
    assert (await take(resources, "anna")).id == lead.id


async def test_a_lead_that_only_the_line_knows_is_dropped(
    resources: Resources, receive: Receive, redis: Redis
) -> None:
    waiting = await receive()
    keys, ghost = resources.line.keys("main"), str(uuid4())
    await redis.hset(keys.places, ghost, "1|everybody|-9000000000000000")
    await redis.zadd(keys.lanes + "everybody", {ghost: -9000000000000000})
    assert (await take(resources, "anna")).id == waiting.id
    assert await redis.zscore(keys.lanes + "everybody", ghost) is None


async def test_a_process_that_stops_before_it_confirms_costs_only_the_reservation(
    resources: Resources, receive: Receive, clock: DrivenClock
) -> None:
    lead = await receive()
    reserved_until = clock.now() + resources.reservation
    claim = Claim("anna", "token-of-a-dead-process", clock.now(), reserved_until)
    assert await resources.line.claim("main", ("everybody",), claim, 1) is not None
    assert (await claim_next(resources, "boris")).lead is None
    clock.pass_by(seconds=6)
    await keep_in_step(resources)
    assert (await take(resources, "boris")).id == lead.id


async def test_the_same_operator_finishes_what_the_dead_process_reserved_for_him(
    resources: Resources, receive: Receive, clock: DrivenClock
) -> None:
    lead = await receive()
    claim = Claim("anna", "token", clock.now(), clock.now() + resources.reservation)
    await resources.line.claim("main", ("everybody",), claim, 1)
    again = await take(resources, "anna")
    assert (again.id, again.claim.token) == (lead.id, "token")


async def test_a_released_lead_keeps_its_place(
    resources: Resources, receive: Receive, clock: DrivenClock
) -> None:
    lead = await receive(channel=Channel.SITE_ORDER)
    clock.pass_by(minutes=5)
    await receive(channel=Channel.SITE_ORDER)
    held = await take(resources, "anna")
    assert held.id == lead.id
    released = await release_claim(resources, held.id, held.claim.token, "обед")
    assert released.state is State.WAITING
    assert released.ranking == lead.ranking
    assert (await take(resources, "boris")).id == lead.id


async def test_late_news_of_the_claim_does_not_hide_the_released_lead(
    resources: Resources, receive: Receive
) -> None:
    await receive()
    held = await take(resources, "anna")
    await release_claim(resources, held.id, held.claim.token, None)
    await show_in_line(resources, held)
    assert (await take(resources, "boris")).id == held.id


async def test_an_operator_of_two_queues_gets_the_better_head(
    resources: Resources, receive: Receive, client: object
) -> None:
    await client.put("/v1/queues/north", json={})
    await client.put("/v1/operators/clara", json={"queues": ["main", "north"]})
    await client.put("/v1/operators/nina", json={"queues": ["north"]})
    await keep_in_step(resources)
    await receive(channel=Channel.SITE_ORDER)
    better = await receive(channel=Channel.WALK_IN, live=True, queue="north")
    taken = await take(resources, "clara")
    assert taken.id == better.id
    assert (await take(resources, "clara")).id == better.id
    assert (await claim_next(resources, "nina")).lead is None


async def test_of_many_lanes_of_others_those_that_stand_highest_are_named(
    resources: Resources, receive: Receive
) -> None:
    own, higher = await receive(), {}
    for number in range(12):
        lead, lane = await receive(), f"everybody!anna!p{number:02}"
        above = 1 + number * 7 % 12  # the highest are not the first by name
        await resources.stores.database.fetch(PUT, lead.id, lane, own.ranking.rank + above)
        higher[above] = lane
    await rebuild_line(resources, "main")
    served = await claim_next(resources, "anna")
    assert served.lead is not None
    assert served.decision is not None
    assert served.lead.id == own.id
    assert {item["lane"]: item["rank"] for item in served.decision["not_eligible"]} == {
        higher[above]: own.ranking.rank + above for above in (12, 11, 10)
    }
