"""A supervisor decides about a lead; whatever happens at the same moment, one of the two holds."""

import asyncio
from typing import Any

import pytest
from call_stories import a_call, at_work, on_hand
from driven_clock import DrivenClock
from invariants import check_invariants
from redis.asyncio import Redis
from stories import Receive, event_types, on_shift, settle, take

from service.flows.claims import supervise
from service.flows.claims.claim_lead import claim_lead
from service.flows.claims.claim_next import claim_next
from service.flows.claims.supervise import Instruction
from service.flows.claims.take_on_top import take_on_top
from service.flows.leads.view_leads import view_lead
from service.flows.upkeep.keep_in_step import keep_in_step
from service.leads.errors import ClaimGone, InvalidRequest, MoveNotAllowed, NextleadError
from service.leads.lead import EVERYBODY, Channel, Lead, Outcomes, State
from service.leads.operator import Operator
from service.leads.settlement import Outcome, Settlement
from service.resources import Resources
from service.storage.operators.operators import put_operator
from service.storage.policies.conversions import observed_outcomes

WORD = Instruction("head", "the client is a friend")
TIMES = 25


def sees_all_lanes(resources: Resources) -> None:
    """As after the 0.3 s for which the names of lanes are remembered."""
    resources.lane_names._names.clear()


async def both(*flows: Any) -> list[Any]:
    """What two flows at the same moment answer; only our own errors are answers."""
    answers = await asyncio.gather(*flows, return_exceptions=True)
    assert all(
        isinstance(answer, NextleadError) for answer in answers if isinstance(answer, Exception)
    )
    return answers


async def test_a_pinned_lead_goes_before_a_caller(resources: Resources, receive: Receive) -> None:
    chat = await receive()
    await receive(channel=Channel.PHONE, live=True)
    pinned = await supervise.pin_lead(resources, chat.id, WORD)
    assert (pinned.ranking.stage, pinned.state) == (900, State.WAITING)
    await supervise.pin_lead(resources, chat.id, WORD)
    assert (await take(resources, "anna")).id == chat.id
    assert await event_types(resources, chat) == ["lead.received", "lead.pinned", "lead.claimed"]


async def test_an_unpinned_lead_stands_where_it_stood(
    resources: Resources, receive: Receive
) -> None:
    chat = await receive()
    await supervise.pin_lead(resources, chat.id, WORD)
    unpinned = await supervise.unpin_lead(resources, chat.id, WORD)
    assert unpinned.ranking.rank == chat.ranking.rank
    assert (await supervise.unpin_lead(resources, chat.id, WORD)).version == unpinned.version


async def test_a_held_lead_that_is_pinned_is_the_first_once_it_comes_back(
    resources: Resources, receive: Receive
) -> None:
    await receive()
    held = await take(resources, "anna")
    await receive(channel=Channel.PHONE, live=True)
    pinned = await supervise.pin_lead(resources, held.id, WORD)
    assert pinned.claim == held.claim
    await supervise.take_away(resources, held.id, WORD)
    assert (await take(resources, "boris")).id == held.id


async def test_an_assigned_lead_waits_for_its_operator_alone(
    resources: Resources, receive: Receive, clock: DrivenClock
) -> None:
    await on_shift(resources, "anna", "boris")
    resources.stores.directory.forget()
    lead = await receive(channel=Channel.PHONE, live=True)
    assigned = await supervise.assign_lead(resources, lead.id, "boris", WORD)
    sees_all_lanes(resources)
    assert assigned.situation.routing.assigned_to == "boris"
    clock.pass_by(seconds=50)
    assert (await claim_next(resources, "anna")).lead is None
    assert (await take(resources, "boris")).id == lead.id
    repeated = await supervise.assign_lead(resources, lead.id, "boris", WORD)
    assert repeated.state is State.CLAIMED
    with pytest.raises(MoveNotAllowed, match="boris"):
        await supervise.assign_lead(resources, lead.id, "anna", WORD)


async def test_while_the_assigned_operator_is_off_shift_everybody_is_served(
    resources: Resources, receive: Receive
) -> None:
    lead = await receive()
    await supervise.assign_lead(resources, lead.id, "boris", WORD)
    sees_all_lanes(resources)
    assert (await take(resources, "anna")).id == lead.id


