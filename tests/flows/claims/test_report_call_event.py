"""What the telephony tells of calls."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from call_stories import a_call, at_work, on_hand, report
from driven_clock import NOON
from invariants import check_invariants
from redis.asyncio import Redis
from stories import Receive, event_types, take

from service.flows.claims.claim_next import claim_next
from service.flows.claims.release_claim import release_claim
from service.flows.claims.settle_claim import settle_claim
from service.flows.leads.view_leads import view_lead
from service.flows.upkeep.keep_in_step import keep_in_step
from service.leads.errors import ClaimGone, InvalidRequest, OperatorNotFound
from service.leads.lead import State
from service.leads.settlement import Outcome, Settlement
from service.resources import Resources


async def test_who_answered_holds_the_lead(
    resources: Resources, receive: Receive, redis: Redis
) -> None:
    call = await a_call(receive)
    answered = await report(resources, call, "answered", "boris")
    assert (answered.state, answered.claim.operator) == (State.CLAIMED, "boris")
    assert (await claim_next(resources, "anna")).lead is None
    assert (await take(resources, "boris")).claim.token == answered.claim.token
    assert await event_types(resources, call) == ["lead.received", "lead.claimed"]
    await check_invariants(resources, redis)


async def test_who_holds_enough_has_the_answered_call_on_top(
    resources: Resources, receive: Receive, redis: Redis
) -> None:
    await receive()
    held = await take(resources, "boris")
    call = await a_call(receive)
    answered = await report(resources, call, "answered", "boris")
    assert await on_hand(resources, "boris") == {str(held.id): "paused", str(call.id): "on top"}
    sold = Settlement(Outcome.LOST, reason="price")
    await settle_claim(resources, call.id, answered.claim.token, sold)
    assert await on_hand(resources, "boris") == {str(held.id): "held"}
    await check_invariants(resources, redis)


@pytest.mark.parametrize("event", ["answered", "transferred"])
async def test_the_claim_moves_to_who_has_the_client_on_the_line(
    resources: Resources, receive: Receive, redis: Redis, event: str
) -> None:
    await a_call(receive)
    hers = await take(resources, "anna")
    his = await report(resources, hers, event, "boris")
    assert his.claim.operator == "boris"
    assert his.claim.token != hers.claim.token
    assert (await event_types(resources, hers))[-1] == "lead.transferred"
    assert await on_hand(resources, "anna") == {}
    with pytest.raises(ClaimGone):
        await release_claim(resources, hers.id, hers.claim.token, None)
    assert (await claim_next(resources, "anna")).lead is None
    await check_invariants(resources, redis)


async def test_a_call_on_top_that_is_transferred_lets_the_held_one_go_on(
    resources: Resources, receive: Receive, redis: Redis
) -> None:
    await receive()
    held = await take(resources, "anna")
    call = await a_call(receive)
    await report(resources, call, "answered", "anna")
    await report(resources, call, "transferred", "boris")
    assert await on_hand(resources, "anna") == {str(held.id): "held"}
    assert await on_hand(resources, "boris") == {str(call.id): "held"}
    await check_invariants(resources, redis)


async def test_a_call_hung_up_while_it_waits_is_a_callback_now(
    resources: Resources, receive: Receive, redis: Redis
) -> None:
    call = await a_call(receive)
    assert call.ranking.stage == 800
    missed = await report(resources, call, "hung_up")
    assert (missed.state, missed.ranking.stage, missed.signal.live) == (State.WAITING, 750, False)
    await check_invariants(resources, redis)


async def test_a_call_hung_up_while_it_is_held_ends_nothing(
    resources: Resources, receive: Receive, redis: Redis
) -> None:
    await a_call(receive)
    held = await take(resources, "anna")
    after = await report(resources, held, "hung_up")
    finishing = NOON + timedelta(minutes=4)  # two to finish, then the lease
    assert after.claim == replace(held.claim, lease_until=finishing)
    assert (after.state, after.signal.live) == (State.CLAIMED, False)
    await check_invariants(resources, redis)


async def test_a_callback_that_is_answered_early_is_held(
    resources: Resources, receive: Receive, redis: Redis
) -> None:
    await a_call(receive)
    held = await take(resources, "anna")
    later = Settlement(Outcome.CALLBACK, note="busy")
    parked = await settle_claim(resources, held.id, held.claim.token, later)
    assert parked.state is State.PARKED
    answered = await report(resources, parked, "answered", "boris")
    assert (answered.state, answered.claim.operator) == (State.CLAIMED, "boris")
    await keep_in_step(resources)
    await check_invariants(resources, redis)


async def test_what_is_told_again_changes_nothing_more(
    resources: Resources, receive: Receive
) -> None:
    call = await a_call(receive)
    answered = await report(resources, call, "answered", "anna", at=NOON)
    again = await report(resources, call, "answered", "anna", at=NOON)
    assert again == answered
    await release_claim(resources, call.id, answered.claim.token, None)
    assert (await report(resources, call, "answered", "anna", at=NOON)).state is State.WAITING


async def test_what_is_told_late_changes_nothing_more(
    resources: Resources, receive: Receive
) -> None:
    call = await a_call(receive)
    before = NOON - timedelta(seconds=5)
    moved = await report(resources, call, "transferred", "boris")
    for event, name in (("answered", "anna"), ("hung_up", None), ("transferred", "anna")):
        assert await report(resources, call, event, name, at=before) == moved


async def test_a_lead_that_is_over_stays_over(resources: Resources, receive: Receive) -> None:
    await a_call(receive)
    held = await take(resources, "anna")
    lost = Settlement(Outcome.LOST, reason="price")
    over = await settle_claim(resources, held.id, held.claim.token, lost)
    for event, name in (("answered", "boris"), ("hung_up", None), ("transferred", "boris")):
        assert (await report(resources, held, event, name)).state is over.state
    assert (await view_lead(resources, held.id)).version == over.version


async def test_who_answered_must_be_said_and_known(resources: Resources, receive: Receive) -> None:
    call = await a_call(receive)
    with pytest.raises(InvalidRequest):
        await report(resources, call, "answered")
    with pytest.raises(OperatorNotFound):
        await report(resources, call, "answered", "nobody")


@pytest.mark.parametrize("attempt", range(12))
async def test_answered_beside_next_gives_one_holder(
    resources: Resources, receive: Receive, redis: Redis, attempt: int
) -> None:
    call = await a_call(receive)
    news = report(resources, call, "answered", "boris")
    asked = [claim_next(resources, name) for name in ("anna", "boris")]
    await asyncio.gather(*((news, *asked) if attempt % 2 else (*asked, news)))
    lead = await view_lead(resources, call.id)
    assert lead.claim.operator == "boris"
    assert await on_hand(resources, "anna") == {}
    await keep_in_step(resources)
    await check_invariants(resources, redis)


@pytest.mark.parametrize("attempt", range(6))
async def test_two_calls_answered_crosswise_do_not_block_each_other(
    resources: Resources, receive: Receive, redis: Redis, attempt: int
) -> None:
    await at_work(resources, "anna", "boris")
    calls = [await a_call(receive) for _ in range(2)]
    for call, name in zip(calls, ("anna", "boris"), strict=True):
        await report(resources, call, "answered", name)
    names = ("boris", "anna")
    pairs = zip(calls, names, strict=True)
    crosswise = [report(resources, call, "transferred", name) for call, name in pairs]
    await asyncio.gather(*(crosswise if attempt % 2 else reversed(crosswise)))
    for call, name in zip(calls, names, strict=True):
        assert (await view_lead(resources, call.id)).claim.operator == name
    await keep_in_step(resources)
    await check_invariants(resources, redis)
