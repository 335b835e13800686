"""What others are told of an event, and what they are not."""

from datetime import UTC, datetime

import orjson
import pytest

from service.leads.outgoing_event import (
    TOLD_DETAILS,
    TYPE,
    OutgoingEvent,
    event_id,
    public_details,
    public_reason,
)

NOON = datetime(2026, 6, 10, 9, tzinfo=UTC)


def test_details_that_are_not_named_stay_here() -> None:
    sent = {
        **{"note": "звонила дочь", "before": {"text": "тайна"}, "explanation": {"text": {}}},
        **{"outcome": "lost", "tries": 2, "last": False, "amount": "5.00", "until": None},
    }
    assert public_details(sent) == {
        **{"outcome": "lost", "tries": 2, "last": False, "amount": "5.00", "until": None},
    }
    assert public_details(None) == {}


def test_nothing_hides_in_the_depths_of_a_detail() -> None:
    deep = {"to": {"operator": "anna", "note": "тайна"}, "known": ["email", {"email": "a@b.ru"}]}
    assert public_details(deep) == {"to": {"operator": "anna"}, "known": ["email"]}


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("2026-06-10 call +7 916 123-45-67", "••• call •••"),
        ("79161234567", "•••"),
        ("8 (916) 123-45-67", "•••"),
        ("0f8fad5b-0000-4000-8000 89161234567", "0f8fad5b-•••"),
        ("5.00 to 89161234567", "5.00 to •••"),
        ("89161234567\n", "•••\n"),
        ("two struts", "two struts"),
    ],
)
def test_words_that_begin_like_a_time_or_an_id_are_masked_too(typed: str, sent: str) -> None:
    assert public_details({"goods": typed, "known": [typed]}) == {"goods": sent, "known": [sent]}


@pytest.mark.parametrize(
    "value",
    [
        *("2026-06-10", "2026-06-10T09:15:00Z", "2026-06-10T09:15:00.123456+03:00"),
        *("0f8fad5b-d9cb-469f-a165-70867728950e", "12345678.00", "-79161234567.50"),
    ],
)
def test_times_ids_and_sums_are_sent_whole(value: str) -> None:
    assert public_details({"until": value, "amount": value}) == {"until": value, "amount": value}


def test_names_and_numbers_that_the_shop_gives_are_sent_whole() -> None:
    sent = {
        **{"operator": "anna.79161234567@shop.example", "order": "79161234567", "customer": "c-1"},
        **{"declined_by": ["1234567", "7654321@shop.example"], "to": {"operator": "1234567"}},
    }
    assert public_details(sent) == sent
    assert public_details({"into": "phone:+79161234567"}) == {"into": "phone:•••"}


def test_the_note_of_a_handover_is_no_reason() -> None:
    assert public_reason("lead.transferred", "позвони ей вечером") is None
    assert public_reason("lead.settled", "дорого") == "дорого"
    assert public_reason("lead.received", None) is None


def test_a_message_is_far_below_20_kb_whatever_it_says() -> None:
    long = "🚗" * 10_000
    wordy = dict.fromkeys(("outcome", "until", "operator", "for", "amount"), long)
    details = public_details({**wordy, "known": [long] * 1000, "to": {"operator": long}})
    words = {"reason": public_reason("lead.settled", long), "external_id": "🚗" * 200}
    event = OutgoingEvent(event_id("lead", 2**63), "lead.settled", NOON, {**words, **details})
    assert len(orjson.dumps(event.message())) < 20_000


def test_an_id_has_no_dot() -> None:
    assert event_id("lead", 7) == "lead-event-7"
    assert event_id("lead", 7) != event_id("queue", 7)


@pytest.mark.parametrize("wanted", ["*", "lead.*", "lead.received", "queue.cutoff_at_risk"])
def test_what_can_be_wanted(wanted: str) -> None:
    assert TYPE.fullmatch(wanted)


@pytest.mark.parametrize("wanted", ["", "lead", "lead.", "*.*", "Lead.*", "lead.a.b", "lead.re*"])
def test_what_cannot_be_wanted(wanted: str) -> None:
    assert not TYPE.fullmatch(wanted)


def test_details_are_named_as_they_are_written() -> None:
    assert all(name.islower() for name in TOLD_DETAILS)
