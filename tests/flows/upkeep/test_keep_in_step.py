"""Time's own work: leases, callbacks, and a line equal to Postgres."""

from datetime import timedelta

import pytest
from driven_clock import DrivenClock
from redis.asyncio import Redis
from stories import Receive, event_types, take

from service.flows.claims.claim_next import claim_next
from service.flows.claims.renew_claim import renew_claim
from service.flows.claims.settle_claim import settle_claim
from service.flows.claims.view_line import view_line
from service.flows.leads.view_leads import view_lead
from service.flows.line.rebuild_line import rebuild_lines
from service.flows.upkeep.keep_in_step import keep_in_step
from service.leads.errors import ClaimGone, StorageFailed
from service.leads.lead import Channel, State
from service.leads.settlement import Outcome, Settlement
from service.resources import Resources
from service.storage.database import exclusively
from service.storage.operators.last_seen import LastSeen

LOST = Settlement(Outcome.LOST, reason="передумал", note="написала в чат")


async def test_a_lost_lease_puts_the_lead_back_at_its_place(
    resources: Resources, receive: Receive, clock: DrivenClock
) -> None:
    lead = await receive()
    held = await take(resources, "anna")
    clock.pass_by(seconds=119)
    await keep_in_step(resources)
    assert (await view_lead(resources, lead.id)).state is State.CLAIMED
    clock.pass_by(seconds=1)
    await keep_in_step(resources)
    back = await view_lead(resources, lead.id)
    assert (back.state, back.claim, back.ranking) == (State.WAITING, None, lead.ranking)
    assert (await take(resources, "boris")).id == lead.id
    types = await event_types(resources, held)
    assert types == ["lead.received", "lead.claimed", "lead.lease_ended", "lead.claimed"]


async def test_an_old_token_changes_nothing(
    resources: Resources, receive: Receive, clock: DrivenClock
) -> None:
    await receive()
    old = await take(resources, "anna")
    clock.pass_by(minutes=3)
    await keep_in_step(resources)
    present = await take(resources, "boris")
    for attempt in (
        settle_claim(resources, old.id, old.claim.token, LOST),
        renew_claim(resources, old.id, old.claim.token),
    ):
        try:
            await attempt
        except ClaimGone:
            continue
        raise AssertionError("an old token was accepted")
    assert await view_lead(resources, old.id) == present


async def test_renewing_keeps_the_lead(
    resources: Resources, receive: Receive, clock: DrivenClock
) -> None:
    await receive()
    held = await take(resources, "anna")
    for _ in range(5):
        clock.pass_by(seconds=90)
        await renew_claim(resources, held.id, held.claim.token)
        await keep_in_step(resources)
    assert (await view_lead(resources, held.id)).state is State.CLAIMED
    assert (await claim_next(resources, "boris")).lead is None


async def test_a_promised_callback_comes_back_before_every_chat(
    resources: Resources, receive: Receive, clock: DrivenClock
) -> None:
    promised = await receive()
    held = await take(resources, "anna")
    later = Settlement(Outcome.CALLBACK, note="перезвонить через час",
                       until=clock.now() + timedelta(hours=1))  # fmt: skip
    parked = await settle_claim(resources, held.id, held.claim.token, later)
    assert parked.state is State.PARKED
    clock.pass_by(minutes=59)
    await receive(budget=None, urgency=1.0)
    await keep_in_step(resources)
    assert (await view_lead(resources, promised.id)).state is State.PARKED
    clock.pass_by(minutes=1)
    await keep_in_step(resources)
    due = await take(resources, "anna")
    assert (due.id, due.ranking.stage) == (promised.id, 750)
    assert due.ranking.explanation["stage"]["source"] == "promised callback is due"


