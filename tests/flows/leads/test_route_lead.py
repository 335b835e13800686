"""A lead is led to whom the client's card names, and everything follows when the card changes."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from customer_stories import (
    IRINA,
    LONG_AGO,
    contacts,
    employ,
    know,
    orders,
    owner_of,
    tasks,
)
from driven_clock import NOON, DrivenClock
from open_always import open_always
from sqlalchemy import text
from stories import Receive, event_types, join_nothing, on_shift, put_policy, take

from service.flows.claims.claim_next import claim_next
from service.flows.claims.release_claim import release_claim
from service.flows.claims.settle_claim import settle_claim
from service.flows.leads.update_customer import view_customer
from service.flows.leads.update_lead import LeadUpdate, update_lead
from service.flows.leads.view_leads import view_lead, view_lead_events
from service.flows.line.rebuild_line import rebuild_line
from service.flows.upkeep.keep_in_step import keep_in_step
from service.flows.upkeep.replay_claim import replay_claim
from service.leads.context import Campaign, ClientClass, OrderState
from service.leads.customer import Customer
from service.leads.lead import Intent, Lead, State
from service.leads.settlement import Outcome, Settlement
from service.policies.yaml_text import read_yaml
from service.queue.lanes import LaneNames
from service.resources import Resources
from service.storage.customers.marked_cards import MarkedCards
from service.storage.leads.duplicates import Sender

SALE, QUESTION = Intent.SALE, Intent.ORDER_QUESTION
BIRTHDAY = {"campaign": Campaign.BIRTHDAY}
CLOSED = {"closed_at": LONG_AGO}
OWNERSHIP = read_yaml(open_always())["ownership"]
SEASON = {"season": {"begins": "2026-06-01", "ends": "2026-12-31"}}


@pytest.fixture(autouse=True)
def fresh_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """The names of lanes are not 0.3 s old, as elsewhere, but known at once."""
    remembered = LaneNames.of

    async def of(self: LaneNames, queue: str) -> frozenset[str]:
        self._names.clear()
        return await remembered(self, queue)

    monkeypatch.setattr(LaneNames, "of", of)


async def owner_found(resources: Resources, receive: Receive, **sent: Any) -> tuple[Any, str]:
    routing = (await receive(customer=IRINA, **sent)).situation.routing
    return routing.owner, routing.owner_rule


@pytest.mark.parametrize(
    ("context", "intent", "found"),
    [
        ({"orders": orders()}, SALE, ("anna", "B2")),
        ({"orders": orders(state=OrderState.DONE)}, SALE, (None, "")),
        ({"orders": orders(state=OrderState.DONE)}, QUESTION, ("anna", "A10")),
        ({"orders": orders(state=OrderState.DONE)}, Intent.RETURN, ("anna", "A10")),
        ({"contacts": contacts()}, SALE, ("anna", "A9")),
        ({"contacts": contacts(days_ago=14)}, SALE, (None, "")),
        ({"orders": orders("boris"), "contacts": contacts()}, SALE, ("boris", "B2")),
        ({"tasks": tasks("boris"), "contacts": contacts()}, SALE, ("boris", "B14")),
        ({"orders": orders(), "contacts": contacts()}, Intent.COMPLAINT, (None, "")),
        ({"orders": orders("who")}, SALE, (None, "")),
        ({"tasks": tasks("who"), "contacts": contacts()}, SALE, ("anna", "A9")),
        ({}, SALE, (None, "")),
    ],
)
async def test_a_lead_is_led_to_whom_the_card_names(
    resources: Resources,
    receive: Receive,
    context: dict[str, Any],
    intent: Intent,
    found: tuple[Any, str],
) -> None:
    await know(resources, **context)
    assert await owner_found(resources, receive, intent=intent) == found


@pytest.mark.parametrize(
    ("season", "sent", "owner"),
    [
        (True, {}, "anna"),
        (False, {}, "anna"),
        (True, CLOSED, None),
        (False, CLOSED, None),
        (True, {**BIRTHDAY, **CLOSED}, None),
        (False, {**BIRTHDAY, **CLOSED}, "anna"),
        (False, {**BIRTHDAY, **CLOSED, "expires_at": NOON}, None),
        (True, {"expires_at": NOON}, None),
    ],
)
async def test_call_tasks_bind_by_the_rules_of_the_season(
    resources: Resources, receive: Receive, season: bool, sent: dict[str, Any], owner: str | None
) -> None:
    await put_policy(resources, ownership={**OWNERSHIP, **(SEASON if season else {})})
    await know(resources, tasks=tasks(**sent))
    found = await owner_found(resources, receive)
    assert found == (owner, "B14" if owner else "")


@pytest.mark.parametrize(
    ("sent", "skill"),
    [({"client_class": ClientClass.SUPER_VIP}, "super_vip"), ({}, "mentors")],
)
async def test_vips_and_complaints_are_served_by_designated_staff_else_by_the_head(
    resources: Resources,
    receive: Receive,
    clock: DrivenClock,
    sent: dict[str, Any],
    skill: str,
) -> None:
    await employ(resources, "expert", skill)
    await employ(resources, "head", "head_of_sales")
    await know(resources, orders=orders(), **sent)
    lead = await receive(customer=IRINA, intent=None if sent else Intent.COMPLAINT)
    assert lead.ranking.lane == skill
    assert lead.situation.routing.credited_to == "anna"
    await on_shift(resources, "expert", "head", "anna")
    resources.stores.directory.forget()
    assert (await claim_next(resources, "anna")).lead is None
    assert (await claim_next(resources, "head")).lead is None
    taken = await take(resources, "expert")
    await release_claim(resources, lead.id, taken.claim.token, None)
    clock.pass_by(minutes=31)  # the expert went home
    await keep_in_step(resources)
    assert (await claim_next(resources, "anna")).lead is None
    assert (await take(resources, "head")).id == lead.id


async def test_an_owner_at_work_is_served_alone_for_his_time_and_then_everybody(
    resources: Resources, receive: Receive, clock: DrivenClock
) -> None:
    await know(resources, orders=orders())
    await on_shift(resources, "anna", "boris")
    resources.stores.directory.forget()
    lead = await receive(customer=IRINA)
    assert owner_of(lead.ranking.lane) == "anna"
    assert (await claim_next(resources, "boris")).lead is None
    clock.pass_by(minutes=9.9)
    assert (await claim_next(resources, "boris")).lead is None
    clock.pass_by(minutes=0.1)
    await keep_in_step(resources)
    passed_on = await view_lead(resources, lead.id)
    assert owner_of(passed_on.ranking.lane) is None
    (event,) = [
        item.event
        for item in await view_lead_events(resources, lead.id, after=0, limit=9)
        if item.event.type == "lead.passed_on"
    ]
    assert event.reason == "the owner's time is over (B2)"
    assert (event.details["lane_before"], event.details["lane_after"]) == (
        "anna>everybody",
        "everybody",
    )
    taken = await take(resources, "boris")
    assert (taken.id, taken.situation.routing.credited_to) == (lead.id, "anna")


async def test_the_owner_himself_is_served_it_within_his_time(
    resources: Resources, receive: Receive
) -> None:
    await know(resources, orders=orders())
    await on_shift(resources, "anna", "boris")
    lead = await receive(customer=IRINA)
    other = await receive(budget=Decimal(1))
    assert (await take(resources, "boris")).id == other.id
    assert (await take(resources, "anna")).id == lead.id


async def test_of_an_owner_who_is_off_shift_everybody_is_served_at_once(
    resources: Resources, receive: Receive
) -> None:
    await know(resources, orders=orders())
    lead = await receive(customer=IRINA)
    assert owner_of(lead.ranking.lane) == "anna"
    assert (await take(resources, "boris")).id == lead.id


async def a_lead_of_each_state(resources: Resources, receive: Receive) -> dict[State, Lead]:
    """Irina's leads: one is parked, one is held by boris, one waits."""
    parked = await receive(customer=IRINA, source="1")
    held = await take(resources, "boris")
    later = Settlement(Outcome.CALLBACK, note="later", until=NOON + timedelta(hours=2))
    await settle_claim(resources, held.id, held.claim.token, replace(later))
    await know(resources, contacts=())
    held = await receive(customer=IRINA, source="2")
    await take(resources, "boris")
    waiting = await receive(customer=IRINA, source="3")
    ids = {State.PARKED: parked.id, State.CLAIMED: held.id, State.WAITING: waiting.id}
    found = {state: await view_lead(resources, item) for state, item in ids.items()}
    assert all(lead.state is state for state, lead in found.items())
    return found


