"""CloudEvents over HTTP: in a body, in a batch, in headers."""

import base64

import orjson
import pytest
from webhooks.deliveries import a_source, is_ignored, payload
from webhooks.signing import SECRET, signed

from service.adapters.delivery import Delivery
from service.adapters.ignored import IgnoredReason, PutAside
from service.adapters.inbound_event import CallPhase, CallUpdate, ClientMessage, InboundEvent
from service.adapters.standard.cloud_events import header_text
from service.adapters.standard.standard_webhooks import ADAPTER
from service.leads.customer import Customer
from service.leads.errors import Unreadable
from service.leads.lead import Channel

SOURCE = a_source("standard", secrets={"secret": SECRET})
STRUCTURED = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
IN_HEADERS = {
    "ce-specversion": "1.0",
    "ce-id": "A234",
    "ce-source": "/shop/mail",
    "ce-type": "lead.request.created",
    "ce-time": "2026-06-10T08:56:00Z",
    "ce-subject": "whatever",
}


def read(delivery: Delivery) -> list[InboundEvent]:
    ADAPTER.verify(delivery, SOURCE)
    return list(ADAPTER.read(delivery, SOURCE))


def structured(body: bytes, media_type: str = STRUCTURED) -> list[InboundEvent]:
    return read(signed(body, media_type=f"{media_type}; charset=UTF-8"))


def changed(**attributes: object) -> bytes:
    event = orjson.loads(payload("standard/cloud_structured.json")) | attributes
    return orjson.dumps({name: value for name, value in event.items() if value is not None})


def in_headers(**more: str) -> list[InboundEvent]:
    sent = {**IN_HEADERS, **{f"ce-{name}": value for name, value in more.items()}}
    return read(signed(payload("standard/cloud_binary.json"), sent))


def word(inbound: list[InboundEvent]) -> ClientMessage:
    (one,) = inbound
    assert isinstance(one, ClientMessage)
    return one


def test_an_event_in_the_body_is_known_by_its_source_and_id() -> None:
    signal = word(structured(payload("standard/cloud_structured.json"))).signal
    assert signal.external_id == "/shop/site A234-1234-1234"
    assert (signal.channel, signal.source, signal.queue) == (Channel.LANDING_FORM, "shop", "main")
    assert signal.customer == Customer(phone="+79001234567")
    assert signal.received_at.isoformat() == "2026-06-10T08:58:00+00:00"


def test_an_id_of_its_own_in_the_data_comes_first() -> None:
    data = {"channel": "landing_form", "external_id": "form-1"}
    assert word(structured(changed(data=data))).signal.external_id == "form-1"


def test_a_long_source_and_id_are_known_by_their_digest() -> None:
    signals = [word(structured(changed(source="/" + "s" * 300, id=name))).signal for name in "aba"]
    first, second, third = (signal.external_id or "" for signal in signals)
    assert first == third != second
    assert first.startswith("sha256:")
    assert len(first) <= 200


def test_each_event_of_a_batch_is_heard_and_others_are_left_aside() -> None:
    message, other, call = structured(payload("standard/cloud_batch.json"), BATCH)
    assert is_ignored([other], IgnoredReason.OTHER_EVENT)
    assert isinstance(message, ClientMessage)
    assert isinstance(call, CallUpdate)
    assert message.signal.external_id == "/shop/chat 1"
    assert (call.phase, call.signal.external_id) == (CallPhase.MISSED, "call:77")
    assert structured(b"[]", BATCH) == []


def test_a_batch_is_bounded_and_says_which_of_it_is_wrong() -> None:
    event = orjson.loads(payload("standard/cloud_structured.json"))
    assert len(structured(orjson.dumps([event] * 100), BATCH)) == 100
    with pytest.raises(Unreadable, match="at most 100"):
        structured(orjson.dumps([event] * 101), BATCH)
    wrong = {**event, "data": {"channel": "pigeon"}}
    for other, place in ((wrong, "1.data.channel: "), ({**event, "id": ""}, "1.id: ")):
        read_one, aside = structured(orjson.dumps([event, other]), BATCH)
        assert isinstance(read_one, ClientMessage)
        assert isinstance(aside, PutAside)
        assert place in aside.reason
        with pytest.raises(Unreadable, match=r"0\."):
            structured(orjson.dumps([other, other]), BATCH)


