"""Who comes and goes opens and closes his own lane."""

import asyncio

import pytest
from call_stories import at_work
from invariants import check_invariants
from redis.asyncio import Redis
from stories import Receive, take

from service.flows.claims.claim_next import claim_next, claim_next_within
from service.flows.claims.supervise import Instruction, assign_lead
from service.flows.operators.change_presence import change_presence
from service.flows.upkeep.keep_in_step import keep_in_step
from service.leads.errors import OffShift
from service.leads.lead import Lead
from service.leads.operator import Presence
from service.resources import Resources

SOON = 5.0


async def never_gone() -> bool:
    """He waits as long as he may."""
    return False


async def annas_own(resources: Resources, receive: Receive) -> Lead:
    """A lead that waits for Anna."""
    lead = await receive()
    return await assign_lead(resources, lead.id, "anna", Instruction("tests", "she knows him"))


async def test_who_goes_home_opens_his_lane_at_once(
    resources: Resources, receive: Receive, redis: Redis
) -> None:
    await at_work(resources, "anna", "boris")
    lead = await annas_own(resources, receive)
    assert (await claim_next(resources, "boris")).lead is None
    gone = await change_presence(resources, "anna", Presence.OFFLINE)
    assert gone.held == []
    assert (await take(resources, "boris")).id == lead.id
    await check_invariants(resources, redis)


async def test_who_comes_back_has_his_lane_for_himself(
    resources: Resources, receive: Receive
) -> None:
    await at_work(resources, "anna", "boris")
    await change_presence(resources, "anna", Presence.OFFLINE)
    await change_presence(resources, "anna", Presence.ONLINE)
    lead = await annas_own(resources, receive)
    assert (await claim_next(resources, "boris")).lead is None
    assert (await take(resources, "anna")).id == lead.id


async def test_a_break_keeps_the_lane_closed(resources: Resources, receive: Receive) -> None:
    await at_work(resources, "anna", "boris")
    await annas_own(resources, receive)
    await change_presence(resources, "anna", Presence.AWAY)
    assert (await claim_next(resources, "boris")).lead is None


async def test_whoever_waits_is_given_the_opened_lane_within_two_seconds(
    resources: Resources, receive: Receive
) -> None:
    await at_work(resources, "anna", "boris")
    lead = await annas_own(resources, receive)
    waiting = asyncio.create_task(claim_next_within(resources, "boris", SOON, never_gone))
    await asyncio.sleep(0.1)
    await change_presence(resources, "anna", Presence.OFFLINE)
    async with asyncio.timeout(3):
        served = await waiting
    assert served.lead is not None
    assert served.lead.id == lead.id


async def test_he_who_goes_is_shown_all_that_he_holds(
    resources: Resources, receive: Receive
) -> None:
    await receive()
    held = await take(resources, "anna")
    gone = await change_presence(resources, "anna", Presence.OFFLINE)
    assert [item.id for item in gone.held or ()] == [held.id]


@pytest.mark.parametrize("attempt", range(12))
async def test_going_home_beside_next_leaves_nothing_that_was_not_told(
    resources: Resources, receive: Receive, redis: Redis, attempt: int
) -> None:
    for _ in range(2):
        await receive()
    going = change_presence(resources, "anna", Presence.OFFLINE)
    asking = claim_next(resources, "anna")
    both = (going, asking) if attempt % 2 else (asking, going)
    answers = await asyncio.gather(*both, return_exceptions=True)
    gone, served = answers if attempt % 2 else reversed(answers)
    reported = [item.id for item in gone.held]
    if isinstance(served, OffShift):
        assert reported == []
    else:
        assert reported == [served.lead.id]
    with pytest.raises(OffShift):
        await claim_next(resources, "anna")
    await keep_in_step(resources)
    await check_invariants(resources, redis)
