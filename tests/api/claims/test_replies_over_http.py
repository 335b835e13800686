"""A chat that is held and not answered goes back; whoever is late and waits is told of again."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from driven_clock import DrivenClock
from invariants import check_invariants
from redis.asyncio import Redis
from shop import Shop
from sqlalchemy import text

from service.adapters.inbound_event import ClientMessage, OwnAnswer
from service.adapters.source import Source
from service.flows.senders.handle_event import handle
from service.flows.upkeep.keep_in_step import keep_in_step
from service.leads.customer import Customer
from service.leads.lead import Channel, Signal
from service.resources import Resources

DESK = Source("desk", "chatwoot", "main")
CLIENT, OTHER = (Customer(messengers={"chatwoot": name}) for name in ("c1", "c2"))
STORED = text(
    "INSERT INTO sources (name, adapter, queue, secrets, tokens, options, operators, time_zone,"
    " region, created_at, changed_at)"
    " VALUES ('desk', 'chatwoot', 'main', '{}', '{}', '{}', '{}', 'UTC', 'RU', now(), now())"
)


@pytest.fixture
async def shop(client: httpx.AsyncClient, clock: DrivenClock, resources: Resources) -> Shop:
    shop = Shop(client, clock, resources)
    shop.on_duty = {"anna", "boris"}
    async with resources.stores.database.transaction() as connection:
        await connection.execute(STORED)
    return shop


async def writes(shop: Shop, word: str = "клипса", customer: Customer = CLIENT) -> dict[str, Any]:
    now = shop.clock.now()
    signal = Signal(
        queue="main",
        channel=Channel.SITE_CHAT,
        received_at=now,
        source="desk",
        external_id=f"{customer.messengers}-{now.isoformat()}",
        customer=customer,
        text=word,
    )
    lead_id = await handle(shop.stores, DESK, ClientMessage(signal))
    assert isinstance(lead_id, UUID)
    lead: dict[str, Any] = await shop.ask("GET", f"/leads/{lead_id}")
    shop.names[lead["id"]] = word
    return lead


async def is_answered(shop: Shop, customer: Customer = CLIENT) -> None:
    await handle(shop.stores, DESK, OwnAnswer(customer, shop.clock.now()))


async def passes(shop: Shop, held: dict[str, Any] | None = None, **duration: float) -> None:
    """Time goes by; an open page renews what is held."""
    end = shop.clock.now() + timedelta(**duration)
    while shop.clock.now() < end:
        shop.clock.moment = min(end, shop.clock.now() + timedelta(minutes=1))
        await shop.everybody_is_there()
        if held is not None:
            await shop.call("POST", f"/leads/{held['id']}/renew", token=held["claim"]["token"])
        await keep_in_step(shop.stores)


async def test_a_chat_that_is_held_and_not_answered_goes_back(shop: Shop) -> None:
    await writes(shop, "another's", OTHER)
    await is_answered(shop, OTHER)  # the source tells of answers
    chat = await writes(shop, "тормозные колодки, на подъёмнике")
    held = await shop.serve("anna", chat, "A6")
    await passes(shop, held, minutes=8)
    assert "reply.due" not in await shop.events(chat)
    await passes(shop, held, minutes=1)
    assert (await shop.events(chat)).count("reply.due") == 1
    assert await shop.state(chat) == "claimed"
    await passes(shop, held, minutes=1)
    assert await shop.state(chat) == "waiting"
    assert (await shop.events(chat)).count("reply.due") == 1


async def test_what_goes_back_is_for_others_if_there_are_any(shop: Shop, redis: Redis) -> None:
    await writes(shop, "another's", OTHER)
    await is_answered(shop, OTHER)
    chat = await writes(shop, "тормозные колодки, на подъёмнике")
    held = await shop.serve("anna", chat, "A6")
    await passes(shop, held, minutes=10)
    await check_invariants(shop.stores, redis)
    line = await shop.ask("GET", "/operators/anna/queue")
    assert chat["id"] not in [item["id"] for item in line["leads"]]
    await shop.serve("boris", chat, "A19")


async def test_what_goes_back_is_theirs_again_where_nobody_else_is(shop: Shop) -> None:
    await shop.leaves("boris")
    await writes(shop, "another's", OTHER)
    await is_answered(shop, OTHER)
    chat = await writes(shop, "тормозные колодки, на подъёмнике")
    held = await shop.serve("anna", chat, "A6")
    await passes(shop, held, minutes=10)
    await shop.serve("anna", chat, "A19")


async def test_an_answer_keeps_the_chat_and_the_next_word_counts_anew(shop: Shop) -> None:
    chat = await writes(shop)
    held = await shop.serve("anna", chat, "A6")
    await passes(shop, held, minutes=5)
    await is_answered(shop)
    assert (await shop.ask("GET", f"/leads/{chat['id']}"))["first_answer_at"] is not None
    await passes(shop, held, minutes=30)
    assert await shop.state(chat) == "claimed"
    await writes(shop, "и масло")
    await passes(shop, held, minutes=9)
    await writes(shop, "ау")
    assert await shop.state(chat) == "claimed"
    await passes(shop, held, minutes=1)
    assert await shop.state(chat) == "waiting"


async def test_without_news_of_answers_nothing_goes_back(shop: Shop) -> None:
    chat = await writes(shop)
    held = await shop.serve("anna", chat, "A6")
    await passes(shop, held, minutes=20)
    assert await shop.state(chat) == "claimed"


async def test_news_of_answers_is_believed_for_a_week(shop: Shop) -> None:
    await writes(shop, "another's", OTHER)
    await is_answered(shop, OTHER)
    shop.clock.pass_by(days=7, minutes=1)
    chat = await writes(shop)
    held = await shop.ask("POST", f"/leads/{chat['id']}/claim", operator="anna")
    await passes(shop, held, minutes=12)
    assert await shop.state(chat) == "claimed"


@pytest.mark.parametrize("sign", ["note", "patch"])
async def test_a_sign_of_work_gives_time(shop: Shop, sign: str) -> None:
    await writes(shop, "another's", OTHER)
    await is_answered(shop, OTHER)
    chat = await writes(shop)
    held = await shop.ask("POST", f"/leads/{chat['id']}/claim", operator="anna")
    await passes(shop, held, minutes=8)
    if sign == "note":
        await shop.ask("POST", f"/leads/{chat['id']}/notes", note="ищу клипсу")
    else:
        await shop.ask("PATCH", f"/leads/{chat['id']}", budget="100")
    await passes(shop, held, minutes=9)
    assert await shop.state(chat) == "claimed"
    await passes(shop, held, minutes=1)
    assert await shop.state(chat) == "waiting"


async def test_nobody_has_to_write_during_a_call(shop: Shop) -> None:
    await shop.ask("PUT", "/operators/anna", capacity=3)
    await writes(shop, "another's", OTHER)
    await is_answered(shop, OTHER)
    chat = await writes(shop)
    held = await shop.ask("POST", f"/leads/{chat['id']}/claim", operator="anna")
    call = await shop.comes("a call", channel="phone")
    await shop.ask("POST", f"/leads/{call['id']}/call", event="answered", operator="anna")
    await passes(shop, held, minutes=15)
    assert await shop.state(chat) == "claimed"


async def test_who_is_late_and_waits_is_told_of_again(shop: Shop) -> None:
    chat = await shop.comes("a chat", text="клипса")
    await passes(shop, minutes=11)
    assert (await shop.events(chat)).count("lead.late") == 1
    await passes(shop, minutes=15)
    assert (await shop.events(chat)).count("lead.late") == 2
    held = await shop.serve("anna", chat, "B11")
    await passes(shop, held, minutes=16)
    assert (await shop.events(chat)).count("lead.late") == 2


async def test_who_comes_back_is_late_from_then_on_and_not_at_once(shop: Shop) -> None:
    chat = await shop.comes("a chat", text="клипса")
    await passes(shop, minutes=11)
    held = await shop.serve("anna", chat, "B11")
    await shop.end(held, outcome="no_answer", note="молчит")
    await passes(shop, minutes=30)
    assert await shop.state(chat) == "waiting"
    await passes(shop, minutes=9)
    assert (await shop.events(chat)).count("lead.late") == 1
    await passes(shop, minutes=1)
    assert (await shop.events(chat)).count("lead.late") == 2


async def test_statistics_say_which_first_answers_are_known(shop: Shop) -> None:
    await writes(shop)
    await shop.ask("POST", "/operators/anna/next")
    shop.clock.pass_by(minutes=3)
    await is_answered(shop)
    await shop.comes("of a sender that tells nothing")
    await shop.ask("POST", "/operators/boris/next")
    shop.clock.pass_by(seconds=2)
    day = (await shop.ask("GET", "/queues/main/stats"))["last_24_hours"]
    assert (day["served"], day["first_answers_known"]) == (2, 1)
    assert day["first_answer_95_percent_seconds"] == pytest.approx(171.0)
