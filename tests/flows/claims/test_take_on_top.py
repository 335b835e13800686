"""A live client on top of what an operator holds, when nobody is free (rule A7)."""

import asyncio
from datetime import timedelta

import pytest
from call_stories import a_call, at_work, on_hand
from driven_clock import DrivenClock
from invariants import check_invariants
from redis.asyncio import Redis
from stories import Receive, event_types, take

from service.flows.claims.claim_next import claim_next
from service.flows.claims.release_claim import release_claim
from service.flows.claims.renew_claim import renew_claim
from service.flows.claims.settle_claim import settle_claim
from service.flows.claims.take_on_top import take_on_top
from service.flows.leads.view_leads import view_lead
from service.flows.upkeep.keep_in_step import keep_in_step
from service.leads.errors import OffShift, OperatorFree
from service.leads.lead import Channel, Lead, State
from service.leads.operator import Operator, Presence
from service.leads.settlement import Outcome, Settlement
from service.resources import Resources
from service.storage.operators.operators import put_operator, set_status

LATER = Settlement(Outcome.CALLBACK, note="VIN dictated")


@pytest.fixture
async def busy(resources: Resources, receive: Receive) -> Lead:
    """Anna holds a chat, nobody else is at work."""
    await receive()
    held = await take(resources, "anna")
    await at_work(resources, "anna")
    return held


async def on_top(resources: Resources, operator: str = "anna") -> Lead:
    """The call that an operator takes on top."""
    lead = (await take_on_top(resources, operator)).lead
    assert lead is not None
    return lead


async def test_a_call_is_taken_on_top_and_what_is_held_stands_still(
    resources: Resources, receive: Receive, redis: Redis, busy: Lead
) -> None:
    call = await a_call(receive)
    taken = await on_top(resources)
    assert taken.id == call.id
    assert taken.claim.on_top
    assert await on_hand(resources, "anna") == {str(busy.id): "paused", str(call.id): "on top"}
    assert await event_types(resources, busy) == ["lead.received", "lead.claimed", "lead.paused"]
    await check_invariants(resources, redis)


async def test_what_stands_still_keeps_its_lease_and_goes_on_afterwards(
    resources: Resources, receive: Receive, redis: Redis, clock: DrivenClock, busy: Lead
) -> None:
    await a_call(receive)
    call = await on_top(resources)
    for _ in range(5):
        clock.pass_by(seconds=60)
        call = await renew_claim(resources, call.id, call.claim.token)
        await keep_in_step(resources)
    await settle_claim(resources, call.id, call.claim.token, LATER)
    held = await view_lead(resources, busy.id)
    assert (held.state, held.claim.token) == (State.CLAIMED, busy.claim.token)
    assert held.claim.lease_until == clock.now() + timedelta(seconds=120)
    assert await on_hand(resources, "anna") == {str(busy.id): "held"}
    assert (await take(resources, "anna")).id == busy.id
    await check_invariants(resources, redis)


@pytest.mark.parametrize("ending", ["release", "lease"])
async def test_however_the_call_ends_the_other_goes_on(
    resources: Resources,
    receive: Receive,
    redis: Redis,
    clock: DrivenClock,
    busy: Lead,
    ending: str,
) -> None:
    await a_call(receive)
    call = await on_top(resources)
    if ending == "release":
        await release_claim(resources, call.id, call.claim.token, None)
    else:
        clock.pass_by(seconds=121)
        await keep_in_step(resources)
    assert (await view_lead(resources, call.id)).state is State.WAITING
    assert await on_hand(resources, "anna") == {str(busy.id): "held"}
    assert (await view_lead(resources, busy.id)).claim.lease_until > clock.now()
    await check_invariants(resources, redis)


async def test_asked_again_it_is_the_same_call_and_never_a_second(
    resources: Resources, receive: Receive, busy: Lead
) -> None:
    await a_call(receive)
    first = await on_top(resources)
    await a_call(receive)
    again = await on_top(resources)
    assert (again.id, again.claim.token) == (first.id, first.claim.token)
    assert (await take(resources, "anna")).id == first.id
    assert len(await on_hand(resources, "anna")) == 2


async def test_without_the_line_the_call_at_hand_is_given_back_too(
    resources: Resources, receive: Receive, redis: Redis, busy: Lead
) -> None:
    await a_call(receive)
    call = await on_top(resources)
    await redis.flushall()
    assert (await take(resources, "anna")).id == call.id


