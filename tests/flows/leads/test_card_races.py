"""A client's card changes while his leads come in, are taken and settled: nothing goes astray."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from customer_stories import IRINA, employ, know, orders
from invariants import check_invariants
from redis.asyncio import Redis
from sqlalchemy import text
from stories import Receive, join_nothing

from service.flows.claims.claim_next import claim_next
from service.flows.claims.settle_claim import settle_claim
from service.flows.leads import receive_signal as receiving
from service.flows.leads import update_customer as changing
from service.flows.leads.update_customer import view_customer
from service.flows.upkeep.keep_in_step import keep_in_step
from service.leads.lead import State
from service.leads.settlement import Outcome, Settlement
from service.resources import Resources

ROUNDS = 15
OWNERS = "SELECT DISTINCT owner FROM leads WHERE state IN ('waiting', 'claimed', 'parked')"


@pytest.fixture(autouse=True)
async def nothing_astray(resources: Resources, redis: Redis) -> AsyncIterator[None]:
    """Afterwards rows, line and events tell one and the same."""
    await join_nothing(resources)
    await employ(resources, "anna", capacity=100)
    await employ(resources, "boris", capacity=100)
    yield
    await keep_in_step(resources)
    await check_invariants(resources, redis)


async def owners(resources: Resources) -> set[str | None]:
    """Whose Irina's open leads are."""
    async with resources.stores.database.transaction() as connection:
        return {*await connection.scalars(text(OWNERS))}


async def test_a_lead_that_comes_while_the_card_changes_is_led_by_the_new_card(
    resources: Resources, receive: Receive
) -> None:
    for number in range(ROUNDS):
        name = ("anna", "boris")[number % 2]
        coming = [receive(customer=IRINA, source=f"{number}-{item}") for item in range(3)]
        await asyncio.gather(coming[0], know(resources, orders=orders(name)), *coming[1:])
        assert await owners(resources) == {name}


async def test_a_lead_that_is_taken_while_the_card_changes_has_one_holder_and_follows(
    resources: Resources, receive: Receive
) -> None:
    for number in range(ROUNDS):
        name = ("anna", "boris")[number % 2]
        lead = await receive(customer=IRINA, source=str(number))
        _, *served = await asyncio.gather(
            know(resources, orders=orders(name)),
            claim_next(resources, "anna"),
            claim_next(resources, "boris"),
        )
        holders = [
            item.lead.claim.operator for item in served if item.lead and item.lead.id == lead.id
        ]
        assert len(holders) <= 1
        assert await owners(resources) == {name}


async def test_a_lead_that_is_settled_while_the_card_changes_is_settled_once(
    resources: Resources, receive: Receive
) -> None:
    won = Settlement(Outcome.WON, amount=Decimal(5), note="told")
    later = Settlement(Outcome.CALLBACK, note="later", until=resources.clock.now() + timedelta(1))
    for number in range(ROUNDS):
        await receive(customer=IRINA, source=str(number))
        served = None
        while served is None:
            served = (await claim_next(resources, "anna")).lead
        name = ("anna", "boris")[number % 2]
        settled, _ = await asyncio.gather(
            settle_claim(resources, served.id, served.claim.token, (won, later)[number % 2]),
            know(resources, orders=orders(name)),
        )
        assert settled.state in (State.SETTLED, State.PARKED)
        assert await owners(resources) <= {name}
    contacts = (await view_customer(resources, "c-1")).context.contacts
    assert {contact.operator for contact in contacts} == {"anna"}


async def test_the_card_changes_between_the_look_at_it_and_the_leads_commit(
    resources: Resources, receive: Receive, monkeypatch: pytest.MonkeyPatch
) -> None:
    await know(resources, orders=orders("boris"))
    look = receiving.find_client

    async def look_and_wait(*sent: Any) -> Any:
        found = await look(*sent)
        await know(resources, orders=orders("anna"))
        return found

    monkeypatch.setattr(receiving, "find_client", look_and_wait)
    await receive(customer=IRINA)
    assert await owners(resources) == {"anna"}


async def test_a_lead_comes_between_the_look_at_the_leads_and_the_cards_change(
    resources: Resources, receive: Receive, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = changing.locked_card

    async def lock_later(*sent: Any) -> Any:
        await receive(customer=IRINA)
        return await lock(*sent)

    monkeypatch.setattr(changing, "locked_card", lock_later)
    assert (await know(resources, orders=orders("anna"))).rerouted == 1
    assert await owners(resources) == {"anna"}
