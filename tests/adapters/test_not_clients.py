"""Filters name what is no client: a new form of an id, a chat or a call is a client's."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from webhooks.deliveries import a_delivery, a_source, is_ignored
from webhooks.mapping_builders import inbound, json_post, shipped

from service.adapters.ignored import IgnoredReason
from service.adapters.inbound_event import CallUpdate, ClientMessage, InboundEvent, OwnAnswer
from service.adapters.registry import ADAPTERS


def by(adapter: str, body: Any, **options: str) -> list[InboundEvent]:
    source = a_source(adapter, options=options)
    return list(ADAPTERS[adapter].read(a_delivery(json.dumps(body).encode()), source))


def by_form(adapter: str, **fields: str) -> list[InboundEvent]:
    headers = {"content-type": "application/x-www-form-urlencoded"}
    delivery = a_delivery(urlencode(fields).encode(), headers)
    return list(ADAPTERS[adapter].read(delivery, a_source(adapter)))


def green(kind: str, data: dict[str, Any], **more: Any) -> list[InboundEvent]:
    body = {
        "typeWebhook": "incomingMessageReceived",
        "idMessage": "A1",
        "timestamp": 1781000000,
        "senderData": {"chatId": "79147001213@c.us"},
        "messageData": {"typeMessage": kind, **data},
        **more,
    }
    return list(inbound(shipped("green_api"), json_post(json.dumps(body))))


def to_a_channel(sender: int, **more: Any) -> list[InboundEvent]:
    message = {
        "message_id": 3,
        "date": 1781000000,
        "chat": {"id": -1007, "type": "supergroup", "is_direct_messages": True},
        "direct_messages_topic": {"topic_id": 55, "user": {"id": 55}},
        "from": {"id": sender, "first_name": "Пётр"},
        "text": "Нужен бампер",
        **more,
    }
    return by("telegram", {"update_id": 8, "message": message})


def test_who_writes_to_a_channel_of_telegram_in_its_direct_messages_is_a_client() -> None:
    (event,) = to_a_channel(55)
    assert isinstance(event, ClientMessage)
    assert event.signal.customer is not None
    assert event.signal.customer.messengers == {"telegram": "55"}
    assert is_ignored(to_a_channel(56), IgnoredReason.OUR_SIDE)
    assert is_ignored(to_a_channel(55, chat={"id": -1, "type": "supergroup"}))


def test_a_list_of_what_is_needed_opens_with_its_words() -> None:
    goods = {
        "title": "К субботе",
        "tasks": [{"id": 1, "text": "бампер"}, {"id": 2, "text": "фара"}],
    }
    chat = {"id": 55, "type": "private"}
    message = {"message_id": 3, "chat": chat, "from": {"id": 55}, "checklist": goods}
    (event,) = by("telegram", {"update_id": 8, "message": message})
    assert isinstance(event, ClientMessage)
    assert event.signal.text == "[checklist] К субботе бампер фара"


@pytest.mark.parametrize(
    ("kind", "opens"), [("dialog", True), ("dialog_v2", True), ("chat", False)]
)
def test_a_new_sort_of_dialog_of_max_is_a_client_s(kind: str, opens: bool) -> None:
    message = {
        "sender": {"user_id": 7},
        "recipient": {"chat_type": kind},
        "body": {"mid": "m", "text": "?"},
    }
    (event,) = by("max", {"update_type": "message_created", "message": message})
    assert isinstance(event, ClientMessage) is opens


@pytest.mark.parametrize(
    ("kind", "is_call"), [("incoming", True), ("widget", True), (None, True), ("outgoing", False)]
)
def test_a_new_sort_of_call_of_jivo_is_a_client_s(kind: str | None, is_call: bool) -> None:
    call = {"type": kind, "status": "start", "phone": "79147001213"}
    (event,) = by("jivo", {"event_name": "call_event", "chat_id": "c", "call": call})
    assert isinstance(event, CallUpdate) is is_call


@pytest.mark.parametrize(
    ("kind", "is_call"), [("4", True), ("8", True), ("1", False), ("5", False)]
)
def test_a_new_sort_of_call_of_bitrix24_is_a_client_s(kind: str, is_call: bool) -> None:
    told = {"data[CALL_ID]": "c", "data[CALL_TYPE]": kind, "data[CALLER_ID]": "79147001213"}
    (event,) = by_form("bitrix24", event="ONVOXIMPLANTCALLINIT", ts="1781000000", **told)
    assert isinstance(event, CallUpdate) is is_call


@pytest.mark.parametrize(
    ("direction", "is_call"), [("trunking-originating", True), ("trunking-terminating", False)]
)
def test_a_call_that_comes_by_a_trunk_of_twilio_is_a_client_s(
    direction: str, is_call: bool
) -> None:
    (event,) = by_form(
        "twilio", CallSid="c", CallStatus="ringing", Direction=direction, From="+79147001213"
    )
    assert isinstance(event, CallUpdate) is is_call


@pytest.mark.parametrize(
    ("event", "place"),
    [
        ("market_comment_new", {"item_id": 5}),
        ("photo_comment_new", {"photo_id": 5}),
        ("video_comment_new", {"video_id": 5}),
        ("board_post_new", {"topic_id": 5}),
    ],
)
def test_a_question_below_anything_of_a_community_of_vk_is_a_client_s(
    event: str, place: dict[str, int]
) -> None:
    comment = {"id": 2, "from_id": 55, "date": 1781000000, "text": "Есть?", **place}
    body = {"type": event, "group_id": 1, "event_id": "e", "object": comment}
    (found,) = by("vk", body, group_id="1")
    assert isinstance(found, ClientMessage)
    assert found.signal.external_id.startswith("comment:")
    (ours,) = by("vk", {**body, "object": {**comment, "from_id": -1}}, group_id="1")
    assert is_ignored([ours], IgnoredReason.OUR_SIDE)


def test_a_number_that_whatsapp_hides_is_answered_as_others_are() -> None:
    (event,) = green(
        "textMessage", {}, typeWebhook="outgoingMessageReceived", senderData={"chatId": "77@lid"}
    )
    assert isinstance(event, OwnAnswer)
    assert event.customer.messengers == {"whatsapp": "77@lid"}


@pytest.mark.parametrize(("status", "opens"), [("declined", True), ("offer", False)])
def test_a_call_by_whatsapp_that_nobody_took_is_a_message(status: str, opens: bool) -> None:
    call = {"typeWebhook": "incomingCall", "from": "79147001213@c.us", "status": status}
    (event,) = inbound(shipped("green_api"), json_post(json.dumps({**call, "idMessage": "K1"})))
    assert isinstance(event, ClientMessage) is opens


def whatsapp(kind: str, content: dict[str, Any]) -> list[InboundEvent]:
    message = {
        "from": "79147001213",
        "id": "w",
        "timestamp": "1781000000",
        "type": kind,
        kind: content,
    }
    value = {"messaging_product": "whatsapp", "messages": [message]}
    entry = [{"changes": [{"field": "messages", "value": value}]}]
    return by("meta", {"object": "whatsapp_business_account", "entry": entry})


def test_what_a_client_fills_in_within_whatsapp_is_their_words() -> None:
    filled = json.dumps({"flow_token": "x", "car": "Kia Rio", "phone": "89147001213"})
    form = {"type": "nfm_reply", "nfm_reply": {"body": "Sent", "response_json": filled}}
    (event,) = whatsapp("interactive", form)
    assert isinstance(event, ClientMessage)
    assert event.signal.text == "car: Kia Rio\nphone: 89147001213"


@pytest.mark.parametrize(
    "events",
    [
        whatsapp("text", {"body": " "}),
        whatsapp("interactive", {"type": "call_permission_reply"}),
        green("textMessage", {"textMessageData": {"textMessage": ""}}),
        by(
            "viber",
            {
                "event": "message",
                "message_token": 1,
                "sender": {"id": "s"},
                "message": {"type": "text"},
            },
        ),
        inbound(
            shipped("wazzup24"),
            json_post(
                '{"messages": [{"messageId": "m", "chatType": "vk", "type": "text", "text": ""}]}'
            ),
        ),
        inbound(
            shipped("avito"),
            json_post(
                '{"payload": {"type": "message", '
                '"value": {"id": "m", "author_id": 2, "type": "text"}}}'
            ),
        ),
    ],
)
def test_a_text_without_words_opens_nothing(events: list[InboundEvent]) -> None:
    assert is_ignored(events, IgnoredReason.EMPTY)
