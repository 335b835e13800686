"""Leads and claims for the tests of the line, and a look at all that a queue's line holds."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from redis.asyncio import Redis

from service.leads.lead import (
    EVERYBODY,
    Channel,
    Claim,
    Kind,
    Lead,
    Ranking,
    RankingInput,
    Signal,
    State,
    Step,
)
from service.queue.in_step import InStep, begin_in_step
from service.queue.line import Line, Reservation, Runner
from service.queue.redis_keys import QueueKeys
from service.queue.scripts import connect

QUEUE = "main"
TOKEN = "token"
LANES = (EVERYBODY,)
START = datetime(2026, 12, 1, 9, tzinfo=UTC)
Maker = Callable[..., Lead]
LineMaker = Callable[..., Line]
ClientMaker = Callable[..., Redis]
LEFT = (State.PARKED, State.SETTLED, State.JOINED)


def moment(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def unix_ms(seconds: float) -> int:
    return round(moment(seconds).timestamp() * 1000)


def lead_id(number: int) -> UUID:
    return UUID(int=number)


def name(number: int) -> str:
    return str(lead_id(number))


def waiting(
    number: int = 1,
    version: int = 1,
    *,
    rank: int = 100,
    lane: str = EVERYBODY,
    queue: str = QUEUE,
    state: State = State.WAITING,
    claim: Claim | None = None,
    timeline: tuple[Step, ...] = (),
) -> Lead:
    signal = Signal(queue=queue, channel=Channel.SITE_CHAT, received_at=START)
    ranking = Ranking(
        kind=Kind.CHAT,
        stage=600,
        score=Decimal(0),
        cost_per_minute=0.0,
        rank=rank,
        lane=lane,
        policy_version=1,
        explanation={},
        timeline=timeline,
    )
    return Lead(lead_id(number), version, state, RankingInput(signal, START), ranking, START, claim)


def claimed(
    number: int = 1,
    version: int = 1,
    operator: str = "anna",
    token: str = TOKEN,
    *,
    until: float = 60,
    rank: int = 100,
    lane: str = EVERYBODY,
    timeline: tuple[Step, ...] = (),
) -> Lead:
    how = {"state": State.CLAIMED, "claim": claim_of(operator, token, until=until)}
    return waiting(number, version, rank=rank, lane=lane, timeline=timeline, **how)


def parked(number: int = 1, version: int = 1, *timeline: Step, queue: str = QUEUE) -> Lead:
    """A lead that will stand where its timeline says; without one it has left."""
    return waiting(number, version, state=State.PARKED, queue=queue, timeline=timeline)


def gone(
    number: int = 1, version: int = 1, state: State = State.SETTLED, *, queue: str = QUEUE
) -> Lead:
    return waiting(number, version, state=state, queue=queue)


def step(at: float, rank: int = 100, lane: str = EVERYBODY) -> Step:
    return Step(moment(at), 600, Decimal(0), rank, lane, "policy", "A15")


def claim_of(
    operator: str = "anna", token: str = TOKEN, *, until: float = 60, now: float = 0
) -> Claim:
    return Claim(operator, token, moment(now), moment(until))


def reserved(
    number: int = 1,
    token: str = TOKEN,
    version: int = 1,
    *,
    rank: int = 100,
    second: tuple[int, int] | None = None,
    queue: str = QUEUE,
) -> Reservation:
    """What a claim gives; the second is told by its number and its rank."""
    runner = Runner(lead_id(second[0]), second[1]) if second else None
    return Reservation(queue, lead_id(number), token, version, rank, runner)


async def take(
    line: Line,
    operator: str = "anna",
    token: str = TOKEN,
    *,
    capacity: int = 1,
    lanes: tuple[str, ...] = LANES,
    until: float = 60,
    now: float = 0,
    queue: str = QUEUE,
) -> Reservation | None:
    claim = claim_of(operator, token, until=until, now=now)
    return await line.claim(queue, lanes, claim, capacity)


async def put_in_step(line: Line, *queues: str, compared: float = 0) -> None:
    """Let the queues' lines be in step, as a comparison found that began so many seconds later."""
    for queue in queues or (QUEUE,):
        await begin_in_step(line, queue, InStep(START, moment(compared)))


async def show_each(line: Line, *leads: Lead) -> None:
    for lead in leads:
        await line.show(lead, START)


@dataclass(frozen=True)
class Contents:
    """Everything that one queue's line holds but for its epoch."""

    lanes: dict[str, list[tuple[str, float]]]
    places: dict[str, str]
    held: dict[str, float]
    holders: dict[str, str]
    holdings: list[str]
    gone: dict[str, float]
    steps: dict[str, float] = field(default_factory=dict)
    timelines: dict[str, str] = field(default_factory=dict)

    def ids(self, lane: str = EVERYBODY) -> list[str]:
        return [lead for lead, _ in self.lanes.get(lane, [])]


async def contents(redis: Redis, keys: QueueKeys) -> Contents:
    lanes = sorted(await redis.keys(keys.lanes + "*"))
    async with redis.pipeline(transaction=False) as pipeline:
        pipeline.hgetall(keys.places)
        pipeline.hgetall(keys.holders)
        pipeline.hgetall(keys.timelines)
        pipeline.zrange(keys.holdings, 0, -1)
        for key in (keys.held, keys.gone, keys.steps, *lanes):
            pipeline.zrange(key, 0, -1, withscores=True)
        places, holders, timelines, holdings, *scored = await pipeline.execute()
    held, left, steps, *rank_lead = [_pairs(item) for item in scored]
    lane_names = (lane.removeprefix(keys.lanes) for lane in lanes)
    return Contents(
        lanes=dict(zip(lane_names, rank_lead, strict=True)),
        places=places,
        held=dict(held),
        holders=holders,
        holdings=holdings,
        gone=dict(left),
        steps=dict(steps),
        timelines=timelines,
    )


def _pairs(scored: list[Any]) -> list[tuple[str, float]]:
    return [(member, float(score)) for member, score in scored]


def client_of(url: str, *, seconds: float = 5.0) -> Redis:
    """A client as the service makes it: it has a time-out and never sends anything twice."""
    return connect(url, seconds)


async def until(condition: Callable[[], Awaitable[bool]], seconds: float = 10.0) -> None:
    give_up = time.monotonic() + seconds
    while not await condition():
        assert time.monotonic() < give_up, f"not within {seconds} seconds"
        await asyncio.sleep(0.005)
