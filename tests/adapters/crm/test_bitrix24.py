"""Bitrix24 by its contract."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from builders import a_caller
from webhooks.deliveries import a_delivery, a_source, flipped, is_ignored, payload

from service.adapters.crm.bitrix24 import ADAPTER
from service.adapters.delivery import Delivery
from service.adapters.ignored import IgnoredReason
from service.adapters.inbound_event import CallPhase, CallUpdate, ClientMessage, Lookup
from service.leads.customer import Customer
from service.leads.errors import NotAuthentic, Unanswered, Unreadable
from service.leads.lead import Channel, Item, Signal

TOKEN = "51610fefc120afg4b628cc82d6298cce"
MEMBER = "a223c6b9410f85df78e9377d6c4f7213"
SOURCE = a_source("bitrix24", secrets={"application_token": TOKEN})
QUESTION = Lookup("batch", {})


def sent(body: bytes) -> Delivery:
    return a_delivery(body, {"Content-Type": "application/x-www-form-urlencoded"})


def news(name: str) -> Delivery:
    return sent(payload(f"bitrix24/{name}.txt"))


def answer(card: str, **fields: object) -> object:
    reported = json.loads(payload(f"bitrix24/answer_{card}.json"))
    reported["result"]["result"][card].update(fields)
    return reported


def reported(card: str, **fields: object) -> ClientMessage:
    inbound = ADAPTER.read_lookup(news(f"{card}_added"), SOURCE, QUESTION, answer(card, **fields))
    (word,) = inbound
    assert isinstance(word, ClientMessage)
    return word


def call(name: str) -> CallUpdate:
    (inbound,) = ADAPTER.read(news(name), SOURCE)
    assert isinstance(inbound, CallUpdate)
    return inbound


def test_what_has_the_right_token_is_authentic():
    ADAPTER.verify(news("lead_added"), SOURCE)


def test_one_with_another_token_or_none_is_not_authentic():
    body = payload("bitrix24/lead_added.txt")
    without = body.replace(b"application_token", b"another_token")
    twice = body + b"&auth%5Bapplication_token%5D=" + TOKEN.encode()
    token_at = body.index(TOKEN.encode())
    nested = body.replace(b"application_token%5D", b"application_token%5D%5Ba%5D")
    for wrong in (flipped(body, token_at), without, twice, nested, b"", b"auth=1", b"\xff=1"):
        with pytest.raises(NotAuthentic):
            ADAPTER.verify(sent(wrong), SOURCE)


def test_the_old_token_and_the_new_one_are_both_right_while_both_are_kept():
    ADAPTER.verify(
        news("lead_added"), a_source("bitrix24", secrets={"application_token": ("new", TOKEN)})
    )
    with pytest.raises(NotAuthentic):
        ADAPTER.verify(
            news("lead_added"), a_source("bitrix24", secrets={"application_token": "new"})
        )


def test_only_the_portal_that_the_source_is_pinned_to_may_post():
    ADAPTER.verify(news("lead_added"), replace(SOURCE, options={"member_id": MEMBER}))
    with pytest.raises(NotAuthentic):
        ADAPTER.verify(news("lead_added"), replace(SOURCE, options={"member_id": "other"}))


def test_keys_that_contradict_one_another_do_no_harm():
    with pytest.raises(NotAuthentic):
        ADAPTER.verify(sent(b"auth=1&auth[application_token][a]=2&auth[b]=3"), SOURCE)


def test_a_delivery_is_known_by_its_event_what_it_is_about_and_its_time():
    assert ADAPTER.once(news("lead_added"), SOURCE) == "ONCRMLEADADD:134806:1781081700"
    began, answered = news("call_began"), news("call_answered")
    assert ADAPTER.once(began, SOURCE) != ADAPTER.once(answered, SOURCE)
    assert ADAPTER.once(sent(b"event=A"), SOURCE) is None


@pytest.mark.parametrize(("card", "number"), [("lead", "134806"), ("deal", "410")])
def test_a_card_with_its_goods_and_its_contact_is_asked_for_at_once(card, number):
    assert ADAPTER.read(news(f"{card}_added"), SOURCE) == [
        Lookup(
            "batch",
            {
                "halt": 0,
                "cmd": {
                    card: f"crm.{card}.get?id={number}",
                    "goods": f"crm.{card}.productrows.get?id={number}",
                    "contact": f"crm.contact.get?id=$result[{card}][CONTACT_ID]",
                },
            },
        )
    ]


def test_a_contact_is_asked_for_alone():
    assert ADAPTER.read(news("contact_added"), SOURCE) == [
        Lookup("batch", {"halt": 0, "cmd": {"contact": "crm.contact.get?id=84"}})
    ]


@pytest.mark.parametrize("number", [b"1%26id%3D2", b"", b"-1", b"1" * 19, "١".encode()])
def test_an_id_that_is_no_number_is_never_asked_for(number):
    body = payload("bitrix24/lead_added.txt").replace(b"134806", number)
    with pytest.raises(Unreadable):
        ADAPTER.read(sent(body), SOURCE)


def test_a_lead_is_a_request_from_the_site():
    assert reported("lead") == ClientMessage(
        Signal(
            queue="main",
            channel=Channel.LANDING_FORM,
            received_at=datetime(2026, 6, 10, 8, 55, tzinfo=UTC),
            source="shop",
            external_id="lead:134806",
            customer=Customer(name="Игорь Ким", phone="+79001234567", email="igor@example.ru"),
            text="Заполнение формы «Подбор запчастей»\nНужен бампер\nна Solaris",
            budget=Decimal("15000.00"),
            currency="RUB",
            attributes={
                "origin": "WEBFORM",
                "origin_text": "Страница «Подбор»",
                "currency": "RUB",
                "responsible": "1",
                "utm_source": "yandex",
            },
        ),
        corrects=True,
    )


def test_a_deal_is_an_order_of_its_contact():
    assert reported("deal") == ClientMessage(
        Signal(
            queue="main",
            channel=Channel.SITE_ORDER,
            received_at=datetime(2026, 6, 10, 8, 55, tzinfo=UTC),
            source="shop",
            external_id="deal:410",
            customer=Customer(
                None, "Мария Орлова", "+79015550011", "maria@example.ru", {"bitrix24": "84"}
            ),
            text="Заказ №55",
            items=(
                Item("Фильтр воздушный", Decimal(2), Decimal("1200.00")),
                Item("Радиатор", Decimal(1), Decimal("4800.00")),
            ),
            budget=Decimal("7200.00"),
            currency="RUB",
            attributes={"origin": "STORE", "currency": "RUB", "responsible": "1"},
        ),
        corrects=True,
    )


def test_a_contact_is_a_registration():
    word = reported("contact")
    assert word.signal.channel is Channel.REGISTRATION
    assert word.signal.external_id == "contact:84"
    assert word.signal.text is None
    assert word.signal.customer == Customer(
        None, "Мария Орлова", "+79015550011", "maria@example.ru", {"bitrix24": "84"}
    )


@pytest.mark.parametrize(
    ("origin", "channel"),
    [
        ("EMAIL", Channel.EMAIL),
        ("CALLBACK", Channel.LANDING_FORM),
        ("STORE", Channel.SITE_ORDER),
        ("1|TELEGRAM", Channel.TELEGRAM),
        ("12|WHATSAPPBYEDNA", Channel.WHATSAPP),
        ("3|VKGROUP", Channel.VK),
        ("3|OPENLINE", Channel.SITE_CHAT),
        (None, Channel.LANDING_FORM),
        ({"a": 1}, Channel.LANDING_FORM),
    ],
)
def test_the_source_of_a_lead_says_how_it_came(origin, channel):
    assert reported("lead", SOURCE_ID=origin).signal.channel is channel


@pytest.mark.parametrize(
    ("card", "fields"),
    [
        ("lead", {"SOURCE_ID": "CALL"}),
        ("lead", {"STATUS_SEMANTIC_ID": "F"}),
        ("deal", {"LEAD_ID": "134806"}),
        ("deal", {"CLOSED": "Y"}),
        ("deal", {"STAGE_SEMANTIC_ID": "S"}),
        ("contact", {"LEAD_ID": "134806"}),
        ("contact", {"SOURCE_ID": "CALL"}),
    ],
)
def test_what_was_heard_of_already_or_is_over_opens_no_lead(card, fields):
    assert reported(card).opens
    assert not reported(card, **fields).opens


def test_a_card_that_was_deleted_meanwhile_is_no_lead():
    gone = json.loads(payload("bitrix24/answer_deleted.json"))
    found = ADAPTER.read_lookup(news("lead_added"), SOURCE, QUESTION, gone)
    assert is_ignored(found, IgnoredReason.GONE)
    alone = {"error": "", "error_description": "Not found"}
    found = ADAPTER.read_lookup(news("lead_added"), SOURCE, QUESTION, alone)
    assert is_ignored(found, IgnoredReason.GONE)


@pytest.mark.parametrize(
    "wrong",
    [
        {"error": "ACCESS_DENIED", "error_description": "Access denied."},
        {"result": {"result": {"lead": {"TITLE": "A"}}}},
    ],
)
def test_an_answer_without_the_card_is_unreadable(wrong):
    with pytest.raises(Unreadable):
        ADAPTER.read_lookup(news("lead_added"), SOURCE, QUESTION, wrong)


@pytest.mark.parametrize(
    "not_now",
    [
        *(None, [], "", {}, {"result": []}, {"result": {"result": {"lead": False}}}),
        {"result": {"result": [], "result_error": {"lead": {"error": "QUERY_LIMIT_EXCEEDED"}}}},
        {"result": {"result": [], "result_error": {"lead": {"error": "OPERATION_TIME_LIMIT"}}}},
        {"error": "OVERLOAD_LIMIT", "error_description": "REST API is blocked"},
        {"error": "a failure of a name that is new"},
    ],
)
def test_who_says_not_now_in_an_answer_is_asked_again(not_now):
    with pytest.raises(Unanswered):
        ADAPTER.read_lookup(news("lead_added"), SOURCE, QUESTION, not_now)


def test_a_contact_that_a_deal_names_and_nothing_is_said_of_is_missing():
    shown = {"deal": {"ID": "5", "TITLE": "Order", "CONTACT_ID": "7"}, "goods": []}
    (deal,) = ADAPTER.read_lookup(
        news("deal_added"), SOURCE, QUESTION, {"result": {"result": shown}}
    )
    assert deal.missing == ("contact",)
    nobody = {"deal": {"ID": "5", "TITLE": "Order", "CONTACT_ID": None}, "goods": []}
    failed = {"contact": {"error": "", "error_description": "ID is not defined or invalid."}}
    answer = {"result": {"result": nobody, "result_error": failed}}
    (deal,) = ADAPTER.read_lookup(news("deal_added"), SOURCE, QUESTION, answer)
    assert deal.missing == ()


@pytest.mark.parametrize("beside", ["contact", "goods"])
def test_a_part_that_is_not_told_now_is_missing_and_one_that_never_will_be_is_named(beside):
    answer = json.loads(payload("bitrix24/answer_deal.json"))
    del answer["result"]["result"][beside]
    failures = {beside: {"error": "QUERY_LIMIT_EXCEEDED", "error_description": "Too many"}}
    answer["result"]["result_error"] = failures
    (deal,) = ADAPTER.read_lookup(news("deal_added"), SOURCE, QUESTION, answer)
    assert (deal.missing, deal.corrects, deal.opens) == ((beside,), True, True)
    failures[beside]["error"] = "ACCESS_DENIED"
    (deal,) = ADAPTER.read_lookup(news("deal_added"), SOURCE, QUESTION, answer)
    assert (deal.missing, deal.signal.attributes["not_told"]) == ((), beside)
    failures[beside] = {"error": "", "error_description": "Not found"}
    (deal,) = ADAPTER.read_lookup(news("deal_added"), SOURCE, QUESTION, answer)
    assert (deal.missing, "not_told" in deal.signal.attributes) == ((), False)


def test_the_error_of_an_answer_is_told_by_its_code():
    refused = {"error": "ACCESS_DENIED", "error_description": "Access denied."}
    with pytest.raises(Unreadable, match="ACCESS_DENIED"):
        ADAPTER.read_lookup(news("lead_added"), SOURCE, QUESTION, refused)


def test_a_call_that_comes_in_rings_with_the_number_of_who_calls():
    inbound = call("call_began")
    assert (inbound.phase, inbound.opens, inbound.extension) == (CallPhase.RINGING, True, None)
    assert inbound.signal == Signal(
        queue="main",
        channel=Channel.PHONE,
        received_at=datetime(2026, 6, 10, 8, 58, 20, tzinfo=UTC),
        source="shop",
        external_id="call:5E316880469A6376.1773306964.8740011",
        live=True,
        customer=a_caller("+79001234567"),
        attributes={"line": "74951234567"},
    )


def test_that_a_talk_began_opens_nothing_as_it_may_be_a_call_out():
    inbound = call("call_answered")
    assert (inbound.phase, inbound.opens, inbound.extension) == (CallPhase.ANSWERED, False, "1269")
    assert inbound.signal.external_id == call("call_began").signal.external_id
    assert inbound.order > call("call_began").order


def test_a_call_that_ended_after_a_talk_was_talked():
    inbound = call("call_talked")
    assert (inbound.phase, inbound.opens, inbound.extension) == (CallPhase.TALKED, True, "1269")
    assert inbound.at == datetime(2026, 6, 10, 8, 59, 50, tzinfo=UTC)
    assert inbound.signal.received_at == datetime(2026, 6, 10, 8, 58, 20, tzinfo=UTC)
    assert inbound.signal.customer == a_caller("+79001234567")


def test_a_call_that_nobody_answered_was_missed():
    inbound = call("call_missed")
    assert (inbound.phase, inbound.opens, inbound.extension) == (CallPhase.MISSED, True, None)
    assert not inbound.signal.live
    assert inbound.signal.customer == a_caller("+79001234567")


@pytest.mark.parametrize("name", ["call_out_began", "call_out_ended"])
def test_calls_out_are_no_leads(name):
    assert is_ignored(ADAPTER.read(news(name), SOURCE))


def test_other_events_are_no_leads():
    assert is_ignored(ADAPTER.read(sent(b"event=ONCRMLEADUPDATE&data[FIELDS][ID]=1"), SOURCE))


@pytest.mark.parametrize(
    "body",
    [b"", b"event=", b"\xff", b"event=ONVOXIMPLANTCALLSTART", b"event[a]=1", b"event=ONCRMDEALADD"],
)
def test_what_does_not_say_what_it_is_about_is_unreadable(body):
    with pytest.raises(Unreadable):
        ADAPTER.read(sent(body), SOURCE)


@pytest.mark.parametrize("address", ["", "example.bitrix24.ru/rest/1/x/", "https://a/rest/1/x"])
def test_an_address_that_is_no_inbound_webhooks_is_told_before_it_is_kept(address):
    (mistake,) = ADAPTER.check_secrets({"rest_url": address})
    assert mistake.field == "rest_url"


def test_an_address_of_an_inbound_webhook_is_taken():
    address = "https://example.bitrix24.ru/rest/1/abc123/"
    assert not ADAPTER.check_secrets({"application_token": "a", "rest_url": address})
    assert not ADAPTER.check_secrets({"application_token": "a"})
