"""Telephone fields as people type them: two numbers in one field, a name beside the number."""

from collections.abc import Iterator

from service.leads.customer import MAX_PHONES, Customer
from service.leads.lead import Signal
from service.leads.unchanging import replace
from service.matching.mobiles import read_mobile
from service.text.phone_fields import PhoneField, read_phone_field

MAX_TEXT = 20_000


def with_read_phones(signal: Signal, region: str) -> Signal:
    """The signal with each number in a field of its own; other words go to its text.

    A field with one number or none stays as it is.
    """
    customer = signal.customer
    if (
        customer is None
        or not customer.phone
        or all(_is_plain(item, region) for item in _typed(customer))
    ):
        return signal
    read = {typed: read_phone_field(typed, region) for typed in _typed(customer)}
    if all(map(_is_one_number, read.values())):
        return signal
    numbers = {typed: _numbers_of(typed, field) for typed, field in read.items()}
    phones = tuple(dict.fromkeys(item for found in numbers.values() for item in found))
    # The network names one number at a time: the first of each field that it filled.
    network = (numbers.get(typed, (typed,))[0] for typed in customer.network_phones)
    lines = (field.left for field in read.values() if field.phones and field.left)
    text = "\n".join(item for item in (signal.text, *lines) if item)[:MAX_TEXT]
    found = replace(
        customer,
        phone=phones[0],
        phones=phones[1:MAX_PHONES],
        network_phones=tuple(dict.fromkeys(network)),
    )
    return replace(signal, customer=found, text=text or None)


def with_read_numbers(customer: Customer, region: str) -> Customer:
    """The client with each number of their phone field by itself."""
    if not customer.phone:
        return customer
    phone, *others = _numbers_of(customer.phone, read_phone_field(customer.phone, region))
    return replace(customer, phone=phone, phones=tuple(others[: MAX_PHONES - 1]))


def _typed(customer: Customer) -> Iterator[str]:
    return (item for item in (customer.phone, *customer.phones) if item)


def _is_plain(typed: str, region: str) -> bool:
    is_digits = typed.startswith("+") and typed[1:].isdecimal()
    return is_digits or read_mobile(typed, region) is not None


def _is_one_number(field: PhoneField) -> bool:
    return not field.phones or (len(field.phones) == 1 and field.left is None)


def _numbers_of(typed: str, field: PhoneField) -> tuple[str, ...]:
    """The numbers of a field; a field with one number or none stays as it is."""
    return (typed,) if _is_one_number(field) else field.phones
