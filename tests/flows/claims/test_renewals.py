"""Leases that are renewed at once, and what the statement leaves alone."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from driven_clock import NOON, DrivenClock
from ending_stories import staff, taken
from stories import Receive

from service.flows.claims.renew_claim import renew_claim
from service.flows.leads.view_leads import view_lead
from service.leads.errors import ClaimGone
from service.leads.lead import Lead
from service.leads.operator import Operator
from service.resources import Resources
from service.storage.leads.leads import locked
from service.storage.leads.renewals import Renewal

LEASE = timedelta(minutes=2)


def a_renewal(lead: Lead) -> Renewal:
    assert lead.claim is not None
    return Renewal(lead.id, lead.claim.token, NOON, {"main": LEASE.total_seconds()})


async def test_leases_begin_anew_together(
    resources: Resources, receive: Receive, clock: DrivenClock
) -> None:
    await staff(resources, Operator("anna", ("main",), capacity=3))
    held = [await taken(resources, receive) for _ in range(3)]
    clock.pass_by(minutes=1)
    tokens = [(lead.id, lead.claim.token) for lead in held if lead.claim]
    renewed = await asyncio.gather(*(renew_claim(resources, *named) for named in tokens))
    for lead in renewed:
        assert lead.claim is not None
        assert lead.claim.lease_until == clock.moment + LEASE
        assert lead == await view_lead(resources, lead.id)


async def test_only_under_its_token(resources: Resources, receive: Receive) -> None:
    lead = await taken(resources, receive)
    another = replace(a_renewal(lead), token="another")
    assert await resources.stores.renewals.renew(another) is None
    with pytest.raises(ClaimGone):
        await renew_claim(resources, lead.id, "another")
    assert await view_lead(resources, lead.id) == lead


async def test_a_longer_lease_is_not_cut(resources: Resources, receive: Receive) -> None:
    lead = await taken(resources, receive)
    short = replace(a_renewal(lead), leases={"main": 1.0})
    renewed = await resources.stores.renewals.renew(short)
    assert renewed is not None
    assert renewed.claim == lead.claim


async def test_what_stands_still_is_left_alone(resources: Resources, receive: Receive) -> None:
    lead = await taken(resources, receive)
    await resources.stores.database.fetch("UPDATE leads SET paused_since = $1", NOON)
    assert await resources.stores.renewals.renew(a_renewal(lead)) is None


async def test_who_is_at_it_keeps_no_other_waiting(resources: Resources, receive: Receive) -> None:
    await staff(resources, Operator("anna", ("main",), capacity=2))
    held = [await taken(resources, receive) for _ in range(2)]
    async with resources.stores.database.transaction() as connection:
        await locked(connection, held[0].id)
        first, other = await asyncio.gather(
            *(resources.stores.renewals.renew(a_renewal(lead)) for lead in held)
        )
    assert (first, other is not None) == (None, True)
