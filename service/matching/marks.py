"""The client's own marks, each with its strength (rules A20, A24).

A mark is exact evidence: similar is not equal, and names never decide. An invalid telephone number
and a placeholder that people type to get past a field are no marks.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from phonenumbers import (
    PhoneNumberType,
    national_significant_number,
    number_type,
    parse,
)

from service.leads.customer import Customer
from service.leads.identity import Evidence
from service.matching.mobiles import read_mobile
from service.text.phone_fields import number_as_typed

PROVEN, TYPED, ADDRESS = 1, 2, 3
MAX_MARK = 400
REMEMBERED_PHONES = 10_000
UNREAD_MAILBOXES = re.compile(
    r"(?:no|none|net|netu|nety|nomail|noemail|test|example|(?:no|donot|do-not|do_not)[-_.]?reply"
    r"|no[-_.](?:e-?)?mail)@"
)
COUNTED_UP = "1234567"
NAMED_ADDRESS = re.compile(r"[^<>]{0,200}<([^<>\s]+@[^<>\s]+)>\s*")


class Mark(NamedTuple):
    """One own mark; marks of equal `sort` can be compared, such as two ids of one messenger.

    Strength 1 proves itself: the shop's customer number, a messenger's id, a number from the
    network. Strength 2 is a telephone number that somebody typed. Strength 3 is a mail address.
    """

    sort: str
    value: str
    strength: int

    @property
    def identity(self) -> str:
        """The mark in its stored form: `phone:+79001234567`, `messenger:vk:7`."""
        return f"{self.sort}:{self.value}"

    @property
    def evidence(self) -> Evidence:
        """The evidence of the mark."""
        return Evidence(self.sort.partition(":")[0])


def mark_of(identity: str, strength: int) -> Mark:
    """The mark of a stored identity."""
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
    """A client's own marks with the evidence `by`; numbers without a country code are of `region`.

    Identities in `nobodys` (the shop's own and shared ones) are left out.
    """
    if customer is None:
        return ()
    found = {
        mark.identity: mark
        for mark in reversed([*_given(customer, region, by)])
        if len(mark.value) <= MAX_MARK
    }
    return tuple(
        mark
        for name, mark in reversed(found.items())
        if not nobodys or (name not in nobodys and _domain(mark) not in nobodys)
    )


def _domain(mark: Mark) -> str | None:
    """The identity of a mail address's domain."""
    return f"{mark.sort}:@{mark.value.rpartition('@')[2]}" if mark.sort == "email" else None


@lru_cache(REMEMBERED_PHONES)
def read_phone(given: str, region: str) -> str | None:
    """A telephone number in E.164; None for an invalid number or a placeholder."""
    mobile = read_mobile(given, region)
    if mobile is not None:
        return None if _is_placeholder(mobile.removeprefix("+7")) else mobile
    found = number_as_typed(given.strip(), region)
    if found is None or _is_placeholder(national_significant_number(parse(found))):
        return None
    return found


def read_address(given: str) -> str | None:
    """A mail address in its comparable form; None for a placeholder."""
    named = NAMED_ADDRESS.fullmatch(given)
    address = (named[1] if named else given).strip().casefold().removeprefix("mailto:")
    return None if UNREAD_MAILBOXES.match(address) or "@" not in address else address


def besides(marks: Iterable[Mark], others: Iterable[Mark]) -> list[Mark]:
    """The marks whose identity is not among the others, whatever the strength."""
    identities = {mark.identity for mark in others}
    return [mark for mark in marks if mark.identity not in identities]


def shops_mark(written: str, region: str) -> str | None:
    """The identity of the shop's own number, address or domain; None for any other text."""
    plain = written.strip().casefold()
    if "@" in plain:
        return f"{Evidence.EMAIL}:{plain}"
    phone = read_phone(plain, region)
    return None if phone is None else f"{Evidence.PHONE}:{phone}"


def _is_placeholder(national: str) -> bool:
    return len({*national}) == 1 or national.startswith(COUNTED_UP)


@lru_cache(REMEMBERED_PHONES)
def _is_a_firms(phone: str) -> bool:
    """Whether nobody can call from a number: it is free to call, as those of firms are."""
    return number_type(parse(phone)) == PhoneNumberType.TOLL_FREE


def _given(customer: Customer, region: str, by: Collection[Evidence]) -> Iterator[Mark]:
    if customer.external_id and Evidence.CUSTOMER in by:
        yield Mark("customer", customer.external_id, PROVEN)
    for given in (customer.phone, *customer.phones) if Evidence.PHONE in by else ():
        if given and (phone := read_phone(given, region)) and not _is_a_firms(phone):
            strength = PROVEN if given in customer.network_phones else TYPED
            yield Mark("phone", phone, strength)
    if customer.messengers and Evidence.MESSENGER in by:
        for messenger, client in sorted(customer.messengers.items()):
            yield Mark(f"messenger:{messenger}", client, PROVEN)
    if customer.email and Evidence.EMAIL in by and (address := read_address(customer.email)):
        yield Mark("email", address, ADDRESS)
