"""What a lead becomes when another signal of its client joins it."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from builders import NOON, a_signal
from open_always import open_always

from service.leads.customer import Customer
from service.leads.lead import HIGHEST_MONEY, Channel, Intent, Item, Kind, RankingInput, Signal
from service.matching.accounts import same_client
from service.matching.joining import (
    MAX_ITEMS,
    MAX_TEXT,
    joined,
    together,
)
from service.policies.reading import read_policy

POLICY = read_policy(open_always())
PADS = Item("колодки", Decimal(1), Decimal(5000))
BUMPER = Item("бампер", Decimal(1), Decimal(9000))


def after(first: Signal, *later: Signal) -> RankingInput:
    situation = RankingInput(first, asked_at=first.received_at)
    for item in later:
        situation = joined(situation, item, POLICY)
    return situation


@pytest.mark.parametrize(
    ("first", "later", "hotter"),
    [
        (Channel.EMAIL, Channel.PHONE, Channel.PHONE),
        (Channel.PHONE, Channel.EMAIL, Channel.PHONE),
        (Channel.WHATSAPP, Channel.SITE_ORDER, Channel.WHATSAPP),
        (Channel.REGISTRATION, Channel.SITE_ORDER, Channel.SITE_ORDER),
        (Channel.PHONE, Channel.WALK_IN, Channel.WALK_IN),
        (Channel.WHATSAPP, Channel.TELEGRAM, Channel.TELEGRAM),  # he is there now
    ],
)
def test_the_hotter_kind_wins(first: Channel, later: Channel, hotter: Channel) -> None:
    assert after(a_signal(channel=first), a_signal(channel=later)).signal.channel is hotter


def test_a_kind_that_was_stated_goes_with_its_channel() -> None:
    stated = a_signal(channel=Channel.EMAIL, kind=Kind.CHAT)
    found = after(a_signal(channel=Channel.SITE_ORDER), stated).signal
    assert (found.channel, found.kind) == (Channel.EMAIL, Kind.CHAT)


def test_texts_and_items_add_up_and_what_is_said_again_does_not() -> None:
    first = a_signal(text="нужны колодки", items=(PADS,))
    found = after(
        first, a_signal(text="и бампер", items=(BUMPER,)), a_signal(text="и бампер")
    ).signal
    assert found.text == "нужны колодки\nи бампер"
    assert found.items == (PADS, BUMPER)


def test_of_too_much_the_first_and_the_last_words_are_kept() -> None:
    found = after(a_signal(text="а" * MAX_TEXT), a_signal(text="б" * 5000)).signal
    assert found.text is not None
    assert len(found.text) <= MAX_TEXT
    assert (found.text[0], found.text[-1]) == ("а", "б")
    many = after(a_signal(items=(PADS,) * MAX_ITEMS), a_signal(items=(BUMPER,))).signal
    assert len(many.items) == MAX_ITEMS


@pytest.mark.parametrize(
    ("field", "first", "later", "found"),
    [
        ("budget", Decimal(5), Decimal(7), Decimal(7)),
        ("budget", Decimal(5), None, Decimal(5)),
        ("urgency", 0.9, 0.2, 0.9),
        ("urgency", None, 0.2, 0.2),
        ("needed_by", NOON + timedelta(2), NOON + timedelta(1), NOON + timedelta(1)),
        ("vin", "A" * 17, None, "A" * 17),
        ("intent", None, Intent.RETURN, Intent.RETURN),
        ("live", True, False, True),
        ("live", False, True, True),
        ("attributes", {"a": 1, "b": 1}, {"b": 2}, {"a": 1, "b": 2}),
    ],
)
def test_each_fact_has_its_own_way(field: str, first: Any, later: Any, found: Any) -> None:
    situation = after(a_signal(**{field: first}), a_signal(**{field: later}))
    assert getattr(situation.signal, field) == found


@pytest.mark.parametrize(
    ("first", "later", "paid"),
    [
        ({"paid": True, "items": (PADS,)}, {"text": "когда?"}, True),
        ({"text": "когда?"}, {"paid": True, "items": (PADS,)}, True),
        ({"paid": True, "items": (PADS,)}, {"items": (BUMPER,)}, False),
        ({"paid": True, "items": (PADS,)}, {"paid": True, "items": (BUMPER,)}, True),
    ],
)
def test_an_order_that_is_not_paid_keeps_the_whole_from_being_paid(
    first: Any, later: Any, paid: bool
) -> None:
    assert after(a_signal(**first), a_signal(**later)).signal.paid is paid


def test_he_waits_since_his_first_signal_and_asked_with_his_last() -> None:
    late = a_signal(received_at=NOON - timedelta(hours=1))
    found = after(a_signal(), a_signal(received_at=NOON + timedelta(minutes=5)), late)
    assert found.signal.received_at == NOON - timedelta(hours=1)
    assert found.asked_at == NOON + timedelta(minutes=5)


def test_who_is_on_the_line_again_is_not_to_be_called_back() -> None:
    missed = RankingInput(a_signal(channel=Channel.PHONE), asked_at=NOON, callback_due=True)
    assert joined(missed, a_signal(text="?"), POLICY).callback_due
    assert not joined(missed, a_signal(channel=Channel.PHONE, live=True), POLICY).callback_due


def test_who_was_promised_a_call_waits_in_two_leads_as_long_as_in_either() -> None:
    later = NOON + timedelta(hours=1)
    waits = RankingInput(a_signal(), asked_at=later)
    promised = replace(waits, callback_due=True, promised_at=later)
    missed = RankingInput(a_signal(received_at=NOON - timedelta(1)), NOON, promised_at=later)
    for item, other in ((waits, promised), (promised, waits), (waits, missed)):
        found = together(item, other, POLICY)
        assert (found.asked_at, found.promised_at) == (later, NOON)
        assert found.callback_due is (item.callback_due or other.callback_due)
    assert together(waits, waits, POLICY).promised_at is None
    assert together(promised, missed, POLICY).promised_at == later


def test_what_is_known_of_a_client_is_added_to_and_never_replaced() -> None:
    existing = Customer(None, "Ольга", None, "o@x.ru", {"vk": "1"})
    reported = Customer("c-1", "Olga", "+79001234567", "other@x.ru", {"vk": "2", "max": "3"})
    assert same_client(existing, reported, "RU") == Customer(
        "c-1", "Ольга", "+79001234567", "o@x.ru", {"vk": "1", "max": "3"}
    )
    assert same_client(None, reported, "RU") == same_client(reported, None, "RU") == reported


@pytest.mark.parametrize(
    ("first", "later", "currency"),
    [
        ({"budget": Decimal(5), "currency": "USD"}, {"currency": "EUR"}, "USD"),
        ({"budget": Decimal(5), "currency": "USD"}, {"budget": Decimal(9)}, None),
        ({"currency": "USD"}, {"budget": Decimal(9), "currency": "EUR"}, "EUR"),
        ({"budget": Decimal(5)}, {"currency": "EUR"}, None),
        ({"currency": "USD"}, {"currency": "EUR"}, "USD"),
        ({"currency": "USD"}, {}, "USD"),
        ({}, {"currency": "EUR"}, "EUR"),
    ],
)
def test_the_currency_is_that_of_the_budget_that_counts(
    first: dict[str, Any], later: dict[str, Any], currency: str | None
) -> None:
    assert after(a_signal(**first), a_signal(**later)).signal.currency == currency


@pytest.mark.parametrize(
    ("first", "later", "bill"),
    [
        ({"items": (PADS,)}, {"items": (BUMPER,)}, Decimal(12)),
        ({"items": (PADS,)}, {}, Decimal(7)),
        ({}, {"items": (BUMPER,)}, Decimal(7)),
        ({"items": (PADS,), "currency": "USD"}, {"items": (BUMPER,), "currency": "USD"}, 12),
        ({"items": (PADS,), "currency": "USD"}, {"items": (BUMPER,)}, Decimal(7)),
    ],
)
def test_two_orders_cost_what_both_cost(first: Any, later: Any, bill: Decimal) -> None:
    signals = a_signal(budget=Decimal(5), **first), a_signal(budget=Decimal(7), **later)
    assert after(*signals).signal.budget == bill


def test_orders_without_measure_cost_what_can_be_stored() -> None:
    most = Decimal(999_999_999)
    orders = [a_signal(budget=most, items=(PADS,)) for _ in range(3)]
    assert after(*orders).signal.budget == HIGHEST_MONEY
