"""Merges what is known of a client: known values stay, new ones are added."""

from collections.abc import Iterable

from service.leads.customer import MAX_MENTIONED, MAX_PHONES, Customer, Mention, MentionedIn
from service.leads.unchanging import replace
from service.matching.marks import read_address, read_phone

NOBODY = Customer()


def same_client(
    existing: Customer | None, reported: Customer | None, region: str
) -> Customer | None:
    """One client from two accounts of them; further numbers are added to `phones`.

    A number without a country code is of `region`.
    """
    if existing is None or reported is None:
        return existing or reported
    phones = _distinct((existing.phone, *existing.phones, reported.phone, *reported.phones), region)
    return Customer(
        external_id=existing.external_id or reported.external_id,
        name=existing.name or reported.name,
        phone=phones[0] if phones else None,
        email=existing.email or reported.email,
        messengers={**(reported.messengers or {}), **(existing.messengers or {})} or None,
        phones=phones[1:],
        network_phones=_proven(phones, (existing, reported), region),
        mentioned=_merged(existing.mentioned, reported.mentioned),
        recognised=existing.recognised or reported.recognised,
    )


def with_mentions(
    customer: Customer | None, found: Iterable[Mention], region: str
) -> Customer | None:
    """The client with the mentions found in the signals' texts, without the client's own marks."""
    client = customer or NOBODY
    phones = {read_phone(item, region) for item in (client.phone, *client.phones) if item}
    address = read_address(client.email) if client.email else None
    elsewhere = (item for item in client.mentioned if item.found_in is not MentionedIn.TEXT)
    mentioned = tuple(
        item
        for item in _merged(elsewhere, found)
        if item.phone not in phones and (item.email is None or item.email != address)
    )
    if mentioned == client.mentioned:
        return customer
    after = replace(client, mentioned=mentioned)
    return None if after == NOBODY else after


def _distinct(given: Iterable[str | None], region: str) -> tuple[str, ...]:
    """Each number once, in the form in which it was first written."""
    numbers: dict[str, str] = {}
    for item in given:
        if item:
            numbers.setdefault(read_phone(item, region) or item, item)
    return tuple(numbers.values())[:MAX_PHONES]


def _proven(phones: Iterable[str], accounts: Iterable[Customer], region: str) -> tuple[str, ...]:
    given = {
        read_phone(item, region) or item for account in accounts for item in account.network_phones
    }
    return tuple(item for item in phones if (read_phone(item, region) or item) in given)


def _merged(first: Iterable[Mention], later: Iterable[Mention]) -> tuple[Mention, ...]:
    """Each number and address once, with the place where it first stood."""
    each: dict[tuple[str | None, str | None], Mention] = {}
    for item in (*first, *later):
        each.setdefault((item.phone, item.email), item)
    return tuple(each.values())[:MAX_MENTIONED]
