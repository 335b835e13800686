"""Each condition of a statement that finds leads by itself: without it one too many is found."""

from datetime import timedelta
from uuid import UUID

import pytest
from customer_stories import employ
from driven_clock import DrivenClock
from sqlalchemy import text
from stories import Receive, take

from service.leads.lead import Channel, Lead
from service.resources import Resources
from service.rules.lane_names import EVERYBODY
from service.storage.leads.answers import note_answer, note_answering_source, note_sign
from service.storage.leads.calls import live_over
from service.storage.leads.declined import due_offers, waiting_in_lane
from service.storage.leads.replies import UnansweredChat, list_unanswered, locked_unanswered

TEN = timedelta(minutes=10)
DESK = (
    "INSERT INTO sources (name, adapter, queue, secrets, tokens, options, operators, time_zone,"
    " region, created_at, changed_at, own_answer_at)"
    " VALUES ('desk', 'chatwoot', 'main', '{}', '{}', '{}', '{}', 'UTC', 'RU', now(), now(), :now)"
)


async def execute(resources: Resources, statement: str) -> None:
    async with resources.stores.database.transaction() as connection:
        await connection.execute(text(statement), _moments(resources, statement))


def _moments(resources: Resources, statement: str) -> dict[str, object]:
    now = resources.clock.now()
    moments = {"now": now, "week": now - timedelta(days=8), "soon": now + TEN}
    return {name: at for name, at in moments.items() if f":{name}" in statement}


async def a_held_chat(resources: Resources, receive: Receive, clock: DrivenClock) -> Lead:
    """One that was to be answered ten minutes ago, of a source that reports answers."""
    await employ(resources, "anna", capacity=5)
    await receive(source="desk", channel=Channel.SITE_CHAT)
    await execute(resources, DESK)
    held = await take(resources, "anna")
    clock.pass_by(minutes=10)
    return held


async def unanswered(resources: Resources) -> list[UnansweredChat]:
    database, now = resources.stores.database, resources.clock.now()
    return await list_unanswered(database, "main", now, TEN, 10)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE leads SET live = true",
        "UPDATE leads SET kind = 'offline'",
        "UPDATE leads SET talking_since = :now",
        "UPDATE leads SET paused_since = :now",
        "UPDATE leads SET sign_at = :now",
        "UPDATE leads SET own_answer_at = :now",
        "UPDATE leads SET unanswered_since = :now",
        "UPDATE sources SET own_answer_at = :week",
        "UPDATE leads SET source = 'another'",
    ],
)
async def test_a_chat_goes_back_only_where_somebody_waits_for_an_answer(
    resources: Resources, receive: Receive, clock: DrivenClock, change: str
) -> None:
    held = await a_held_chat(resources, receive, clock)
    assert [item.lead_id for item in await unanswered(resources)] == [held.id]
    await execute(resources, change)
    assert await unanswered(resources) == []


async def test_nobody_is_to_write_while_they_talk_with_another_client(
    resources: Resources, receive: Receive, clock: DrivenClock
) -> None:
    await a_held_chat(resources, receive, clock)
    await receive(source="line", channel=Channel.PHONE, live=True)
    call = await take(resources, "anna")
    assert len(await unanswered(resources)) == 1
    await execute(resources, f"UPDATE leads SET talking_since = :now WHERE id = '{call.id}'")
    assert await unanswered(resources) == []


async def test_a_chat_that_changed_hands_is_not_taken_from_its_new_holder(
    resources: Resources, receive: Receive, clock: DrivenClock
) -> None:
    await a_held_chat(resources, receive, clock)
    await employ(resources, "boris")
    (found,) = await unanswered(resources)
    async with resources.stores.database.transaction() as connection:
        assert await locked_unanswered(connection, found) is not None
    await execute(resources, "UPDATE leads SET claimed_by = 'boris'")
    async with resources.stores.database.transaction() as connection:
        assert await locked_unanswered(connection, found) is None


async def over(resources: Resources) -> list[UUID]:
    policy = (await resources.stores.bases.of("main")).policy
    return await live_over(resources.stores.database, "main", policy, resources.clock.now(), 10)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE leads SET live = false",
        "UPDATE leads SET kind = 'chat'",
        "UPDATE leads SET asked_at = :now",
        "UPDATE leads SET kind = 'office'",
    ],
)
async def test_a_call_ends_by_itself_only_while_it_may_be_one(
    resources: Resources, receive: Receive, clock: DrivenClock, change: str
) -> None:
    call = await receive(channel=Channel.PHONE, live=True)
    clock.pass_by(minutes=11)
    assert await over(resources) == [call.id]
    await execute(resources, change)
    assert await over(resources) == []


async def test_a_talk_has_longer_than_a_call_that_rings(
    resources: Resources, receive: Receive, clock: DrivenClock
) -> None:
    await employ(resources, "anna")
    await receive(channel=Channel.PHONE, live=True)
    clock.pass_by(minutes=11)
    held = await take(resources, "anna")
    assert await over(resources) == []
    clock.pass_by(minutes=60)
    assert await over(resources) == [held.id]
    await execute(resources, "UPDATE leads SET talking_since = :now")
    assert await over(resources) == []


async def test_what_somebody_holds_is_not_offered_again(
    resources: Resources, receive: Receive
) -> None:
    database, now = resources.stores.database, resources.clock.now()
    await employ(resources, "anna")
    lead = await receive()
    assert await waiting_in_lane(database, "main", EVERYBODY, 10) == [lead.id]
    await execute(resources, "UPDATE leads SET offer_again_at = :soon")
    assert await waiting_in_lane(database, "main", EVERYBODY, 10) == []
    assert await due_offers(database, now, 10) == []
    assert await due_offers(database, now + TEN, 10) == [lead.id]
    await take(resources, "anna")
    await execute(resources, "UPDATE leads SET offer_again_at = :now")
    assert await due_offers(database, now + TEN, 10) == []


async def test_an_answer_counts_after_the_first_word_and_once(
    resources: Resources, receive: Receive
) -> None:
    database, now = resources.stores.database, resources.clock.now()
    lead = await receive()
    assert await note_answer(database, [lead.id], now - TEN) == []
    assert await note_answer(database, [lead.id], now + TEN) == [lead.id]
    assert await note_answer(database, [lead.id], now + TEN) == []
    assert await note_answer(database, [lead.id], now + TEN / 2) == []


async def test_a_sign_of_work_is_of_who_holds_the_lead(
    resources: Resources, receive: Receive
) -> None:
    lead, now = await receive(), resources.clock.now()
    async with resources.stores.database.transaction() as connection:
        await note_sign(connection, lead.id, now)
    rows = await resources.stores.database.fetch("SELECT sign_at FROM leads")
    assert [row["sign_at"] for row in rows] == [None]


async def test_that_a_source_reports_answers_is_written_once_a_minute(
    resources: Resources, clock: DrivenClock
) -> None:
    await execute(resources, DESK)
    database, since = resources.stores.database, clock.now()
    for seconds, seen in ((30, timedelta()), (40, timedelta(seconds=70))):
        clock.pass_by(seconds=seconds)
        await note_answering_source(database, "desk", clock.now())
        rows = await database.fetch("SELECT own_answer_at FROM sources")
        assert rows[0]["own_answer_at"] == since + seen
