"""What each ending of a claim needs: every outcome, kind and thing left out.

Rules A11, A14, A15, A19, A21, B8, B12.
"""

from datetime import datetime, timedelta
from decimal import Decimal
from itertools import combinations
from typing import Any

import pytest
from builders import NOON

from service.leads.errors import InvalidRequest
from service.leads.lead import Kind
from service.leads.price_profile import Buyer, Selection
from service.leads.settlement import Outcome, Settlement, SettlementFacts, check_settlement

OUTCOME_NEEDS = {
    "won": {"amount"},
    "lost": {"reason"},
    "cancelled": {"reason"},
    "no_answer": set(),
    "callback": set(),
    "awaiting_payment": set(),
    "wish": {"note"},
    "wholesale": {"buyer", "selection"},
    "answered": {"note"},
    "will_think": {"note", "until"},
    "spam": set(),
    "duplicate": set(),
}
NOBODYS = ("spam", "duplicate")
KIND_NEEDS = {
    "office": set(),
    "phone": set(),
    "chat": {"note"},
    "self_order": {"note"},
    "offline": set(),
    "registration": set(),
    "task": set(),
}
SAID = {"reason": "too dear", "amount": Decimal("990.00"), "note": "answered by phone"}
CLIENT = {"buyer": Buyer.RESELLER, "selection": Selection.BY_SHOP}
WITH_PHONE = SettlementFacts(phone=True)
EVERY_CHOICE = [given for size in range(4) for given in combinations(SAID, size)]

EARLIER, LATER = NOON - timedelta(seconds=1), NOON + timedelta(seconds=1)
OF_OPERATORS = [Outcome(item) for item in OUTCOME_NEEDS]
WITHOUT_TIME = [item for item in OF_OPERATORS if item not in ("callback", "will_think")]


def mistaken_fields(
    kind: str, outcome: str, existing: SettlementFacts = WITH_PHONE, **sent: Any
) -> list[str]:
    try:
        check_settlement(Settlement(Outcome(outcome), **sent), Kind(kind), NOON, existing)
    except InvalidRequest as error:
        return [mistake.field for mistake in error.mistakes]
    return []


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("outcome", OF_OPERATORS)
def test_everything_missing_is_named_once(outcome: str, kind: str) -> None:
    needed = OUTCOME_NEEDS[outcome] | (set() if outcome in NOBODYS else KIND_NEEDS[kind])
    missing = {given: sorted(needed - set(given)) for given in EVERY_CHOICE}
    fields = {
        given: sorted(mistaken_fields(kind, outcome, **{name: SAID[name] for name in given}))
        for given in EVERY_CHOICE
    }
    assert fields == missing


@pytest.mark.parametrize("outcome", ["lost", "cancelled"])
def test_an_empty_reason_is_none(outcome: str) -> None:
    assert mistaken_fields("phone", outcome, reason="") == ["reason"]


@pytest.mark.parametrize("kind", ["chat", "self_order"])
def test_an_empty_note_is_none(kind: str) -> None:
    assert mistaken_fields(kind, "no_answer", note="") == ["note"]


def test_an_order_for_nothing_has_an_amount() -> None:
    assert mistaken_fields("phone", "won", amount=Decimal(0)) == []


def test_a_callback_may_name_a_time_to_come() -> None:
    assert mistaken_fields("phone", "callback", until=LATER) == []


@pytest.mark.parametrize("until", [EARLIER, NOON])
def test_a_callback_is_not_promised_for_the_past(until: datetime) -> None:
    assert mistaken_fields("phone", "callback", until=until) == ["until"]


@pytest.mark.parametrize("until", [EARLIER, LATER])
@pytest.mark.parametrize("outcome", WITHOUT_TIME)
def test_only_a_callback_has_a_time(outcome: str, until: datetime) -> None:
    client = CLIENT if outcome == "wholesale" else {}
    assert set(mistaken_fields("chat", outcome, until=until, **SAID, **client)) == {"until"}