async def test_a_change_of_context_reroutes_waiting_held_and_parked_leads(
    resources: Resources, receive: Receive
) -> None:
    await join_nothing(resources)
    before = await a_lead_of_each_state(resources, receive)
    stranger = await receive(budget=Decimal(1))
    await on_shift(resources, "anna", "boris")
    changed = await know(resources, orders=orders())
    assert changed.rerouted == 3
    for state, lead in before.items():
        after = await view_lead(resources, lead.id)
        assert (after.state, after.claim) == (state, lead.claim)
        assert after.situation.routing.owner == "anna"
        assert after.situation.routing.owner_rule == "B2"
        assert (await event_types(resources, lead))[-1] == "lead.routed"
    assert await view_lead(resources, stranger.id) == stranger
    assert (await take(resources, "anna")).id == before[State.WAITING].id


async def test_the_event_tells_whom_a_lead_was_led_to_before_and_after(
    resources: Resources, receive: Receive
) -> None:
    lead = await receive(customer=IRINA)
    await know(resources, client_class=ClientClass.SUPER_VIP)
    event = (await view_lead_events(resources, lead.id, after=0, limit=9))[-1].event
    assert (event.actor, event.reason) == ("crm", "the client's card changed")
    assert event.details["before"]["lane"] == "everybody"
    assert event.details["after"] == {
        **{"owner": None, "owner_rule": None, "skills": ["super_vip"], "skills_rule": "B3"},
        **{"credited_to": None, "lane": "super_vip"},
    }


