"""A line built of the few columns that it needs is the line that shows each whole lead."""

from datetime import timedelta
from typing import Any

import pytest
from driven_clock import DrivenClock
from redis.asyncio import Redis
from stories import Receive, put_policy, settle, take

from service.flows.leads.view_leads import view_lead
from service.flows.line.rebuild_line import rebuild_line
from service.leads.lead import Channel, Lead, State
from service.leads.operator import Operator
from service.leads.settlement import Outcome, Settlement
from service.queue.in_step import clear
from service.resources import Resources
from service.storage.operators.operators import put_operator

CALL_AGAIN = Settlement(Outcome.NO_ANSWER, note="silence")
PAUSE = "UPDATE leads SET paused_since = now() WHERE id = $1"


@pytest.fixture
async def shop(resources: Resources, receive: Receive, clock: DrivenClock) -> Resources:
    """Leads in every state, with steps that are due and others to come, under a guarantee."""
    await put_policy(resources, guarantee={"every": 3}, joining={"by": []})
    for channel in (Channel.WHATSAPP, Channel.EMAIL, Channel.SITE_ORDER, Channel.REGISTRATION):
        await receive(channel=channel, text="нужны колодки")
        await receive(channel=channel, needed_by=clock.now() + timedelta(hours=9))
    await receive(channel=Channel.PHONE, live=True)
    async with resources.stores.database.transaction() as connection:
        await put_operator(connection, Operator("carl", ("main",)), clock.now())
    resources.stores.directory.forget()
    later = Settlement(Outcome.CALLBACK, until=clock.now() + timedelta(hours=5), note="later")
    await settle(resources, await take(resources, "anna"), later)
    held = [await take(resources, name) for name in ("anna", "boris", "carl")]
    await settle(resources, held[1], CALL_AGAIN)
    await settle(resources, held[2])
    await resources.stores.database.fetch(PAUSE, held[0].id)
    clock.pass_by(minutes=70)  # nobody has followed the steps of this time yet
    return resources


async def keys_of_line(redis: Redis) -> dict[str, Any]:
    """All that the line holds, but when it was built."""
    found: dict[str, Any] = {}
    for key in sorted(await redis.keys("*{main}*")):
        kind = await redis.type(key)
        if kind == "hash":
            found[key] = await redis.hgetall(key)
        elif kind == "zset":
            found[key] = await redis.zrange(key, 0, -1, withscores=True)
        elif kind == "set":
            found[key] = await redis.smembers(key)
    return found


async def every_lead(resources: Resources) -> list[Lead]:
    ids = await resources.stores.database.fetch("SELECT id FROM leads")
    return [await view_lead(resources, row["id"]) for row in ids]


async def test_few_columns_say_of_open_leads_what_whole_ones_do(
    shop: Resources, redis: Redis
) -> None:
    leads = await every_lead(shop)
    assert {lead.state for lead in leads} == {
        State.WAITING, State.CLAIMED, State.PARKED, State.SETTLED,
    }  # fmt: skip
    assert any(lead.claim and lead.claim.paused_since for lead in leads)
    assert {lead.ranking.protected for lead in leads} == {True, False}
    open_leads = [lead for lead in leads if lead.state is not State.SETTLED]
    assert await rebuild_line(shop, "main") == len(open_leads)
    rebuilt = await keys_of_line(redis)
    await clear(shop.line, "main")
    await shop.line.show_all(open_leads, shop.clock.now())
    shown = await keys_of_line(redis)
    assert rebuilt == shown
    assert {key.rpartition(":")[2] for key in shown} >= {
        "places", "timelines", "steps", "held", "holders", "holdings",
    }  # fmt: skip
