"""Our own side answers at a sender's: the lead shows when, and from when its client waits again."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from driven_clock import NOON, DrivenClock
from sqlalchemy import text
from stories import Receive, add_queue

from service.adapters.inbound_event import ClientMessage, OwnAnswer
from service.adapters.queue_by import QueueBy
from service.adapters.source import Source
from service.flows.leads.view_leads import view_lead
from service.flows.senders.handle_event import NOTHING_OPEN, handle
from service.leads.customer import Customer
from service.leads.lead import Channel, Lead, Signal
from service.resources import Resources

DESK = Source("desk", "chatwoot", "main")
CLIENT = Customer(messengers={"chatwoot": "c1"})
MINUTE = timedelta(minutes=1)


def word(minute: int) -> ClientMessage:
    signal = Signal(
        queue="main",
        channel=Channel.SITE_CHAT,
        received_at=NOON + minute * MINUTE,
        source="desk",
        external_id=f"m{minute}",
        customer=CLIENT,
        text=f"word {minute}",
    )
    return ClientMessage(signal)


def answer(minute: int, customer: Customer = CLIENT) -> OwnAnswer:
    return OwnAnswer(customer, NOON + minute * MINUTE)


async def tell(resources: Resources, clock: DrivenClock, *story: ClientMessage | OwnAnswer) -> Lead:
    clock.moment = NOON + 60 * MINUTE
    heard = [await handle(resources, DESK, event) for event in story]
    lead_id = next(item for item in heard if isinstance(item, UUID))
    return await view_lead(resources, lead_id)


async def test_the_first_answer_is_known_and_stays(
    resources: Resources, clock: DrivenClock
) -> None:
    lead = await tell(resources, clock, word(0), answer(3), answer(9), answer(3))
    assert lead.first_answer_at == NOON + 3 * MINUTE
    assert lead.situation.own_answer_at == NOON + 9 * MINUTE
    assert lead.version == 1  # nothing that the line would have to hear of


async def test_an_answer_before_the_clients_word_is_none(
    resources: Resources, clock: DrivenClock
) -> None:
    lead = await tell(resources, clock, word(5), answer(3))
    assert (lead.first_answer_at, lead.situation.own_answer_at) == (None, None)


async def test_an_answer_of_the_future_was_given_now(
    resources: Resources, clock: DrivenClock
) -> None:
    lead = await tell(resources, clock, word(0), answer(600))
    assert lead.first_answer_at == NOON + 60 * MINUTE


async def test_after_an_answer_the_client_waits_from_the_next_word(
    resources: Resources, clock: DrivenClock
) -> None:
    lead = await tell(resources, clock, word(0), word(2))
    assert lead.situation.waits_since == NOON
    lead = await tell(resources, clock, answer(3))
    assert lead.situation.waits_since == NOON
    lead = await tell(resources, clock, word(20), word(30))
    assert lead.situation.waits_since == NOON + 20 * MINUTE
    assert lead.ranking.late_at == NOON + 30 * MINUTE


async def test_an_answer_to_whom_we_do_not_know_is_nothing(
    resources: Resources, clock: DrivenClock, receive: Receive
) -> None:
    lead = await receive(customer=CLIENT)
    clock.moment = NOON + 60 * MINUTE
    for customer in (Customer(messengers={"chatwoot": "c2"}), Customer()):
        assert await handle(resources, DESK, answer(3, customer)) == NOTHING_OPEN
    assert (await view_lead(resources, lead.id)).first_answer_at is None


async def test_an_answer_counts_in_each_queue_of_the_source(
    resources: Resources, clock: DrivenClock, receive: Receive
) -> None:
    for queue in ("north", "south", "east"):
        await add_queue(resources, queue)
    branches = replace(DESK, queue_by=QueueBy("branch", {"n": "north", "s": "south"}))
    north, south, east, main = [
        await receive(queue=queue, customer=CLIENT) for queue in ("north", "south", "east", "main")
    ]
    clock.moment = NOON + 60 * MINUTE
    assert await handle(resources, branches, answer(3)) == min(north.id, south.id, main.id)
    for lead, at in ((north, 3), (south, 3), (main, 3), (east, None)):
        answered = (await view_lead(resources, lead.id)).first_answer_at
        assert answered == (None if at is None else NOON + at * MINUTE)


async def test_a_source_that_tells_of_answers_is_known(
    resources: Resources, clock: DrivenClock
) -> None:
    async with resources.stores.database.transaction() as connection:
        await connection.execute(
            text(
                "INSERT INTO sources (name, adapter, queue, secrets, tokens, options, operators,"
                " time_zone, region, created_at, changed_at)"
                " VALUES ('desk', 'chatwoot', 'main', '{}', '{}', '{}', '{}', 'UTC', 'RU',"
                " now(), now())"
            )
        )
    await tell(resources, clock, word(0), answer(3))
    async with resources.stores.database.transaction() as connection:
        told = await connection.scalar(text("SELECT own_answer_at FROM sources"))
    assert told == clock.now()