async def test_a_change_that_leads_nowhere_else_leaves_the_leads_as_they_are(
    resources: Resources, receive: Receive
) -> None:
    await know(resources, orders=orders())
    lead = await receive(customer=IRINA)
    assert (await know(resources, cars=("Kia Rio",))).rerouted == 0
    assert (await know(resources, orders=orders())).rerouted == 0
    assert await view_lead(resources, lead.id) == lead


async def test_what_a_supervisor_said_outlives_a_change_of_context(
    resources: Resources, receive: Receive
) -> None:
    lead = await receive(customer=IRINA)
    sent = "UPDATE leads SET assigned_to = 'boris', declined_by = '{anna}', pinned_at = now()"
    async with resources.stores.database.transaction() as connection:
        await connection.execute(text(sent))
    await know(resources, orders=orders())
    routing = (await view_lead(resources, lead.id)).situation.routing
    assert (routing.owner, routing.assigned_to) == ("anna", "boris")
    assert routing.declined_by == ("anna",)
    assert routing.pinned_at is not None


async def test_a_claim_is_found_again_after_the_context_changed(
    resources: Resources, receive: Receive
) -> None:
    await know(resources, orders=orders())
    await on_shift(resources, "anna")
    lead = await receive(customer=IRINA)
    await take(resources, "anna")
    assert (await replay_claim(resources, lead.id)).differences == []
    await know(resources, orders=orders("boris"), client_class=ClientClass.SUPER_VIP)
    assert (await view_lead(resources, lead.id)).ranking.lane == "super_vip"
    assert (await replay_claim(resources, lead.id)).differences == []


