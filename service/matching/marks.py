"""By what a client is recognised: marks of their own, each with its strength (rules A20, A24).

A mark is exact evidence: similar is not the same, and names never decide. What is no valid
telephone number, and what people type to get past a field, is nobody's mark.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from phonenumbers import (
    NumberParseException,
    PhoneNumberFormat,
    format_number,
    is_valid_number,
    national_significant_number,
    parse,
)

from service.leads.customer import Customer
from service.leads.identity import Evidence

PROVEN, TYPED, ADDRESS = 1, 2, 3
MAX_MARK = 400
REMEMBERED_PHONES = 10_000
UNREAD_MAILBOXES = re.compile(
    r"(?:no|none|net|netu|nety|nomail|noemail|test|example|(?:no|donot|do-not|do_not)[-_.]?reply"
    r"|no[-_.](?:e-?)?mail)@"
)
COUNTED_UP = "1234567"


class Mark(NamedTuple):
    """One own mark; `sort` is what can be compared: two ids of one messenger, two numbers.

    `strength` 1 proves itself (the shop's customer number, a messenger's id, a number that the
    network gave), 2 was typed as a contact (a telephone number), 3 is a mail address.
    """

    sort: str
    value: str
    strength: int

    @property
    def identity(self) -> str:
        """The mark as it is stored: `phone:+79001234567`, `messenger:vk:7`."""
        return f"{self.sort}:{self.value}"

    @property
    def evidence(self) -> Evidence:
        """Which evidence it is."""
        return Evidence(self.sort.partition(":")[0])


def mark_of(identity: str, strength: int) -> Mark:
    """The mark that was stored."""
    sort, _, value = identity.partition(":")
    if sort == Evidence.MESSENGER:
        messenger, _, value = value.partition(":")
        sort = f"{sort}:{messenger}"
    return Mark(sort, value, strength)


def own_marks(
    customer: Customer | None,
    region: str,
    by: Collection[Evidence],
    nobodys: Collection[str] = frozenset(),
) -> tuple[Mark, ...]:
    """A client's own marks, of the evidence that counts; numbers without a country are of `region`.

    What is in `nobodys` (identities: the shop's own, shared ones) is left out.
    """
    if customer is None:
        return ()
    found = {
        mark.identity: mark
        for mark in reversed([*_given(customer, region)])
        if mark.evidence in by and len(mark.value) <= MAX_MARK
    }
    return tuple(
        mark
        for name, mark in reversed(found.items())
        if name not in nobodys and _domain(mark) not in nobodys
    )


def _domain(mark: Mark) -> str | None:
    """The identity of a mail address's whole domain."""
    return f"{mark.sort}:@{mark.value.rpartition('@')[2]}" if mark.sort == "email" else None


@lru_cache(REMEMBERED_PHONES)
def read_phone(given: str, region: str) -> str | None:
    """A telephone number in E.164; None for what is none, as callers without a number have."""
    try:
        number = parse(given, region)
    except NumberParseException:
        return None
    if not is_valid_number(number) or _is_placeholder(national_significant_number(number)):
        return None
    return format_number(number, PhoneNumberFormat.E164)


def read_address(given: str) -> str | None:
    """A mail address as it is compared; None for one that is typed to get past a field."""
    address = given.strip().casefold()
    return None if UNREAD_MAILBOXES.match(address) or "@" not in address else address


def besides(marks: Iterable[Mark], others: Iterable[Mark]) -> list[Mark]:
    """The marks that are not among others, however sure those are."""
    identities = {mark.identity for mark in others}
    return [mark for mark in marks if mark.identity not in identities]


def shops_mark(written: str, region: str) -> str | None:
    """The identity of a number, address or domain of the shop's own; None for what is none."""
    plain = written.strip().casefold()
    if "@" in plain:
        return f"{Evidence.EMAIL}:{plain}"
    phone = read_phone(plain, region)
    return None if phone is None else f"{Evidence.PHONE}:{phone}"


def _is_placeholder(national: str) -> bool:
    return len({*national}) == 1 or national.startswith(COUNTED_UP)


def _given(customer: Customer, region: str) -> Iterator[Mark]:
    if customer.external_id:
        yield Mark(Evidence.CUSTOMER, customer.external_id, PROVEN)
    for given in (customer.phone, *customer.phones):
        if given and (phone := read_phone(given, region)):
            strength = PROVEN if given in customer.network_phones else TYPED
            yield Mark(Evidence.PHONE, phone, strength)
    for messenger, client in sorted((customer.messengers or {}).items()):
        yield Mark(f"{Evidence.MESSENGER}:{messenger}", client, PROVEN)
    if customer.email and (address := read_address(customer.email)):
        yield Mark(Evidence.EMAIL, address, ADDRESS)
