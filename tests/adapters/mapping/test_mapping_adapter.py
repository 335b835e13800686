"""The adapter `mapping` as the door meets it: greetings, answers, and any bytes at all."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from webhooks.deliveries import a_source
from webhooks.mapping_builders import (
    json_post,
    mapped,
    text_of,
)
from webhooks.proofs import refuse

from service.adapters.delivery import JSON, TEXT, Reply
from service.adapters.mapping.adapter import ADAPTER
from service.adapters.mapping.reading import SHIPPED
from service.leads.errors import NotAuthentic, Unreadable


def test_a_greeting_is_answered_at_once_and_its_proof_is_asked_for() -> None:
    greet = [
        {"when": {"$.test": "true"}, "authentic": False},
        {
            "when": {"$.cmd": "who"},
            "reply": {"status": 201, "type": JSON, "text": '{"name": ""}'},
        },
    ]
    auth = {"scheme": "token", "path": "$.token"}
    source = mapped(text_of(greet=greet, auth=auth), secrets={"secret": "s"})
    assert ADAPTER.greet(json_post('{"test": true}'), source) == Reply(200, b"", TEXT)
    who = json_post('{"cmd": "who", "token": "s"}')
    assert ADAPTER.greet(who, source) == Reply(201, b'{"name": ""}', JSON)
    with pytest.raises(NotAuthentic):
        ADAPTER.greet(json_post('{"cmd": "who", "token": "x"}'), source)
    for other in ('{"cmd": "else"}', "{", "[]", ""):
        assert ADAPTER.greet(json_post(other), source) is None
    refuse(ADAPTER, json_post("{"), source)


def test_a_delivery_is_known_again_by_a_header_or_a_field() -> None:
    header = mapped(text_of(once={"header": "X-Event-Id"}))
    assert ADAPTER.once(json_post("{}", {"x-event-id": " e1 "}), header) == "e1"
    assert ADAPTER.once(json_post("{}", {"x-event-id": "x" * 201}), header) is None
    field = mapped(text_of(once={"path": "$.id"}))
    assert ADAPTER.once(json_post('{"id": 5}'), field) == "5"
    for body in ("{}", "{", '{"id": {}}'):
        assert ADAPTER.once(json_post(body), field) is None
    assert ADAPTER.once(json_post('{"id": 5}'), mapped()) is None


def test_the_answer_is_the_mappings_or_the_way_to_the_page() -> None:
    text = text_of(reply={"status": 202, "type": JSON, "text": '{"ok": 1}'})
    assert ADAPTER.reply(json_post("{}"), mapped(text)) == Reply(202, b'{"ok": 1}', JSON)
    assert ADAPTER.reply(json_post("{}"), a_source("mapping")) == Reply()
    page = "https://shop.example/thanks?a=1"
    led = ADAPTER.reply(json_post("{}"), mapped(text, options={"redirect": page}))
    assert (led.status, led.body, dict(led.headers)) == (303, b"", {"Location": page})
    for wrong in ("javascript:alert(1)", "https://a\r\nX: 1", "//a", "https://", "спасибо"):
        assert (
            ADAPTER.reply(json_post("{}"), mapped(text, options={"redirect": wrong})).status == 202
        )


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(SHIPPED), st.binary(max_size=80), st.sampled_from(["", "topic=a", "%ff&&="]))
def test_no_bytes_make_a_shipped_mapping_fail(name: str, body: bytes, query: str) -> None:
    source = a_source("mapping", options={"shipped": name}, secrets={"secret": "s"})
    delivery = json_post(body, query=query)
    ADAPTER.reply(delivery, source)
    ADAPTER.once(delivery, source)
    for step in (ADAPTER.greet, ADAPTER.verify, ADAPTER.read):
        with suppress(NotAuthentic, Unreadable):
            step(delivery, source)


leaves = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5)
)
names = st.sampled_from(
    [
        *("event", "id", "payload", "value", "messages", "contact", "customer", "items", "time"),
        *("typeWebhook", "senderData", "chatId", "messageData", "order_lines", "client", "test"),
    ]
)
shapes = st.recursive(
    leaves, lambda some: st.lists(some, max_size=3) | st.dictionaries(names, some, max_size=5)
)


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(SHIPPED), shapes)
def test_no_shape_of_json_makes_a_shipped_mapping_fail(name: str, body: Any) -> None:
    source = a_source("mapping", options={"shipped": name})
    with suppress(Unreadable):
        ADAPTER.read(json_post(json.dumps(body)), source)
