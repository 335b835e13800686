"""What looks odd and is good is taken, and answered as it was sent."""

import json
from typing import Any

import httpx
import pytest
from doors import post_raw, seen

from service.api.leads.lead_answers import ExplainedLeadOut, LeadOut
from service.leads.lead import Channel, Intent, Kind
from service.strict_json import MAX_DEPTH

SAME: list[tuple[str, Any]] = [
    ("text", "🚗🔧👩‍🔧🇷🇺 \U0001f9ff"),
    ("text", "שלום, אני צריך רפידות בלם"),
    ("text", "\u202eطلب قطع غيار\u202c"),
    ("text", "е\u0308лка, e\u0301te\u0301, Z\u0351\u036b\u0343\u036a"),
    ("text", "ф" * 8000),
    ("text", "\U00020000" * 8000),
    ("text", "'; DROP TABLE leads; --"),
    ("text", "<script>alert('5')</script> ${jndi:x} {{7*7}} %s %n"),
    ("text", "tab\tand\r\nline break\u2028\u2029\x1b\x7f"),
    ("text", "\ufeff\uffff\ufffd"),
    ("text", "\\u0000"),
    ("text", '\\"[[[[{{{{'),
    ("text", "[" * 100),
    ("text", "null"),
    ("source", "Wazzup / 24 «чаты»"),
    ("external_id", "b3c1:№ 5|{main}*?[a]"),
    ("external_id", "🚗" * 200),
    ("vin", "XTA21099"),
    ("urgency", 0),
    ("urgency", 1),
    ("urgency", 0.1 + 0.2),
    ("urgency", 5e-324),
    ("live", True),
    ("live", False),
    ("paid", True),
    ("items", []),
    ("attributes", {}),
    ("attributes", {"": None, " ": [], "\\u0000": "\\u0000", "ключ": {"🚗": [1, "2", 3.5, True]}}),
    ("attributes", {"greatest": 2**64 - 1, "least": -(2**63), "exact": 9007199254740993}),
    ("attributes", {"digits": "1" * 100, "small": 0.1, "large": 1.5e300, "tiny": 5e-324}),
    ("attributes", {"body": {"query": {"path": 1}}, "__proto__": {"x": 1}, "$ref": "#/"}),
    ("attributes", {"x" * 5000: "y"}),
]


async def post_and_see(door: httpx.AsyncClient, body: str) -> dict[str, Any]:
    """The lead of a body; its answer has the promised shape, and it stays as it was answered."""
    answer = await post_raw(door, "/v1/leads", body.encode())
    assert answer.status_code == 201, answer.text
    ExplainedLeadOut.model_validate_json(answer.content)
    lead: dict[str, Any] = answer.json()
    LeadOut.model_validate(found := await seen(door, lead))
    assert {**found, "explanation": lead["explanation"]} == lead
    return lead


def chat(**stated: Any) -> str:
    return json.dumps({"channel": "whatsapp", **stated}, ensure_ascii=False)


@pytest.mark.parametrize(("field", "value"), SAME, ids=lambda stated: str(stated)[:30])
async def test_it_is_answered_as_it_was_sent(
    door: httpx.AsyncClient, field: str, value: Any
) -> None:
    lead = await post_and_see(door, chat(**{field: value}))
    assert lead[field] == value


@pytest.mark.parametrize(
    ("sent", "answered"),
    [
        *[("5000", "5000.00"), ('"5000"', "5000.00"), ("5000.5", "5000.50")],
        *[("0", "0.00"), ('"0.00"', "0.00"), ("-0.0", "0.00"), ('"-0"', "0.00"), ("0.1", "0.10")],
        *[('"0E+9"', "0.00"), ('"0e-2"', "0.00"), ("5e3", "5000.00")],
        *[("1000000000", "1000000000.00"), ('"999999999.99"', "999999999.99"), ("null", None)],
    ],
)
async def test_money_is_answered_with_two_digits(
    door: httpx.AsyncClient, sent: str, answered: str | None
) -> None:
    lead = await post_and_see(door, f'{{"channel": "whatsapp", "budget": {sent}}}')
    assert lead["budget"] == answered
    if answered is not None:
        assert lead["explanation"]["budget"] == {
            "value": answered,
            "source": "stated",
            "rule": "A1",
            "title": "Leads differ in kind, chance, budget and urgency.",
        }


