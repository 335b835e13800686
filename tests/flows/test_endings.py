"""The ends of a claim: declined, handed over, put aside, settled; line and rows agree after."""

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from driven_clock import NOON, DrivenClock
from invariants import check_invariants
from redis.asyncio import Redis
from stories import Receive, event_types, on_shift, put_policy, take

from service.flows.change_facts import NewFacts, change_facts
from service.flows.claim_lead import claim_lead
from service.flows.claim_next import claim_next
from service.flows.decline_claim import decline_claim
from service.flows.keep_in_step import keep_in_step
from service.flows.look_at_leads import look_at_events, look_at_lead
from service.flows.park_claim import Parking, park_claim
from service.flows.settle_claim import settle_claim
from service.flows.transfer_claim import Handover, transfer_claim
from service.leads.card import Card
from service.leads.context import CustomerContext
from service.leads.customer import Customer
from service.leads.errors import ClaimGone, InvalidRequest, MoveNotAllowed
from service.leads.lead import Channel, Lead, ParkedFor, State
from service.leads.operator import Operator
from service.leads.price_profile import Buyer, PriceProfile, Selection
from service.leads.routing import MOST_DECLINERS
from service.leads.settlement import Outcome, Settlement
from service.resources import Resources
from service.storage.customers import put_card
from service.storage.history import Event
from service.storage.intake import Sender
from service.storage.operators import put_operator

SENDER = Sender("tests", may_read=True)
CALLBACK_STAGE = 750
HALF_AN_HOUR, DAY = timedelta(minutes=30), timedelta(days=1)
IRINA = Customer("irina", phone="+79161234567", email="i@example.com", messengers={"vk": "irina"})


@pytest.fixture(autouse=True)
async def agreed(resources: Resources, redis: Redis) -> Any:
    """After every story the line equals the rows."""
    yield
    await check_invariants(resources, redis)


async def staff(resources: Resources, *operators: Operator) -> None:
    async with resources.stores.database.transaction() as connection:
        for one in operators:
            await put_operator(connection, one, NOON)
    resources.stores.directory.forget()


async def customer(resources: Resources, **known: Any) -> None:
    async with resources.stores.database.transaction() as connection:
        await put_card(connection, Card(IRINA, CustomerContext(**known)), NOON)


async def decline(resources: Resources, lead: Lead, reason: str = "не моё") -> Lead:
    assert lead.claim is not None
    return await decline_claim(resources, lead.id, lead.claim.token, reason)


async def transfer(
    resources: Resources,
    lead: Lead,
    operator: str | None = None,
    skill: str | None = None,
    note: str | None = "просил Бориса",
) -> Lead:
    assert lead.claim is not None
    handover = Handover(operator, skill, note)
    return await transfer_claim(resources, lead.id, lead.claim.token, handover)


async def park(resources: Resources, lead: Lead, until: datetime) -> Lead:
    assert lead.claim is not None
    return await park_claim(resources, lead.id, lead.claim.token, Parking(until, "уехал"))


async def settle(resources: Resources, lead: Lead, outcome: str, **said: Any) -> Lead:
    assert lead.claim is not None
    settlement = Settlement(Outcome(outcome), **{"note": "сделано", **said})
    return await settle_claim(resources, lead.id, lead.claim.token, settlement)


async def paid(resources: Resources, lead: Lead) -> Lead:
    return await change_facts(resources, lead.id, NewFacts({"paid": True}, False, SENDER))


async def last_event(resources: Resources, lead: Lead, wanted: str) -> Event:
    records = await look_at_events(resources, lead.id, after=0, most=100)
    return [one.event for one in records if one.event.type == wanted][-1]


async def mistakes(attempt: Awaitable[Lead]) -> list[str]:
    with pytest.raises(InvalidRequest) as refused:
        await attempt
    return [one.field for one in refused.value.mistakes]


async def test_who_declines_a_lead_is_not_offered_it_again_and_others_are(
    resources: Resources, receive: Receive, clock: DrivenClock
) -> None:
    first = await receive(received_at=NOON - timedelta(minutes=2))
    held = await take(resources, "anna")
    clock.pass_by(minutes=1)
    back = await decline(resources, held)
    assert (back.state, back.claim) == (State.WAITING, None)
    assert back.situation.asked_at == first.situation.asked_at
    assert back.standing.lane == "everybody!anna"
    assert (await claim_next(resources, "anna")).lead is None
    assert (await take(resources, "boris")).id == first.id
    event = await last_event(resources, first, "lead.declined")
    assert (event.actor, event.reason) == ("anna", "не моё")


