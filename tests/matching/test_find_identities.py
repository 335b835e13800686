"""Who a client is: exact evidence only."""

import pytest

from service.leads.customer import Customer
from service.leads.identity import Evidence, evidence_of
from service.matching.find_identities import find_identities, read_phone

ALL = frozenset(Evidence)


@pytest.mark.parametrize(
    "sent",
    ["79001234567", "89001234567", "8 900 123-45-67", "9001234567", "+7 (900) 123-45-67"],
)
def test_one_number_is_one_identity_however_it_is_written(sent: str) -> None:
    assert find_identities(Customer(phone=sent), "RU", ALL) == ("phone:+79001234567",)


@pytest.mark.parametrize(
    "sent", ["29", "anonymous", "0000000000", "+7 000 000-00-00", "", "sip:29"]
)
def test_what_is_no_number_shows_nothing(sent: str) -> None:
    assert find_identities(Customer(phone=sent), "RU", ALL) == ()


def test_a_number_without_a_country_is_of_the_queues_region() -> None:
    assert read_phone("8 029 123 45 67", "BY") == "+375291234567"
    assert read_phone("+375291234567", "RU") == "+375291234567"


def test_every_evidence_shows_who_he_is_and_names_do_not() -> None:
    client = Customer("c-1", "Ольга", "+79001234567", " Olga@Example.RU ", {"vk": "7", "max": "8"})
    found = find_identities(client, "RU", ALL)
    assert found == (
        *("customer:c-1", "phone:+79001234567", "messenger:max:8", "messenger:vk:7"),
        "email:olga@example.ru",
    )
    assert {evidence_of(item) for item in found} == ALL
    assert find_identities(Customer(name="Ольга"), "RU", ALL) == ()
    assert find_identities(None, "RU", ALL) == ()


def test_only_evidence_that_the_policy_takes_counts() -> None:
    client = Customer("c-1", phone="+79001234567")
    assert find_identities(client, "RU", {Evidence.PHONE}) == ("phone:+79001234567",)
    assert find_identities(client, "RU", ()) == ()
