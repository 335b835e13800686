"""What is typed into the telephone field of `POST /v1/leads` and of a file."""

from dataclasses import replace

from builders import a_signal

from service.leads.customer import Customer
from service.matching.contacts import with_read_phones


def read(customer: Customer, text: str | None = None):
    return with_read_phones(replace(a_signal(), customer=customer, text=text), "RU")


def test_two_numbers_in_one_field_are_two_numbers() -> None:
    signal = read(Customer(phone="8 914 700-12-13; 8 (423) 202-25-11"), "диск")
    assert signal.customer.phone == "+79147001213"
    assert signal.customer.phones == ("+74232022511",)
    assert signal.text == "диск"


def test_a_name_beside_a_number_is_kept_as_a_line() -> None:
    signal = read(Customer(phone="89147001213 (Ольга)"), "диск")
    assert (signal.customer.phone, signal.text) == ("+79147001213", "диск\n89147001213 (Ольга)")


def test_one_number_and_no_number_stay_as_they_were_typed() -> None:
    for typed in ("8 914 700-12-13", "12345", "нет", "+79147001213"):
        assert read(Customer(phone=typed)).customer.phone == typed


def test_what_the_network_gave_stays_proven() -> None:
    typed = "89147001213 (Ольга)"
    signal = read(Customer(phone=typed, network_phones=(typed,), phones=("8 950 288-12-13",)))
    assert signal.customer.network_phones == ("+79147001213",)
    assert signal.customer.phones == ("8 950 288-12-13",)


def test_each_number_that_the_network_gave_stays_proven() -> None:
    first, second = "89147001213 (Ольга)", "8 950 288-12-13, муж"
    signal = read(Customer(phone=first, phones=(second,), network_phones=(first, second)))
    assert signal.customer.network_phones == ("+79147001213", "+79502881213")
    plain = Customer(phone=first, phones=("+79502881213",), network_phones=(first, "+79502881213"))
    assert read(plain).customer.network_phones == ("+79147001213", "+79502881213")


def test_of_two_numbers_in_a_field_of_the_network_only_the_first_is_proven() -> None:
    typed = "8 914 700-12-13; 8 (423) 202-25-11"
    signal = read(Customer(phone=typed, network_phones=(typed,)))
    assert signal.customer.network_phones == ("+79147001213",)
    assert signal.customer.phones == ("+74232022511",)
