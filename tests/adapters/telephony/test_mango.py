"""Mango Office: its test of the connection, and what calls its forms tell of."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode

import pytest
from builders import a_caller
from webhooks.deliveries import NOON, a_delivery, a_source, flipped, is_ignored, payload
from webhooks.signing import mango_proof

from service.adapters.delivery import Delivery, Reply
from service.adapters.inbound_event import CallPhase, CallUpdate
from service.adapters.registry import ADAPTERS
from service.adapters.telephony.mango import ADAPTER, LAST
from service.leads.errors import NotAuthentic, Unreadable
from service.leads.lead import Channel, Signal

KEY, SALT = "ekfn3fno329f204fj59g23h0f294f23d", "idn239uf90i1d23283dh204gfh23dj3d"
SOURCE = a_source("mango", secrets={"vpbx_api_key": KEY, "salt": SALT})
FORM = {"content-type": "application/x-www-form-urlencoded"}
CALL = "M0I2OTc4MTQ6MQ=="
NEWS = [
    *("call_1_menu", "call_2_menu_connected", "call_3_queue", "call_4_menu_over"),
    *("call_5_rings_at_29", "call_6_answered_by_29", "call_7_rings_at_30"),
    *("call_8_answered_by_30", "call_9_summary"),
]


def recorded(name: str, path: str | None = None) -> Delivery:
    if path is None:
        path = "events/summary" if "summary" in name else "events/call"
    later = NOON + timedelta(days=1)
    return a_delivery(payload(f"mango/{name}.form"), FORM, path=path, received_at=later)


def posted(text: str) -> Delivery:
    sign = mango_proof(text, KEY, SALT)
    form = {"vpbx_api_key": KEY, "sign": sign, "json": text}
    return a_delivery(urlencode(form).encode(), FORM, path="events/call")


def reported(name: str, **changed: Any) -> Delivery:
    """A recorded form again, with other values in its JSON."""
    delivery = recorded(name)
    sent = json.loads(parse_qs(delivery.body.decode())["json"][0])
    return replace(delivery, body=posted(json.dumps({**sent, **changed})).body)


def read(delivery: Delivery) -> list[CallUpdate]:
    ADAPTER.verify(delivery, SOURCE)
    return list(ADAPTER.read(delivery, SOURCE))  # type: ignore[arg-type]


def at(seconds: int) -> datetime:
    return NOON + timedelta(seconds=seconds)


def test_is_known_by_its_name():
    assert ADAPTERS["mango"] is ADAPTER


@pytest.mark.parametrize("path", ["ping", "/ping", "ping/"])
def test_a_test_of_the_connection_is_answered_when_it_is_signed(path: str):
    ping = recorded("ping", path)
    assert ADAPTER.greet(ping, SOURCE) == Reply(200, b"")
    with pytest.raises(NotAuthentic):
        ADAPTER.greet(replace(ping, body=flipped(ping.body, -1)), SOURCE)


def test_news_is_no_test_of_the_connection_and_is_answered_with_nothing():
    assert ADAPTER.greet(recorded("call_1_menu"), SOURCE) is None
    assert ADAPTER.reply(recorded("call_1_menu"), SOURCE) == Reply(200, b"")


def test_a_call_from_outside_rings():
    signal = Signal(
        queue="main",
        channel=Channel.PHONE,
        received_at=NOON,
        source="shop",
        external_id=f"call:{CALL}",
        live=True,
        customer=a_caller("+79161234567"),
        attributes={"line": "74951112233"},
    )
    assert read(recorded("call_1_menu")) == [CallUpdate(signal, CallPhase.RINGING, NOON, 1)]


def calls_of(names: Sequence[str]) -> list[CallUpdate]:
    """What the recorded news says of calls; other states of legs say nothing."""
    events = (event for name in names for event in read(recorded(name)))
    return [event for event in events if isinstance(event, CallUpdate)]


def test_news_of_one_call_in_its_order():
    inbound = [
        item for name in NEWS for item in read(recorded(name)) if isinstance(item, CallUpdate)
    ]
    assert [(item.phase, item.at, item.order, item.extension) for item in inbound] == [
        (CallPhase.RINGING, NOON, 1, None),
        (CallPhase.RINGING, NOON, 2, None),  # the menu picked up, nobody of us did
        (CallPhase.RINGING, at(9), 1, None),
        (CallPhase.RINGING, at(10), 1, None),
        (CallPhase.ANSWERED, at(14), 2, "29"),
        (CallPhase.RINGING, at(60), 1, None),
        (CallPhase.ANSWERED, at(64), 2, "30"),
        (CallPhase.TALKED, at(180), LAST, "30"),
    ]
    assert {item.signal.external_id for item in inbound} == {f"call:{CALL}"}


def test_news_that_came_out_of_order_is_put_in_order_by_time_and_sequence():
    in_order = [
        item for name in NEWS for item in read(recorded(name)) if isinstance(item, CallUpdate)
    ]
    mixed = calls_of(NEWS[::-1])
    assert sorted(mixed, key=lambda item: (item.at, item.order)) == in_order


def test_a_call_of_less_than_a_second_ends_after_it_rang():
    [rang], [ended] = (
        read(recorded("call_1_menu")),
        read(reported("call_9_summary", end_time=1781082000, talk_time=0)),
    )
    assert (rang.at, rang.order) < (ended.at, ended.order)


def test_a_call_that_ended_in_the_menu_is_missed_whatever_its_entry_result():
    [inbound] = read(recorded("summary_missed_in_menu"))
    assert (inbound.phase, inbound.extension) == (CallPhase.MISSED, None)
    assert inbound.at == datetime.fromtimestamp(1399906990, UTC)
    assert inbound.signal.received_at == datetime.fromtimestamp(1399906976, UTC)
    assert inbound.signal.customer == a_caller("+79000000000")
    assert not inbound.signal.live, "he hung up: he is to be called back (A8)"


def test_a_call_that_was_answered_says_who_talked():
    [inbound] = read(recorded("summary_talked"))
    assert (inbound.phase, inbound.extension) == (CallPhase.TALKED, "123")
    assert inbound.signal.external_id == "call:232wc3e3w3s222"
    assert inbound.signal.customer is None, "the manual's number is longer than any"


@pytest.mark.parametrize(
    "name", ["summary_outgoing", "summary_outgoing_unanswered", "disconnected"]
)
def test_outgoing_calls_and_ends_of_legs_are_of_no_interest(name: str):
    assert is_ignored(read(recorded(name)))


@pytest.mark.parametrize("name", ["between_employees", "outgoing", "called_back"])
def test_calls_that_no_client_makes_are_of_no_interest(name: str):
    assert is_ignored(read(recorded(name)))


def test_an_internal_summary_is_of_no_interest():
    assert is_ignored(read(reported("summary_talked", call_direction="0")))


@pytest.mark.parametrize(
    "path", ["events/sms", "events/recording", "events/dtmf", "result/callback", ""]
)
def test_other_news_is_of_no_interest(path: str):
    assert is_ignored(read(recorded("sms_status", path)))


def test_a_hidden_number_is_a_client_all_the_same():
    [inbound] = read(recorded("hidden_number"))
    assert inbound.phase is CallPhase.RINGING
    assert inbound.signal.customer is None
    assert inbound.signal.attributes == {"line": "74951112233", "tracking_number": "78005553535"}


def test_a_client_who_is_transferred_without_a_line_is_known_by_the_transfer():
    to = {"extension": 30, "number": "sip:user30@tech.mangosip.ru"}
    [inbound] = read(reported("call_8_answered_by_30", to=to))
    assert (inbound.phase, inbound.extension) == (CallPhase.ANSWERED, "30")


def test_numbers_may_be_texts():
    sent = {"timestamp": "1781082000", "seq": "1"}
    assert read(reported("call_1_menu", **sent)) == read(recorded("call_1_menu"))


def test_a_foreign_number_has_no_plus():
    [inbound] = read(reported("call_1_menu", **{"from": {"number": "375291234567"}}))
    assert inbound.signal.customer == a_caller("+375291234567")


def test_a_time_ahead_of_ours_is_the_time_of_receipt():
    delivery = reported("call_1_menu", timestamp=4102444800)
    [inbound] = read(delivery)
    assert inbound.at == inbound.signal.received_at == delivery.received_at


@pytest.mark.parametrize("text", ["", "[]", "{", "1", '{"entry_id": "\ud800"}'])
def test_json_that_is_no_object_is_unreadable(text: str):
    delivery = posted("{}")
    form = urlencode({"json": text}, errors="surrogatepass").encode()
    with pytest.raises(Unreadable):
        ADAPTER.read(replace(delivery, body=form), SOURCE)


@pytest.mark.parametrize(
    "changed",
    [
        {"entry_id": None},
        {"entry_id": "x" * 200},
        {"seq": None},
        {"seq": -1},
        {"seq": "9" * 19},
        {"call_state": "Vanished"},
        {"call_state": ["Appeared"]},
    ],
)
def test_a_leg_without_what_it_is_known_by_is_unreadable(changed: dict[str, Any]):
    with pytest.raises(Unreadable):
        read(reported("call_1_menu", **changed))


@pytest.mark.parametrize(
    "changed",
    [{"talk_time": None}, {"talk_time": "soon"}, {"call_direction": 3}, {"call_direction": None}],
)
def test_a_summary_that_does_not_say_whether_anybody_talked_is_unreadable(changed: dict[str, Any]):
    with pytest.raises(Unreadable):
        read(reported("summary_talked", **changed))
