"""Which card a client's own marks name."""

from datetime import UTC, datetime

from service.leads.context import (
    ClientClass,
    Contact,
    CustomerContext,
    OrderInWork,
    OrderState,
)
from service.leads.customer import Recognition
from service.leads.identity import Evidence
from service.matching.marks import Mark
from service.matching.recognition import MarkedCard, MarkedTalk, recognise, with_talks

NOW = datetime(2026, 6, 10, 9, tzinfo=UTC)
CALLS, TELEGRAM, MAIL = (
    Mark("phone", "+1", 1),
    Mark("messenger:telegram", "1", 1),
    Mark("email", "a@b", 3),
)
BUSY = CustomerContext(orders=(OrderInWork("1", "anna", NOW),))
DONE = CustomerContext(orders=(OrderInWork("1", "anna", NOW, OrderState.DONE),))
IDLE = CustomerContext()
GUARDED = CustomerContext(client_class=ClientClass.SUPER_VIP)


def card(name: str, *marks: Mark, context: CustomerContext = IDLE) -> MarkedCard:
    return MarkedCard(name, 1, context, (Mark("customer", name, 1), *marks))


def test_the_only_card_with_a_mark_is_the_clients() -> None:
    cards = [card("a", CALLS, context=BUSY)]
    found = recognise([CALLS], cards)
    assert found.card == cards[0]
    assert found.how == Recognition((Evidence.PHONE,), ("a",), "A24")
    assert found.context(cards) == BUSY
    assert recognise([MAIL], cards).card is recognise([MAIL], cards).context(cards) is None


def test_of_several_cards_it_is_the_one_with_an_order_in_work() -> None:
    cards = [card("a", CALLS, context=DONE), card("b", CALLS, context=BUSY)]
    found = recognise([CALLS], cards)
    assert found.card == cards[1]
    assert found.how == Recognition((Evidence.PHONE,), ("a", "b"), "B2")


def test_where_none_or_both_have_an_order_it_is_nobodys_and_both_are_shown() -> None:
    for context in (IDLE, BUSY):
        cards = [card("a", CALLS, context=context), card("b", CALLS, context=context)]
        found = recognise([CALLS], cards)
        assert found.card is None
        assert found.how is not None
        assert found.how.cards == ("a", "b")
        known = found.context(cards)
        assert known is not None
        assert known.orders == ()  # nobody's owner


def test_a_super_vip_is_guarded_though_another_card_has_the_number() -> None:
    cards = [card("a", CALLS, context=GUARDED), card("b", CALLS)]
    known = recognise([CALLS], cards).context(cards)
    assert known is not None
    assert known.client_class is ClientClass.SUPER_VIP


def test_the_surest_mark_decides_between_cards() -> None:
    cards = [card("a", MAIL, context=BUSY), card("b", TELEGRAM)]
    assert recognise([MAIL, TELEGRAM], cards).card == cards[1]
    named = [Mark("customer", "a", 1), TELEGRAM]
    assert recognise(named, cards).card == cards[0]


def test_a_card_that_a_surer_mark_contradicts_is_another_clients() -> None:
    cards = [card("a", MAIL, CALLS)]
    assert recognise([MAIL, Mark("phone", "+2", 2)], cards).card is None
    assert recognise([MAIL, Mark("phone", "+1", 2)], cards).card == cards[0]


def test_a_talk_with_the_same_marks_is_the_clients_with_and_without_a_card() -> None:
    boris, vera = Contact("boris", NOW), Contact("vera", NOW)
    talks = [MarkedTalk(boris, (CALLS,)), MarkedTalk(vera, (Mark("phone", "+2", 1),))]
    found = with_talks(None, [CALLS], talks)
    assert found is not None
    assert found.contacts == (boris,)
    known = with_talks(BUSY, [CALLS], talks)
    assert known is not None
    assert (known.orders, known.contacts) == (BUSY.orders, (boris,))


def test_talks_with_others_change_nothing() -> None:
    talks = [MarkedTalk(Contact("vera", NOW), (Mark("phone", "+2", 1),))]
    assert with_talks(BUSY, [CALLS], talks) is BUSY
    assert with_talks(None, [CALLS], talks) is None
