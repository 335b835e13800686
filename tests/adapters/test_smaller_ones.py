"""Small things that senders were seen to do: each once, where nothing else would show it."""

import json
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
from webhooks.deliveries import a_delivery, a_source, payload
from webhooks.mapping_builders import form_post, inbound, shipped

from service.adapters.inbound_event import CallPhase, CallUpdate, ClientMessage
from service.adapters.registry import ADAPTERS
from service.leads.lead import Channel


@pytest.mark.parametrize(
    ("origin", "channel"),
    [
        ("com.wazzup24.whatsapp", Channel.WHATSAPP),
        ("wazzup", Channel.WHATSAPP),
        ("pro.wazzup24.telegram", Channel.SITE_CHAT),
        ("com.wazzup24.instagram", Channel.SITE_CHAT),
        ("telegram", Channel.TELEGRAM),
        ("waba", Channel.WHATSAPP),
    ],
)
def test_chats_of_amocrm_that_came_by_wazzup_are_whatsapp(origin: str, channel: Channel) -> None:
    fields = dict(parse_qsl(payload("mapping_amocrm/message_added.form").decode()))
    fields |= {"message[add][0][origin]": origin}
    word = inbound(shipped("amocrm"), form_post(urlencode(fields).encode()))[0]
    assert isinstance(word, ClientMessage)
    assert word.signal.channel is channel


@pytest.mark.parametrize("message", [None, {}])
def test_a_chat_of_tawk_without_a_message_is_a_visitor_who_waits(message: Any) -> None:
    body = json.loads(payload("tawk/chat_start.json")) | {"message": message}
    delivery = a_delivery(json.dumps(body).encode())
    (word,) = ADAPTERS["tawk"].read(delivery, a_source("tawk"))
    assert isinstance(word, ClientMessage)
    assert word.signal.text is None
    assert word.signal.customer is not None


def mango(**changed: Any) -> Any:
    raw = dict(parse_qsl(payload("mango/call_1_menu.form").decode()))
    leg = json.loads(raw["json"]) | changed
    body = urlencode({**raw, "json": json.dumps(leg)}).encode()
    delivery = a_delivery(
        body, {"content-type": "application/x-www-form-urlencoded"}, path="events/call"
    )
    (found,) = ADAPTERS["mango"].read(delivery, a_source("mango"))
    return found


@pytest.mark.parametrize("to", [{}, {"number": "74951112233"}, {"acd_group": "1001"}])
def test_a_leg_of_mango_need_not_say_its_line(to: dict[str, str]) -> None:
    found = mango(to=to)
    assert isinstance(found, CallUpdate)
    assert found.phase is CallPhase.RINGING
    assert found.signal.customer is not None
    assert found.signal.customer.phone == "+79161234567"


@pytest.mark.parametrize(("status", "opens"), [(0, True), (2, True), (4, False), (5, False)])
def test_a_changed_order_of_vk_corrects_and_opens_while_it_runs(status: int, opens: bool) -> None:
    body = json.loads(payload("vk/market_order_new.json"))
    body |= {"type": "market_order_edit", "event_id": "another"}
    body["object"] |= {"status": status, "total_price": {"amount": "990000"}}
    (found,) = ADAPTERS["vk"].read(a_delivery(json.dumps(body).encode()), a_source("vk"))
    (first,) = ADAPTERS["vk"].read(a_delivery(payload("vk/market_order_new.json")), a_source("vk"))
    assert isinstance(found, ClientMessage)
    assert isinstance(first, ClientMessage)
    assert (found.corrects, found.opens) == (True, opens)
    assert found.signal.external_id == first.signal.external_id
    assert found.signal.budget == 9900
