"""Who a client is, by what a signal says of him: his number in the shop, phone, messengers, mail.

Similar is not the same: what is no valid telephone number shows nothing, and names never do.
"""

from collections.abc import Collection, Iterator

from phonenumbers import (
    NumberParseException,
    PhoneNumberFormat,
    format_number,
    is_valid_number,
    parse,
)

from service.leads.customer import Customer
from service.leads.identity import Evidence


def find_identities(
    customer: Customer | None, region: str, by: Collection[Evidence]
) -> tuple[str, ...]:
    """The client's identities, of the evidence that counts; telephone numbers are of `region`."""
    if customer is None:
        return ()
    return tuple(
        dict.fromkeys(
            f"{evidence}:{value}" for evidence, value in _given(customer, region) if evidence in by
        )
    )


def read_phone(given: str, region: str) -> str | None:
    """A telephone number in E.164; None for what is none, as callers without a number have."""
    try:
        number = parse(given, region)
    except NumberParseException:
        return None
    return format_number(number, PhoneNumberFormat.E164) if is_valid_number(number) else None


def _given(customer: Customer, region: str) -> Iterator[tuple[Evidence, str]]:
    if customer.external_id:
        yield Evidence.CUSTOMER, customer.external_id
    if customer.phone and (phone := read_phone(customer.phone, region)):
        yield Evidence.PHONE, phone
    for messenger, client in sorted((customer.messengers or {}).items()):
        yield Evidence.MESSENGER, f"{messenger}:{client}"
    if customer.email:
        yield Evidence.EMAIL, customer.email.strip().casefold()
