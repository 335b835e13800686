"""By which marks a client is recognised: exact evidence of their own only."""

import pytest

from service.leads.customer import Customer
from service.leads.identity import Evidence
from service.matching.marks import Mark, mark_of, own_marks, read_address, read_phone, shops_mark

ALL = frozenset(Evidence)


def identities(customer: Customer | None, nobodys: frozenset[str] = frozenset()) -> list[str]:
    return [mark.identity for mark in own_marks(customer, "RU", ALL, nobodys)]


@pytest.mark.parametrize(
    "written",
    ["79001234567", "89001234567", "8 900 123-45-67", "9001234567", "+7 (900) 123-45-67"],
)
def test_one_number_is_one_mark_however_it_is_written(written: str) -> None:
    assert identities(Customer(phone=written)) == ["phone:+79001234567"]


@pytest.mark.parametrize(
    "written", ["29", "anonymous", "0000000000", "+7 000 000-00-00", "", "sip:29", "9" * 5000]
)
def test_what_is_no_number_is_no_mark(written: str) -> None:
    assert identities(Customer(phone=written)) == []


@pytest.mark.parametrize("written", ["+7 (999) 999-99-99", "8 888 888 88 88", "+380 50 000 00 00"])
def test_what_is_typed_to_get_past_a_field_is_nobodys(written: str) -> None:
    same = len({*filter(str.isdigit, written[2:])}) == 1
    assert (identities(Customer(phone=written)) == []) is same


@pytest.mark.parametrize(
    "address", ["no@mail.ru", "NoReply@shop.example", "test@test.ru", "no-reply@x.ru", "nomail@a.b"]
)
def test_mailboxes_that_nobody_reads_are_nobodys(address: str) -> None:
    assert identities(Customer(email=address)) == []
    assert read_address(f"{address[:2]}nora@mail.ru") is not None


def test_a_number_without_a_country_is_of_the_region() -> None:
    assert read_phone("8 029 123 45 67", "BY") == "+375291234567"
    assert read_phone("+375291234567", "RU") == "+375291234567"


def test_every_evidence_is_a_mark_with_its_strength_and_names_are_none() -> None:
    client = Customer(
        *("c-1", "Ольга", "+79001234567", " Olga@Example.RU ", {"vk": "7", "max": "8"}),
        phones=("8 900 765-43-21",),
        network_phones=("8 900 765-43-21",),
    )
    assert own_marks(client, "RU", ALL) == (
        Mark("customer", "c-1", 1),
        Mark("phone", "+79001234567", 2),
        Mark("phone", "+79007654321", 1),
        Mark("messenger:max", "8", 1),
        Mark("messenger:vk", "7", 1),
        Mark("email", "olga@example.ru", 3),
    )
    assert identities(Customer(name="Ольга")) == identities(None) == []


def test_a_mark_is_read_as_it_was_stored() -> None:
    client = Customer("c:1", phone="+79001234567", email="a@b.ru", messengers={"vk": "7:8"})
    for mark in own_marks(client, "RU", ALL):
        assert mark_of(mark.identity, mark.strength) == mark


def test_only_evidence_that_the_policy_takes_counts() -> None:
    client = Customer("c-1", phone="+79001234567")
    assert own_marks(client, "RU", {Evidence.PHONE}) == (Mark("phone", "+79001234567", 2),)
    assert own_marks(client, "RU", ()) == ()


def test_the_shops_own_marks_are_nobodys_a_whole_domain_too() -> None:
    own = {shops_mark(item, "RU") for item in ("8 495 000-00-08", "info@shop.ru", "@firm.ru")}
    nobodys = frozenset(filter(None, own))
    assert len(nobodys) == 3
    assert identities(Customer(phone="+74950000008", email="INFO@shop.ru"), nobodys) == []
    assert identities(Customer(email="anna@firm.ru"), nobodys) == []
    assert identities(Customer(email="anna@shop.ru"), nobodys) == ["email:anna@shop.ru"]
    assert shops_mark("no number", "RU") is None


@pytest.mark.parametrize("typed", ["375291234567", "00375 29 123-45-67", "+375 29 1234567"])
def test_a_number_abroad_is_one_mark_however_it_is_typed(typed: str) -> None:
    assert read_phone(typed, "RU") == "+375291234567"


@pytest.mark.parametrize("typed", ["8 800 555-35-35", "+1 800 253 0000", "8-800-100-20-30"])
def test_a_number_that_is_free_to_call_is_nobodys(typed: str) -> None:
    """People type those of firms into forms; nobody calls from them."""
    assert own_marks(Customer(phone=typed), "RU", [*Evidence]) == ()
    assert shops_mark(typed, "RU") is not None  # the shop's own may be such a number


@pytest.mark.parametrize(
    "typed", ["Иван <Ivan9@mail.ru>", "<ivan9@mail.ru> ", "mailto:ivan9@mail.ru", "IVAN9@MAIL.RU"]
)
def test_an_address_is_one_mark_however_it_is_pasted(typed: str) -> None:
    assert read_address(typed) == "ivan9@mail.ru"