async def test_an_owner_who_declines_loses_the_lead_to_everybody(
    resources: Resources, receive: Receive
) -> None:
    await on_shift(resources, "anna", "boris")
    lead = await transfer(resources, await _taken(resources, receive), "boris")
    assert lead.standing.lane == "boris>everybody"
    declined = await decline(resources, await take(resources, "boris"))
    assert declined.standing.lane == "everybody!boris"
    assert (await take(resources, "anna")).id == lead.id


async def _taken(resources: Resources, receive: Receive, **said: Any) -> Lead:
    await receive(**said)
    return await take(resources, "anna")


async def test_the_twenty_first_who_declines_is_told_to_transfer(
    resources: Resources, receive: Receive
) -> None:
    lead = await receive()
    crowd = [f"operator{number}" for number in range(MOST_DECLINERS)]
    await staff(resources, *(Operator(name, ("main",)) for name in crowd))
    for name in crowd:
        await decline(resources, await take(resources, name))
    held = await take(resources, "anna")
    with pytest.raises(MoveNotAllowed, match="transfer it"):
        await decline(resources, held)
    assert (await look_at_lead(resources, lead.id)).claim == held.claim
    await transfer(resources, held, crowd[0])
    again = await take(resources, crowd[0])
    assert (await decline(resources, again)).state is State.WAITING


async def test_a_lead_handed_to_an_operator_is_his_and_shows_him_the_note(
    resources: Resources, receive: Receive
) -> None:
    await on_shift(resources, "anna", "boris")
    lead = await transfer(resources, await _taken(resources, receive), "boris")
    assert (lead.state, lead.situation.routing.assigned_to) == (State.WAITING, "boris")
    assert (await claim_next(resources, "anna")).lead is None
    taken = await take(resources, "boris")
    assert (taken.id, taken.note) == (lead.id, "просил Бориса")
    event = await last_event(resources, lead, "lead.transferred")
    told = {"from": "anna", "to": {"operator": "boris"}, "note": "просил Бориса"}
    assert (event.actor, event.details) == ("anna", told)


async def test_a_lead_handed_to_who_declined_it_is_offered_to_him_again(
    resources: Resources, receive: Receive
) -> None:
    await on_shift(resources, "anna", "boris")
    await receive()
    await decline(resources, await take(resources, "boris"))
    lead = await transfer(resources, await take(resources, "anna"), "boris")
    assert lead.situation.routing.declined_by == frozenset()
    assert (await take(resources, "boris")).id == lead.id


async def test_a_lead_handed_to_who_is_off_shift_is_everybodys_meanwhile(
    resources: Resources, receive: Receive
) -> None:
    lead = await transfer(resources, await _taken(resources, receive), "boris")
    assert (await take(resources, "anna")).id == lead.id


async def test_a_lead_handed_to_a_skill_is_for_those_who_have_it(
    resources: Resources, receive: Receive
) -> None:
    await staff(resources, Operator("vera", ("main",), frozenset({"shows"})))
    await on_shift(resources, "anna", "boris", "vera")
    held = await _taken(resources, receive)
    lead = await transfer(resources, held, skill="shows", note="свадьба на сто гостей")
    assert (lead.standing.lane, lead.note) == ("shows", "свадьба на сто гостей")
    assert (await claim_next(resources, "boris")).lead is None
    assert (await take(resources, "vera")).id == lead.id
    event = await last_event(resources, lead, "lead.transferred")
    assert event.details is not None
    assert event.details["to"] == {"skill": "shows"}


async def test_a_skill_it_was_handed_to_outlives_the_rules(
    resources: Resources, receive: Receive
) -> None:
    await staff(resources, Operator("vera", ("main",), frozenset({"shows"})))
    lead = await transfer(resources, await _taken(resources, receive), skill="shows")
    changed = await change_facts(resources, lead.id, NewFacts({"text": "колодки"}, True, SENDER))
    assert changed.standing.lane == "shows"


@pytest.mark.parametrize(
    ("handover", "wrong"),
    [
        ({"note": None}, ["note", "operator"]),
        ({"operator": "boris", "note": None}, ["note"]),
        ({"operator": "boris", "skill": "shows"}, ["operator"]),
        ({"operator": "nobody"}, ["operator"]),
        ({"operator": "anna"}, ["operator"]),
        ({"operator": "dina"}, ["operator"]),
        ({"skill": "shows"}, ["skill"]),
        ({"skill": "mentors", "note": None}, ["note", "skill"]),
    ],
)
async def test_a_transfer_to_nobody_names_every_mistake(
    resources: Resources, receive: Receive, handover: dict[str, Any], wrong: list[str]
) -> None:
    await staff(
        resources,
        Operator("anna", ("main",), frozenset({"mentors"})),
        Operator("dina", ("another",)),
    )
    held = await _taken(resources, receive)
    assert await mistakes(transfer(resources, held, **handover)) == wrong
    assert (await look_at_lead(resources, held.id)).claim == held.claim


