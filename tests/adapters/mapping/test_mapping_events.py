"""What a mapping hears: words and their fields, calls, who left, many events in one."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from builders import a_caller
from webhooks.deliveries import NOON, is_ignored
from webhooks.mapping_builders import (
    WORD,
    form_post,
    inbound,
    json_post,
    mapped,
    signal_by,
    text_of,
    words,
)

from service.adapters.inbound_event import CallPhase, CallUpdate, ClientMessage, ConversationEnded
from service.adapters.mapping.adapter import ADAPTER
from service.adapters.mapping.hearing import MAX_EVENTS
from service.leads.customer import Customer
from service.leads.errors import Unreadable
from service.leads.lead import Channel, Intent, Item, Kind, Signal


def test_all_fields_of_a_word_are_ours() -> None:
    lead = {
        "id": {"join": [{"constant": "order"}, "$.id"], "with": ":"},
        "channel": {"constant": "site_order"},
        "kind": {"path": "$.kind", "lookup": {"late": "offline"}},
        "at": "$.at",
        "name": {"join": ["$.name", "$.surname"]},
        "phone": "$.phone",
        "email": "$.email",
        "customer_id": "$.customer",
        "messengers": {"telegram": "$.telegram", "vk": "$.vk"},
        "text": "$.text",
        "items": {"each": "$.lines[*]", "name": "@.n", "quantity": "@.q", "price": "@.p"},
        "budget": "$.total",
        "needed_by": "$.until",
        "vin": "$.vin",
        "intent": {"path": "$.why", "lookup": {"refund": "return"}},
        "paid": "$.paid",
        "taken_by": "$.manager",
        "attributes": {"city": "$.city", "page": "$.page"},
    }
    body = {
        **{"id": 7, "kind": "late", "at": "2026-06-10T08:00:00Z", "name": "Анна", "surname": "К."},
        **{"phone": "89001234567", "email": "A@B.example", "customer": 12, "telegram": 345},
        **{"text": "Нужны колодки", "total": "4 500,00", "until": "2026-06-11T08:00:00Z"},
        "lines": [{"n": "Колодки", "q": "1,5", "p": 100}, {"n": ""}, {"n": "Диск"}],
        **{
            "vin": "xtagfk330jy144213",
            "why": "refund",
            "paid": "да",
            "manager": 29,
            "page": "x" * 600,
        },
    }
    source = mapped(text_of(events=[{"what": "word", "lead": lead}]))
    (word,) = inbound(source, json_post(json.dumps(body)))
    assert word == ClientMessage(
        Signal(
            queue="main",
            channel=Channel.SITE_ORDER,
            received_at=datetime(2026, 6, 10, 8, tzinfo=UTC),
            kind=Kind.OFFLINE,
            source="shop",
            external_id="order:7",
            customer=Customer("12", "Анна К.", "+79001234567", "a@b.example", {"telegram": "345"}),
            text="Нужны колодки",
            items=(
                Item("Колодки", Decimal("1.5"), Decimal(100)),
                Item("Диск", Decimal(1), None),
            ),
            budget=Decimal(4500),
            needed_by=datetime(2026, 6, 11, 8, tzinfo=UTC),
            vin="XTAGFK330JY144213",
            intent=Intent.RETURN,
            paid=True,
            attributes={"page": "x" * 500},
        ),
        taken_by="29",
    )


def test_additions_corrections_and_who_left_are_what_they_are() -> None:
    events = [
        {"when": {"$.e": "more"}, "what": "addition", "lead": WORD},
        {"when": {"$.e": "changed"}, "what": "correction", "lead": {**WORD, "id": "$.id"}},
        {
            "when": {"$.e": "left"},
            "what": "left",
            "lead": {"messenger": {"constant": "tawk"}, "client": "$.id", "at": "$.at"},
        },
    ]
    source = mapped(text_of(events=events))
    (more,) = inbound(source, json_post('{"e": "more"}'))
    assert isinstance(more, ClientMessage)
    assert (more.opens, more.corrects) == (False, False)
    (changed,) = inbound(source, json_post('{"e": "changed", "id": 5}'))
    assert isinstance(changed, ClientMessage)
    assert (changed.opens, changed.corrects, changed.signal.external_id) == (True, True, "5")
    left = '{"e": "left", "id": 5, "at": "2026-06-10T08:00:00Z"}'
    assert inbound(source, json_post(left)) == [
        ConversationEnded("tawk", "5", datetime(2026, 6, 10, 8, tzinfo=UTC))
    ]
    assert inbound(source, json_post('{"e": "left", "id": 5}')) == [
        ConversationEnded("tawk", "5", NOON)
    ]
    assert is_ignored(inbound(source, json_post('{"e": "unheard of"}')))
    with pytest.raises(Unreadable, match="longer than 200"):
        inbound(source, json_post(json.dumps({"e": "left", "id": "x" * 201})))


def test_calls_have_phases_orders_and_who_answered() -> None:
    lead = {
        "id": "$.call",
        "phase": {"path": "$.s", "lookup": {"up": "answered", "in": "ringing", "no": "missed"}},
        **{"at": "$.at", "began": "$.began", "order": "$.seq", "extension": "$.who"},
        "phone": "$.phone",
    }
    events = [
        {"when": {"$.news": "true"}, "what": "call_news", "lead": lead},
        {"what": "call", "lead": lead},
    ]
    source = mapped(text_of(events=events))

    def call(**sent: Any) -> CallUpdate:
        body = {"call": 9, "phone": "89001234567", "who": "29", **sent}
        (one,) = inbound(source, json_post(json.dumps(body)))
        assert isinstance(one, CallUpdate)
        return one

    ringing = call(s="in", at="2026-06-10T08:59:00Z", seq="4")
    assert (ringing.phase, ringing.order, ringing.extension) == (CallPhase.RINGING, 4, None)
    assert ringing.at == NOON - timedelta(minutes=1)
    assert (ringing.signal.live, ringing.opens, ringing.signal.channel) == (True, True, "phone")
    assert ringing.signal.external_id == "call:9"
    assert ringing.signal.customer == a_caller("+79001234567")
    answered = call(s="up", news=True)
    assert (answered.extension, answered.opens, answered.at) == ("29", False, NOON)
    missed = call(s="no", began="2026-06-10T08:58:00Z", seq="soon")
    assert (missed.order, missed.extension, missed.signal.live) == (2, None, False)
    assert missed.signal.received_at == NOON - timedelta(minutes=2)
    with pytest.raises(Unreadable, match="nothing for `phase`"):
        call(s="transferred")


MANY: dict[str, Any] = {
    "events": [
        {"each": "$.in[*]", "when": {"@.echo": "true"}, "what": "nothing"},
        {
            "each": "$.in[*]",
            "what": "word",
            "lead": {**WORD, "id": "@.id", "attributes": {"account": "$.account"}},
        },
        {"each": "$.orders[*]", "what": "word", "lead": {**WORD, "id": "@.id"}},
        {"when": {"$.ping": "true"}, "what": "word", "lead": {**WORD, "id": {"constant": "ping"}}},
    ]
}


def test_each_event_of_a_request_is_heard_by_the_first_sort_that_fits() -> None:
    body = {
        "account": "A",
        "ping": True,
        "orders": [{"id": "o1"}],
        "in": [{"id": 1}, {"id": 2, "echo": True}, None, {"id": "3"}],
    }
    found = words(body, **MANY)
    assert [item.external_id for item in found] == ["1", "3", "o1", "ping"]
    assert [item.attributes for item in found[:2]] == [{"account": "A"}] * 2


def test_too_many_events_are_not_read_at_all() -> None:
    limit = {"in": [{"id": number} for number in range(MAX_EVENTS)]}
    assert len(words(limit, **MANY)) == MAX_EVENTS
    with pytest.raises(Unreadable, match="more than 500 events"):
        words({"in": [*limit["in"], {"id": "last"}]}, **MANY)


@pytest.mark.parametrize("body", [{"in": [{}]}, {"in": [{"id": ""}]}, {"in": [{"id": "x" * 201}]}])
def test_an_event_without_its_id_is_unreadable(body: dict[str, Any]) -> None:
    with pytest.raises(Unreadable):
        words(body, **MANY)


def test_where_no_id_is_told_the_same_body_is_the_same_lead_for_a_day() -> None:
    source = mapped(text_of(events=[{"each": "$[*]", "what": "word", "lead": WORD}]))

    def ids(body: str, **more: Any) -> list[str | None]:
        found = inbound(source, json_post(body, **more))
        return [item.signal.external_id for item in found if isinstance(item, ClientMessage)]

    first, second = ids('["a", "a"]')
    assert first != second
    assert ids('["a", "a"]', received_at=NOON + timedelta(hours=14)) == [first, second]
    assert ids('["a", "a"]', received_at=NOON + timedelta(hours=15)) != [first, second]
    assert ids('["a", "b"]') != [first, second]
    assert ids('["a", "a"]', query="page=2") != [first, second]


def test_what_fits_no_event_is_nothing_or_unreadable_as_told() -> None:
    events = [
        {"when": {"$.e": "a"}, "what": "word", "lead": WORD},
        {"when": {"$.e": "b"}, "what": "nothing"},
    ]
    assert words({"e": "c"}, events=events) == []
    strict = {"events": events, "otherwise": "unreadable"}
    assert words({"e": "b"}, **strict) == []
    with pytest.raises(Unreadable, match="No event of the mapping fits"):
        words({"e": "c"}, **strict)
    with pytest.raises(Unreadable):
        ADAPTER.read(json_post("{"), mapped(text_of(events=events)))


def test_names_of_a_flat_form_may_have_brackets_and_come_twice() -> None:
    lead = {**WORD, "id": "a[id]", "text": "words"}
    source = mapped(text_of(body="form", events=[{"what": "word", "lead": lead}]))
    (word,) = inbound(source, form_post(b"a%5Bid%5D=5&words=one&words=two"))
    assert isinstance(word, ClientMessage)
    assert (word.signal.external_id, word.signal.text) == ("5", "two")


@pytest.mark.parametrize(("pieces", "kept"), [(0, 0), ("0.00", 0), ("0.5", 1), (None, 1)])
def test_nothing_of_an_article_is_no_article(pieces: Any, kept: int) -> None:
    items = {"each": "$.items[*]", "name": "@.name", "quantity": "@.quantity"}
    body = json.dumps({"items": [{"name": "Колодки", "quantity": pieces}]})
    assert len(signal_by({"items": items}, body).items) == kept