def test_the_conformance_suite_s_own_event_is_of_no_interest() -> None:
    assert is_ignored(structured(payload("standard/cloud_conformance.json")))
    sent = {
        "ce-specversion": "1.0",
        "ce-type": "com.example.someevent",
        "ce-time": "2018-04-05T03:56:24Z",
        "ce-id": "1234-1234-1234",
        "ce-source": "/mycontext/subcontext",
    }
    assert is_ignored(read(signed(b"<xml/>", sent, media_type="application/xml")))


def test_an_event_in_headers_has_its_data_in_the_body() -> None:
    signal = word(in_headers()).signal
    assert signal.external_id == "/shop/mail A234"
    assert (signal.channel, signal.text) == (Channel.EMAIL, "Пришлите счёт")
    assert signal.received_at.isoformat() == "2026-06-10T08:56:00+00:00"
    assert word(in_headers(id='"A%20234"')).signal.external_id == "/shop/mail A 234"


@pytest.mark.parametrize("missing", ["specversion", "id", "source", "type"])
def test_an_event_says_what_it_is(missing: str) -> None:
    with pytest.raises(Unreadable, match=missing):
        structured(changed(**{missing: None}))
    sent = {name: value for name, value in IN_HEADERS.items() if name != f"ce-{missing}"}
    with pytest.raises(Unreadable, match=missing):
        read(signed(payload("standard/cloud_binary.json"), sent))


@pytest.mark.parametrize(
    "wrong",
    [
        {"specversion": "0.3"},
        {"source": "with blanks"},
        {"id": "a\nb"},
        {"id": 7},
        {"time": "yesterday"},
        {"datacontenttype": "text/xml"},
        {"data": "text"},
        {"data": None},
        {"data": None, "data_base64": "%"},
        {"data": None, "data_base64": 7},
        {"data": None, "data_base64": "AAAA"},
    ],
)
def test_an_event_that_is_not_understood_is_unreadable(wrong: dict[str, object]) -> None:
    with pytest.raises(Unreadable):
        structured(changed(**wrong))


def test_other_formats_of_events_are_not_read() -> None:
    with pytest.raises(Unreadable, match="only JSON"):
        structured(b"", "application/cloudevents+avro")
    with pytest.raises(Unreadable):
        structured(payload("standard/cloud_structured.json"), BATCH)
    with pytest.raises(Unreadable, match="not JSON"):
        read(signed(b"<xml/>", IN_HEADERS, media_type="application/xml"))


def test_data_may_be_in_base64() -> None:
    encoded = base64.b64encode(payload("standard/cloud_binary.json")).decode()
    assert word(structured(changed(data=None, data_base64=encoded))).signal.text == "Пришлите счёт"


@pytest.mark.parametrize(
    ("in_header", "meant"),
    [
        ("Euro%20%E2%82%AC%20%F0%9F%98%80", "Euro € 😀"),
        ('"Euro%20%E2%82%AC%20%F0%9F%98%80"', "Euro € 😀"),
        ("plain", "plain"),
        (r'"say \"yes\""', 'say "yes"'),
        ("100%25", "100%"),
        ("%2541", "%41"),  # decoded once
        ('"', '"'),
    ],
)
def test_attributes_in_headers_are_decoded_once(in_header: str, meant: str) -> None:
    assert header_text(in_header) == meant


@pytest.mark.parametrize("broken", ["%C0%A0", "%E2%82", "%zz", "%", "€", "caf\xe9", "a\x00"])
def test_attributes_in_headers_that_are_not_encoded_are_refused(broken: str) -> None:
    with pytest.raises(Unreadable):
        header_text(broken)


def test_a_header_that_came_twice_says_nothing() -> None:
    delivery = signed(payload("standard/cloud_binary.json"), IN_HEADERS)
    headers = (*delivery.headers, ("ce-type", "com.example"))
    twice = Delivery("POST", delivery.body, delivery.received_at, headers)
    with pytest.raises(Unreadable, match="type"):
        read(twice)


def test_a_nul_in_a_header_reaches_nobody() -> None:
    with pytest.raises(Unreadable):
        in_headers(id="a%00b")