async def test_a_parked_lead_that_is_assigned_stays_parked_and_waits_for_him_when_due(
    resources: Resources, receive: Receive, clock: DrivenClock
) -> None:
    await receive()
    parked = await settle(
        resources, await take(resources, "anna"), Settlement(Outcome.CALLBACK, note="later")
    )
    assigned = await supervise.assign_lead(resources, parked.id, "boris", WORD)
    assert (assigned.state, assigned.parked_until) == (State.PARKED, parked.parked_until)
    clock.pass_by(minutes=31)
    await on_shift(resources, "anna", "boris")
    resources.stores.directory.forget()
    await keep_in_step(resources)
    sees_all_lanes(resources)
    assert (await claim_next(resources, "anna")).lead is None
    assert (await take(resources, "boris")).id == parked.id


async def test_an_unassigned_lead_is_everybodys_again(
    resources: Resources, receive: Receive
) -> None:
    lead = await receive()
    await supervise.assign_lead(resources, lead.id, "boris", WORD)
    free = await supervise.unassign_lead(resources, lead.id, WORD)
    assert free.ranking.lane == EVERYBODY
    assert (await supervise.unassign_lead(resources, lead.id, WORD)).version == free.version


async def test_nobody_is_assigned_who_is_not_served_from_the_queue(
    resources: Resources, receive: Receive
) -> None:
    lead = await receive()
    async with resources.stores.database.transaction() as connection:
        await put_operator(connection, Operator("zoe", ("elsewhere",)), resources.clock.now())
    for name in ("zoe", "nobody"):
        with pytest.raises(InvalidRequest, match="operator"):
            await supervise.assign_lead(resources, lead.id, name, WORD)


async def test_a_lead_taken_away_keeps_its_place_and_its_holders_token_is_dead(
    resources: Resources, receive: Receive, clock: DrivenClock, redis: Redis
) -> None:
    lead = await receive()
    held = await take(resources, "anna")
    clock.pass_by(seconds=30)
    back = await supervise.take_away(resources, held.id, WORD)
    assert (back.state, back.claim) == (State.WAITING, None)
    assert back.ranking.rank == lead.ranking.rank
    with pytest.raises(ClaimGone):
        await settle(resources, held)
    with pytest.raises(MoveNotAllowed, match="Nobody"):
        await supervise.take_away(resources, held.id, WORD)
    assert (await take(resources, "boris")).id == held.id
    await check_invariants(resources, redis)


async def test_an_assignment_to_the_holder_ends_when_it_is_taken_away(
    resources: Resources, receive: Receive
) -> None:
    lead = await receive()
    await supervise.assign_lead(resources, lead.id, "boris", WORD)
    sees_all_lanes(resources)
    await take(resources, "boris")
    back = await supervise.take_away(resources, lead.id, WORD)
    assert back.ranking.lane == EVERYBODY


@pytest.mark.parametrize("withdrawn", [True, False])
async def test_what_a_call_was_on_top_of_goes_on_when_the_call_is_taken_from_him(
    resources: Resources, receive: Receive, redis: Redis, withdrawn: bool
) -> None:
    chat = await receive()
    await take(resources, "anna")
    await at_work(resources, "anna")
    call = await a_call(receive)
    await take_on_top(resources, "anna")
    assert await on_hand(resources, "anna") == {str(chat.id): "paused", str(call.id): "on top"}
    if withdrawn:
        await supervise.withdraw_lead(resources, call.id, Outcome.LOST, WORD)
    else:
        await supervise.take_away(resources, call.id, WORD)
    assert await on_hand(resources, "anna") == {str(chat.id): "held"}
    await check_invariants(resources, redis)


