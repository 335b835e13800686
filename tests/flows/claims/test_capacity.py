"""How many leads an operator may hold: of every kind, and of single ones."""

import asyncio
from collections import Counter
from typing import Any

import pytest
from invariants import check_invariants
from redis.asyncio import Redis
from stories import Receive, take

from service.flows.claims.claim_lead import claim_lead
from service.flows.claims.claim_next import Served, claim_next
from service.flows.claims.settle_claim import settle_claim
from service.flows.claims.view_line import view_line
from service.flows.leads.view_leads import view_held
from service.flows.upkeep.keep_in_step import keep_in_step
from service.leads.errors import AtCapacity, NextleadError
from service.leads.lead import Channel, Kind
from service.leads.operator import Operator
from service.leads.settlement import Outcome, Settlement
from service.resources import Resources
from service.storage.operators.operators import put_operator

TOLD = Settlement(Outcome.LOST, reason="price", note="told")


async def an_operator(resources: Resources, name: str = "clara", **sent: Any) -> Operator:
    """An operator of the queue `main`, known at once."""
    operator = Operator(name, ("main",), **sent)
    async with resources.stores.database.transaction() as connection:
        await put_operator(connection, operator, resources.clock.now())
    resources.stores.directory.forget()
    return operator


async def kinds_held(resources: Resources, operator: str = "clara") -> Counter[Kind]:
    """How many leads of each kind the operator holds."""
    return Counter(item.ranking.kind for item in await view_held(resources, operator))


async def test_who_holds_enough_chats_is_served_what_comes_after_all_chats(
    resources: Resources, receive: Receive, redis: Redis
) -> None:
    await an_operator(resources, capacity=3, capacity_by_kind={Kind.CHAT: 1})
    for _ in range(30):
        await receive()
    order, letter = await receive(channel=Channel.SITE_ORDER), await receive(channel=Channel.EMAIL)
    assert (await take(resources, "clara")).ranking.kind is Kind.CHAT
    view = await view_line(resources, "clara", 10)
    assert [lead.id for lead in view.leads] == [order.id, letter.id]
    assert (await take(resources, "clara")).id == order.id
    assert (await take(resources, "clara")).id == letter.id
    assert await kinds_held(resources) == {Kind.CHAT: 1, Kind.SELF_ORDER: 1, Kind.OFFLINE: 1}
    await check_invariants(resources, redis)


async def test_who_holds_enough_of_a_kind_is_not_told_that_the_line_is_away(
    resources: Resources, receive: Receive
) -> None:
    await an_operator(resources, capacity=2, capacity_by_kind={Kind.CHAT: 1})
    await receive()
    await receive()
    await take(resources, "clara")
    served = await claim_next(resources, "clara")
    assert (served.lead, served.from_line) == (None, True)
    assert (await take(resources, "boris")).ranking.kind is Kind.CHAT


async def test_a_kind_is_served_again_once_one_of_it_has_ended(
    resources: Resources, receive: Receive
) -> None:
    await an_operator(resources, capacity=2, capacity_by_kind={Kind.CHAT: 1})
    await receive()
    second = await receive()
    held = await take(resources, "clara")
    first_two = {held.id, second.id}
    await settle_claim(resources, held.id, held.claim.token, TOLD)
    assert {held.id, (await take(resources, "clara")).id} <= first_two | {second.id}
    assert await kinds_held(resources) == {Kind.CHAT: 1}


async def test_who_may_hold_none_of_a_kind_is_never_given_one(
    resources: Resources, receive: Receive
) -> None:
    await an_operator(resources, capacity=5, capacity_by_kind={Kind.CHAT: 0})
    chat = await receive()
    assert (await claim_next(resources, "clara")).lead is None
    with pytest.raises(AtCapacity, match="chat"):
        await claim_lead(resources, chat.id, "clara")