async def test_what_is_put_aside_comes_back_at_its_time(
    resources: Resources, receive: Receive, clock: DrivenClock
) -> None:
    until = NOON + timedelta(hours=3)
    parked = await park(resources, await _taken(resources, receive), until)
    assert (parked.parked_for, parked.parked_by) == (ParkedFor.LATER, "anna")
    await _comes_back(resources, clock, parked, until)


async def _comes_back(
    resources: Resources, clock: DrivenClock, parked: Lead, until: datetime
) -> None:
    """In the line at once, on the callback's stage, without anybody in the background."""
    assert (parked.state, parked.claim, parked.parked_until) == (State.PARKED, None, until)
    clock.moment = until - timedelta(seconds=1)
    assert (await claim_next(resources, "boris")).lead is None
    clock.moment = until
    taken = await take(resources, "boris")
    assert (taken.id, taken.standing.stage) == (parked.id, CALLBACK_STAGE)
    assert taken.note == parked.note


@pytest.mark.parametrize(
    "until", [NOON, NOON - DAY, NOON + timedelta(days=366, seconds=1)], ids=["now", "past", "far"]
)
async def test_nothing_is_put_aside_for_the_past_or_for_ever(
    resources: Resources, receive: Receive, until: datetime
) -> None:
    held = await _taken(resources, receive)
    assert await mistakes(park(resources, held, until)) == ["until"]
    assert await mistakes(settle(resources, held, "callback", until=until)) == ["until"]


async def test_the_bound_of_a_callback_is_policy(resources: Resources, receive: Receive) -> None:
    callback = {"stage": CALLBACK_STAGE, "default_minutes": 30, "farthest_days": 2}
    await put_policy(resources, callback=callback)
    held = await _taken(resources, receive)
    assert await mistakes(park(resources, held, NOON + 3 * DAY)) == ["until"]
    assert (await park(resources, held, NOON + 2 * DAY)).state is State.PARKED


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


@pytest.mark.parametrize(("outcome", "said", "later", "parked_for"), PROMISES)
async def test_who_is_to_be_called_again_comes_back_at_his_time(
    resources: Resources,
    receive: Receive,
    clock: DrivenClock,
    outcome: str,
    said: dict[str, Any],
    later: timedelta,
    parked_for: ParkedFor,
) -> None:
    parked = await settle(resources, await _taken(resources, receive), outcome, **said)
    assert (parked.parked_for, parked.parked_by) == (parked_for, "anna")
    await _comes_back(resources, clock, parked, NOON + later)


@pytest.mark.parametrize(("outcome", "said", "later", "parked_for"), PROMISES)
async def test_he_waits_in_the_rows_as_well_once_time_has_done_its_work(
    resources: Resources,
    receive: Receive,
    clock: DrivenClock,
    outcome: str,
    said: dict[str, Any],
    later: timedelta,
    parked_for: ParkedFor,
) -> None:
    parked = await settle(resources, await _taken(resources, receive), outcome, **said)
    clock.moment = NOON + later
    await keep_in_step(resources)
    due = await look_at_lead(resources, parked.id)
    assert (due.state, due.standing.stage) == (State.WAITING, CALLBACK_STAGE)


async def test_every_silence_is_written_about_and_the_last_one_settles(
    resources: Resources, receive: Receive, clock: DrivenClock
) -> None:
    lead = await receive(channel=Channel.PHONE, customer=IRINA)
    for tries, later in enumerate([HALF_AN_HOUR, timedelta(hours=3), DAY, None], start=1):
        ended = await settle(resources, await take(resources, "anna"), "no_answer")
        event = await last_event(resources, lead, "message.due")
        known = ["email", "phone", "vk"]
        told = {"preferred": "vk", "known": known, "tries": tries, "last": later is None}
        assert event.details == told
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
    await _comes_back(resources, clock, parked, midnight_in_moscow)
    again = await settle(resources, await _mine(resources, parked), "no_answer")
    assert (again.state, again.outcome) == (State.SETTLED, "no_answer")
    assert (await event_types(resources, parked)).count("message.due") == 2


async def _mine(resources: Resources, lead: Lead) -> Lead:
    return await look_at_lead(resources, lead.id)


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
    held = await _taken(resources, receive)
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
    held = await _taken(resources, receive)
    await settle(resources, held, "awaiting_payment", amount=Decimal(900))
    clock.pass_by(days=3)
    await settle(resources, await take(resources, "boris"), "no_answer")
    won = await paid(resources, held)
    assert (won.outcome, won.amount, won.settled_by) == ("won", Decimal(900), "boris")


