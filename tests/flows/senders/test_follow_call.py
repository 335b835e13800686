"""Calls that a telephony tells of: whatever the order of its news, the lead ends the same."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from typing import Any
from uuid import UUID

import pytest
from builders import a_signal
from driven_clock import NOON, DrivenClock
from ending_stories import settle
from invariants import check_invariants
from redis.asyncio import Redis
from sqlalchemy import text
from stories import Receive, add_queue, put_policy, take
from telephony_stories import ANSWERED, CALLER, MISSED, PBX, RINGING, TALKED, news

from service.adapters.ignored import Ignored
from service.adapters.inbound_event import CallUpdate, ClientMessage, ConversationEnded
from service.adapters.queue_by import QueueBy
from service.adapters.source import Source
from service.flows.leads.update_lead import LeadUpdate, update_lead
from service.flows.leads.view_leads import view_lead
from service.flows.senders.follow_call import RINGS_FOR, end_silent_calls
from service.flows.senders.handle_event import NOTHING_OPEN, OVER, UNKNOWN_CALL, handle
from service.flows.senders.prune_deliveries import prune_deliveries
from service.leads.customer import Customer
from service.leads.lead import Channel, Kind, Lead, State
from service.resources import Resources
from service.storage.leads.duplicates import Sender

CALLS, DEPARTURES = "SELECT FROM calls", "SELECT FROM departures"


async def hear_all(resources: Resources, all_news: Sequence[CallUpdate]) -> Lead:
    inbound: set[UUID | Ignored | None] = {
        await handle(resources, PBX, update) for update in all_news
    }
    (lead_id,) = inbound
    assert lead_id is not None
    return await view_lead(resources, lead_id)


async def start_anew(resources: Resources) -> None:
    async with resources.stores.database.transaction() as connection:
        for table in ("calls", "lead_identities", "lead_signals", "lead_events", "leads"):
            await connection.execute(text(f"DELETE FROM {table}"))


async def test_a_call_that_rings_is_live_and_rings_once(resources: Resources) -> None:
    lead = await hear_all(resources, [news(RINGING, 0), news(RINGING, 0), news(RINGING, 1)])
    assert (lead.ranking.kind, lead.signal.live, lead.ranking.stage) == (Kind.PHONE, True, 800)
    assert lead.version == 1


@pytest.mark.parametrize(
    "story",
    [
        [news(RINGING, 0), news(ANSWERED, 5, "29"), news(TALKED, 60, "29")],
        [
            news(RINGING, 0),
            news(ANSWERED, 5, "30"),
            news(ANSWERED, 9, "29"),
            news(TALKED, 60, "29"),
        ],
    ],
)
async def test_an_answered_call_is_his_who_talked_in_every_order(
    resources: Resources, redis: Redis, story: list[CallUpdate]
) -> None:
    for order in permutations(story):
        lead = await hear_all(resources, [*order, order[0]])
        assert lead.claim is not None, order
        assert (lead.claim.operator, lead.signal.live) == ("anna", False), order
        await start_anew(resources)


async def test_a_missed_call_is_to_be_called_back_in_every_order(resources: Resources) -> None:
    for order in permutations([news(RINGING, 0), news(RINGING, 2), news(MISSED, 9)]):
        lead = await hear_all(resources, [*order, order[0]])
        assert (lead.state, lead.signal.live) == (State.WAITING, False)
        assert lead.ranking.stage == 750, order
        await start_anew(resources)


async def test_a_call_that_somebody_else_answered_is_none_of_ours_in_every_order(
    resources: Resources, redis: Redis
) -> None:
    story = [news(RINGING, 0), news(ANSWERED, 5, "77"), news(TALKED, 60, "77")]
    for order in permutations(story):
        lead = await hear_all(resources, [*order, order[0]])
        assert (lead.state, lead.outcome, lead.settled_by) == (State.SETTLED, "cancelled", "pbx")
        assert lead.reason == "answered by 77 there, who is no operator here"
        await start_anew(resources)


async def test_the_default_operator_has_what_no_other_has(resources: Resources) -> None:
    source = Source("pbx", "mango", "main", operators={"29": "anna"}, default_operator="boris")
    lead_id = await handle(resources, source, news(ANSWERED, 1, "77"))
    assert lead_id is not None
    claim = (await view_lead(resources, lead_id)).claim
    assert claim is not None
    assert claim.operator == "boris"


async def test_talk_after_a_miss_is_talk(resources: Resources) -> None:
    lead = await hear_all(resources, [news(RINGING, 0), news(MISSED, 9), news(TALKED, 9, "29")])
    assert lead.claim is not None
    lead = await hear_all(resources, [news(MISSED, 10)])
    assert lead.claim is not None


async def test_who_calls_again_is_live_and_late_news_of_the_first_call_changes_nothing(
    resources: Resources,
) -> None:
    first = await hear_all(resources, [news(RINGING, 0)])
    again = await hear_all(resources, [news(RINGING, 60, call="2")])
    assert again.id == first.id
    late = await hear_all(resources, [news(MISSED, 30)])
    assert (late.signal.live, late.ranking.stage) == (True, 800)
    over = await hear_all(resources, [news(MISSED, 90, call="2")])
    assert (over.signal.live, over.ranking.stage) == (False, 750)


async def test_a_call_joins_the_chat_of_its_client_and_settles_nothing_of_it(
    resources: Resources, receive: Receive
) -> None:
    chat = await receive(customer=CALLER, text="нужны колодки")
    lead = await hear_all(resources, [news(RINGING, 0)])
    assert (lead.id, lead.ranking.kind) == (chat.id, Kind.PHONE)
    lead = await hear_all(resources, [news(TALKED, 9, "77")])
    assert (lead.state, lead.signal.live) == (State.WAITING, False)


async def test_a_call_of_which_more_was_told_is_none_of_ours_when_somebody_else_answered(
    resources: Resources,
) -> None:
    first = await hear_all(resources, [news(RINGING, 0, customer=None)])
    facts = LeadUpdate({"urgency": 0.9}, from_client=False, sender=Sender("crm", may_read=True))
    await update_lead(resources, first.id, facts)
    lead = await hear_all(resources, [news(ANSWERED, 5, "77")])  # and says who calls
    assert (lead.state, lead.outcome) == (State.SETTLED, "cancelled")


async def test_who_talks_with_somebody_else_is_on_the_line_for_nobody_here(
    resources: Resources, receive: Receive
) -> None:
    await receive(customer=CALLER, text="нужны колодки")
    lead = await hear_all(resources, [news(RINGING, 0), news(ANSWERED, 5, "77")])
    assert (lead.state, lead.signal.live) == (State.WAITING, False)
    lead = await hear_all(resources, [news(RINGING, 6, call="2"), news(RINGING, 7, call="3")])
    lead = await hear_all(resources, [news(ANSWERED, 8, "77", call="3")])
    assert lead.signal.live  # by the second call


async def test_only_one_of_the_news_may_say_who_calls(resources: Resources) -> None:
    lead = await hear_all(resources, [news(ANSWERED, 5, "29", customer=None), news(RINGING, 0)])
    assert lead.signal.customer == CALLER
    assert lead.claim is not None
    other = await hear_all(resources, [news(RINGING, 70, call="2")])
    assert other.id == lead.id


async def test_news_that_does_not_say_which_way_a_call_went_opens_nothing(
    resources: Resources,
) -> None:
    assert await handle(resources, PBX, news(ANSWERED, 5, "29", opens=False)) == UNKNOWN_CALL
    lead = await hear_all(resources, [news(RINGING, 0), news(ANSWERED, 5, "29", opens=False)])
    assert lead.claim is not None


async def test_a_call_of_whose_end_nothing_is_heard_has_ended(
    resources: Resources, clock: DrivenClock
) -> None:
    lead = await hear_all(resources, [news(RINGING, 0)])
    clock.moment = NOON + RINGS_FOR
    await end_silent_calls(resources)
    assert (await view_lead(resources, lead.id)).signal.live
    clock.moment += timedelta(seconds=1)
    await end_silent_calls(resources)
    lead = await view_lead(resources, lead.id)
    assert (lead.signal.live, lead.ranking.stage) == (False, 750)


async def test_calls_and_departures_of_long_ago_are_forgotten(
    resources: Resources, clock: DrivenClock
) -> None:
    lead = await hear_all(resources, [news(RINGING, 0), news(MISSED, 9)])
    await handle(resources, CHAT, LEFT)
    stored = []
    for days in (resources.keep_deliveries_days, 0.1):
        clock.pass_by(days=days)
        await prune_deliveries(resources)
        database = resources.stores.database
        stored.append([len(await database.fetch(item)) for item in (CALLS, DEPARTURES)])
    assert stored == [[1, 1], [0, 0]]
    assert (await view_lead(resources, lead.id)).state is State.WAITING


async def test_a_call_after_a_settled_lead_opens_another(
    resources: Resources, receive: Receive
) -> None:
    old = await receive(customer=CALLER)
    await settle(resources, await take(resources, "anna"), "lost", reason="дорого")
    lead = await hear_all(resources, [news(RINGING, 0)])
    assert (lead.state, lead.follows) == (State.WAITING, old.id)


def a_word(number: int, **sent: Any) -> ClientMessage:
    fields = {"source": "chat", "external_id": str(number), "channel": Channel.SITE_CHAT}
    customer = Customer(messengers={"tawk": "c1"}, **sent.pop("existing", {}))
    return ClientMessage(a_signal(**{**fields, "received_at": NOON, "customer": customer, **sent}))


CHAT = Source("chat", "tawk", "main", operators={"7": "anna"})
LEFT = ConversationEnded("tawk", "c1", NOON + timedelta(minutes=5))


@pytest.mark.parametrize("order", list(permutations([a_word(1, text="есть кто?"), LEFT])))
async def test_who_left_and_cannot_be_reached_is_gone(
    resources: Resources, order: tuple[Any, ...]
) -> None:
    found = [await handle(resources, CHAT, item) for item in order]
    lead = await view_lead(resources, next(item for item in found if item))
    assert (lead.state, lead.outcome) == (State.SETTLED, "lost")


@pytest.mark.parametrize(
    "existing", [{"phone": "+79001234567"}, {"email": "o@x.ru"}, {"external_id": "c-1"}]
)
async def test_who_left_and_can_be_reached_waits_without_hurry(
    resources: Resources, redis: Redis, existing: dict[str, str]
) -> None:
    for order in permutations([a_word(1, existing=existing), LEFT]):
        found = [await handle(resources, CHAT, item) for item in order]
        lead = await view_lead(resources, next(item for item in found if item))
        assert (lead.state, lead.ranking.kind) == (State.WAITING, Kind.OFFLINE)
        await start_anew(resources)


@pytest.mark.parametrize(
    ("region", "text"),
    [
        ("DE", "Brake pads please, call me 0171 1234567"),
        ("KZ", "Нужны колодки, перезвоните 8 701 123 45 67"),
        ("RU", "Нужны колодки, перезвоните 8 916 123-45-67"),
    ],
)
async def test_a_number_in_the_words_is_read_as_the_queues_region_writes_it(
    resources: Resources, region: str, text: str
) -> None:
    await put_policy(resources, region=region)
    for order in permutations([a_word(1, text=text), LEFT]):
        found = [await handle(resources, CHAT, item) for item in order]
        lead = await view_lead(resources, next(item for item in found if item))
        assert (lead.state, lead.ranking.kind) == (State.WAITING, Kind.OFFLINE)
        await start_anew(resources)


async def test_who_left_waits_in_no_queue_of_the_source(
    resources: Resources, clock: DrivenClock
) -> None:
    clock.moment = NOON + timedelta(minutes=6)
    for queue in ("north", "south"):
        await add_queue(resources, queue)
    branches = replace(CHAT, queue_by=QueueBy("branch", {"n": "north", "s": "south"}))
    words = [
        a_word(number, text="есть кто?", attributes={"branch": branch})
        for number, branch in enumerate("xn")
    ]
    late = a_word(3, attributes={"branch": "s"}, received_at=LEFT.at + timedelta(seconds=1))
    opened = [await handle(resources, branches, word) for word in (*words, late)]
    await handle(resources, branches, LEFT)
    states = [(await view_lead(resources, item)).state for item in opened if item]
    assert states == [State.SETTLED, State.SETTLED, State.WAITING]


async def test_who_wrote_after_he_left_is_there(resources: Resources, clock: DrivenClock) -> None:
    await handle(resources, CHAT, LEFT)
    clock.moment = NOON + timedelta(minutes=6)
    lead_id = await handle(resources, CHAT, a_word(2, received_at=LEFT.at + timedelta(seconds=1)))
    assert lead_id is not None
    assert (await view_lead(resources, lead_id)).ranking.kind is Kind.CHAT


async def test_a_chat_that_somebody_took_at_the_senders_is_his(resources: Resources) -> None:
    word = ClientMessage(a_word(1, text="?").signal, taken_by="7")
    for _ in range(2):
        lead_id = await handle(resources, CHAT, word)
        assert lead_id is not None
    claim = (await view_lead(resources, lead_id)).claim
    assert claim is not None
    assert claim.operator == "anna"


async def test_a_transcript_adds_to_an_open_lead_and_opens_none(resources: Resources) -> None:
    transcript = ClientMessage(a_word(9, text="весь разговор").signal, opens=False)
    assert await handle(resources, CHAT, transcript) == NOTHING_OPEN
    lead_id = await handle(resources, CHAT, a_word(1, text="есть кто?"))
    assert await handle(resources, CHAT, transcript) == lead_id
    assert lead_id is not None
    assert (await view_lead(resources, lead_id)).signal.text == "есть кто?\nвесь разговор"


async def test_an_order_is_corrected_by_what_was_said_later_only(resources: Resources) -> None:
    def order(minute: int, words: str, **sent: Any) -> ClientMessage:
        at = NOON - timedelta(hours=1) + timedelta(minutes=minute)
        return ClientMessage(a_word(5, text=words, received_at=at, **sent).signal, corrects=True)

    lead_id = await handle(resources, CHAT, order(1, "одно"))
    assert await handle(resources, CHAT, order(3, "три", paid=True)) == lead_id
    assert await handle(resources, CHAT, order(2, "два")) == lead_id
    assert lead_id is not None
    lead = await view_lead(resources, lead_id)
    assert (lead.signal.text, lead.signal.paid) == ("три", True)


async def test_a_correction_of_what_joined_changes_its_part_only(
    resources: Resources, redis: Redis
) -> None:
    lead_id = await handle(resources, CHAT, a_word(1, text="вопрос"))
    await handle(resources, CHAT, a_word(2, text="колодки"))
    await handle(resources, CHAT, ClientMessage(a_word(2, text="диски").signal, corrects=True))
    assert lead_id is not None
    assert (await view_lead(resources, lead_id)).signal.text == "вопрос\nдиски"
    assert (
        await handle(resources, CHAT, ClientMessage(a_word(3).signal, opens=False, corrects=True))
        == OVER
    )
    await check_invariants(resources, redis)