async def test_without_the_line_kinds_are_counted_too(
    resources: Resources, receive: Receive, redis: Redis
) -> None:
    await an_operator(resources, capacity=3, capacity_by_kind={Kind.CHAT: 1})
    await receive()
    await receive()
    await receive(channel=Channel.EMAIL)
    await redis.flushall()
    kinds = [(await take(resources, "clara")).ranking.kind for _ in range(2)]
    assert kinds == [Kind.CHAT, Kind.OFFLINE]
    assert (await claim_next(resources, "clara")).lead is None


async def all_of(*requests: Any) -> list[Any]:
    """What every request was answered; refusals are answers, anything else is raised."""
    answers = await asyncio.gather(*requests, return_exceptions=True)
    for answer in answers:
        if isinstance(answer, BaseException) and not isinstance(answer, NextleadError):
            raise answer
    return answers


@pytest.mark.parametrize("attempt", range(15))
async def test_a_claim_by_id_beside_next_never_exceeds_the_capacity(
    resources: Resources, receive: Receive, redis: Redis, attempt: int
) -> None:
    await an_operator(resources, capacity=2)
    leads = [await receive() for _ in range(6)]
    await take(resources, "clara")
    by_id = [claim_lead(resources, item.id, "clara") for item in (leads[0], leads[3])]
    asked = [claim_next(resources, "clara") for _ in range(3)]
    mixed = by_id + asked if attempt % 2 else asked + by_id
    await all_of(*mixed)
    assert sum((await kinds_held(resources)).values()) == 2
    await keep_in_step(resources)
    await check_invariants(resources, redis)


@pytest.mark.parametrize("attempt", range(8))
async def test_many_requests_at_once_never_exceed_the_bound_of_a_kind(
    resources: Resources, receive: Receive, redis: Redis, attempt: int
) -> None:
    await an_operator(resources, capacity=4, capacity_by_kind={Kind.CHAT: 2})
    for number in range(12):
        await receive(channel=Channel.EMAIL if number % 3 == attempt % 3 else Channel.WHATSAPP)
    answers = await all_of(*(claim_next(resources, "clara") for _ in range(8)))
    assert all(isinstance(answer, Served) for answer in answers), answers
    for _ in range(4):
        await claim_next(resources, "clara")
    assert await kinds_held(resources) == {Kind.CHAT: 2, Kind.OFFLINE: 2}
    await keep_in_step(resources)
    await check_invariants(resources, redis)


@pytest.mark.parametrize("attempt", range(8))
async def test_ten_operators_at_a_line_of_five(
    resources: Resources, receive: Receive, redis: Redis, attempt: int
) -> None:
    names = [f"operator-{attempt}-{number}" for number in range(10)]
    for name in names:
        await an_operator(resources, name)
    waiting = {(await receive()).id for _ in range(5)}
    served = await all_of(*(claim_next(resources, name) for name in names))
    taken = [item.lead.id for item in served if item.lead is not None]
    assert (len(taken), set(taken)) == (5, waiting)
    await check_invariants(resources, redis)


@pytest.mark.parametrize("attempt", range(8))
async def test_two_operators_and_one_lead(
    resources: Resources, receive: Receive, redis: Redis, attempt: int
) -> None:
    await receive()
    names = ("anna", "boris") if attempt % 2 else ("boris", "anna")
    served = await all_of(*(claim_next(resources, name) for name in names))
    assert sorted(item.lead is None for item in served) == [False, True]
    await check_invariants(resources, redis)


@pytest.mark.parametrize("attempt", range(6))
async def test_two_queues_and_one_place_give_one_lead(
    resources: Resources, receive: Receive, redis: Redis, client: Any, attempt: int
) -> None:
    await client.put("/v1/queues/north", json={})
    await client.put("/v1/operators/clara", json={"queues": ["main", "north"]})
    await keep_in_step(resources)
    for number in range(6):
        await receive(queue="main" if number % 2 == attempt % 2 else "north")
    await all_of(*(claim_next(resources, "clara") for _ in range(6)))
    assert sum((await kinds_held(resources)).values()) == 1
    await keep_in_step(resources)
    await check_invariants(resources, redis)
