"""What is old goes as the policy says: words, events, leads, cards, senders' requests."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from driven_clock import NOON, DrivenClock
from ending_stories import settle
from joining_stories import inbound
from stories import Receive, put_policy, take

from service.flows.leads.view_leads import view_lead, view_lead_events
from service.flows.line.view_queues import view_stats
from service.flows.senders.prune_deliveries import prune_deliveries
from service.flows.upkeep import let_old_go as chore
from service.flows.upkeep.let_old_go import let_old_go
from service.leads.customer import Customer
from service.leads.errors import LeadNotFound
from service.leads.lead import Item, Lead
from service.resources import Resources
from service.storage.leads import retention

IRINA = Customer("c-1", "Ирина", "+79161234567")
SHORT = {"settled_days": 60, "events_days": 40, "texts_days": 10, "deliveries_days": 3}
SOURCE = """
INSERT INTO sources (name, adapter, queue, secrets, tokens, options, operators, created_at,
    changed_at)
VALUES ('shop', 'tawk', 'main', '{}', '[]', '{}', '{}', now(), now())
"""
DELIVERY = """
INSERT INTO deliveries (id, source, received_at, next_try_at, request, size, state)
VALUES (gen_random_uuid(), 'shop', $1, $1, 'x', 1, $2)
"""


async def lost(resources: Resources, receive: Receive, **sent: Any) -> Lead:
    """A lead that ends now, of two signals."""
    item = Item("колодки в коробке", Decimal(1), Decimal(100))
    await receive(customer=IRINA, text="нужны колодки", items=(item,), **sent)
    await inbound(resources, customer=IRINA, text="и диски", source="site", external_id="2")
    held = await take(resources, "anna")
    return await settle(resources, held, "lost", reason="дорого", note="позвонить Ирине")


@pytest.fixture
async def brief(resources: Resources) -> Resources:
    """A queue that keeps nothing for long."""
    await put_policy(resources, retention=SHORT)
    return resources


async def test_words_go_first(brief: Resources, receive: Receive, clock: DrivenClock) -> None:
    lead = await lost(brief, receive)
    clock.pass_by(days=9)
    await let_old_go(brief)
    assert (await view_lead(brief, lead.id)).signal.text is not None
    clock.pass_by(days=2)
    await let_old_go(brief)
    left = await view_lead(brief, lead.id)
    assert (left.signal.text, left.note, left.signal.items) == (None, None, ())
    assert (left.outcome, left.signal.customer) == ("lost", lead.signal.customer)
    facts = await brief.stores.database.fetch("SELECT facts FROM lead_signals")
    assert [row["facts"]["text"] for row in facts] == [None, None]
    events = await view_lead_events(brief, lead.id, after=0, limit=100)
    assert "Ирине" not in str(events)
    assert [event.event.type for event in events][-1] == "lead.settled"


async def test_then_events_then_the_lead_itself(
    brief: Resources, receive: Receive, clock: DrivenClock
) -> None:
    lead = await lost(brief, receive)
    clock.pass_by(days=41)
    await let_old_go(brief)
    assert await view_lead_events(brief, lead.id, after=0, limit=100) == []
    assert (await view_lead(brief, lead.id)).outcome == "lost"
    clock.pass_by(days=20)
    await let_old_go(brief)
    with pytest.raises(LeadNotFound):
        await view_lead(brief, lead.id)
    for table in ("leads", "lead_events", "lead_signals", "lead_identities", "customers"):
        assert await brief.stores.database.fetch(f"SELECT FROM {table}") == [], table


async def test_what_is_open_stays(brief: Resources, receive: Receive, clock: DrivenClock) -> None:
    lead = await receive(customer=IRINA, text="нужны колодки")
    clock.pass_by(days=365)
    await let_old_go(brief)
    assert (await view_lead(brief, lead.id)).signal.text == "нужны колодки"


async def test_a_card_with_an_order_in_work_stays(brief: Resources, clock: DrivenClock) -> None:
    await brief.stores.database.fetch(
        "INSERT INTO customers (external_id, context, created_at, changed_at) VALUES"
        " ('with', '{\"orders\": [{\"state\": \"in_work\"}]}', $1, $1), ('without', NULL, $1, $1)",
        NOON,
    )
    clock.pass_by(days=61)
    await let_old_go(brief)
    rows = await brief.stores.database.fetch("SELECT external_id FROM customers")
    assert [row["external_id"] for row in rows] == ["with"]


async def test_leads_that_were_settled_at_one_moment_are_all_reached(
    brief: Resources, receive: Receive, clock: DrivenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    monkeypatch.setattr(chore, "BATCH", 2)
    for number in range(5):
        await receive(customer=Customer(phone=f"+7916123450{number}"), text="слова")
    await brief.stores.database.fetch(
        "UPDATE leads SET state = 'settled', outcome = 'spam', settled_at = $1, settled_by = 'x'",
        NOON,
    )
    clock.pass_by(days=11)
    await let_old_go(brief)
    rows = await brief.stores.database.fetch("SELECT FROM leads WHERE text IS NOT NULL")
    assert rows == []


async def test_requests_go_as_their_queue_says(brief: Resources, clock: DrivenClock) -> None:
    database = brief.stores.database
    await database.fetch(SOURCE)
    for days, state in ((2, "read"), (4, "read"), (4, "quarantined"), (10, "quarantined")):
        await database.fetch(DELIVERY, clock.now() - timedelta(days=days), state)
    await prune_deliveries(brief)
    rows = await database.fetch("SELECT state FROM deliveries ORDER BY received_at")
    assert [row["state"] for row in rows] == ["quarantined", "read"]


async def test_stats_say_what_goes_when(
    brief: Resources, receive: Receive, clock: DrivenClock
) -> None:
    lead = await lost(brief, receive)
    assert lead.settled_at is not None
    assert await _goes(brief) == {
        "leads": (60, lead.settled_at + timedelta(days=60)),
        "events": (40, lead.settled_at + timedelta(days=40)),
        "texts": (10, lead.settled_at + timedelta(days=10)),
        "deliveries": (3, None),
    }
    clock.pass_by(days=11)
    await let_old_go(brief)
    assert (await _goes(brief))["texts"] == (10, None)


async def _goes(resources: Resources) -> dict[str, tuple[int, datetime | None]]:
    kept = (await view_stats(resources, "main")).kept
    return {item.what: (item.days, item.next_at) for item in kept}
