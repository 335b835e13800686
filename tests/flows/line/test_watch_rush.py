"""A rush begins and ends by the work that waits for each operator on shift."""

from datetime import timedelta

import pytest
from driven_clock import DrivenClock
from stories import Receive, on_shift, put_policy

from service.flows.claims.claim_next import claim_next
from service.flows.leads.view_leads import view_lead
from service.flows.line.rerank_line import rerank_outdated
from service.flows.line.view_rush import view_workload
from service.flows.line.watch_rush import watch_rush
from service.flows.operators.change_presence import change_presence
from service.flows.policies.preview_policy import preview_policy
from service.flows.policies.view_policy import view_policy
from service.flows.upkeep.replay_claim import replay_claim
from service.leads.customer import Customer
from service.leads.lead import Channel, Kind, Lead
from service.leads.operator import Operator, Presence
from service.policies.reading import default_text
from service.policies.yaml_text import read_yaml
from service.resources import Resources
from service.rules.need import understand
from service.rules.policy import Mode
from service.storage.operators.operators import put_operator
from service.storage.queues.queue_events import list_queue_events

IRINA = Customer(phone="+79161234567")
MINUTES = {kind.value: {"each": 10.0} for kind in Kind}
KINDS = read_yaml(default_text())["kinds"]
UNLIFTED = {**KINDS, "chat": {**KINDS["chat"], "escalations": []}}
RUSH = {
    "begins_minutes": 20.0,
    "after_minutes": 5.0,
    "ends_minutes": 10.0,
    "kinds": {kind: {"stage": 450} for kind in ("chat", "self_order", "offline")},
}


@pytest.fixture
async def rushing(resources: Resources, receive: Receive) -> Resources:
    """Three chats of ten minutes, and one operator on shift."""
    await put_policy(
        resources, index={"minutes": MINUTES}, rush=RUSH, joining={"by": []}, kinds=UNLIFTED
    )
    for _ in range(3):
        await receive(channel=Channel.WHATSAPP)
    await on_shift(resources, "anna")
    return resources


async def rush_events(resources: Resources) -> list[tuple[str, dict]]:
    async with resources.stores.database.transaction() as connection:
        found = await list_queue_events(connection, "main", after=0, limit=100)
    return [(item.type, dict(item.details or {})) for item in found if "rush" in item.type]


async def mode(resources: Resources) -> Mode:
    resources.stores.bases.forget()
    return (await resources.stores.bases.of("main")).policy.mode


async def look_for(resources: Resources, clock: DrivenClock, minutes: float) -> None:
    """Time passes with somebody on shift, and the line is looked at before and after."""
    await watch_rush(resources)
    clock.pass_by(minutes=minutes)
    await on_shift(resources, "anna")
    await watch_rush(resources)


async def test_it_begins_once_too_much_work_has_waited_for_long_enough(
    rushing: Resources, clock: DrivenClock
) -> None:
    await look_for(rushing, clock, 4.9)
    assert await mode(rushing) is Mode.CALM
    await look_for(rushing, clock, 0.2)
    assert await mode(rushing) is Mode.RUSH
    assert await rush_events(rushing) == [
        (
            "queue.rush_began",
            {"waiting_minutes": 30.0, "operators": 1.0, "minutes_per_operator": 30.0},
        )
    ]


async def test_it_begins_once_however_many_replicas_look(
    rushing: Resources, clock: DrivenClock
) -> None:
    await look_for(rushing, clock, 6)
    await watch_rush(rushing)
    await watch_rush(rushing)
    assert len(await rush_events(rushing)) == 1


async def test_who_waits_is_ranked_anew_and_who_comes_is_ranked_by_it(
    rushing: Resources, receive: Receive, clock: DrivenClock
) -> None:
    await look_for(rushing, clock, 6)
    before = await receive(channel=Channel.EMAIL)
    await rerank_outdated(rushing)
    lead = await view_lead(rushing, before.id)
    assert lead.ranking.stage == 450
    assert lead.ranking.rush_number == 1
    assert lead.ranking.explanation["mode"] == "rush"
    chats = await waiting(rushing, Kind.CHAT)
    assert {chat.ranking.stage for chat in chats} == {450}
    late = (await receive(channel=Channel.WHATSAPP)).ranking
    assert (late.stage, late.rush_number) == (450, 1)


async def waiting(resources: Resources, kind: Kind) -> list[Lead]:
    from uuid import UUID

    from service.storage.leads.reranking import waiting_rows
    from service.storage.rows import lead_of

    found = map(lead_of, await waiting_rows(resources.stores.database, "main", UUID(int=0), 100))
    return [lead for lead in found if lead.ranking.kind is kind]


async def test_late_at_stays_and_the_decision_is_replayed_under_the_same_numbers(
    rushing: Resources, clock: DrivenClock
) -> None:
    calm = {lead.id: lead.ranking.late_at for lead in await waiting(rushing, Kind.CHAT)}
    await look_for(rushing, clock, 6)
    await rerank_outdated(rushing)
    served = (await claim_next(rushing, "anna")).lead
    assert served is not None
    assert served.ranking.late_at == calm[served.id]
    replay = await replay_claim(rushing, served.id)
    assert replay.differences == []
    assert replay.explanation["mode"] == "rush"


