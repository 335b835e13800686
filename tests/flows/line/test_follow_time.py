"""Time moves leads: in the line at the moment, in Postgres soon after, and never twice."""

import asyncio

from driven_clock import DrivenClock
from open_always import open_always
from redis.asyncio import Redis
from stories import Receive, event_types, put_policy, take

from service.flows.claims.claim_next import claim_next
from service.flows.claims.release_claim import release_claim
from service.flows.claims.settle_claim import settle_claim
from service.flows.claims.view_line import view_line
from service.flows.leads.view_leads import view_lead, view_lead_events
from service.flows.upkeep.keep_in_step import keep_in_step
from service.leads.lead import Channel, State
from service.leads.settlement import Outcome, Settlement
from service.policies.yaml_text import read_yaml
from service.resources import Resources


async def test_the_line_lifts_who_waited_without_the_background(
    resources: Resources, receive: Receive, clock: DrivenClock
) -> None:
    left = await receive(budget=900)
    clock.pass_by(minutes=5)
    await receive(budget=50_000)
    taken = await take(resources, "anna")
    assert (taken.id, taken.ranking.stage) == (left.id, 620)


async def test_a_claim_is_explained_by_the_place_that_the_lead_had_at_that_moment(
    resources: Resources, receive: Receive, clock: DrivenClock
) -> None:
    lead = await receive()
    clock.pass_by(minutes=6)
    served = await claim_next(resources, "anna")
    records = await view_lead_events(resources, lead.id, after=0, limit=10)
    moved, claimed = records[1].event, records[2].event
    assert (moved.type, moved.details) == ("lead.moved", {"stage_before": 600, "stage_after": 620})
    assert claimed.details["explanation"]["stage"]["rule"] == "A6"
    assert claimed.details["decision"]["rank"] == served.lead.ranking.rank


async def test_a_step_is_told_once(
    resources: Resources, receive: Receive, clock: DrivenClock
) -> None:
    lead = await receive()
    clock.pass_by(minutes=5)
    for _ in range(3):
        await keep_in_step(resources)
    assert await event_types(resources, lead) == ["lead.received", "lead.moved"]
    assert (await view_lead(resources, lead.id)).ranking.stage == 620


async def test_several_steps_at_once_are_one_move_to_the_last(
    resources: Resources, receive: Receive, clock: DrivenClock
) -> None:
    lead = await receive(channel=Channel.EMAIL)
    clock.pass_by(hours=9)
    await keep_in_step(resources)
    assert await event_types(resources, lead) == ["lead.received", "lead.passed_on", "lead.late"]
    assert (await view_lead(resources, lead.id)).ranking.stage == 650


async def test_a_nearing_need_lifts_the_score_without_a_word(
    resources: Resources, receive: Receive, clock: DrivenClock
) -> None:
    needed_by = clock.now().replace(hour=17)
    lead = await receive(channel=Channel.VIN_REQUEST, needed_by=needed_by)
    scores = []
    for _ in range(4):
        scores.append((await view_lead(resources, lead.id)).ranking.score)
        clock.moment = needed_by - (needed_by - clock.moment) / 2
        await keep_in_step(resources)
    assert scores == sorted(set(scores))
    moved = (await view_lead(resources, lead.id)).version - 1
    assert moved == 4 > len(await event_types(resources, lead)) - 1


async def test_business_hours_stop_the_clock_of_a_wait(
    resources: Resources, receive: Receive, clock: DrivenClock
) -> None:
    await put_policy(resources, hours={"weekly": {"mon-sun": "09:00-12:02"}}, cutoff=None,
                     kinds=_without_cutoff())  # fmt: skip
    lead = await receive()
    assert lead.ranking.timeline[0].at.isoformat() == "2026-06-11T06:03:00+00:00"
    clock.pass_by(hours=12)
    await keep_in_step(resources)
    assert (await view_lead(resources, lead.id)).ranking.stage == 600
    clock.pass_by(hours=9, minutes=4)
    await keep_in_step(resources)
    assert (await view_lead(resources, lead.id)).ranking.stage == 620


async def test_a_held_lead_grows_older_and_returns_to_the_place_of_its_age(
    resources: Resources, receive: Receive, clock: DrivenClock
) -> None:
    lead = await receive(budget=100)
    held = await take(resources, "anna")
    clock.pass_by(minutes=1, seconds=59)
    await receive(budget=90_000)
    clock.pass_by(minutes=4)
    await release_claim(resources, held.id, held.claim.token, None)
    taken = await take(resources, "boris")
    assert (taken.id, taken.ranking.stage) == (lead.id, 620)


async def test_a_callback_is_served_when_due_without_the_background(
    resources: Resources, receive: Receive, clock: DrivenClock
) -> None:
    lead = await receive()
    held = await take(resources, "anna")
    await receive(budget=90_000, urgency=1.0)
    promised = Settlement(Outcome.CALLBACK, note="call later")
    await settle_claim(resources, held.id, held.claim.token, promised)
    clock.pass_by(minutes=29)
    assert (await take(resources, "boris")).id != lead.id
    clock.pass_by(minutes=1)
    assert (await claim_next(resources, "anna")).lead is None  # brings the step about
    resources.lane_names.note("main", "anna>everybody")
    taken = await take(resources, "anna")
    assert (taken.id, taken.state, taken.ranking.stage) == (lead.id, State.CLAIMED, 750)
    assert "lead.due" in await event_types(resources, lead)


async def test_without_the_line_time_is_followed_before_a_claim(
    resources: Resources, receive: Receive, clock: DrivenClock, redis: Redis
) -> None:
    left = await receive(budget=900)
    clock.pass_by(minutes=5)
    await receive(budget=50_000)
    await redis.flushall()
    served = await claim_next(resources, "anna")
    assert (served.lead.id, served.from_line) == (left.id, False)


async def test_two_replicas_at_once_take_a_step_once(
    resources: Resources, receive: Receive, clock: DrivenClock
) -> None:
    leads = [await receive() for _ in range(30)]
    clock.pass_by(minutes=5)
    served = await asyncio.gather(
        keep_in_step(resources), keep_in_step(resources),
        claim_next(resources, "anna"), claim_next(resources, "boris"),
    )  # fmt: skip
    await keep_in_step(resources)
    for lead in leads:
        assert (await event_types(resources, lead)).count("lead.moved") == 1
    assert served[2].lead.id != served[3].lead.id


async def test_the_view_of_the_line_follows_the_time(
    resources: Resources, receive: Receive, clock: DrivenClock
) -> None:
    left = await receive(budget=900)
    clock.pass_by(minutes=5)
    fresh = await receive(budget=50_000)
    view = await view_line(resources, "anna", 10)
    assert [lead.id for lead in view.leads] == [left.id, fresh.id]


def _without_cutoff() -> dict[str, object]:
    kinds: dict[str, dict[str, object]] = read_yaml(open_always())["kinds"]
    return {
        name: {**kind, "escalations": []} if name == "self_order" else kind
        for name, kind in kinds.items()
    }