@pytest.mark.parametrize(
    ("sent", "answered"),
    [
        ("2026-06-10T12:00:00+03:00", "2026-06-10T09:00:00Z"),
        ("2026-06-10T12:00:00.5+03:00", "2026-06-10T09:00:00.500000Z"),
        ("2026-06-10T12:04:59.999999999+03:00", "2026-06-10T09:04:59.999999Z"),
        ("2026-06-10T09:05:00Z", "2026-06-10T09:05:00Z"),
        ("2026-06-10t09:00z", "2026-06-10T09:00:00Z"),
        ("2026-06-10 09:00:00-00:00", "2026-06-10T09:00:00Z"),
        ("2026-06-09T19:15:00-1345", "2026-06-10T09:00:00Z"),
        ("2000-01-01T00:00:00Z", "2000-01-01T00:00:00Z"),
        ("2024-02-29T23:59:59+14:00", "2024-02-29T09:59:59Z"),
    ],
)
async def test_times_are_answered_in_utc(door: httpx.AsyncClient, sent: str, answered: str) -> None:
    lead = await post_and_see(door, chat(received_at=sent))
    assert lead["received_at"] == answered


@pytest.mark.parametrize(
    ("sent", "minutes"),
    [
        ("2031-06-09T09:00:00Z", 10080),
        ("2026-06-10T10:40:00Z", 100),
        ("2026-06-10T09:00:30Z", 1),
        ("2000-01-01T00:00:00Z", 1),
    ],
)
async def test_what_is_needed_soon_has_little_patience(
    door: httpx.AsyncClient, sent: str, minutes: float
) -> None:
    lead = await post_and_see(door, chat(needed_by=sent))
    assert lead["needed_by"] == sent
    assert lead["explanation"]["urgency"]["source"] == "needed_by"
    assert lead["explanation"]["patience_minutes"] == pytest.approx(minutes)


@pytest.mark.parametrize(
    ("sent", "quantity"),
    [
        *[("0.5", "0.5"), ('"0.5"', "0.5"), ("0.001", "0.001"), ("2", "2"), ('"1e5"', "100000")],
        *[("100000", "100000"), ('"1E-3"', "0.001")],
    ],
)
async def test_parts_of_a_piece_can_be_wanted(
    door: httpx.AsyncClient, sent: str, quantity: str
) -> None:
    items = f'[{{"name": "oil", "quantity": {sent}, "price": 100}}]'
    lead = await post_and_see(door, f'{{"channel": "whatsapp", "items": {items}}}')
    assert lead["items"] == [
        {"name": "oil", "quantity": quantity, "price": "100.00", "currency": None}
    ]
    assert float(lead["explanation"]["budget"]["value"]) == round(float(quantity) * 100, 2)


async def test_an_item_is_one_piece_unless_said(door: httpx.AsyncClient) -> None:
    lead = await post_and_see(door, chat(items=[{"name": " Ъъъ-1 "}]))
    assert lead["items"] == [{"name": "Ъъъ-1", "quantity": "1", "price": None, "currency": None}]
    assert lead["explanation"]["budget"]["source"] == "usual bill of chat"


async def test_two_hundred_items_and_sixty_four_attributes_are_taken(
    door: httpx.AsyncClient,
) -> None:
    items = [{"name": f"part {number}", "price": "1000000000"} for number in range(200)]
    attributes = {f"a{number}": number for number in range(64)}
    lead = await post_and_see(door, chat(items=items, attributes=attributes))
    assert len(lead["items"]) == 200
    assert lead["attributes"] == attributes
    assert lead["explanation"]["budget"]["value"] == "200000000000.00"