async def test_new_facts_lead_a_lead_to_others_and_back(
    resources: Resources, receive: Receive
) -> None:
    await know(resources, orders=orders())
    lead = await receive(customer=IRINA)
    sender = Sender("tests", may_read=True)
    complains = LeadUpdate({"intent": Intent.COMPLAINT}, False, sender)
    changed = await update_lead(resources, lead.id, complains)
    assert changed.ranking.lane == "mentors"
    assert changed.situation.routing.skills_rule == "B4"
    asks = LeadUpdate({"intent": None}, False, sender)
    assert owner_of((await update_lead(resources, lead.id, asks)).ranking.lane) == "anna"


async def settle(resources: Resources, lead: Lead, outcome: Outcome) -> None:
    amount = Decimal(5) if outcome is Outcome.WON else None
    settlement = Settlement(outcome, amount=amount, note="told")
    await settle_claim(resources, lead.id, lead.claim.token, settlement)


async def test_who_settled_a_lead_is_asked_for_the_clients_others(
    resources: Resources, receive: Receive
) -> None:
    await join_nothing(resources)
    await receive(customer=IRINA, source="1")
    other = await receive(customer=IRINA, source="2", budget=Decimal(1))
    await settle(resources, await take(resources, "boris"), Outcome.WON)
    card = await view_customer(resources, "c-1")
    assert [(contact.operator, contact.at) for contact in card.context.contacts] == [
        ("boris", NOON)
    ]
    routing = (await view_lead(resources, other.id)).situation.routing
    assert (routing.owner, routing.owner_rule) == ("boris", "A9")
    assert await owner_found(resources, receive, source="3") == ("boris", "A9")


async def test_who_nobody_answered_had_no_talk(resources: Resources, receive: Receive) -> None:
    await receive(customer=IRINA)
    await settle(resources, await take(resources, "boris"), Outcome.NO_ANSWER)
    assert (await view_customer(resources, "c-1")).context.contacts == ()


async def test_only_the_last_twenty_talks_are_kept(resources: Resources) -> None:
    for days in range(25):
        await know(resources, contacts=contacts(days_ago=days))
    stored = (await view_customer(resources, "c-1")).context.contacts
    assert [(NOON - item.at).days for item in stored] == list(range(20))


async def test_a_client_without_a_number_costs_no_question(
    resources: Resources, receive: Receive, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def asked(*_: Any) -> None:
        raise AssertionError("nobody's card was read")

    monkeypatch.setattr(MarkedCards, "of", asked)
    await receive()
    await receive(customer=Customer(name="Ирина"))
    with pytest.raises(AssertionError):
        await receive(customer=IRINA)


COPY = """
INSERT INTO leads SELECT one.*
FROM generate_series(CAST(:first AS int), CAST(:last AS int)) AS n, LATERAL (
    SELECT (json_populate_record(leads, json_build_object(
        'id', gen_random_uuid(), 'rank', leads.rank + n))).* FROM leads WHERE id = :id
) AS one
"""


@pytest.mark.more
async def test_two_thousand_vips_in_front_cost_an_ordinary_operator_nothing(
    resources: Resources, receive: Receive, monkeypatch: pytest.MonkeyPatch
) -> None:
    await employ(resources, "expert", "super_vip")
    await know(resources, client_class=ClientClass.SUPER_VIP)
    vip = await receive(customer=IRINA, budget=Decimal(100_000))
    # in pieces: a busy machine has a few seconds for each statement
    for first in range(1, 2000, 200):
        async with resources.stores.database.transaction() as connection:
            piece = {"id": vip.id, "first": first, "last": first + 199}
            await connection.execute(text(COPY), piece)
    await rebuild_line(resources, "main")
    await on_shift(resources, "expert")
    resources.stores.directory.forget()
    own = await receive(budget=Decimal(1))
    claims: list[Any] = []
    claim = type(resources.line).claim

    async def counted(*sent: Any) -> Any:
        claims.append(sent)
        return await claim(*sent)

    monkeypatch.setattr(type(resources.line), "claim", counted)
    served = await claim_next(resources, "anna")
    assert (served.lead.id, len(claims)) == (own.id, 1)
    (not_eligible,) = served.decision["not_eligible"]
    assert (not_eligible["lane"], not_eligible["rule"]) == ("super_vip", "B3")
    assert not_eligible["rank"] > own.ranking.rank
