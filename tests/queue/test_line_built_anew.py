"""A line that lived through anything equals the line built of the leads as they are in the end."""

import asyncio
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from line_makers import (
    QUEUE,
    Contents,
    claim_of,
    client_of,
    contents,
    moment,
    put_in_step,
    step,
    take,
    waiting,
)
from redis.asyncio import Redis

from service.embedded.servers import Addresses
from service.leads.lead import Lead, State
from service.queue.in_step import clear
from service.queue.line import Line, Reservation
from service.queue.showing import STEPS_AHEAD

LANES = ("everybody", "owner:anna", "vip")
OPERATORS = {"anna": LANES[:2], "boris": LANES[::2], "carl": LANES[:1]}
NEVER = 10**6

some_place = st.tuples(st.sampled_from([0, 5, 7, 2**53 - 1]), st.sampled_from(LANES))
# As many as the line holds: later ones come with the row, which is no part of this.
some_steps = st.lists(st.tuples(st.integers(-3, 12), some_place), max_size=STEPS_AHEAD).map(sorted)
some_show = st.tuples(
    st.just("show"), st.integers(1, 5), st.sampled_from(State), some_place, some_steps
)
some_claim = st.tuples(
    st.just("claim"),
    st.sampled_from(list(OPERATORS)),
    st.sampled_from(["confirm", "release", "keep"]),
)
some_time = st.tuples(st.just("passes"), st.integers(1, 6), st.booleans())


class Life:
    """What happens to the leads, and what their line hears of it and does by itself."""

    def __init__(self, redis: Redis) -> None:
        self.redis, self.line = redis, Line(redis, "")
        self.leads: dict[UUID, Lead] = {}
        self.stored: list[tuple[str, Reservation]] = []
        self.now = self.tokens = 0

    def token(self) -> str:
        self.tokens += 1
        return f"t{self.tokens}"

    async def become(self, lead: Lead) -> None:
        existing = self.leads.get(lead.id)
        self.leads[lead.id] = replace(lead, version=existing.version + 1 if existing else 1)
        assert await self.line.show(self.leads[lead.id], moment(self.now))

    async def show(self, number: int, state: State, place: Any, steps: list[Any]) -> None:
        timeline = tuple(step(self.now + after, *there) for after, there in steps)
        held = state is State.CLAIMED
        claim = claim_of("dora", self.token(), until=NEVER) if held else None
        how = {"rank": place[0], "lane": place[1], "timeline": timeline}
        await self.become(waiting(number, state=state, claim=claim, **how))

    async def claim(self, operator: str, then: str) -> None:
        how = {"capacity": 2, "lanes": OPERATORS[operator], "until": NEVER, "now": self.now}
        reservation = await take(self.line, operator, self.token(), **how)
        if reservation is None:
            return
        if then == "confirm":
            await self.confirm(operator, reservation)
        elif then == "release":
            await self.release(operator, reservation)
        else:
            self.stored.append((operator, reservation))

    async def confirm(self, operator: str, reservation: Reservation) -> None:
        lead = self.leads[reservation.lead_id]
        assert lead.version == reservation.version
        claim = claim_of(operator, reservation.token, until=NEVER)
        await self.become(replace(lead, state=State.CLAIMED, claim=claim))

    async def release(self, operator: str, reservation: Reservation) -> None:
        lead = self.leads[reservation.lead_id]
        if lead.state is State.CLAIMED:
            await self.become(replace(lead, state=State.WAITING, claim=None))
        else:
            await self.line.release(reservation, operator)

    async def passes(self, seconds: int, steps_are_taken: bool) -> None:
        self.now += seconds
        if steps_are_taken:
            await self.line.take_steps(QUEUE, moment(self.now))

    async def end(self) -> Contents:
        """The line once every reservation that nobody confirmed is undone."""
        for operator, reservation in self.stored:
            if self.leads[reservation.lead_id].state is not State.CLAIMED:
                await self.line.release(reservation, operator)
        return await self.found()

    async def built_anew(self, at: int) -> Contents:
        await clear(self.line, QUEUE)
        await self.line.show_all(list(self.leads.values()), moment(at))
        return await self.found()

    async def found(self) -> Contents:
        """All but when who is gone has left."""
        await self.line.take_steps(QUEUE, moment(self.now))
        found = await contents(self.redis, self.line.keys(QUEUE))
        return replace(found, gone=dict.fromkeys(found.gone, 0.0))


async def live(redis: Redis, history: list[Any]) -> None:
    await redis.flushall()
    life = Life(redis)
    await put_in_step(life.line)
    for move, *how in history:
        await getattr(life, move)(*how)
    lived = await life.end()
    assert lived == await life.built_anew(at=0)
    assert lived == await life.built_anew(at=life.now)


@pytest.mark.timeout(240)
def test_a_line_that_lived_equals_the_line_built_anew(servers: Addresses) -> None:
    @settings(
        max_examples=150, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(st.lists(st.one_of(some_show, some_claim, some_time), max_size=25))
    def holds(history: list[Any]) -> None:
        runner.run(live(redis, history))

    with asyncio.Runner() as runner:
        redis = client_of(servers.redis_url)
        try:
            holds()
        finally:
            runner.run(redis.aclose())
