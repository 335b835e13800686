"""A client edits a message, or takes it back; and a source that falls silent is reported."""

from dataclasses import replace
from datetime import timedelta

from driven_clock import NOON, DrivenClock
from sqlalchemy import text
from telephony_stories import ANSWERED, PBX, RINGING, news

from service.adapters.inbound_event import ClientMessage, MessageDeleted, MessageEdited
from service.adapters.source import Source
from service.flows.leads.view_leads import view_lead
from service.flows.senders.handle_event import handle
from service.leads.customer import Customer
from service.leads.lead import Channel, Signal, State
from service.resources import Resources

BOT = Source("bot", "telegram", "main")
ANNA = Customer(messengers={"telegram": "7"})


def written(words: str | None, number: int, minutes: int = 0) -> Signal:
    at = NOON + timedelta(minutes=minutes)
    return Signal(
        "main", Channel.TELEGRAM, at, source="bot", external_id=f"message:{number}",
        customer=ANNA, text=words,
    )  # fmt: skip


async def test_the_new_words_take_the_place_of_the_old(
    resources: Resources, clock: DrivenClock
) -> None:
    lead_id = await handle(resources, BOT, ClientMessage(written("нужен радиатор", 1)))
    clock.at = NOON + timedelta(minutes=2)
    same = await handle(resources, BOT, MessageEdited(written("нужна помпа", 1, 1)))
    lead = await view_lead(resources, lead_id)
    assert same == lead_id
    assert lead.signal.text == "нужна помпа"


async def test_a_message_that_is_taken_back_leaves_the_others(
    resources: Resources, clock: DrivenClock
) -> None:
    lead_id = await handle(resources, BOT, ClientMessage(written("нужен радиатор", 1)))
    await handle(resources, BOT, ClientMessage(written("и помпа", 2)))
    clock.at = NOON + timedelta(minutes=2)
    await handle(resources, BOT, MessageDeleted(written(None, 1, 1)))
    lead = await view_lead(resources, lead_id)
    assert (lead.state, lead.signal.text) == (State.WAITING, "и помпа")


async def test_who_takes_back_all_has_no_lead(resources: Resources, clock: DrivenClock) -> None:
    lead_id = await handle(resources, BOT, ClientMessage(written("нужен радиатор", 1)))
    clock.at = NOON + timedelta(minutes=2)
    await handle(resources, BOT, MessageDeleted(written(None, 1, 1)))
    assert (await view_lead(resources, lead_id)).state is State.SETTLED


async def test_nobody_else_edits_a_message(resources: Resources, clock: DrivenClock) -> None:
    lead_id = await handle(resources, BOT, ClientMessage(written("нужен радиатор", 1)))
    clock.at = NOON + timedelta(minutes=2)
    other = replace(written("куплю гараж", 1, 1), customer=Customer(messengers={"telegram": "8"}))
    await handle(resources, BOT, MessageEdited(other))
    assert (await view_lead(resources, lead_id)).signal.text == "нужен радиатор"


async def test_who_answered_is_an_extension_of_the_exchange(resources: Resources) -> None:
    async with resources.stores.database.transaction() as connection:
        await connection.execute(
            text(
                "INSERT INTO sources (name, adapter, queue, secrets, tokens, options, operators,"
                " created_at, changed_at) VALUES (:name, 'mango', 'main', '{}', '[]', '{}', '{}',"
                " now(), now()) ON CONFLICT DO NOTHING"
            ),
            {"name": PBX.name},
        )
    for update in (news(RINGING, 0), news(ANSWERED, 5, "51500")):
        await handle(resources, PBX, update)
    async with resources.stores.database.transaction() as connection:
        learnt = await connection.scalar(
            text("SELECT learnt_extensions FROM sources WHERE name = :name"), {"name": PBX.name}
        )
    assert learnt == ["51500"]
