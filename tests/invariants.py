"""What holds whenever nothing is under way: rows, line and events tell one and the same."""

from collections import defaultdict
from datetime import datetime
from itertools import pairwise
from uuid import UUID

from redis.asyncio import Redis
from sqlalchemy import text

from service.leads.lead import Lead, State
from service.queue.line import milliseconds
from service.queue.redis_keys import QueueKeys
from service.resources import Resources
from service.storage.rows import lead_of

EVENTS = "SELECT lead_id, state_before, state_after FROM lead_events ORDER BY id"
Standing = dict[str, list[tuple[str, int]]]


async def check_invariants(resources: Resources, redis: Redis) -> None:
    """Assert that the line equals the rows, and that each row is what its events tell.

    Every lead that waits stands in exactly one lane, at its rank; no other stands in any. Who is
    claimed has one holder, in the line the same one. Steps of a timeline that are due may be
    taken by the line already, or not yet.
    """
    leads = await _all_leads(resources)
    await _check_events(resources, leads)
    by_queue: dict[str, list[Lead]] = defaultdict(list)
    for lead in leads:
        by_queue[lead.signal.queue].append(lead)
    for queue, there in by_queue.items():
        await _check_line(redis, resources.line.keys(queue), there, resources.clock.now())


async def _all_leads(resources: Resources) -> list[Lead]:
    async with resources.stores.database.transaction() as connection:
        rows = await connection.execute(text("SELECT * FROM leads ORDER BY id"))
        return [lead_of(row) for row in rows.mappings()]


async def _check_events(resources: Resources, leads: list[Lead]) -> None:
    reported: dict[UUID, list[tuple[str | None, str]]] = defaultdict(list)
    for row in await resources.stores.database.fetch(EVENTS):
        reported[row["lead_id"]].append((row["state_before"], row["state_after"]))
    for lead in leads:
        moves = reported[lead.id]
        assert moves[0][0] is None, "the first event brings the lead"
        assert all(item[1] == next_one[0] for item, next_one in pairwise(moves)), moves
        assert moves[-1][1] == lead.state, f"{lead.id}: {moves} does not end {lead.state}"


async def _check_line(redis: Redis, keys: QueueKeys, leads: list[Lead], now: datetime) -> None:
    places, ranking = await redis.hgetall(keys.places), await _ranking(redis, keys)
    for lead in leads:
        version = (places.get(str(lead.id)) or "0").split("|")[0]
        gone = lead.state in (State.SETTLED, State.JOINED) and str(lead.id) not in places
        assert gone or int(version) == lead.version, f"{lead.id}: version {version} in line"
        found = ranking.pop(str(lead.id), [])
        possible = _possible(lead, now)
        assert found in possible, f"{lead.id} is {lead.state}, stands in {found} not in {possible}"
    assert not ranking, f"the line knows leads that no row has: {ranking}"
    await _check_holders(redis, keys, leads)


async def _ranking(redis: Redis, keys: QueueKeys) -> Standing:
    """Where each lead stands, by its id, whatever the set of lane names says."""
    found: Standing = defaultdict(list)
    async for key in redis.scan_iter(match=f"{keys.lanes.replace('[', '?')}*", count=1000):
        for lead, place in await redis.zrange(key, 0, -1, withscores=True):
            found[lead].append((key.removeprefix(keys.lanes), -int(place)))
    return found


def _possible(lead: Lead, now: datetime) -> list[list[tuple[str, int]]]:
    """Where a lead may stand: by its row, and by the steps that are due."""
    due = [(item.lane, item.rank) for item in lead.ranking.timeline if item.at <= now]
    if lead.state is State.WAITING:
        return [[(lead.ranking.lane, lead.ranking.rank)], *([item] for item in due)]
    if lead.state is State.PARKED:
        return [[], *([item] for item in due)]
    return [[]]


async def _check_holders(redis: Redis, keys: QueueKeys, leads: list[Lead]) -> None:
    claims = {str(item.id): item.claim for item in leads if item.claim is not None}
    still = {lead: "paused " if claim.paused_since else "" for lead, claim in claims.items()}
    holders = {
        lead: f"{claim.operator} {still[lead]}{claim.token}" for lead, claim in claims.items()
    }
    leases = {lead: milliseconds(claim.lease_until) for lead, claim in claims.items()}
    held = dict(await redis.zrange(keys.held, 0, -1, withscores=True))
    holdings = await redis.zrange(keys.holdings, 0, -1)
    assert await redis.hgetall(keys.holders) == holders
    assert held == leases
    assert sorted(holdings) == sorted(f"{claim.operator} {lead}" for lead, claim in claims.items())