async def test_it_ends_when_little_work_is_left_and_all_is_as_before(
    rushing: Resources, receive: Receive, clock: DrivenClock
) -> None:
    await look_for(rushing, clock, 6)
    await rerank_outdated(rushing)
    for operator in ("anna", "boris"):
        await claim_next(rushing, operator)
    await on_shift(rushing, "anna", "boris")
    await watch_rush(rushing)  # one chat of ten minutes for two operators
    assert await mode(rushing) is Mode.CALM
    assert [kind for kind, _ in await rush_events(rushing)] == [
        "queue.rush_began",
        "queue.rush_ended",
    ]
    await rerank_outdated(rushing)
    (chat,) = await waiting(rushing, Kind.CHAT)
    assert (chat.ranking.stage, chat.ranking.rush_number) == (600, 2)
    assert chat.ranking.explanation["mode"] == "calm"


async def test_with_nobody_on_shift_nothing_begins_or_ends(
    rushing: Resources, clock: DrivenClock
) -> None:
    await watch_rush(rushing)
    clock.pass_by(hours=2)  # anna has gone without a word
    await watch_rush(rushing)
    clock.pass_by(minutes=10)
    await watch_rush(rushing)
    assert await rush_events(rushing) == []


async def test_who_serves_two_queues_counts_a_half_in_each(
    rushing: Resources, clock: DrivenClock, receive: Receive
) -> None:
    async with rushing.stores.database.transaction() as connection:
        await put_operator(connection, Operator("anna", ("main", "other")), clock.now())
    rushing.stores.directory.forget()
    await on_shift(rushing, "anna")
    await look_for(rushing, clock, 6)
    assert (await rush_events(rushing))[0][1]["operators"] == 0.5


async def test_parked_leads_are_no_waiting_work(rushing: Resources, clock: DrivenClock) -> None:
    async with rushing.stores.database.transaction() as connection:
        from sqlalchemy import text

        await connection.execute(
            text("UPDATE leads SET state = 'parked', parked_until = :at"),
            {"at": clock.now().replace(year=2027)},
        )
    await look_for(rushing, clock, 6)
    assert await rush_events(rushing) == []


async def test_a_policy_without_a_rush_ends_the_one_that_is_on(
    rushing: Resources, clock: DrivenClock
) -> None:
    await look_for(rushing, clock, 6)
    assert await mode(rushing) is Mode.RUSH
    await put_policy(rushing, index={"minutes": MINUTES}, rush=None, kinds=UNLIFTED)
    await watch_rush(rushing)
    assert await mode(rushing) is Mode.CALM
    assert (await rush_events(rushing))[-1][0] == "queue.rush_ended"


async def test_who_finishes_a_talk_is_on_shift(rushing: Resources, clock: DrivenClock) -> None:
    await on_shift(rushing, "boris")
    for name in ("anna", "boris"):
        await change_presence(rushing, name, Presence.WRAP_UP)
    found = await view_workload(rushing, "main")
    assert (found.work.minutes, found.work.operators) == (30.0, 2.0)
    await change_presence(rushing, "boris", Presence.BREAK, "lunch")
    assert (await view_workload(rushing, "main")).work.operators == 1.0


async def test_the_workload_says_what_is_likely_lost_and_since_when_a_rush_is_on(
    rushing: Resources, clock: DrivenClock
) -> None:
    calm = await view_workload(rushing, "main")
    assert (calm.mode, calm.rush_since, calm.work.per_operator) == (Mode.CALM, None, 30.0)
    assert calm.likely_lost > 0
    began = clock.now() + timedelta(minutes=6)
    await look_for(rushing, clock, 6)
    await mode(rushing)
    rush = await view_workload(rushing, "main")
    assert (rush.mode, rush.rush_since) == (Mode.RUSH, began)


async def test_a_preview_answers_for_both_modes(rushing: Resources) -> None:
    text = (await view_policy(rushing, "main")).text
    found = await preview_policy(rushing, "main", text.replace('"stage": 450', '"stage": 440'))
    assert found.other_mode is not None
    assert (found.mode, found.comparison.moved) == (Mode.CALM, 0)
    lost = found.comparison.likely_lost_before
    assert lost == pytest.approx(found.comparison.likely_lost_after)
    assert lost > 0


async def test_ranked_anew_who_waits_is_not_read_again(
    rushing: Resources, receive: Receive, clock: DrivenClock
) -> None:
    words = (await receive(channel=Channel.WHATSAPP, text="нужны колодки")).ranking.reading
    lead = await receive(channel=Channel.WHATSAPP, text="нужны диски")
    assert words is not None
    assert lead.ranking.reading is not None
    forged = lead.ranking.reading[:22] + words[22:]  # its own digest, and what another one said
    await rushing.stores.database.fetch(
        "UPDATE leads SET reading = $2 WHERE id = $1", lead.id, forged
    )
    await look_for(rushing, clock, 6)
    await rerank_outdated(rushing)
    moved = await view_lead(rushing, lead.id)
    assert [item["signal"] for item in moved.ranking.explanation["text"]["signals"]] == [
        "brake_pads"
    ]
    assert moved.ranking.reading == forged


async def test_a_client_who_writes_more_is_read_again(
    resources: Resources, receive: Receive
) -> None:
    first = await receive(channel=Channel.WHATSAPP, text="нужны колодки", customer=IRINA)
    joined = await receive(channel=Channel.WHATSAPP, text="и диски тоже", customer=IRINA)
    assert joined.id == first.id
    stored = await view_lead(resources, first.id)
    assert stored.ranking.reading not in (None, first.ranking.reading)
    policy = (await resources.stores.bases.of("main")).policy
    assert stored.ranking.reading == understand(stored.situation, policy).kept
