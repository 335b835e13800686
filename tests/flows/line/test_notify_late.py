"""What is not taken or not settled in time is told of once, and in sight until it is settled."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from driven_clock import NOON, DrivenClock
from invariants import check_invariants
from open_always import open_always
from redis.asyncio import Redis
from stories import Receive, event_types, put_policy, settle, take

from service.flows.claims.release_claim import release_claim
from service.flows.claims.renew_claim import renew_claim
from service.flows.leads.update_lead import LeadUpdate, update_lead
from service.flows.leads.view_leads import view_lead
from service.flows.line.view_late import LatePage, view_late
from service.flows.line.view_queues import view_stats
from service.flows.upkeep.keep_in_step import keep_in_step
from service.leads.lead import Channel
from service.leads.settlement import Outcome, Settlement
from service.policies.yaml_text import read_yaml
from service.resources import Resources
from service.storage.leads.duplicates import Sender

FIRST = (datetime(1970, 1, 1, tzinfo=UTC), UUID(int=0))


async def late(resources: Resources, limit: int = 200) -> LatePage:
    return await view_late(resources, "main", FIRST, limit)


async def late_ids(resources: Resources) -> list[UUID]:
    return [item.lead.id for item in (await late(resources)).late]


async def test_a_lead_that_waits_too_long_is_late_until_it_is_settled(
    resources: Resources, receive: Receive, clock: DrivenClock, redis: Redis
) -> None:
    lead = await receive()
    clock.moment = NOON + timedelta(minutes=10) - timedelta(microseconds=1)
    assert await late_ids(resources) == []
    clock.moment = NOON + timedelta(minutes=10)
    (found,) = (await late(resources)).late
    assert (found.lead.id, found.since) == (lead.id, clock.moment)
    clock.pass_by(minutes=5)
    held = await take(resources, "anna")
    assert await late_ids(resources) == [lead.id]
    await settle(resources, held)
    assert await late_ids(resources) == []
    await check_invariants(resources, redis)


async def test_who_is_taken_in_time_is_not_late(
    resources: Resources, receive: Receive, clock: DrivenClock
) -> None:
    await receive()
    held = await take(resources, "anna")
    clock.pass_by(minutes=59)
    assert await late_ids(resources) == []
    assert held.claim is not None
    await renew_claim(resources, held.id, held.claim.token)
    clock.pass_by(minutes=1)
    (found,) = (await late(resources)).late
    assert (found.lead.id, found.since) == (held.id, NOON + timedelta(minutes=60))


async def test_who_comes_back_after_his_time_is_late_since_then(
    resources: Resources, receive: Receive, clock: DrivenClock
) -> None:
    await receive()
    held = await take(resources, "anna")
    assert held.claim is not None
    clock.pass_by(minutes=20)
    assert await late_ids(resources) == []
    await release_claim(resources, held.id, held.claim.token, None)
    (found,) = (await late(resources)).late
    assert found.since == NOON + timedelta(minutes=10)


async def test_a_promised_call_is_late_ten_minutes_after_the_promise(
    resources: Resources, receive: Receive, clock: DrivenClock
) -> None:
    await receive()
    lead = await settle(
        resources, await take(resources, "anna"), Settlement(Outcome.CALLBACK, note="later")
    )
    clock.pass_by(minutes=30)
    await keep_in_step(resources)
    assert await late_ids(resources) == []
    clock.pass_by(minutes=9)
    assert await late_ids(resources) == []
    clock.pass_by(minutes=1)
    assert await late_ids(resources) == [lead.id]
    await put_policy(resources)  # ranking anew does not forget the promise
    await keep_in_step(resources)
    again = await view_lead(resources, lead.id)
    assert again.ranking.policy_version == 2
    assert again.ranking.late_at == NOON + timedelta(minutes=40)


async def test_a_client_who_comes_before_the_promise_waits_since_then(
    resources: Resources, receive: Receive, clock: DrivenClock
) -> None:
    await receive()
    lead = await settle(
        resources, await take(resources, "anna"), Settlement(Outcome.CALLBACK, note="later")
    )
    clock.pass_by(minutes=7)
    facts = LeadUpdate({"text": "алло?"}, from_client=True, sender=Sender("tests", may_read=True))
    back = await update_lead(resources, lead.id, facts)
    assert back.situation.promised_at == NOON + timedelta(minutes=7)
    assert back.ranking.late_at == NOON + timedelta(minutes=17)
    assert await view_lead(resources, lead.id) == back


async def test_each_late_lead_is_told_of_once(
    resources: Resources, receive: Receive, clock: DrivenClock, redis: Redis
) -> None:
    await put_policy(resources, live_minutes={"phone": 600}, late_again_minutes=600)
    call = await receive(channel=Channel.PHONE, live=True)
    chat = await receive()
    clock.pass_by(minutes=2)
    for _ in range(3):
        await keep_in_step(resources)
    assert (await event_types(resources, call)).count("lead.late") == 1
    assert "lead.late" not in await event_types(resources, chat)
    before = await view_lead(resources, call.id)
    clock.pass_by(minutes=60)
    await keep_in_step(resources)
    await keep_in_step(resources)
    for lead in (call, chat):
        assert (await event_types(resources, lead)).count("lead.late") == 1
    assert (await view_lead(resources, call.id)).version == before.version
    assert len((await late(resources)).late) == 2
    await check_invariants(resources, redis)


async def test_who_is_held_too_long_is_told_of_with_the_holder(
    resources: Resources, receive: Receive, clock: DrivenClock
) -> None:
    await put_policy(resources, lease_seconds=86_400)
    await receive()
    held = await take(resources, "anna")
    clock.pass_by(minutes=61)
    await keep_in_step(resources)
    assert (await event_types(resources, held))[-1] == "lead.late"
    (row,) = await resources.stores.database.fetch(
        "SELECT details, reason FROM lead_events WHERE type = 'lead.late'"
    )
    assert row["details"]["operator"] == "anna"


async def test_the_latest_comes_first_and_pages_follow_one_another(
    resources: Resources, receive: Receive, clock: DrivenClock
) -> None:
    leads = [await receive(channel=channel) for channel in [Channel.VK] * 5]
    leads += [await receive(channel=Channel.PHONE, live=True) for _ in range(2)]
    clock.pass_by(minutes=11)
    await keep_in_step(resources)
    leads.append(await receive(received_at=NOON))
    whole = (await late(resources)).late
    assert [item.since for item in whole] == sorted(item.since for item in whole)
    assert {item.lead.id for item in whole} == {lead.id for lead in leads}
    seen, after = [], FIRST
    while page := (await view_late(resources, "main", after, 3)).late:
        seen += page
        after = (page[-1].since, page[-1].lead.id)
    assert [item.lead.id for item in seen] == [item.lead.id for item in whole]


async def test_a_policy_that_says_nothing_of_it_makes_nobody_late(
    resources: Resources, receive: Receive, clock: DrivenClock
) -> None:
    sent = read_yaml(open_always())
    kinds = {name: {**kind, "late_minutes": None} for name, kind in sent["kinds"].items()}
    await put_policy(resources, kinds=kinds, held_late_minutes=None)
    await receive()
    await receive()
    await take(resources, "anna")
    clock.pass_by(hours=50)
    await keep_in_step(resources)
    assert await late_ids(resources) == []


async def test_the_stats_count_who_is_late(
    resources: Resources, receive: Receive, clock: DrivenClock
) -> None:
    for _ in range(3):
        await receive()
    await take(resources, "anna")
    clock.pass_by(minutes=61)
    stats = (await view_stats(resources, "main")).stats
    assert stats.late == 3