async def test_somebody_who_is_free_takes_the_call(
    resources: Resources, receive: Receive, busy: Lead
) -> None:
    call = await a_call(receive)
    await at_work(resources, "boris")
    with pytest.raises(OperatorFree):
        await take_on_top(resources, "anna")
    assert (await view_lead(resources, call.id)).state is State.WAITING
    assert await on_hand(resources, "anna") == {str(busy.id): "held"}


async def test_one_who_is_free_does_not_free_two_calls(
    resources: Resources, receive: Receive, busy: Lead
) -> None:
    await a_call(receive)
    second = await a_call(receive)
    await at_work(resources, "boris")
    third = (await take_on_top(resources, "anna")).lead
    assert third is not None
    assert third.id == second.id


@pytest.mark.parametrize("why", ["away", "offline", "skill", "busy"])
async def test_who_cannot_take_it_is_not_free(
    resources: Resources, receive: Receive, clock: DrivenClock, busy: Lead, why: str
) -> None:
    await at_work(resources, "boris")
    if why == "busy":
        await receive()
        await take(resources, "boris")
    elif why == "skill":
        async with resources.stores.database.transaction() as connection:
            for name in ("anna", "vera"):
                skilled = Operator(name, ("main",), frozenset({"mentors"}))
                await put_operator(connection, skilled, clock.now())
    else:
        async with resources.stores.database.transaction() as connection:
            await set_status(connection, "boris", Presence(why), clock.now())
    resources.stores.directory.forget()
    text = "у меня жалоба на ваш магазин" if why == "skill" else None
    call = await a_call(receive, text=text)
    assert (await on_top(resources)).id == call.id


async def test_nobody_on_the_line_is_nothing(
    resources: Resources, receive: Receive, busy: Lead
) -> None:
    await receive()
    await receive(channel=Channel.PHONE, live=False)
    assert (await take_on_top(resources, "anna")).lead is None


async def test_below_capacity_it_is_the_next_lead(resources: Resources, receive: Receive) -> None:
    chat = await receive()
    taken = (await take_on_top(resources, "anna")).lead
    assert taken is not None
    assert (taken.id, taken.claim.on_top) == (chat.id, False)


async def test_who_went_home_takes_nothing_on_top(
    resources: Resources, receive: Receive, clock: DrivenClock, busy: Lead
) -> None:
    await a_call(receive)
    async with resources.stores.database.transaction() as connection:
        await set_status(connection, "anna", Presence.OFFLINE, clock.now())
    with pytest.raises(OffShift):
        await take_on_top(resources, "anna")


@pytest.mark.parametrize("attempt", range(8))
async def test_two_busy_operators_and_one_call(
    resources: Resources, receive: Receive, redis: Redis, attempt: int
) -> None:
    for _ in range(2):
        await receive()
    for name in ("anna", "boris"):
        await take(resources, name)
    await at_work(resources, "anna", "boris")
    call = await a_call(receive)
    names = ("anna", "boris", "anna") if attempt % 2 else ("boris", "anna", "boris")
    answers = await asyncio.gather(*(take_on_top(resources, name) for name in names))
    taken = {answer.lead.claim.operator for answer in answers if answer.lead is not None}
    assert len(taken) == 1
    held = {**await on_hand(resources, "anna"), **await on_hand(resources, "boris")}
    assert sorted(held.values()) == ["held", "on top", "paused"]
    assert held[str(call.id)] == "on top"
    await check_invariants(resources, redis)


@pytest.mark.parametrize("attempt", range(8))
async def test_settling_beside_a_second_call_loses_nothing(
    resources: Resources, receive: Receive, redis: Redis, busy: Lead, attempt: int
) -> None:
    await a_call(receive)
    first = await on_top(resources)
    await a_call(receive)
    settling = settle_claim(resources, first.id, first.claim.token, LATER)
    asking = take_on_top(resources, "anna")
    await asyncio.gather(*((settling, asking) if attempt % 2 else (asking, settling)))
    await keep_in_step(resources)
    held = await on_hand(resources, "anna")
    assert sorted(held.values()) in (["held"], ["on top", "paused"])
    assert held[str(busy.id)] == ("held" if len(held) == 1 else "paused")
    assert (await claim_next(resources, "anna")).lead is not None
    await check_invariants(resources, redis)
