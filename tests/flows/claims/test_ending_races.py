"""Two ends of one claim at the same moment: one holds, another is told that the claim is gone.

Of two that report the same, both are answered with it."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from decimal import Decimal
from itertools import combinations_with_replacement

import pytest
from driven_clock import NOON, DrivenClock
from ending_stories import decline, park, settle, taken, transfer
from invariants import check_invariants
from redis.asyncio import Redis
from stories import Receive, event_types, on_shift

from service.flows.claims.claim_next import claim_next
from service.flows.leads.view_leads import view_lead
from service.flows.upkeep.keep_in_step import end_overdue_leases
from service.leads.errors import ClaimGone
from service.leads.lead import Lead, State
from service.resources import Resources

ROUNDS = 5
End = Callable[[Resources, Lead], Awaitable[Lead]]
ENDS: dict[str, End] = {
    "decline": decline,
    "transfer": lambda resources, lead: transfer(resources, lead, "boris"),
    "park": lambda resources, lead: park(resources, lead, NOON + timedelta(days=1)),
    "settle": lambda resources, lead: settle(resources, lead, "won", amount=Decimal(5)),
    "no_answer": lambda resources, lead: settle(resources, lead, "no_answer"),
}


@pytest.mark.parametrize(("item", "other"), [*combinations_with_replacement(ENDS, 2)])
async def test_of_two_ends_one_holds(
    resources: Resources, receive: Receive, redis: Redis, item: str, other: str
) -> None:
    await on_shift(resources, "anna", "boris")
    for _ in range(ROUNDS):
        held = await taken(resources, receive)
        both = (ENDS[item](resources, held), ENDS[other](resources, held))
        ended = await asyncio.gather(*both, return_exceptions=True)
        refused = [result for result in ended if isinstance(result, BaseException)]
        assert [type(result) for result in refused] == [ClaimGone] * (item != other)
        lead = next(result for result in ended if isinstance(result, Lead))
        assert all(result == lead for result in ended if isinstance(result, Lead))
        assert await view_lead(resources, held.id) == lead
        await check_invariants(resources, redis)
        await _clear(resources)


async def _clear(resources: Resources) -> None:
    """Whatever waits is settled, so that the next round begins anew."""
    for operator in ("anna", "boris"):
        if (left := (await claim_next(resources, operator)).lead) is not None:
            await settle(resources, left, "lost", reason="конец")


@pytest.mark.parametrize("end", ENDS)
async def test_an_end_against_the_end_of_the_lease(
    resources: Resources, receive: Receive, redis: Redis, clock: DrivenClock, end: str
) -> None:
    await on_shift(resources, "anna", "boris")
    for _ in range(ROUNDS):
        clock.moment = NOON
        held = await taken(resources, receive)
        clock.pass_by(minutes=3)
        both = (ENDS[end](resources, held), end_overdue_leases(resources))
        ended, _none = await asyncio.gather(*both, return_exceptions=True)
        lead, reported = await view_lead(resources, held.id), await event_types(resources, held)
        if isinstance(ended, ClaimGone):
            assert (lead.state, reported[-1]) == (State.WAITING, "lead.lease_ended")
        else:
            assert ended == lead
            assert "lead.lease_ended" not in reported
        await check_invariants(resources, redis)
        await _clear(resources)