@pytest.mark.parametrize("state", [State.WAITING, State.CLAIMED, State.PARKED])
async def test_a_lead_is_withdrawn_whatever_it_does(
    resources: Resources, receive: Receive, redis: Redis, state: State
) -> None:
    lead = await receive()
    if state is not State.WAITING:
        lead = await take(resources, "anna")
    if state is State.PARKED:
        lead = await settle(resources, lead, Settlement(Outcome.CALLBACK, note="later"))
    assert lead.state is state
    ended = await supervise.withdraw_lead(resources, lead.id, Outcome.CANCELLED, WORD)
    assert (ended.state, ended.outcome, ended.settled_by) == (State.SETTLED, "cancelled", "head")
    assert ended.reason == WORD.reason
    again = await supervise.withdraw_lead(resources, lead.id, Outcome.CANCELLED, WORD)
    assert again.version == ended.version
    with pytest.raises(MoveNotAllowed, match="cancelled by head"):
        await supervise.withdraw_lead(resources, lead.id, Outcome.LOST, WORD)
    with pytest.raises(MoveNotAllowed, match="settled"):
        await supervise.pin_lead(resources, lead.id, WORD)
    assert (await claim_next(resources, "anna")).lead is None
    await check_invariants(resources, redis)


async def test_the_learnt_chances_count_a_withdrawal(
    resources: Resources, receive: Receive
) -> None:
    lead = await receive()
    await supervise.withdraw_lead(resources, lead.id, Outcome.LOST, WORD)
    counted = await observed_outcomes(resources.stores.database, "main")
    assert [*counted.values()] == [Outcomes(0, 1)]


async def test_take_away_against_settle(
    resources: Resources, receive: Receive, redis: Redis, clock: DrivenClock
) -> None:
    for _ in range(TIMES):
        await receive()
        held = await take(resources, "anna")
        clock.pass_by(seconds=1)
        taken, settled = await both(
            supervise.take_away(resources, held.id, WORD), settle(resources, held)
        )
        now = await view_lead(resources, held.id)
        if isinstance(taken, Lead):
            assert isinstance(settled, ClaimGone)
            assert now.state is State.WAITING
            await settle(resources, await take(resources, "anna"))
        else:
            assert isinstance(taken, MoveNotAllowed)
            assert now.state is State.SETTLED
        await check_invariants(resources, redis)


async def test_assign_against_next(
    resources: Resources, receive: Receive, redis: Redis, clock: DrivenClock
) -> None:
    for _ in range(TIMES):
        await on_shift(resources, "anna", "boris")
        resources.stores.directory.forget()
        lead = await receive()
        assigned, served = await both(
            supervise.assign_lead(resources, lead.id, "boris", WORD),
            claim_next(resources, "anna"),
        )
        if served.lead is None:
            assert isinstance(assigned, Lead)
            sees_all_lanes(resources)
            served = await claim_next(resources, "boris")
        else:
            assert isinstance(assigned, MoveNotAllowed)
        await check_invariants(resources, redis)
        clock.pass_by(seconds=1)
        await settle(resources, served.lead)


async def test_withdraw_against_claim(
    resources: Resources, receive: Receive, redis: Redis, clock: DrivenClock
) -> None:
    for number in range(TIMES):
        lead = await receive()
        claim: Any = (
            claim_next(resources, "anna") if number % 2 else claim_lead(resources, lead.id, "anna")
        )
        withdrawn, _ = await both(
            supervise.withdraw_lead(resources, lead.id, Outcome.LOST, WORD), claim
        )
        assert isinstance(withdrawn, Lead)
        assert withdrawn.state is State.SETTLED
        assert (await claim_next(resources, "anna")).lead is None
        await check_invariants(resources, redis)
        clock.pass_by(seconds=1)


async def test_two_supervisors_at_one_lead(
    resources: Resources, receive: Receive, redis: Redis
) -> None:
    lead = await receive()
    words = [Instruction(f"head {number}", "mine") for number in range(4)]
    await both(*(supervise.pin_lead(resources, lead.id, word) for word in words))
    assert (await event_types(resources, lead)).count("lead.pinned") == 1
    ended = await both(
        *(supervise.withdraw_lead(resources, lead.id, Outcome.LOST, word) for word in words)
    )
    assert sum(isinstance(item, Lead) for item in ended) == 1
    await check_invariants(resources, redis)


async def test_what_the_line_does_not_hear_it_is_told_later(
    resources: Resources, receive: Receive, redis: Redis, clock: DrivenClock
) -> None:
    lead = await receive()
    await redis.flushall()
    await supervise.withdraw_lead(resources, lead.id, Outcome.LOST, WORD)
    clock.pass_by(seconds=30)
    await keep_in_step(resources)
    assert (await claim_next(resources, "anna")).lead is None
    await check_invariants(resources, redis)
