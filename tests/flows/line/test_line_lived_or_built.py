"""A line that lived through a history is the same as one that is built anew at its end."""

import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from driven_clock import DrivenClock
from redis.asyncio import Redis
from stories import Receive, put_policy

from service.flows.claims.claim_next import claim_next
from service.flows.claims.release_claim import release_claim
from service.flows.claims.settle_claim import settle_claim
from service.flows.leads.update_lead import LeadUpdate, update_lead
from service.flows.leads.view_leads import view_held
from service.flows.upkeep.keep_in_step import keep_in_step
from service.leads.errors import MoveNotAllowed
from service.leads.lead import Channel, Lead
from service.leads.settlement import Outcome, Settlement
from service.resources import Resources
from service.storage.leads.duplicates import Sender

SENDER = Sender("tests", may_read=True)
CHANNELS = [Channel.WHATSAPP, Channel.EMAIL, Channel.SITE_ORDER, Channel.REGISTRATION]
TEXTS = ["нужны колодки", "стойки в круг", "не к спеху", "где мой заказ", None]
ENDS = [
    Settlement(Outcome.CALLBACK, note="later"),
    Settlement(Outcome.NO_ANSWER, note="silence"),
    Settlement(Outcome.LOST, reason="dear", note="dear"),
]


class Shop:
    """Whatever may happen in a shop, one thing after the other."""

    def __init__(
        self, resources: Resources, receive: Receive, clock: DrivenClock, chance: random.Random
    ) -> None:
        self.resources, self.receive, self.clock, self.chance = resources, receive, clock, chance
        self.leads: list[Lead] = []

    async def live(self, steps: int) -> None:
        deeds = [self.come, self.come, self.take, self.end, self.wait, self.write, self.tick]
        for _ in range(steps):
            await self.chance.choice(deeds)()

    async def come(self) -> None:
        facts: dict[str, Any] = {"text": self.chance.choice(TEXTS)}
        if self.chance.random() < 0.3:
            hours = self.chance.randint(1, 60)
            facts["needed_by"] = self.clock.now() + timedelta(hours=hours)
        self.leads.append(await self.receive(channel=self.chance.choice(CHANNELS), **facts))

    async def take(self) -> None:
        await claim_next(self.resources, self.chance.choice(["anna", "boris"]))

    async def end(self) -> None:
        for held in await view_held(self.resources, self.chance.choice(["anna", "boris"])):
            ends = [self.release, self.settle]
            await self.chance.choice(ends)(held)

    async def release(self, held: Lead) -> None:
        assert held.claim is not None
        await release_claim(self.resources, held.id, held.claim.token, "a test")

    async def settle(self, held: Lead) -> None:
        assert held.claim is not None
        end = self.chance.choice(ENDS)
        await settle_claim(self.resources, held.id, held.claim.token, end)

    async def wait(self) -> None:
        self.clock.pass_by(minutes=self.chance.choice([1, 4, 17, 61, 400]))

    async def write(self) -> None:
        if self.leads:
            facts = LeadUpdate({"text": self.chance.choice(TEXTS)}, True, SENDER)
            with suppress(MoveNotAllowed):
                await update_lead(self.resources, self.chance.choice(self.leads).id, facts)

    async def tick(self) -> None:
        await keep_in_step(self.resources)


async def everything(redis: Redis) -> dict[str, Any]:
    """All that the line holds but its epoch, what has left, and the names of empty lanes."""
    reads: dict[str, Callable[[str], Awaitable[Any]]] = {
        "hash": redis.hgetall,
        "zset": lambda key: redis.zrange(key, 0, -1, withscores=True),
    }
    found = {key: await redis.type(key) for key in sorted(await redis.keys("*"))}
    held = {key: await reads[kind](key) for key, kind in found.items() if kind in reads}
    return {
        key: {name: value for name, value in dict(sent).items() if "||" not in str(value)}
        for key, sent in held.items()
        if not key.endswith(":gone")
    }


@pytest.mark.parametrize(
    "seed", [*range(4), *(pytest.param(seed, marks=pytest.mark.more) for seed in range(4, 12))]
)
async def test_lived_through_and_built_anew_are_equal(
    seed: int, resources: Resources, receive: Receive, clock: DrivenClock, redis: Redis
) -> None:
    chance = random.Random(seed)
    hours = {"weekly": {"mon-fri": "09:00-19:00", "sat": "10:00-16:00"}}
    await put_policy(resources, hours=hours)
    await Shop(resources, receive, clock, chance).live(60)
    await keep_in_step(resources)
    await keep_in_step(resources)
    lived = await everything(redis)
    assert any(lived.values())
    await redis.flushall()
    await keep_in_step(resources)
    assert await everything(redis) == lived