async def test_a_client_who_never_answers_is_tried_three_times_and_given_up(
    resources: Resources, receive: Receive, clock: DrivenClock
) -> None:
    lead = await receive(channel=Channel.PHONE)
    for hours in (0.5, 3, 24):
        held = await take(resources, "anna")
        parked = await settle_claim(
            resources, held.id, held.claim.token, Settlement(Outcome.NO_ANSWER)
        )
        assert parked.parked_until == clock.now() + timedelta(hours=hours)
        clock.pass_by(hours=hours)
        await keep_in_step(resources)
    held = await take(resources, "anna")
    given_up = await settle_claim(
        resources, lead.id, held.claim.token, Settlement(Outcome.NO_ANSWER)
    )
    assert (given_up.state, given_up.outcome) == (State.SETTLED, "no_answer")


async def test_a_flushed_redis_is_built_anew(
    resources: Resources, receive: Receive, redis: Redis
) -> None:
    leads = [await receive(channel=Channel.SITE_ORDER) for _ in range(5)]
    held = await take(resources, "anna")
    before = [lead.id for lead in (await view_line(resources, "boris", 10)).leads]
    await redis.flushall()
    meanwhile = await claim_next(resources, "boris")
    assert (meanwhile.lead.id, meanwhile.from_line) == (leads[1].id, False)
    await keep_in_step(resources)
    view = await view_line(resources, "boris", 10)
    assert view.from_line
    assert [lead.id for lead in view.leads] == before[1:]
    again = await take(resources, "anna")
    assert again.claim.token == held.claim.token


async def test_a_change_that_the_line_never_heard_of_is_shown_to_it(
    resources: Resources, receive: Receive, redis: Redis, clock: DrivenClock
) -> None:
    lead = await receive()
    keys = resources.line.keys("main")
    await redis.delete(keys.places, keys.lanes + "everybody")
    assert (await claim_next(resources, "anna")).lead is None
    clock.pass_by(seconds=30)
    await keep_in_step(resources)
    assert (await take(resources, "anna")).id == lead.id


async def test_what_was_missed_during_a_long_stop_is_found(
    resources: Resources, receive: Receive, redis: Redis, clock: DrivenClock
) -> None:
    await keep_in_step(resources)
    lead = await receive()
    keys = resources.line.keys("main")
    await redis.delete(keys.places, keys.lanes + "everybody")
    clock.pass_by(hours=10)
    await keep_in_step(resources)
    assert (await take(resources, "anna")).id == lead.id


async def test_rebuilding_by_hand_drops_what_postgres_does_not_know(
    resources: Resources, receive: Receive, redis: Redis
) -> None:
    lead = await receive()
    keys = resources.line.keys("main")
    await redis.zadd(keys.lanes + "everybody", {"ghost": -9e15})
    assert await rebuild_lines(resources) == {"main": 1}
    assert await redis.zrange(keys.lanes + "everybody", 0, -1) == [str(lead.id)]


async def test_only_one_replica_keeps_in_step_at_a_time(resources: Resources) -> None:
    lock = exclusively(resources.stores.database, "nextlead keep in step", wait=False)
    async with lock as ours:
        assert ours
        assert not await keep_in_step(resources)
    assert await keep_in_step(resources)


async def test_old_versions_are_forgotten_after_an_hour(
    resources: Resources, receive: Receive, redis: Redis, clock: DrivenClock
) -> None:
    await receive()
    held = await take(resources, "anna")
    await settle_claim(resources, held.id, held.claim.token, LOST)
    places = resources.line.keys("main").places
    assert await redis.hexists(places, str(held.id))
    clock.pass_by(minutes=61)
    await keep_in_step(resources)
    assert not await redis.hexists(places, str(held.id))


async def test_who_was_seen_keeps_no_other_work_from_being_done(
    resources: Resources,
    receive: Receive,
    clock: DrivenClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def fail(*_: object) -> None:
        raise StorageFailed("a deadlock")

    lead = await receive()
    await take(resources, "anna")
    monkeypatch.setattr(LastSeen, "write", fail)
    clock.pass_by(minutes=2)
    await keep_in_step(resources)
    assert (await view_lead(resources, lead.id)).state is State.WAITING
