"""Our own format: what each type of event is heard as, and what is refused in words."""

from datetime import UTC, datetime
from decimal import Decimal

import orjson
import pytest
from builders import a_caller
from jsonschema import Draft202012Validator
from webhooks.deliveries import NOON, a_delivery, a_source, is_ignored, payload
from webhooks.signing import SECRET, signed

from service.adapters.delivery import Reply
from service.adapters.inbound_event import CallPhase, CallUpdate, ClientMessage, InboundEvent
from service.adapters.standard.standard_schema import payload_schema
from service.adapters.standard.standard_webhooks import ADAPTER
from service.leads.customer import Customer
from service.leads.errors import FieldMistake, NotAuthentic, Unreadable
from service.leads.lead import Channel, Item, Signal

SOURCE = a_source("standard", secrets={"secret": SECRET})
RECORDED = (
    *("request", "message", "order", "order_changed"),
    *("call_ringing", "call_answered", "call_missed", "call_ended"),
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-06-10T{text}+00:00").astimezone(UTC)


def read(body: bytes, message_id: str = "msg_1") -> list[InboundEvent]:
    delivery = signed(body, message_id=message_id)
    ADAPTER.verify(delivery, SOURCE)
    return list(ADAPTER.read(delivery, SOURCE))


def changed(name: str, **fields: object) -> bytes:
    """A recorded event with fields of its data put in."""
    event = orjson.loads(payload(f"standard/{name}.json"))
    event["data"] |= fields
    return orjson.dumps(event)


def word(body: bytes, message_id: str = "msg_1") -> ClientMessage:
    (inbound,) = read(body, message_id)
    assert isinstance(inbound, ClientMessage)
    return inbound


def why(body: bytes) -> str:
    with pytest.raises(Unreadable) as refused:
        read(body)
    return str(refused.value)


def test_a_request_is_a_lead_as_programs_send_it() -> None:
    signal = Signal(
        queue="main",
        channel=Channel.VIN_REQUEST,
        received_at=at("08:58:30"),
        source="shop",
        external_id="vin-20417",
        customer=Customer("10442", "Ирина Соколова", "+74232022511", "irina@example.ru"),
        text="Нужны передние тормозные колодки, машина стоит на подъёмнике",
        budget=Decimal("12000.00"),
        urgency=0.8,
        vin="XTAGFK330JY144213",
        attributes={"page": "/podbor-po-vin", "city": "Владивосток"},
    )
    assert read(payload("standard/request.json")) == [ClientMessage(signal)]


def test_a_message_without_an_id_of_its_own_has_that_of_the_webhook() -> None:
    signal = Signal(
        queue="main",
        channel=Channel.TELEGRAM,
        received_at=at("08:59:59"),
        source="shop",
        external_id="msg_7",
        customer=Customer(name="Пётр", messengers={"telegram": "1111111"}),
        text="Здравствуйте, есть ли масло 5W-30?",
    )
    assert read(payload("standard/message.json"), "msg_7") == [ClientMessage(signal)]


def test_an_order_has_its_items_and_one_that_was_changed_takes_its_place() -> None:
    created = word(payload("standard/order.json"))
    assert created.signal.items == (
        Item("Колодки тормозные передние", Decimal(2), Decimal("3450.50")),
        Item("Масло моторное 5W-30, 4 л", Decimal(1), Decimal(2890)),
    )
    assert (created.signal.budget, created.signal.paid, created.corrects) == (9791, False, False)
    later = word(payload("standard/order_changed.json"))
    assert later.signal.external_id == created.signal.external_id == "order-1187"
    assert later.signal.received_at > created.signal.received_at
    assert (later.signal.budget, later.signal.paid) == (Decimal("3450.50"), True)
    assert later.corrects


def test_a_change_says_which_order_it_is_of() -> None:
    event = orjson.loads(payload("standard/order_changed.json"))
    del event["data"]["external_id"]
    assert why(orjson.dumps(event)) == (
        "data.external_id: it is not said which order it is. "
        "Send the one by which the order came first."
    )


def call(name: str) -> CallUpdate:
    (inbound,) = read(payload(f"standard/{name}.json"))
    assert isinstance(inbound, CallUpdate)
    return inbound


def test_a_ringing_call_is_a_live_client() -> None:
    signal = Signal(
        queue="main",
        channel=Channel.PHONE,
        received_at=at("08:59:50"),
        source="shop",
        external_id="call:1781081990.17",
        live=True,
        customer=a_caller("+79001234567", "Олег"),
        attributes={"line": "84232022511"},
    )
    assert call("call_ringing") == CallUpdate(signal, CallPhase.RINGING, at("08:59:50"), 0)


def test_news_of_a_call_are_told_in_the_order_in_which_they_were() -> None:
    ringing, answered, ended = (call(f"call_{item}") for item in ("ringing", "answered", "ended"))
    assert (answered.phase, answered.extension, answered.at) == (
        CallPhase.ANSWERED,
        "29",
        at("08:59:55"),
    )
    assert (ended.phase, ended.extension, ended.at) == (CallPhase.TALKED, "29", at("08:59:58"))
    assert ringing.order < answered.order < ended.order
    assert len({item.signal.external_id for item in (ringing, answered, ended)}) == 1
    assert [item.signal.live for item in (ringing, answered, ended)] == [True, True, False]


def test_a_call_that_ended_without_talk_was_missed() -> None:
    (ended,) = read(changed("call_ended", talked=0))
    assert isinstance(ended, CallUpdate)
    assert (ended.phase, ended.extension) == (CallPhase.MISSED, None)
    missed = call("call_missed")
    assert (missed.phase, missed.at) == (CallPhase.MISSED, at("08:59:40"))
    assert missed.signal.customer is None  # his number was hidden
    assert not missed.signal.live


def test_a_number_that_cannot_be_read_is_shown_as_it_was_sent() -> None:
    (inbound,) = read(changed("call_ringing", phone="anonymous"))
    assert isinstance(inbound, CallUpdate)
    assert inbound.signal.customer == Customer(name="Олег")
    assert inbound.signal.attributes == {"line": "84232022511", "number": "anonymous"}


def test_numbers_without_a_country_are_of_the_source_s() -> None:
    source = a_source("standard", secrets={"secret": SECRET}, region="BY")
    delivery = signed(changed("request", customer={"phone": "8 029 123-45-67"}))
    (inbound,) = ADAPTER.read(delivery, source)
    assert isinstance(inbound, ClientMessage)
    assert inbound.signal.customer == Customer(phone="+375291234567")


def test_nothing_was_received_before_it_came() -> None:
    ahead = word(changed("request", received_at="2027-01-01T00:00:00Z"))
    assert ahead.signal.received_at == NOON
    own = word(changed("request", received_at="2026-06-10T08:00:00Z"))
    assert own.signal.received_at == at("08:00:00")
    (late,) = read(changed("call_missed", at="2027-01-01T00:00:00Z"))
    assert isinstance(late, CallUpdate)
    assert late.at == NOON


def test_other_types_are_of_no_interest_whatever_they_hold() -> None:
    assert is_ignored(read(payload("standard/unknown.json")))
    assert is_ignored(read(b'{"type": "lead.request.created.v2", "timestamp": 7}'))


def test_every_field_that_is_wrong_is_named_and_no_value_is() -> None:
    body = changed("request", channel="pigeon", urgency=7, budget="-1", colour="red", text="")
    reported = why(body)
    for field in ("channel", "urgency", "budget", "colour", "text"):
        assert f"data.{field}: " in reported
    assert "pigeon" not in reported
    assert "red" not in reported


def test_mistakes_are_told_in_bounds() -> None:
    many = why(changed("request", **{"x" * 5000 + str(number): 1 for number in range(60)}))
    assert many.count("data.x") == 10
    assert len(many) < 3000


def test_the_queue_and_the_source_are_said_by_the_source_only() -> None:
    reported = why(changed("request", queue="main", source="shop"))
    assert reported == (
        "data.queue: it is the queue of the source of webhooks. Leave it out.; "
        "data.source: it is the source of the source of webhooks. Leave it out."
    )


def test_an_event_changes_no_card() -> None:
    customer = {"external_id": "1", "context": {"class": "vip"}}
    assert why(changed("request", customer=customer)).startswith("data.customer.context: ")


@pytest.mark.parametrize(
    ("body", "sent"),
    [
        (b"", "no JSON that is taken"),
        (b"\xff", "no JSON that is taken"),
        (b"[]", "no JSON object"),
        (b"{}", "type: "),
        (b'{"type": 7}', "type: "),
        (b'{"type": "lead.request.created"}', "data: "),
        (b'{"type": "lead.request.created", "data": []}', "data: an object is expected"),
        (b'{"type": "lead.request.created", "data": {}}', "data.channel: Field required"),
        (b'{"type": "lead.call.ringing", "data": {"call": "1"}}', "data.phone: Field required"),
        (b'{"type": "lead.call.ringing", "data": {"call": 1, "phone": null}}', "data.call: "),
        (b'{"type": "lead.call.missed", "timestamp": 1, "data": {}}', "timestamp: "),
    ],
)
def test_what_is_not_understood_is_unreadable(body: bytes, sent: str) -> None:
    assert sent in why(body)


@pytest.mark.parametrize("talked", [True, "95", -1, None])
def test_how_long_they_talked_is_seconds(talked: object) -> None:
    assert "data.talked: " in why(changed("call_ended", talked=talked))


def test_a_whole_call_is_named_by_an_id_that_fits() -> None:
    (inbound,) = read(changed("call_missed", call="1" * 190))
    assert isinstance(inbound, CallUpdate)
    assert len(inbound.signal.external_id or "") <= 200
    assert "data.call: " in why(changed("call_missed", call="1" * 191))


def test_a_delivery_is_known_again_by_the_id_of_its_message() -> None:
    assert ADAPTER.once(signed(b"{}", message_id="msg_9"), SOURCE) == "msg_9"
    assert ADAPTER.once(signed(b"{}", message_id="msg_9", family="svix"), SOURCE) == "msg_9"
    assert ADAPTER.once(a_delivery(b"{}"), SOURCE) is None


def test_what_is_kept_of_the_headers_is_enough_to_read_by() -> None:
    for family in ("webhook", "svix"):
        whole = signed(payload("standard/message.json"), message_id="msg_7", family=family)
        saved = {name: value for name, value in whole.headers if name in ADAPTER.stored_headers}
        stored = a_delivery(whole.body, {"content-type": "application/json", **saved})
        assert ADAPTER.read(stored, SOURCE) == ADAPTER.read(whole, SOURCE)
        assert not any(name.endswith("signature") for name in saved)


def test_a_sender_of_cloud_events_is_allowed_to_post() -> None:
    asked = a_delivery(b"", {"WebHook-Request-Origin": "eventemitter.example"}, method="OPTIONS")
    allowed = {"Allow": "POST", "WebHook-Allowed-Origin": "*", "WebHook-Allowed-Rate": "*"}
    assert ADAPTER.greet(asked, SOURCE) == Reply(200, b"", headers=allowed)
    with pytest.raises(NotAuthentic):
        ADAPTER.greet(a_delivery(b"", method="OPTIONS"), SOURCE)
    assert ADAPTER.greet(signed(b"{}"), SOURCE) is None


def test_wrong_secrets_are_told_when_they_are_given() -> None:
    assert ADAPTER.check_secrets({"secret": SECRET}) == []
    assert [secret.field for secret in ADAPTER.check_secrets({"secret": "whsec_"})] == ["secret"]
    wrong = ADAPTER.check_secrets({"secret": "whpk_AAAA"})
    assert isinstance(wrong[0], FieldMistake)


@pytest.mark.parametrize("name", RECORDED)
def test_recorded_events_fit_the_published_schema(name: str) -> None:
    schema = payload_schema()
    Draft202012Validator.check_schema(schema)
    event = orjson.loads(payload(f"standard/{name}.json"))
    validator = Draft202012Validator(schema)
    assert [error.message for error in validator.iter_errors(event)] == []
    event["data"]["nobody_knows"] = 1
    assert not validator.is_valid(event)


def test_the_published_schema_refuses_what_reading_refuses() -> None:
    validator = Draft202012Validator(payload_schema())
    for field in ("queue", "source"):
        assert not validator.is_valid(orjson.loads(changed("request", **{field: "main"})))
    event = orjson.loads(payload("standard/order_changed.json"))
    del event["data"]["external_id"]
    assert not validator.is_valid(event)
    assert not validator.is_valid(orjson.loads(changed("request", customer={"context": {}})))
    assert "ContextIn" not in payload_schema()["$defs"]


def a_request(**data: object) -> Signal:
    event = {"type": "lead.message.received", "timestamp": "2026-06-10T08:00:00Z", "data": data}
    delivery = a_delivery(orjson.dumps(event), {"webhook-id": "msg_1"})
    (found,) = ADAPTER.read(delivery, SOURCE)
    assert isinstance(found, ClientMessage)
    return found.signal


def test_a_telephone_field_is_read_as_any_sender_s_is() -> None:
    field = "8 914 700-12-13; 8 914 700-12-14 (жена)"
    signal = a_request(channel="landing_form", customer={"phone": field}, text="фара")
    assert signal.customer is not None
    assert (signal.customer.phone, signal.customer.phones) == ("+79147001213", ("+79147001214",))
    assert signal.text == f"фара\n{field}"


def test_a_mail_is_read_without_what_it_quotes() -> None:
    quoted = "Беру\n\n11.06.2026 09:30, Магазин пишет:\n> Звоните 8 495 123-45-67"
    assert a_request(channel="email", text=quoted).text == "Беру"
