"""Our own side answers at a sender's: which senders say so, to whom, and that no machine counts."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from webhooks.deliveries import NOON, a_delivery, a_source, is_ignored, payload
from webhooks.mapping_builders import inbound, json_post, shipped

from service.adapters.ignored import IgnoredReason
from service.adapters.inbound_event import ClientMessage, InboundEvent, OwnAnswer
from service.adapters.registry import ADAPTERS
from service.leads.customer import Customer

Changes = dict[str, Any]
SAID_AT = datetime(2026, 6, 10, 8, 59, 1, tzinfo=UTC)


def read(adapter: str, body: Changes) -> list[InboundEvent]:
    delivery = a_delivery(json.dumps(body).encode())
    return list(ADAPTERS[adapter].read(delivery, a_source(adapter)))


def sent(path: str) -> Changes:
    body: Changes = json.loads(payload(path))
    return body


def test_chatwoot_says_which_agent_answered_whom() -> None:
    (answer,) = read("chatwoot", sent("chatwoot/outgoing.json"))
    at = datetime(2026, 6, 10, 8, 59, 30, tzinfo=UTC)
    assert answer == OwnAnswer(Customer(messengers={"chatwoot": "14"}), at, "1")


@pytest.mark.parametrize(
    "changed",
    [
        {"private": True},
        {"message_type": "template"},
        {"sender": {"id": 1, "type": "agent_bot"}},
        {"sender": None},
        {"content_attributes": {"automation_rule_id": 4}},
        {"event": "message_updated"},
    ],
)
def test_notes_and_machines_of_chatwoot_answer_nobody(changed: Changes) -> None:
    assert is_ignored(read("chatwoot", sent("chatwoot/outgoing.json") | changed))


def owner_of_business(**changed: Any) -> list[InboundEvent]:
    update = sent("telegram/business_by_owner.json")
    update["business_message"] |= changed
    return read("telegram", update)


def test_the_owner_of_a_business_account_answers_in_telegram() -> None:
    (answer,) = owner_of_business()
    at = datetime.fromtimestamp(1781081941, UTC)
    assert answer == OwnAnswer(Customer(messengers={"telegram": "1111111"}), at)


@pytest.mark.parametrize(
    "changed",
    [
        {"sender_business_bot": {"id": 5, "is_bot": True}},
        {"is_from_offline": True},
        {"from": {"id": 5, "is_bot": True}},
        {"chat": {"id": -100, "type": "supergroup"}},
    ],
)
def test_bots_and_greetings_of_telegram_answer_nobody(changed: Changes) -> None:
    assert is_ignored(owner_of_business(**changed))


def community(**changed: Any) -> list[InboundEvent]:
    body = sent("vk/message_reply.json")
    body["object"] |= changed
    return read("vk", body)


def test_a_manager_answers_in_a_community_of_vk() -> None:
    (answer,) = community()
    at = datetime.fromtimestamp(1683278670, UTC)
    assert answer == OwnAnswer(Customer(messengers={"vk": "100000001"}), at, "5")


@pytest.mark.parametrize(
    "changed", [{"admin_author_id": None}, {"admin_author_id": 0}, {"peer_id": 2_000_000_005}]
)
def test_programs_and_group_chats_of_vk_answer_nobody(changed: Changes) -> None:
    assert is_ignored(community(**changed), IgnoredReason.OUR_SIDE)


def page(**message: Any) -> list[InboundEvent]:
    event = {
        **{"sender": {"id": "1065"}, "recipient": {"id": "6543210"}, "timestamp": 1749416383123},
        "message": {"is_echo": True, "mid": "m_9", "text": "Есть", **message},
    }
    return read("meta", {"object": "page", "entry": [{"id": "1065", "messaging": [event]}]})


@pytest.mark.parametrize("message", [{"app_id": 263902037430900}, {}])
def test_who_answers_in_the_inbox_of_a_page_answers(message: Changes) -> None:
    (answer,) = page(**message)
    at = datetime(2025, 6, 8, 20, 59, 43, 123000, tzinfo=UTC)
    assert answer == OwnAnswer(Customer(messengers={"messenger": "6543210"}), at)


def test_what_another_program_writes_for_a_page_is_no_answer() -> None:
    assert is_ignored(page(app_id=1517776481860111), IgnoredReason.OUR_SIDE)


def test_who_answers_in_the_app_of_whatsapp_answers() -> None:
    echo = {"from": "15550783881", "to": "79161234567", "id": "wamid.1", "timestamp": "1781081941"}
    value = {"messaging_product": "whatsapp", "message_echoes": [{**echo, "type": "text"}]}
    change = {"field": "smb_message_echoes", "value": value}
    (answer,) = read(
        "meta", {"object": "whatsapp_business_account", "entry": [{"changes": [change]}]}
    )
    assert isinstance(answer, OwnAnswer)
    assert answer.customer.phone == "+79161234567"
    assert answer.customer.messengers == {"whatsapp": "79161234567"}
    assert answer.at == datetime.fromtimestamp(1781081941, UTC)


def green(kind: str, chat: str) -> list[InboundEvent]:
    body = sent("mapping_green_api/text.json")
    body |= {"typeWebhook": kind}
    body["senderData"]["chatId"] = chat
    return inbound(shipped("green_api"), json_post(json.dumps(body).encode()))


def test_who_answers_on_the_telephone_of_green_api_answers() -> None:
    (answer,) = green("outgoingMessageReceived", "79001234568@c.us")
    assert isinstance(answer, OwnAnswer)
    assert answer.customer.messengers == {"whatsapp": "79001234568"}
    assert answer.customer.phone == "+79001234568"
    assert answer.at == NOON - timedelta(minutes=1)


@pytest.mark.parametrize(
    ("kind", "chat"),
    [
        ("outgoingAPIMessageReceived", "79001234568@c.us"),
        ("outgoingMessageReceived", "79001234568-1581234048@g.us"),
        ("outgoingCall", "79001234568@c.us"),
    ],
)
def test_programs_and_groups_of_green_api_answer_nobody(kind: str, chat: str) -> None:
    assert is_ignored(green(kind, chat), IgnoredReason.OUR_SIDE)


def wazzup(**message: Any) -> list[InboundEvent]:
    usual = {
        **{"messageId": "m1", "channelId": "c1", "chatType": "whatsapp", "chatId": "79001234567"},
        **{"dateTime": "2026-06-10T08:59:01Z", "type": "text", "isEcho": True, "text": "Есть"},
        **{"authorName": "Анна", "authorId": "anna", "status": "sent"},
    }
    body = {"messages": [{**usual, **message}]}
    return inbound(shipped("wazzup24"), json_post(json.dumps(body).encode()))


def test_who_answers_in_wazzup_answers_in_whatsapp_and_elsewhere() -> None:
    (answer,) = wazzup()
    assert isinstance(answer, OwnAnswer)
    assert (answer.customer.phone, answer.at, answer.extension) == ("+79001234567", SAID_AT, "anna")
    (elsewhere,) = wazzup(chatType="telegram", chatId="987")
    assert isinstance(elsewhere, OwnAnswer)
    assert elsewhere.customer == Customer(messengers={"wazzup": "telegram:987"})


def test_groups_and_programs_of_wazzup_answer_nobody() -> None:
    assert is_ignored(wazzup(chatType="whatsgroup"))
    assert is_ignored(wazzup(isEcho=False, status="sent"), IgnoredReason.OUR_SIDE)


def test_the_marks_of_an_answer_are_those_of_the_clients_words() -> None:
    """Else no lead would be found by them."""
    (word,) = wazzup(isEcho=False, status="inbound")
    (answer,) = wazzup()
    assert isinstance(word, ClientMessage)
    assert isinstance(answer, OwnAnswer)
    assert word.signal.customer is not None
    assert answer.customer.messengers == word.signal.customer.messengers
    assert answer.customer.phone == word.signal.customer.phone
