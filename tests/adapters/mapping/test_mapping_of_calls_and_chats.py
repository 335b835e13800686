"""The shipped mappings of telephony and messengers: MegaFon, UIS, Wazzup24, GREEN-API, Avito."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

import pytest
from builders import a_caller
from webhooks.deliveries import NOON, flipped, is_ignored, payload
from webhooks.mapping_builders import form_post, inbound, json_post, shipped
from webhooks.proofs import only_its_header_opens, refuse

from service.adapters.delivery import JSON, TEXT, Delivery, Reply
from service.adapters.ignored import Ignored, IgnoredReason
from service.adapters.inbound_event import (
    CallPhase,
    CallUpdate,
    ClientMessage,
    InboundEvent,
    OwnAnswer,
)
from service.adapters.mapping.adapter import ADAPTER
from service.leads.customer import Customer
from service.leads.errors import NotAuthentic, Unreadable
from service.leads.lead import Channel, Signal

CALLER = a_caller("+79001234567")
MEGAFON = shipped("megafon", secrets={"secret": ("newer", "S3cretT0ken")})
NO_SECONDS = NOON - timedelta(minutes=1)


def signal(channel: Channel, external_id: str, at: datetime = NOON, **more: Any) -> Signal:
    return Signal("main", channel, at, source="shop", external_id=external_id, **more)


def megafon(name: str) -> Delivery:
    return form_post(payload(f"mapping_megafon/{name}.form"))


def test_megafon_proves_itself_by_its_token() -> None:
    delivery = megafon("incoming")
    ADAPTER.verify(delivery, MEGAFON)
    form = dict(parse_qsl(delivery.body.decode()))
    token = form["crm_token"].encode()
    for wrong in [*(flipped(token, place).decode() for place in range(len(token))), "", "S3cret"]:
        refuse(ADAPTER, form_post({**form, "crm_token": wrong}), MEGAFON)
    del form["crm_token"]
    refuse(ADAPTER, form_post(form), MEGAFON)
    refuse(ADAPTER, delivery, shipped("megafon"))


def test_megafon_asks_who_calls_and_is_told_nothing_of_clients() -> None:
    expected = Reply(200, b'{"contact_name": "", "responsible": ""}', JSON)
    assert ADAPTER.greet(megafon("contact"), MEGAFON) == expected
    with pytest.raises(NotAuthentic):
        ADAPTER.greet(megafon("contact"), shipped("megafon", secrets={"secret": "other"}))
    assert ADAPTER.greet(megafon("incoming"), MEGAFON) is None


def test_a_call_to_megafon_rings_and_is_answered() -> None:
    (ringing,) = inbound(MEGAFON, megafon("incoming"))
    attributes = {"line": "74951234567", "group": "Продажи"}
    call = signal(
        *(Channel.PHONE, "call:5a5e2b87-3b0c-4b77"),
        live=True,
        customer=CALLER,
        attributes=attributes,
    )
    assert ringing == CallUpdate(call, CallPhase.RINGING, NOON)
    (answered,) = inbound(MEGAFON, megafon("accepted"))
    assert isinstance(answered, CallUpdate)
    assert (answered.phase, answered.extension) == (CallPhase.ANSWERED, "701")
    assert not answered.opens
    assert answered.order > ringing.order


def test_only_the_history_of_megafon_tells_how_a_call_ended() -> None:
    (missed,) = inbound(MEGAFON, megafon("history_missed"))
    assert isinstance(missed, CallUpdate)
    assert (missed.phase, missed.at, missed.opens) == (CallPhase.MISSED, NOON, True)
    assert missed.signal.received_at == NO_SECONDS
    assert (missed.signal.live, missed.signal.customer) == (False, CALLER)
    (talked,) = inbound(MEGAFON, megafon("history_success"))
    assert isinstance(talked, CallUpdate)
    assert (talked.phase, talked.extension) == (CallPhase.TALKED, "701")
    assert talked.signal.external_id == missed.signal.external_id
    for name in ("cancelled", "outgoing", "history_out"):
        assert is_ignored(inbound(MEGAFON, megafon(name)))
    with pytest.raises(Unreadable):
        ADAPTER.read(form_post({"cmd": "rating", "crm_token": "newer"}), MEGAFON)


def uis(name: str, **changed: str) -> list[InboundEvent]:
    body = payload(f"mapping_uis/{name}.json").decode()
    for old, new in changed.items():
        body = body.replace(old, new)
    return inbound(shipped("uis"), json_post(body))


@pytest.mark.parametrize(
    ("name", "phase", "seconds", "extension"),
    [
        ("ringing", CallPhase.RINGING, 30, None),
        ("answered", CallPhase.ANSWERED, 19, "Иванова Анна"),
        ("missed", CallPhase.MISSED, 5, None),
        ("talked", CallPhase.TALKED, 1, "Иванова Анна"),
    ],
)
def test_calls_of_uis_have_our_own_phases(
    name: str, phase: CallPhase, seconds: int, extension: str | None
) -> None:
    (call,) = uis(name)
    assert isinstance(call, CallUpdate)
    assert (call.phase, call.extension) == (phase, extension)
    assert call.at == NOON - timedelta(seconds=seconds)
    assert call.signal.external_id == "call:2233445566"
    assert call.signal.customer == a_caller("+79001234567", "Иван Петров")


def test_a_call_of_uis_in_which_nobody_talked_was_missed() -> None:
    (call,) = uis("talked", **{'"73"': '"0"'})
    assert isinstance(call, CallUpdate)
    assert (call.phase, call.extension) == (CallPhase.MISSED, None)
    assert is_ignored(uis("talked", **{'"in"': '"out"'}))


def test_chats_and_requests_of_uis_are_words() -> None:
    (chat,) = uis("chat")
    assert chat == ClientMessage(
        signal(
            *(Channel.SITE_CHAT, "chat:778899", NOON - timedelta(minutes=2)),
            customer=Customer(name="Ольга", messengers={"uis": "1029384756"}),
            text="Есть фары на Rio? Мой номер 8 900 123-45-67",
            attributes={"site": "autoparts.example", "page": "https://autoparts.example/rio"},
        )
    )
    (request,) = uis("request")
    assert isinstance(request, ClientMessage)
    assert (request.signal.channel, request.signal.external_id) == (
        "landing_form",
        "request:778900",
    )
    with pytest.raises(Unreadable):
        uis("request", **{'"request"': '"{{notification_mnemonic}}"'})


def wazzup(name: str, **headers: str) -> Delivery:
    return json_post(payload(f"mapping_wazzup24/{name}.json"), headers)


def test_wazzup_is_asked_for_its_key_only_when_there_is_one() -> None:
    with_key = shipped("wazzup24", secrets={"secret": "crm-key"})
    only_its_header_opens(
        ADAPTER, wazzup("messages", authorization="Bearer crm-key"), with_key, "authorization"
    )
    ADAPTER.verify(wazzup("messages"), shipped("wazzup24"))
    for source in (with_key, shipped("wazzup24")):
        assert ADAPTER.greet(wazzup("test"), source) == Reply(200, b"", TEXT)
        assert ADAPTER.greet(wazzup("messages"), source) is None


def test_wazzup_brings_many_messages_and_only_clients_are_heard() -> None:
    found = inbound(shipped("wazzup24"), wazzup("messages"))
    ivan, hans, petr = (event for event in found if isinstance(event, ClientMessage))
    (answer,) = (event for event in found if isinstance(event, OwnAnswer))
    assert answer.customer.messengers == {"whatsapp": "79001234567"}
    (group, _) = (event.reason for event in found if isinstance(event, Ignored))
    assert group is IgnoredReason.GROUP_CHAT
    at = datetime(2026, 6, 10, 8, 59, 10, 123000, tzinfo=UTC)
    assert ivan == ClientMessage(
        signal(
            *(Channel.WHATSAPP, "6a2087e8-e0fb-4c3d-a63e-d43a2d0d3d3d", at),
            customer=Customer(None, "Иван", "+79001234567", None, {"whatsapp": "79001234567"}),
            text="Здравствуйте, есть радиатор?",
            attributes={"channel": "b96a353e-9a16-4a0d-8e16-2a1f0a9c8d7e"},
        )
    )
    assert (hans.signal.text, hans.signal.customer) == (
        "[photo]",
        Customer(None, "Hans", "+4915112345678", None, {"whatsapp": "4915112345678"}),
    )
    assert petr.signal.channel is Channel.TELEGRAM
    assert petr.signal.customer == Customer(
        None, "Пётр", None, None, {"wazzup": "telegram:987654321"}
    )
    assert is_ignored(inbound(shipped("wazzup24"), wazzup("statuses")), IgnoredReason.STATUS)


def green(name: str) -> Delivery:
    return json_post(payload(f"mapping_green_api/{name}.json"), {"authorization": "Bearer t0k"})


def test_green_api_proves_itself_by_the_literal_header() -> None:
    for literal in ("Bearer t0k", "Basic t0k", "t0k"):
        source = shipped("green_api", secrets={"secret": literal})
        delivery = json_post(payload("mapping_green_api/text.json"), {"authorization": literal})
        only_its_header_opens(ADAPTER, delivery, source, "authorization")


def test_messages_of_green_api_are_whatsapp_of_a_telephone() -> None:
    (text,) = inbound(shipped("green_api"), green("text"))
    assert text == ClientMessage(
        signal(
            *(Channel.WHATSAPP, "F7AEC1B7086ECDC7E6E45923F5EDB825", NO_SECONDS),
            customer=Customer(None, "Иван П.", "+79001234568", None, {"whatsapp": "79001234568"}),
            text="Сколько стоит генератор?",
            attributes={"instance": "1234"},
        )
    )
    texts = [
        item.signal.text
        for name in ("quoted", "photo")
        for item in inbound(shipped("green_api"), green(name))
        if isinstance(item, ClientMessage)
    ]
    assert texts == ["А этот?", "[photo]"]
    assert is_ignored(inbound(shipped("green_api"), green("group")), IgnoredReason.GROUP_CHAT)
    assert is_ignored(inbound(shipped("green_api"), green("status")), IgnoredReason.STATUS)


def avito(name: str) -> list[InboundEvent]:
    return inbound(shipped("avito"), json_post(payload(f"mapping_avito/{name}.json")))


def test_messages_of_avito_are_the_buyers_only() -> None:
    (text,) = avito("text")
    assert text == ClientMessage(
        signal(
            *(Channel.SITE_CHAT, "a6d3f1b2c4", NO_SECONDS),
            customer=Customer(messengers={"avito": "66010203"}),
            text="Фара ещё продаётся? 89001234567",
            attributes={
                "marketplace": "Avito",
                "item": "1853257996",
                "chat": "u2i-abc~123",
                "account": "94235311",
            },
        )
    )
    (photo,) = avito("photo")
    assert isinstance(photo, ClientMessage)
    assert (photo.signal.text, photo.signal.external_id) == ("[photo]", "a6d3f1b2c5")
    assert is_ignored(avito("own"), IgnoredReason.OUR_SIDE)
    assert is_ignored(avito("system"), IgnoredReason.SERVICE_MESSAGE)
