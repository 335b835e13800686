"""Twilio Voice: what its requests tell of a call, and what they are answered."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
from builders import a_caller
from webhooks.deliveries import NOON, a_delivery, a_source, is_ignored, payload

from service.adapters.delivery import Delivery, Reply
from service.adapters.inbound_event import CallPhase, CallUpdate
from service.adapters.registry import ADAPTERS
from service.adapters.telephony.twilio import ADAPTER, HIDDEN
from service.leads.errors import Unreadable
from service.leads.lead import Channel, Signal

OPTIONS = {"answered_by_people": "no", "voice_url": ""}
MENU = a_source("twilio", secrets={"auth_token": "12345"}, options=OPTIONS)
PEOPLE = replace(MENU, options={**OPTIONS, "answered_by_people": "yes"})
LATER = NOON + timedelta(minutes=5)
CALL = "call:CA7c2a90f1e3b54d68a1f0c9d8e7b6a594"
FORM = {"content-type": "application/x-www-form-urlencoded"}
NOTHING = b'<?xml version="1.0" encoding="UTF-8"?><Response/>'


def recorded(name: str, **changed: str | None) -> Delivery:
    body = payload(f"twilio/{name}.form")
    if changed:
        form = {**dict(parse_qsl(body.decode(), keep_blank_values=True)), **changed}
        stored = {item: value for item, value in form.items() if value is not None}
        body = urlencode(stored).encode()
    return a_delivery(body, FORM, received_at=LATER)


def read(name: str, source: Any = MENU, **changed: str | None) -> list[CallUpdate]:
    return list(ADAPTER.read(recorded(name, **changed), source))  # type: ignore[arg-type]


def at(minutes: int, seconds: int) -> datetime:
    return NOON + timedelta(minutes=minutes, seconds=seconds)


def test_is_known_by_its_name():
    assert ADAPTERS["twilio"] is ADAPTER
    assert {name: option.default for name, option in ADAPTER.options.items()} == OPTIONS


def test_a_call_from_outside_rings():
    signal = Signal(
        queue="main",
        channel=Channel.PHONE,
        received_at=LATER,
        source="shop",
        external_id=CALL,
        live=True,
        customer=a_caller("+79161234567"),
        attributes={
            "line": "+74951112233",
            "city": "Владивосток",
            "state": "Приморский край",
            "country": "RU",
        },
    )
    assert read("voice_request") == [CallUpdate(signal, CallPhase.RINGING, LATER, 0)]


@pytest.mark.parametrize("status", ["queued", "initiated", "ringing"])
def test_a_call_that_is_not_picked_up_rings_whoever_picks_up(status: str):
    for source in (MENU, PEOPLE):
        [inbound] = read("voice_request", source, CallStatus=status)
        assert inbound.phase is CallPhase.RINGING


def test_who_picks_up_is_nobody_unless_only_people_do():
    [menu], [people] = read("in_progress"), read("in_progress", PEOPLE)
    assert (menu.phase, people.phase) == (CallPhase.RINGING, CallPhase.ANSWERED)
    assert people.extension is None


def test_a_leg_says_who_took_the_call_and_nothing_of_the_client():
    [inbound] = read("leg_answered")
    assert (inbound.phase, inbound.at, inbound.extension) == (
        CallPhase.ANSWERED,
        at(0, 14),
        "client:anna",
    )
    assert inbound.signal.external_id == CALL, "the whole call's, not the leg's"
    assert inbound.signal.customer is None


def test_a_leg_that_is_over_was_talked_on():
    [inbound] = read("leg_completed")
    assert (inbound.phase, inbound.at, inbound.extension) == (
        CallPhase.TALKED,
        at(2, 48),
        "client:anna",
    )


@pytest.mark.parametrize("name", ["leg_ringing", "leg_no_answer"])
def test_a_leg_that_nobody_took_says_nothing_of_the_whole(name: str):
    assert is_ignored(read(name))


@pytest.mark.parametrize(
    ("dialled", "phase"),
    [
        ("completed", CallPhase.TALKED),
        ("answered", CallPhase.TALKED),
        ("no-answer", CallPhase.MISSED),
        ("busy", CallPhase.MISSED),
        ("failed", CallPhase.MISSED),
        ("canceled", CallPhase.MISSED),
    ],
)
def test_the_end_of_a_dial_says_whether_anybody_talked(dialled: str, phase: CallPhase):
    for source in (MENU, PEOPLE):
        [inbound] = read("dial_completed", source, DialCallStatus=dialled)
        assert (inbound.phase, inbound.signal.live) == (phase, False)


@pytest.mark.parametrize("status", ["no-answer", "busy", "failed", "canceled"])
def test_a_call_that_nothing_picked_up_is_missed(status: str):
    for source in (MENU, PEOPLE):
        [inbound] = read("no_answer", source, CallStatus=status)
        assert (inbound.phase, inbound.at) == (CallPhase.MISSED, at(0, 40))


def test_a_call_that_merely_ended_is_missed_unless_only_people_pick_up():
    """Rule A8: a callback too many loses less than one too few."""
    [menu], [people] = read("completed"), read("completed", PEOPLE)
    assert (menu.phase, people.phase) == (CallPhase.MISSED, CallPhase.TALKED)


def test_the_leg_that_was_talked_on_is_of_a_later_order_than_the_end_of_the_call():
    [leg], [call] = (
        read("leg_completed", Timestamp="Wed, 10 Jun 2026 09:02:51 +0000"),
        read("completed"),
    )
    assert leg.at == call.at
    assert leg.order > call.order


@pytest.mark.parametrize("name", ["outbound_api", "from_a_softphone", "from_a_desk_phone"])
def test_calls_of_the_shop_are_of_no_interest(name: str):
    assert is_ignored(read(name))


def test_recordings_and_transcriptions_are_of_no_interest():
    assert is_ignored(read("recording"))
    assert is_ignored(read("completed", TranscriptionSid="TR1"))


@pytest.mark.parametrize("number", [*sorted(HIDDEN), "anonymous", "Restricted", "", None])
def test_a_hidden_number_is_a_client_all_the_same(number: str | None):
    [inbound] = read("voice_request", From=number)
    assert inbound.signal.customer is None


def test_the_hidden_numbers_are_words_on_the_keys():
    keys = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "22233344455566677778889999")
    words = ("ANONYMOUS", "RESTRICTED", "BLOCKED", "UNKNOWN", "UNAVAILABLE")
    assert {f"+{word.translate(keys)}" for word in words} == HIDDEN


def test_a_callers_name_is_kept():
    [inbound] = read("voice_request", CallerName="ИВАНОВ И")
    assert inbound.signal.customer == a_caller("+79161234567", "ИВАНОВ И")


@pytest.mark.parametrize(
    ("sent", "heard_at"),
    [
        ("Wed, 10 Jun 2026 12:00:14 +0300", at(0, 14)),
        ("Wed, 10 Jun 2036 09:00:14 +0000", LATER),
        ("Mon, 01 Jan 0001 00:00:00 +0300", LATER),
        ("2026-06-10", LATER),
        (None, LATER),
    ],
)
def test_a_time_is_not_ahead_of_ours_and_a_wrong_one_is_the_receipt(sent: Any, heard_at: datetime):
    [inbound] = read("leg_answered", Timestamp=sent)
    assert inbound.at == inbound.signal.received_at == heard_at


def test_a_call_is_heard_by_get_and_by_json_too():
    sent = payload("twilio/voice_request.form").decode()
    by_get = a_delivery(method="GET", query=sent, received_at=LATER)
    body = (
        b'{"CallSid": "CA1", "CallStatus": "ringing", "Direction": "inbound", "From": 79161234567}'
    )
    by_json = a_delivery(body, {"content-type": "application/json"}, received_at=LATER)
    assert [by_get.method in ADAPTER.methods, ADAPTER.read(by_get, MENU)] == [
        True,
        read("voice_request"),
    ]
    [inbound] = ADAPTER.read(by_json, MENU)
    assert isinstance(inbound, CallUpdate)
    assert inbound.signal.customer == a_caller("+79161234567")


@pytest.mark.parametrize(
    "changed",
    [
        {"CallStatus": None},
        {"CallStatus": "dreaming"},
        {"Direction": None},
        {"CallSid": None},
        {"CallSid": "C" * 200},
    ],
)
def test_a_call_without_what_it_is_known_by_is_unreadable(changed: dict[str, str | None]):
    with pytest.raises(Unreadable):
        read("voice_request", **changed)


@pytest.mark.parametrize("query", ["a=1&" * 1001])
def test_a_query_of_too_many_fields_is_unreadable(query: str):
    with pytest.raises(Unreadable):
        ADAPTER.read(a_delivery(method="GET", query=query), MENU)


@pytest.mark.parametrize("name", ["voice_request", "dial_completed", "completed", "sms"])
def test_whatever_is_asked_there_is_nothing_to_do(name: str):
    answer = Reply(200, NOTHING, "text/xml; charset=utf-8")
    assert ADAPTER.reply(recorded(name), MENU) == answer
    assert ADAPTER.reply(a_delivery(b"\xff", FORM), MENU) == answer


def test_a_new_call_is_sent_on_to_the_shops_own_program():
    source = replace(MENU, options={**OPTIONS, "voice_url": "https://shop.example/v.xml?a=1&b=<"})
    sent_on = (
        b'<?xml version="1.0" encoding="UTF-8"?><Response><Redirect>'
        b"https://shop.example/v.xml?a=1&amp;b=&lt;</Redirect></Response>"
    )
    assert ADAPTER.reply(recorded("voice_request"), source).body == sent_on
    for name in ("dial_completed", "completed", "leg_ringing", "sms"):
        assert ADAPTER.reply(recorded(name), source).body == NOTHING
    assert ADAPTER.reply(a_delivery(b"\xff", FORM), source).body == NOTHING
