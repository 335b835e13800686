"""VK: whom the secret and the community's id let in, what it is answered, and what it tells."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from webhooks.deliveries import a_delivery, a_source, is_ignored, payload
from webhooks.proofs import refuse

from service.adapters.delivery import Delivery, Reply
from service.adapters.inbound_event import ClientMessage, InboundEvent
from service.adapters.messengers.vk import ADAPTER
from service.adapters.registry import ADAPTERS
from service.leads.customer import Customer
from service.leads.errors import NotAuthentic, Unreadable
from service.leads.lead import Channel, Item, Kind, Signal

SECRET, EVENT = "aaQ13axAPQEcczQa", "da1b15e9f6d0c3c8a0c937e048cdd3e2b43794d0"
OPTIONS = {"group_id": "200000001", "confirmation": "5e1a2b3c"}
SOURCE = a_source("vk", secrets={"secret": SECRET}, options=OPTIONS)
CLIENT = {"vk": "100000001"}
SAID_AT = datetime(2023, 5, 5, 9, 24, 30, tzinfo=UTC)


def recorded(name: str, **changed: Any) -> Delivery:
    """A recorded event, with other values in its envelope."""
    body = payload(f"vk/{name}.json")
    return a_delivery(json.dumps({**json.loads(body), **changed}).encode() if changed else body)


def reported(name: str, **changed: Any) -> Delivery:
    """A recorded event, with other values in its object."""
    sent = json.loads(payload(f"vk/{name}.json"))["object"]
    return recorded(name, object={**sent, **changed})


def read(delivery: Delivery) -> list[InboundEvent]:
    ADAPTER.verify(delivery, SOURCE)
    return list(ADAPTER.read(delivery, SOURCE))


def signal(**fields: Any) -> Signal:
    usual = {"queue": "main", "received_at": SAID_AT, "source": "shop", "external_id": EVENT}
    return Signal(**{**usual, **fields})


def test_it_is_known_by_its_name_and_always_answers_ok():
    assert ADAPTERS["vk"] is ADAPTER
    for name in ("message_new", "message_reply", "group_join"):
        assert ADAPTER.reply(recorded(name), SOURCE) == Reply(200, b"ok")


@pytest.mark.parametrize("secret", ["", "x", SECRET.lower(), SECRET + "x", "ё", None, 1, [SECRET]])
def test_only_the_right_secret_opens(secret: object):
    ADAPTER.verify(recorded("message_new"), SOURCE)
    refuse(ADAPTER, recorded("message_new", secret=secret), SOURCE)


@pytest.mark.parametrize("group", ["", 1, 2000000011, -200000001, None, True, {}, "200000001 "])
def test_only_the_right_community_opens(group: object):
    refuse(ADAPTER, recorded("message_new", group_id=group), SOURCE)
    with pytest.raises(NotAuthentic):
        ADAPTER.greet(recorded("confirmation", group_id=group), SOURCE)


def test_a_community_may_be_said_as_a_text():
    ADAPTER.verify(recorded("message_new", group_id="200000001"), SOURCE)


def test_the_old_and_the_new_secret_are_right_and_no_others():
    both = a_source("vk", secrets={"secret": ("new", SECRET)}, options=OPTIONS)
    ADAPTER.verify(recorded("message_new", secret="new"), both)
    ADAPTER.verify(recorded("message_new"), both)
    refuse(ADAPTER, recorded("message_new", secret="older"), both)


@pytest.mark.parametrize("body", [b"", b"[]", b"\xff\xfe", b"{", b'"secret"', b"[" * 99])
def test_what_is_no_object_is_refused(body: bytes):
    refuse(ADAPTER, a_delivery(body), SOURCE)
    assert ADAPTER.greet(a_delivery(body + b"confirmation"), SOURCE) is None


def test_a_source_that_is_not_set_up_believes_nobody():
    empty = recorded("confirmation", group_id="", secret="")
    for source in (a_source("vk"), a_source("vk", secrets={"secret": ""}, options=OPTIONS)):
        refuse(ADAPTER, empty, source)
        refuse(ADAPTER, recorded("message_new", secret=""), source)


def test_a_confirmation_is_answered_with_the_string_that_vk_shows():
    confirmed = Reply(200, b"5e1a2b3c")
    assert ADAPTER.greet(recorded("confirmation"), SOURCE) == confirmed
    without = json.loads(payload("vk/confirmation.json"))
    del without["secret"]
    assert ADAPTER.greet(a_delivery(json.dumps(without).encode()), SOURCE) == confirmed


@pytest.mark.parametrize("secret", ["", "wrong", None, 5])
def test_a_confirmation_with_a_wrong_secret_is_not_answered(secret: object):
    with pytest.raises(NotAuthentic):
        ADAPTER.greet(recorded("confirmation", secret=secret), SOURCE)


def test_a_message_that_speaks_of_confirmation_is_no_confirmation():
    assert ADAPTER.greet(reported("message_new_old", text="confirmation"), SOURCE) is None


@pytest.mark.parametrize("name", ["message_new", "message_new_old"])
def test_a_message_is_a_lead_in_either_shape(name: str):
    message = signal(
        external_id="message:100000001:2169",
        channel=Channel.VK,
        customer=Customer(messengers=CLIENT),
        text="Нужна фара, 89001234567",
    )
    assert read(recorded(name)) == [ClientMessage(message)]


@pytest.mark.parametrize("changed", [{"out": 1}, {"out": "1"}, {"from_id": -5}])
def test_own_messages_are_no_leads(changed: dict[str, Any]):
    assert is_ignored(read(reported("message_new_old", **changed)))


def test_group_chats_and_typing_are_no_leads():
    assert is_ignored(read(recorded("message_in_group_chat")))
    assert is_ignored(read(reported("message_new_old", peer_id="2000000001")))
    assert is_ignored(read(recorded("message_reply", type="message_typing_state")))


def test_goods_that_a_message_asks_about_are_its_items():
    (word,) = read(recorded("message_with_goods"))
    assert word.signal.text == "[market] Ещё есть?"
    assert word.signal.items == (Item("Фара левая", Decimal(1), Decimal("4500.00"), "RUB"),)


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        ({"text": "", "attachments": [{"type": "photo", "photo": {}}]}, "[photo]"),
        ({"text": "", "attachments": [{"type": "audio_message"}]}, "[audio_message]"),
        ({"text": "", "geo": {"type": "point"}}, "[geo]"),
        ({"text": "см.", "fwd_messages": [{"text": "раньше"}]}, "[fwd_messages] см."),
    ],
)
def test_what_is_no_text_is_named(changed: dict[str, Any], text: str):
    assert read(reported("message_new_old", **changed))[0].signal.text == text


def test_an_order_is_a_self_order_whose_bill_is_its_total():
    order = signal(
        external_id="order:100000001:19",
        channel=Channel.SITE_ORDER,
        customer=Customer(None, "Иван Петров", "+79001234567", None, CLIENT),
        text="Позвоните до обеда",
        items=(Item("Фара левая", Decimal(2), Decimal("4500.00"), "RUB"),),
        budget=Decimal("12345.50"),
        currency="RUB",
        attributes={
            "order": "100000001-19",
            "items": "7",
            "address": "Владивосток, Светланская, 1",
        },
    )
    assert read(recorded("market_order_new")) == [ClientMessage(order)]


@pytest.mark.parametrize("total", [None, {}, {"amount": "нет"}, {"amount": "-5"}, "1"])
def test_an_order_without_a_total_has_no_budget(total: object):
    (word,) = read(reported("market_order_new", total_price=total))
    assert word.signal.budget is None


def test_a_form_is_a_request_from_the_site_with_its_answers():
    (word,) = read(recorded("lead_forms_new"))
    assert word.signal.channel is Channel.LANDING_FORM
    assert word.signal.customer == Customer(None, "Иван", "+79001234567", "ivan@example.ru", CLIENT)
    assert word.signal.text == (
        "Имя: Иван\nТелефон: +79001234567\nПочта: ivan@example.ru\nЧто нужно: фильтр, масло"
    )
    assert word.signal.attributes == {"form": "Подбор по VIN", "ad": "0"}


def test_a_comment_is_handled_without_the_client():
    (word,) = read(recorded("wall_reply_new"))
    assert (word.signal.channel, word.signal.kind) == (Channel.VK, Kind.OFFLINE)
    assert word.signal.attributes == {"post": "77", "comment": "15"}
    assert is_ignored(read(reported("wall_reply_new", from_id=-200000001)))


@pytest.mark.parametrize("name", ["group_join", "message_allow"])
def test_who_joins_or_allows_messages_is_registered(name: str):
    (word,) = read(recorded(name))
    assert word.signal.channel is Channel.REGISTRATION
    assert word.signal.customer == Customer(messengers=CLIENT)


@pytest.mark.parametrize("name", ["message_new_old", "wall_reply_new", "group_join"])
def test_what_does_not_say_who_cannot_be_read(name: str):
    with pytest.raises(Unreadable):
        read(reported(name, from_id=None, user_id=None))


def test_a_message_needs_no_id_of_its_event():
    """Versions of the API below 5.103 give events no id."""
    (word,) = read(recorded("message_new", event_id=None))
    assert word.signal.external_id.startswith("message:")
    with pytest.raises(Unreadable):
        read(recorded("group_join", event_id=None))


@pytest.mark.parametrize(
    ("link", "text"),
    [({"url": "https://shop.ru/k?a=1"}, "[link] https://shop.ru/k?a=1"), ({}, "[link]")],
)
def test_a_link_alone_is_what_the_client_sent(link: dict[str, str], text: str):
    message = {"text": "", "attachments": [{"type": "link", "link": link}]}
    recorded_message = json.loads(payload("vk/message_new.json"))["object"]["message"]
    (word,) = read(reported("message_new", message={**recorded_message, **message}))
    assert word.signal.text == text


@pytest.mark.parametrize("changed", [{"type": None}, {"object": [1]}])
def test_what_cannot_be_read_is_said_to_be_so(changed: dict[str, Any]):
    with pytest.raises(Unreadable):
        read(recorded("message_new", **changed))