async def test_a_payment_of_an_unknown_sum_is_in_line_at_once(
    resources: Resources, receive: Receive
) -> None:
    held = await _taken(resources, receive)
    await settle(resources, held, "awaiting_payment")
    due = await paid(resources, held)
    assert (due.state, due.standing.stage, due.signal.paid) == (State.WAITING, CALLBACK_STAGE, True)
    assert (await paid(resources, held)).state is State.WAITING
    assert (await take(resources, "boris")).id == held.id


async def test_who_holds_the_lead_settles_a_payment_himself(
    resources: Resources, receive: Receive, clock: DrivenClock
) -> None:
    held = await _taken(resources, receive)
    await settle(resources, held, "awaiting_payment", amount=Decimal(900))
    clock.pass_by(days=3)
    again = await take(resources, "boris")
    assert (await paid(resources, held)).claim == again.claim
    assert await mistakes(settle(resources, again, "awaiting_payment")) == ["outcome"]
    won = await settle(resources, await _mine(resources, held), "won", amount=Decimal(950))
    assert (won.amount, won.settled_by) == (Decimal(950), "boris")


async def test_a_payment_of_a_lead_that_awaits_none_is_only_a_fact(
    resources: Resources, receive: Receive
) -> None:
    held = await _taken(resources, receive)
    parked = await settle(resources, held, "callback")
    assert (await paid(resources, parked)).state is State.PARKED


async def test_a_wholesale_client_gets_his_profile(resources: Resources, receive: Receive) -> None:
    said = {"buyer": Buyer.END_CONSUMER, "selection": Selection.BY_SHOP}
    held = await _taken(resources, receive, channel=Channel.REGISTRATION)
    parked = await settle(resources, held, "wholesale", note=None, **said)
    assert parked.price_profile is PriceProfile.OPT
    event = await last_event(resources, parked, "lead.parked")
    assert event.details is not None
    assert event.details["price_profile"] == "OPT"


@pytest.mark.parametrize(
    "said",
    [
        {"customer": Customer(phone="+79161234567")},
        {"text": "перезвоните 8 916 123-45-67"},
        {"customer": Customer("irina")},
        {},
    ],
    ids=["signal", "text", "card", "note"],
)
async def test_a_wish_is_settled_where_a_phone_is_known(
    resources: Resources, receive: Receive, said: dict[str, Any]
) -> None:
    await customer(resources)
    note = "салют «Залп»" if said else "салют «Залп», +7 916 123-45-67"
    ended = await settle(resources, await _taken(resources, receive, **said), "wish", note=note)
    assert (ended.state, ended.outcome, ended.note) == (State.SETTLED, "wish", note)


async def test_a_wish_without_words_or_phone_names_both(
    resources: Resources, receive: Receive
) -> None:
    held = await _taken(resources, receive)
    assert await mistakes(settle(resources, held, "wish", note=None)) == ["note", "phone"]
    assert await mistakes(settle(resources, held, "wish")) == ["phone"]


ENDINGS: dict[str, Callable[[Resources, Lead], Awaitable[Lead]]] = {
    "decline": decline,
    "transfer": lambda resources, lead: transfer(resources, lead, "boris"),
    "park": lambda resources, lead: park(resources, lead, NOON + DAY),
    "won": lambda resources, lead: settle(resources, lead, "won", amount=Decimal(5)),
    "wish": lambda resources, lead: settle(resources, lead, "wish", note="+7 916 123-45-67"),
    "awaiting_payment": lambda resources, lead: settle(resources, lead, "awaiting_payment"),
}


@pytest.mark.parametrize("second", ENDINGS)
@pytest.mark.parametrize("first", ENDINGS)
async def test_a_claim_ends_once(
    resources: Resources, receive: Receive, first: str, second: str
) -> None:
    held = await _taken(resources, receive)
    ended = await ENDINGS[first](resources, held)
    with pytest.raises(ClaimGone):
        await ENDINGS[second](resources, held)
    assert await look_at_lead(resources, held.id) == ended


@pytest.mark.parametrize("ending", ENDINGS)
async def test_an_ending_that_the_line_does_not_hear_is_repeated(
    resources: Resources, receive: Receive, ending: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = await _taken(resources, receive)
    with monkeypatch.context() as deaf:
        deaf.setattr(type(resources.line), "show", _not_heard)
        await ENDINGS[ending](resources, held)
    await keep_in_step(resources)


async def _not_heard(*_said: object, **_more: object) -> bool:
    return False


async def test_a_lead_declined_and_claimed_by_its_number_is_his_again(
    resources: Resources, receive: Receive
) -> None:
    lead = await decline(resources, await _taken(resources, receive))
    claimed, _ = await claim_lead(resources, lead.id, "anna")
    assert (await decline(resources, claimed)).situation.routing.declined_by == {"anna"}