async def test_attributes_may_be_as_deep_as_a_body(door: httpx.AsyncClient) -> None:
    deepest: Any = 1
    for _ in range(MAX_DEPTH - 1):
        deepest = {"a": deepest}
    lead = await post_and_see(door, chat(attributes=deepest))
    assert lead["attributes"] == deepest


async def test_a_client_is_answered_as_he_was_told_of(door: httpx.AsyncClient) -> None:
    customer = {
        "external_id": "c/1 №5",
        "name": "Ирина 🚗",
        "phone": "+7 (916) 123-45-67 доб. 5",
        "email": "ирина@пример.рф",
        "messengers": {"vk": "id1", "telegram": "@irina"},
    }
    lead = await post_and_see(door, chat(customer=customer))
    found = {"phone": "+79161234567", "phones": [], "mentioned": [], "recognised": None}
    assert lead["customer"] == {**customer, **found}


@pytest.mark.parametrize("customer", [{}, {"name": "Olga"}, {"messengers": {}}])
async def test_little_may_be_known_of_a_client(
    door: httpx.AsyncClient, customer: dict[str, Any]
) -> None:
    unknown = dict.fromkeys(("external_id", "name", "phone", "email", "messengers"))
    lead = await post_and_see(door, chat(customer=customer))
    found = {"phones": [], "mentioned": [], "recognised": None}
    assert lead["customer"] == {**unknown, **customer, **found}


async def test_blanks_around_words_are_left_out(door: httpx.AsyncClient) -> None:
    lead = await post_and_see(door, chat(text=" \u00a0pads\n", source=" wazzup "))
    assert (lead["text"], lead["source"]) == ("pads", "wazzup")


async def test_what_is_not_said_is_null(door: httpx.AsyncClient) -> None:
    lead = await post_and_see(door, '{"channel": "email"}')
    silent = ("external_id", "customer", "text", "budget", "urgency", "needed_by", "vin")
    later = ("attributes", "claim", "parked_until", "outcome", "reason", "amount", "note")
    assert {lead[name] for name in (*silent, *later, "settled_at", "settled_by")} == {None}
    assert (lead["queue"], lead["source"], lead["intent"]) == ("main", "door", "sale")
    assert (lead["items"], lead["paid"], lead["live"], lead["version"]) == ([], False, False, 1)


async def test_null_is_the_same_as_nothing_said(door: httpx.AsyncClient) -> None:
    names = ("kind", "external_id", "received_at", "live", "customer", "text", "budget")
    more = ("urgency", "needed_by", "vin", "attributes")
    lead = await post_and_see(door, chat(**dict.fromkeys((*names, *more))))
    plain = await post_and_see(door, chat())
    own = ("id", "explanation")
    assert {**lead, **{name: plain[name] for name in own}} == plain


@pytest.mark.parametrize("channel", Channel)
async def test_every_channel_brings_a_lead(door: httpx.AsyncClient, channel: Channel) -> None:
    lead = await post_and_see(door, chat(channel=channel))
    assert lead["channel"] == channel
    assert lead["live"] == (channel in ("walk_in", "phone"))


@pytest.mark.parametrize("kind", Kind)
async def test_a_kind_that_is_said_counts(door: httpx.AsyncClient, kind: Kind) -> None:
    lead = await post_and_see(door, chat(kind=kind, live=True))
    assert lead["kind"] == kind
    assert lead["explanation"]["stage"] == {
        "value": lead["stage"],
        "source": f"kind {kind}",
        "rule": "A2",
        "title": "Kinds of leads go in a fixed order, from the office to registrations.",
    }


@pytest.mark.parametrize("intent", Intent)
async def test_every_intent_is_taken(door: httpx.AsyncClient, intent: Intent) -> None:
    lead = await post_and_see(door, chat(intent=intent))
    assert lead["intent"] == intent


async def test_the_last_of_two_equal_names_counts(door: httpx.AsyncClient) -> None:
    lead = await post_and_see(door, '{"channel": "vk", "text": "a", "text": "b"}')
    assert lead["text"] == "b"
