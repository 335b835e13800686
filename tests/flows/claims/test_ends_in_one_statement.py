"""The statement that ends claims: its guards, and that each end goes by itself."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from driven_clock import NOON
from ending_stories import IRINA, customer, settle, staff, taken
from stories import Receive, join_nothing, take

from service.flows.claims.renew_claim import renew_claim
from service.flows.leads.update_customer import view_customer
from service.flows.leads.view_leads import view_lead, view_lead_events
from service.leads.claim_end import ClaimEnd, EndVerb
from service.leads.context import Contact, CustomerContext
from service.leads.errors import StorageFailed
from service.leads.lead import Lead, State
from service.leads.operator import Operator
from service.resources import Resources
from service.storage.leads.endings import EndOfClaim, end_of_claim
from service.storage.leads.history import LeadEvent
from service.storage.leads.leads import locked

RELEASE = ClaimEnd(EndVerb.RELEASE, None)
TALKED = CustomerContext(contacts=(Contact("anna", NOON),))


async def an_end(resources: Resources, lead: Lead) -> EndOfClaim:
    """The lead goes back; what it depends on is read now."""
    held = await resources.stores.held.find(lead.id)
    event = LeadEvent("lead.released", NOON, "anna")
    return end_of_claim(held, RELEASE, State.WAITING, event, {})


async def test_a_lead_that_changed_since_it_was_read_is_not_ended(
    resources: Resources, receive: Receive
) -> None:
    lead = await taken(resources, receive)
    assert lead.claim is not None
    ending = await an_end(resources, lead)
    await renew_claim(resources, lead.id, lead.claim.token)
    for alone in (False, True):
        assert await resources.stores.endings.end(ending, alone=alone) is None
    assert (await view_lead(resources, lead.id)).state is State.CLAIMED


async def test_only_the_holders_token_ends_it(resources: Resources, receive: Receive) -> None:
    ending = await an_end(resources, await taken(resources, receive))
    another = replace(ending, claim=replace(ending.claim, token="another"))
    assert await resources.stores.endings.end(another) is None
    assert await resources.stores.endings.end(ending) is False


async def test_what_nobody_holds_is_not_ended(resources: Resources, receive: Receive) -> None:
    lead = await taken(resources, receive)
    ending = await an_end(resources, lead)
    columns = "claimed_by, claim_token, claimed_since, lease_until"
    await resources.stores.database.fetch(
        f"UPDATE leads SET state = 'waiting', ({columns}) = ROW(NULL, NULL, NULL, NULL)"
    )
    assert await resources.stores.endings.end(ending) is None


async def test_of_two_ends_in_one_batch_one_is_written(
    resources: Resources, receive: Receive
) -> None:
    ending = await an_end(resources, await taken(resources, receive))
    both = (ending, replace(ending))
    assert await asyncio.gather(*map(resources.stores.endings.end, both)) == [False, None]
    records = await view_lead_events(resources, ending.lead.id, after=0, limit=100)
    assert [record.event.type for record in records].count("lead.released") == 1


async def test_a_card_that_changed_since_it_was_read_is_not_written_over(
    resources: Resources, receive: Receive
) -> None:
    await customer(resources)
    lead = await taken(resources, receive, customer=IRINA)
    ending = replace(await an_end(resources, lead), context=TALKED)
    await customer(resources, bought_before=True)
    assert await resources.stores.endings.end(ending) is None
    assert (await view_lead(resources, lead.id)).state is State.CLAIMED
    assert (await view_customer(resources, "irina")).context == CustomerContext(bought_before=True)


async def test_ends_of_one_clients_leads_at_once_are_all_on_the_card(
    resources: Resources, receive: Receive
) -> None:
    await customer(resources)
    await join_nothing(resources)
    names = ("anna", "boris", "vera")
    await staff(resources, *(Operator(name, ("main",)) for name in names))
    for _ in names:
        await receive(customer=IRINA)
    held = [await take(resources, name) for name in names]
    await asyncio.gather(*(settle(resources, lead, "won", amount=5) for lead in held))
    assert len((await view_customer(resources, "irina")).context.contacts) == 3


async def test_what_somebody_else_has_locked_keeps_no_other_waiting(
    resources: Resources, receive: Receive
) -> None:
    await staff(resources, Operator("anna", ("main",), capacity=2))
    ends = [await an_end(resources, await taken(resources, receive)) for _ in range(2)]
    end = resources.stores.endings.end
    async with resources.stores.database.transaction() as connection:
        await locked(connection, ends[0].lead.id)
        assert await asyncio.gather(*map(end, ends)) == [None, False]
        alone = asyncio.create_task(end(ends[0], alone=True))
        done, _ = await asyncio.wait([alone], timeout=0)
        assert not done
    assert await alone is False


async def test_an_end_that_the_table_refuses_fails_alone(
    resources: Resources, receive: Receive
) -> None:
    await staff(resources, Operator("anna", ("main",), capacity=2))
    ends = [await an_end(resources, await taken(resources, receive)) for _ in range(2)]
    wrong = replace(ends[0], columns={**ends[0].columns, "outcome": "no such"})
    results = await asyncio.gather(
        *map(resources.stores.endings.end, (wrong, ends[1])), return_exceptions=True
    )
    assert isinstance(results[0], StorageFailed)
    assert results[1] is False


async def test_a_column_that_no_end_writes_is_refused(
    resources: Resources, receive: Receive
) -> None:
    ending = await an_end(resources, await taken(resources, receive))
    unknown = replace(ending, columns={**ending.columns, "vin": "x"})
    with pytest.raises(ValueError, match="vin"):
        await resources.stores.endings.end(unknown)


async def test_an_end_says_whether_its_client_has_another_open_lead(
    resources: Resources, receive: Receive
) -> None:
    await customer(resources)
    await join_nothing(resources)
    await staff(resources, Operator("anna", ("main",), capacity=2))
    for another in (False, True):
        lead = await taken(resources, receive, customer=IRINA)
        ending = replace(await an_end(resources, lead), asks=True)
        if another:
            await receive(customer=IRINA)
        assert await resources.stores.endings.end(ending) is another


async def test_the_lead_is_as_it_is_read_again(resources: Resources, receive: Receive) -> None:
    for outcome, sent in (
        *(("won", {"amount": 5}), ("no_answer", {}), ("lost", {"reason": "дорого"})),
        *(("callback", {"until": NOON + timedelta(hours=3)}), ("awaiting_payment", {"amount": 7})),
    ):
        ended = await settle(resources, await taken(resources, receive), outcome, **sent)
        assert ended == await view_lead(resources, ended.id)