def test_mistakes_of_every_sort_are_reported_together() -> None:
    assert mistaken_fields("chat", "lost", until=LATER) == ["reason", "note", "until"]


def test_a_mistake_says_what_is_wrong_and_what_would_be_right() -> None:
    with pytest.raises(InvalidRequest, match=r"reason: `lost` needs a reason") as caught:
        check_settlement(Settlement(Outcome.LOST), Kind.CHAT, NOON)
    assert all(mistake.reason and mistake.remedy for mistake in caught.value.mistakes)


@pytest.mark.parametrize("outcome", [item for item in WITHOUT_TIME if item != "wholesale"])
def test_only_a_wholesale_client_has_a_profile_to_find(outcome: str) -> None:
    assert mistaken_fields("phone", outcome, **SAID, **CLIENT) == ["buyer", "selection"]


@pytest.mark.parametrize("left_out", ["buyer", "selection"])
def test_half_of_what_a_profile_is_found_by_is_not_enough(left_out: str) -> None:
    sent = {name: value for name, value in CLIENT.items() if name != left_out}
    assert mistaken_fields("registration", "wholesale", **sent) == [left_out]


@pytest.mark.parametrize(
    ("kind", "fields"), [("phone", ["note", "phone"]), ("chat", ["note", "phone"])]
)
def test_a_wish_needs_words_and_a_phone_each_named_once(kind: str, fields: list[str]) -> None:
    assert mistaken_fields(kind, "wish", SettlementFacts()) == fields
    assert mistaken_fields(kind, "wish", SettlementFacts(), note="a rocket") == ["phone"]
    assert mistaken_fields(kind, "wish", WITH_PHONE, note="a rocket") == []


@pytest.mark.parametrize("outcome", WITHOUT_TIME)
def test_only_what_is_paid_already_awaits_no_payment(outcome: str) -> None:
    client = CLIENT if outcome == "wholesale" else {}
    fields = mistaken_fields(
        "chat", outcome, SettlementFacts(phone=True, paid=True), **SAID, **client
    )
    assert fields == (["outcome"] if outcome == "awaiting_payment" else [])


def test_the_farthest_time_of_a_callback_is_given() -> None:
    two_days = SettlementFacts(farthest=timedelta(days=2))
    assert mistaken_fields("phone", "callback", two_days, until=NOON + timedelta(days=2)) == []
    beyond = NOON + timedelta(days=2, seconds=1)
    assert mistaken_fields("phone", "callback", two_days, until=beyond) == ["until"]


def test_who_thinks_about_it_is_asked_again_at_a_time_to_come() -> None:
    words = {"note": "asks his wife", "offered": "two struts, 16 400"}
    assert mistaken_fields("phone", "will_think", until=LATER, **words) == []
    assert mistaken_fields("phone", "will_think", until=NOON, **words) == ["until"]
    assert mistaken_fields("phone", "will_think", **words) == ["until"]


@pytest.mark.parametrize("outcome", ["won", "callback", "answered", "spam"])
def test_only_an_end_without_an_order_has_an_offer(outcome: str) -> None:
    assert mistaken_fields("phone", outcome, offered="struts", **SAID) == ["offered"]


@pytest.mark.parametrize("kind", ["phone", "office", "offline"])
@pytest.mark.parametrize("outcome", ["won", "callback", "cancelled"])
def test_a_dialogue_that_a_call_joined_needs_its_note(kind: str, outcome: str) -> None:
    written = SettlementFacts(phone=True, dialogue=True)
    sent = {name: value for name, value in SAID.items() if name != "note"}
    assert mistaken_fields(kind, outcome, written, **sent) == ["note"]
    assert mistaken_fields(kind, outcome, written, **SAID) == []


def test_no_operator_reports_that_a_client_withdrew() -> None:
    assert mistaken_fields("phone", "withdrawn_by_client") == ["outcome"]
