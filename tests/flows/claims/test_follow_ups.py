"""Who is called again after a claim, and what happens in between; line and rows agree after."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from driven_clock import NOON, DrivenClock
from ending_stories import (
    DAY,
    HALF_AN_HOUR,
    IRINA,
    RETURNS,
    comes_back,
    customer,
    last_event,
    mistakes,
    paid,
    settle,
    taken,
)
from invariants import check_invariants
from redis.asyncio import Redis
from stories import Receive, event_types, take

from service.flows.leads.view_leads import view_lead
from service.flows.upkeep.keep_in_step import keep_in_step
from service.leads.customer import Customer
from service.leads.errors import MoveNotAllowed
from service.leads.lead import Channel, ParkedFor, State
from service.leads.price_profile import Buyer, PriceProfile, Selection
from service.resources import Resources


@pytest.fixture(autouse=True)
async def agreed(resources: Resources, redis: Redis) -> Any:
    """After every story the line equals the rows."""
    yield
    await check_invariants(resources, redis)


PROMISES: list[tuple[str, dict[str, Any], timedelta, ParkedFor]] = [
    ("callback", {}, HALF_AN_HOUR, ParkedFor.CALLBACK),
    ("callback", {"until": NOON + DAY}, DAY, ParkedFor.CALLBACK),
    ("no_answer", {}, HALF_AN_HOUR, ParkedFor.NO_ANSWER),
    ("awaiting_payment", {}, 3 * DAY, ParkedFor.PAYMENT),
    ("awaiting_payment", {"amount": Decimal(900)}, 3 * DAY, ParkedFor.PAYMENT),
    (
        "wholesale",
        {"buyer": Buyer.RESELLER, "selection": Selection.BY_CLIENT},
        DAY,
        ParkedFor.WHOLESALE_CHECK,
    ),
]


@pytest.mark.parametrize(("outcome", "sent", "later", "parked_for"), PROMISES)
async def test_who_is_to_be_called_again_comes_back_at_his_time(
    resources: Resources,
    receive: Receive,
    clock: DrivenClock,
    outcome: str,
    sent: dict[str, Any],
    later: timedelta,
    parked_for: ParkedFor,
) -> None:
    parked = await settle(resources, await taken(resources, receive), outcome, **sent)
    assert (parked.parked_for, parked.parked_by) == (parked_for, "anna")
    await comes_back(resources, clock, parked, NOON + later)


@pytest.mark.parametrize(("outcome", "sent", "later", "parked_for"), PROMISES)
async def test_he_waits_in_the_rows_as_well_once_time_has_done_its_work(
    resources: Resources,
    receive: Receive,
    clock: DrivenClock,
    outcome: str,
    sent: dict[str, Any],
    later: timedelta,
    parked_for: ParkedFor,
) -> None:
    parked = await settle(resources, await taken(resources, receive), outcome, **sent)
    clock.moment = NOON + later
    await keep_in_step(resources)
    due = await view_lead(resources, parked.id)
    assert (due.state, due.ranking.stage) == (State.WAITING, RETURNS[parked_for])


async def test_every_silence_is_written_about_and_the_last_one_settles(
    resources: Resources, receive: Receive, clock: DrivenClock
) -> None:
    lead = await receive(channel=Channel.PHONE, customer=IRINA)
    for tries, later in enumerate([HALF_AN_HOUR, timedelta(hours=3), DAY, None], start=1):
        ended = await settle(resources, await take(resources, "anna"), "no_answer")
        event = await last_event(resources, lead, "message.due")
        existing = ["email", "phone", "vk"]
        reported = {"preferred": "vk", "known": existing, "tries": tries, "last": later is None}
        assert event.details == reported
        if later is not None:
            assert ended.parked_until == clock.now() + later
            clock.pass_by(seconds=later.total_seconds())
    assert (ended.state, ended.outcome) == (State.SETTLED, "no_answer")
    assert (await event_types(resources, lead)).count("message.due") == 4


async def test_who_wrote_himself_is_written_to_where_he_wrote(
    resources: Resources, receive: Receive
) -> None:
    lead = await receive(channel=Channel.TELEGRAM)
    await settle(resources, await take(resources, "anna"), "no_answer")
    event = await last_event(resources, lead, "message.due")
    assert event.details == {"preferred": "telegram", "known": [], "tries": 1, "last": False}


async def test_who_is_blocked_for_two_years_and_silent_is_archived_until_the_heads_date(
    resources: Resources, receive: Receive, clock: DrivenClock
) -> None:
    await customer(resources, blocked_since=date(2024, 6, 10), call_on=date(2026, 9, 1))
    await receive(customer=IRINA)
    parked = await settle(resources, await take(resources, "anna"), "no_answer", note="гудки")
    assert (parked.parked_for, parked.note) == (ParkedFor.ARCHIVE, "АРХИВ. гудки")
    midnight_in_moscow = datetime(2026, 8, 31, 21, tzinfo=UTC)
    await comes_back(resources, clock, parked, midnight_in_moscow)
    again = await settle(resources, await view_lead(resources, parked.id), "no_answer")
    assert (again.state, again.outcome) == (State.SETTLED, "no_answer")
    assert (await event_types(resources, parked)).count("message.due") == 2


@pytest.mark.parametrize("since", [date(2024, 6, 11), None])
async def test_who_is_not_blocked_so_long_is_tried_again(
    resources: Resources, receive: Receive, since: date | None
) -> None:
    await customer(resources, blocked_since=since, call_on=date(2026, 9, 1))
    await receive(customer=IRINA)
    parked = await settle(resources, await take(resources, "anna"), "no_answer")
    assert (parked.parked_for, parked.note) == (ParkedFor.NO_ANSWER, "сделано")


async def test_an_archived_client_without_a_date_is_settled(
    resources: Resources, receive: Receive
) -> None:
    await customer(resources, blocked_since=date(2020, 1, 1))
    await receive(customer=IRINA, channel=Channel.PHONE)
    ended = await settle(resources, await take(resources, "anna"), "no_answer", note=None)
    assert (ended.state, ended.outcome, ended.note) == (State.SETTLED, "no_answer", "АРХИВ")


async def test_a_payment_wins_the_order_for_who_sold_it(
    resources: Resources, receive: Receive, clock: DrivenClock
) -> None:
    held = await taken(resources, receive)
    await settle(resources, held, "awaiting_payment", amount=Decimal(900))
    clock.pass_by(days=1)
    won = await paid(resources, held)
    assert (won.state, won.outcome, won.amount) == (State.SETTLED, "won", Decimal(900))
    assert (won.settled_by, won.settled_at, won.parked_until) == ("anna", clock.now(), None)
    with pytest.raises(MoveNotAllowed):
        await paid(resources, held)
    assert (await event_types(resources, held))[-2:] == ["lead.changed", "lead.settled"]


async def test_a_payment_wins_the_order_though_its_client_did_not_answer(
    resources: Resources, receive: Receive, clock: DrivenClock
) -> None:
    held = await taken(resources, receive)
    await settle(resources, held, "awaiting_payment", amount=Decimal(900))
    clock.pass_by(days=3)
    await settle(resources, await take(resources, "boris"), "no_answer")
    won = await paid(resources, held)
    assert (won.outcome, won.amount, won.settled_by) == ("won", Decimal(900), "boris")


async def test_a_payment_of_an_unknown_sum_is_in_line_at_once(
    resources: Resources, receive: Receive
) -> None:
    held = await taken(resources, receive)
    await settle(resources, held, "awaiting_payment")
    due = await paid(resources, held)
    assert (due.state, due.ranking.stage, due.signal.paid) == (State.WAITING, 600, True)
    assert (await paid(resources, held)).state is State.WAITING
    assert (await take(resources, "boris")).id == held.id


async def test_who_holds_the_lead_settles_a_payment_himself(
    resources: Resources, receive: Receive, clock: DrivenClock
) -> None:
    held = await taken(resources, receive)
    await settle(resources, held, "awaiting_payment", amount=Decimal(900))
    clock.pass_by(days=3)
    again = await take(resources, "boris")
    assert (await paid(resources, held)).claim == again.claim
    assert await mistakes(settle(resources, again, "awaiting_payment")) == ["outcome"]
    won = await settle(resources, await view_lead(resources, held.id), "won", amount=Decimal(950))
    assert (won.amount, won.settled_by) == (Decimal(950), "boris")


async def test_a_payment_of_a_lead_that_awaits_none_is_only_a_fact(
    resources: Resources, receive: Receive
) -> None:
    held = await taken(resources, receive)
    parked = await settle(resources, held, "callback")
    assert (await paid(resources, parked)).state is State.PARKED


async def test_a_wholesale_client_gets_his_profile(resources: Resources, receive: Receive) -> None:
    sent = {"buyer": Buyer.END_CONSUMER, "selection": Selection.BY_SHOP}
    held = await taken(resources, receive, channel=Channel.REGISTRATION)
    parked = await settle(resources, held, "wholesale", note=None, **sent)
    assert parked.price_profile is PriceProfile.OPT
    event = await last_event(resources, parked, "lead.parked")
    assert event.details is not None
    assert event.details["price_profile"] == "OPT"


@pytest.mark.parametrize(
    "sent",
    [
        {"customer": Customer(phone="+79161234567")},
        {"text": "перезвоните 8 916 123-45-67"},
        {"customer": Customer("irina")},
        {},
    ],
    ids=["signal", "text", "card", "note"],
)
async def test_a_wish_is_settled_where_a_phone_is_known(
    resources: Resources, receive: Receive, sent: dict[str, Any]
) -> None:
    await customer(resources)
    note = "салют «Залп»" if sent else "салют «Залп», +7 916 123-45-67"
    ended = await settle(resources, await taken(resources, receive, **sent), "wish", note=note)
    assert (ended.state, ended.outcome, ended.note) == (State.SETTLED, "wish", note)


async def test_a_wish_without_words_or_phone_names_both(
    resources: Resources, receive: Receive
) -> None:
    held = await taken(resources, receive)
    assert await mistakes(settle(resources, held, "wish", note=None)) == ["note", "phone"]
    assert await mistakes(settle(resources, held, "wish")) == ["phone"]
