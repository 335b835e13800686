"""The ends of a claim: declined, handed over, put aside; line and rows agree after each."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from driven_clock import NOON, DrivenClock
from ending_stories import (
    CALLBACK_STAGE,
    DAY,
    SENDER,
    comes_back,
    decline,
    last_event,
    mistakes,
    park,
    settle,
    staff,
    taken,
    transfer,
)
from invariants import check_invariants
from redis.asyncio import Redis
from stories import Receive, on_shift, put_policy, take

from service.flows.claims.claim_lead import claim_lead
from service.flows.claims.claim_next import claim_next
from service.flows.leads.update_lead import LeadUpdate, update_lead
from service.flows.leads.view_leads import view_lead
from service.flows.upkeep.keep_in_step import keep_in_step
from service.leads.errors import ClaimGone, MoveNotAllowed
from service.leads.lead import Lead, ParkedFor, State
from service.leads.operator import Operator
from service.leads.routing import MAX_DECLINERS
from service.resources import Resources


@pytest.fixture(autouse=True)
async def agreed(resources: Resources, redis: Redis) -> Any:
    """After every story the line equals the rows."""
    yield
    await check_invariants(resources, redis)


async def test_who_declines_a_lead_is_not_offered_it_again_and_others_are(
    resources: Resources, receive: Receive, clock: DrivenClock
) -> None:
    first = await receive(received_at=NOON - timedelta(minutes=2))
    held = await take(resources, "anna")
    clock.pass_by(minutes=1)
    back = await decline(resources, held)
    assert (back.state, back.claim) == (State.WAITING, None)
    assert back.situation.asked_at == first.situation.asked_at
    assert back.ranking.lane == "everybody!anna"
    assert (await claim_next(resources, "anna")).lead is None
    assert (await take(resources, "boris")).id == first.id
    event = await last_event(resources, first, "lead.declined")
    assert (event.actor, event.reason) == ("anna", "не моё")


async def test_an_owner_who_declines_loses_the_lead_to_everybody(
    resources: Resources, receive: Receive
) -> None:
    await on_shift(resources, "anna", "boris")
    lead = await transfer(resources, await taken(resources, receive), "boris")
    assert lead.ranking.lane == "boris>everybody"
    declined = await decline(resources, await take(resources, "boris"))
    assert declined.ranking.lane == "everybody!boris"
    assert (await take(resources, "anna")).id == lead.id


async def test_the_twenty_first_who_declines_is_told_to_transfer(
    resources: Resources, receive: Receive
) -> None:
    lead = await receive()
    crowd = [f"operator{number}" for number in range(MAX_DECLINERS)]
    await staff(resources, *(Operator(name, ("main",)) for name in crowd))
    for name in crowd:
        await decline(resources, await take(resources, name))
    held = await take(resources, "anna")
    with pytest.raises(MoveNotAllowed, match="transfer it"):
        await decline(resources, held)
    assert (await view_lead(resources, lead.id)).claim == held.claim
    await transfer(resources, held, crowd[0])
    again = await take(resources, crowd[0])
    assert (await decline(resources, again)).state is State.WAITING


async def test_a_lead_handed_to_an_operator_is_his_and_shows_him_the_note(
    resources: Resources, receive: Receive
) -> None:
    await on_shift(resources, "anna", "boris")
    lead = await transfer(resources, await taken(resources, receive), "boris")
    assert (lead.state, lead.situation.routing.assigned_to) == (State.WAITING, "boris")
    assert (await claim_next(resources, "anna")).lead is None
    got = await take(resources, "boris")
    assert (got.id, got.note) == (lead.id, "просил Бориса")
    event = await last_event(resources, lead, "lead.transferred")
    reported = {"from": "anna", "to": {"operator": "boris"}, "note": "просил Бориса"}
    assert (event.actor, event.details) == ("anna", reported)


async def test_a_lead_handed_to_who_declined_it_is_offered_to_him_again(
    resources: Resources, receive: Receive
) -> None:
    await on_shift(resources, "anna", "boris")
    await receive()
    await decline(resources, await take(resources, "boris"))
    lead = await transfer(resources, await take(resources, "anna"), "boris")
    assert lead.situation.routing.declined_by == ()
    assert (await take(resources, "boris")).id == lead.id


async def test_a_lead_handed_to_who_is_off_shift_is_everybodys_meanwhile(
    resources: Resources, receive: Receive
) -> None:
    lead = await transfer(resources, await taken(resources, receive), "boris")
    assert (await take(resources, "anna")).id == lead.id


async def test_a_lead_handed_to_a_skill_is_for_those_who_have_it(
    resources: Resources, receive: Receive
) -> None:
    await staff(resources, Operator("vera", ("main",), frozenset({"fitters"})))
    await on_shift(resources, "anna", "boris", "vera")
    held = await taken(resources, receive)
    lead = await transfer(resources, held, skill="fitters", note="свадьба на сто гостей")
    assert (lead.ranking.lane, lead.note) == ("fitters", "свадьба на сто гостей")
    assert (await claim_next(resources, "boris")).lead is None
    assert (await take(resources, "vera")).id == lead.id
    event = await last_event(resources, lead, "lead.transferred")
    assert event.details is not None
    assert event.details["to"] == {"skill": "fitters"}


async def test_a_skill_it_was_handed_to_outlives_the_rules(
    resources: Resources, receive: Receive
) -> None:
    await staff(resources, Operator("vera", ("main",), frozenset({"fitters"})))
    lead = await transfer(resources, await taken(resources, receive), skill="fitters")
    changed = await update_lead(resources, lead.id, LeadUpdate({"text": "колодки"}, True, SENDER))
    assert changed.ranking.lane == "fitters"


@pytest.mark.parametrize(
    ("handover", "wrong"),
    [
        ({"note": None}, ["note", "operator"]),
        ({"operator": "boris", "note": None}, ["note"]),
        ({"operator": "boris", "skill": "fitters"}, ["operator"]),
        ({"operator": "nobody"}, ["operator"]),
        ({"operator": "anna"}, ["operator"]),
        ({"skill": "fitters"}, ["skill"]),
        ({"skill": "mentors", "note": None}, ["note", "skill"]),
    ],
)
async def test_a_transfer_to_nobody_names_every_mistake(
    resources: Resources, receive: Receive, handover: dict[str, Any], wrong: list[str]
) -> None:
    await staff(
        resources,
        Operator("anna", ("main",), frozenset({"mentors"})),
    )
    held = await taken(resources, receive)
    assert await mistakes(transfer(resources, held, **handover)) == wrong
    assert (await view_lead(resources, held.id)).claim == held.claim


async def test_what_is_put_aside_comes_back_at_its_time(
    resources: Resources, receive: Receive, clock: DrivenClock
) -> None:
    until = NOON + timedelta(hours=3)
    parked = await park(resources, await taken(resources, receive), until)
    assert (parked.parked_for, parked.parked_by) == (ParkedFor.LATER, "anna")
    await comes_back(resources, clock, parked, until)


@pytest.mark.parametrize(
    "until", [NOON, NOON - DAY, NOON + timedelta(days=366, seconds=1)], ids=["now", "past", "far"]
)
async def test_nothing_is_put_aside_for_the_past_or_for_ever(
    resources: Resources, receive: Receive, until: datetime
) -> None:
    held = await taken(resources, receive)
    assert await mistakes(park(resources, held, until)) == ["until"]
    assert await mistakes(settle(resources, held, "callback", until=until)) == ["until"]


async def test_the_bound_of_a_callback_is_policy(resources: Resources, receive: Receive) -> None:
    callback = {"stage": CALLBACK_STAGE, "default_minutes": 30, "farthest_days": 2}
    await put_policy(resources, callback=callback)
    held = await taken(resources, receive)
    assert await mistakes(park(resources, held, NOON + 3 * DAY)) == ["until"]
    assert (await park(resources, held, NOON + 2 * DAY)).state is State.PARKED


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
    held = await taken(resources, receive)
    ended = await ENDINGS[first](resources, held)
    if first == second:  # the same report, sent again, is answered as the first time
        assert await ENDINGS[second](resources, held) == ended
    else:
        with pytest.raises(ClaimGone):
            await ENDINGS[second](resources, held)
    assert await view_lead(resources, held.id) == ended


@pytest.mark.parametrize("ending", ENDINGS)
async def test_an_ending_that_the_line_does_not_hear_is_repeated(
    resources: Resources, receive: Receive, ending: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = await taken(resources, receive)
    with monkeypatch.context() as deaf:
        deaf.setattr(type(resources.line), "show", _not_heard)
        await ENDINGS[ending](resources, held)
    await keep_in_step(resources)


async def _not_heard(*_given: object, **_more: object) -> bool:
    return False


async def test_a_lead_declined_and_claimed_by_its_number_is_his_again(
    resources: Resources, receive: Receive
) -> None:
    lead = await decline(resources, await taken(resources, receive))
    claimed, _ = await claim_lead(resources, lead.id, "anna")
    assert (await decline(resources, claimed)).situation.routing.declined_by == ("anna",)
