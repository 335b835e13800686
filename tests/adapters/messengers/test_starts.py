"""A press on "Start" is a registration, however the messenger or a service between shows it."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from webhooks.deliveries import a_delivery, a_source, payload
from webhooks.mapping_builders import inbound, json_post, shipped

from service.adapters.inbound_event import ClientMessage
from service.adapters.registry import ADAPTERS
from service.leads.lead import Channel, Signal

VK = a_source("vk", options={"group_id": "200000001", "confirmation": "c"})
SOURCES = {"vk": VK}


def read(adapter: str, body: Mapping[str, Any]) -> Signal:
    """The only signal of a body."""
    source = SOURCES.get(adapter, a_source(adapter))
    (word,) = ADAPTERS[adapter].read(a_delivery(json.dumps(body).encode()), source)
    assert isinstance(word, ClientMessage)
    return word.signal


def recorded(name: str) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(payload(f"{name}.json"))
    return body


def telegram(text: str) -> Signal:
    body = recorded("telegram/text")
    body["message"]["text"] = text
    return read("telegram", body)


def max_messenger(text: str) -> Signal:
    body = recorded("max/message")
    body["message"]["body"]["text"] = text
    return read("max", body)


def chatwoot(text: str) -> Signal:
    return read("chatwoot", {**recorded("chatwoot/message"), "content": text})


def jivo(text: str) -> Signal:
    return read("jivo", {**recorded("jivo/offline_message"), "message": text})


def wazzup(text: str) -> Signal:
    body = recorded("mapping_wazzup24/messages")
    message = {**body["messages"][0], "chatType": "telegram", "text": text}
    (word,) = inbound(shipped("wazzup24"), json_post(json.dumps({"messages": [message]})))
    assert isinstance(word, ClientMessage)
    return word.signal


def viber(text: str) -> Signal:
    body = recorded("viber/message")
    return read("viber", {**body, "message": {"type": "text", "text": text}})


def whatsapp(text: str) -> Signal:
    body = recorded("meta/whatsapp_text")
    body["entry"][0]["changes"][0]["value"]["messages"][0]["text"] = {"body": text}
    return read("meta", body)


WAYS = (telegram, max_messenger, chatwoot, jivo, wazzup, viber, whatsapp)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("text", "word"),
    [("/start", None), ("/start spring_5", "spring_5"), ("/START@shop_bot", None)],
)
def test_a_command_to_start_is_a_registration(way: Any, text: str, word: str | None) -> None:
    signal = way(text)
    assert (signal.channel, signal.kind, signal.text) == (Channel.REGISTRATION, None, None)
    assert (signal.attributes or {}).get("start") == word


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("text", ["/start нужны колодки на поло", "start", "/starter на ниву"])
def test_what_is_more_than_the_command_is_the_clients_word(way: Any, text: str) -> None:
    signal = way(text)
    assert signal.channel is not Channel.REGISTRATION
    assert text in signal.text


def vk(payload_of_button: Any, text: str = "Начать") -> Signal:
    body = recorded("vk/message_new")
    body["object"]["message"] |= {"text": text, "payload": payload_of_button}
    return read("vk", body)


@pytest.mark.parametrize("button", ['{"command":"start"}', '{ "command" : "start", "x": 1 }'])
def test_the_button_that_opens_a_conversation_with_a_community(button: str) -> None:
    assert (vk(button).channel, vk(button).text) == (Channel.REGISTRATION, None)


@pytest.mark.parametrize("button", [None, "", "{", '"start"', '{"command":"catalogue"}', 5])
def test_any_other_button_of_a_community_is_the_clients_word(button: Any) -> None:
    assert (vk(button).channel, vk(button).text) == (Channel.VK, "Начать")


def messenger(button: str) -> Signal:
    body = recorded("meta/messenger_text")
    event = body["entry"][0]["messaging"][0]
    event.pop("message")
    event["postback"] = {"mid": "m_7", "title": "Подобрать", "payload": button}
    return read("meta", body)


@pytest.mark.parametrize("button", ["GET_STARTED", "get_started_payload", "<GET_STARTED_PAYLOAD>"])
def test_the_button_that_opens_a_conversation_with_a_page(button: str) -> None:
    assert messenger(button).channel is Channel.REGISTRATION


@pytest.mark.parametrize("button", ["", "WHEN_TO_GET_STARTED", "CATALOGUE"])
def test_any_other_button_of_a_page_is_the_clients_word(button: str) -> None:
    assert (messenger(button).channel, messenger(button).text) == (Channel.FACEBOOK, "Подобрать")
