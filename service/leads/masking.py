"""Masks personal data for keys without the scope `personal`: they see only that a value exists."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from service.leads.customer import Customer, Mention
from service.leads.lead import Lead, Signal

HIDDEN = "•••"
# Long numbers with the usual separators, and mail addresses.
MARKS_IN_WORDS = re.compile(r"\+?\d(?:[\s().-]*\d){6,}|[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+")


def hide(value: str | None) -> str | None:
    """Mask a text or an address."""
    return HIDDEN if value else value


def hide_phone(value: str | None) -> str | None:
    """Mask a telephone number; the last two digits stay to tell a client's numbers apart."""
    return f"{HIDDEN}{value[-2:]}" if value else value


def hide_name(value: str | None) -> str | None:
    """Mask a name; its first letter stays."""
    return f"{value[0]}{HIDDEN}" if value else value


def hide_mark(identity: str) -> str:
    """Mask a mark such as `phone:+79161234567`; its sort stays."""
    sort, colon, _ = identity.partition(":")
    return f"{sort}{colon}{HIDDEN}" if colon else HIDDEN


def hide_values(values: Mapping[str, object] | None) -> dict[str, str] | None:
    """Mask the values; their names stay."""
    return None if values is None else dict.fromkeys(values, HIDDEN)


def without_marks(words: str) -> str:
    """The words with telephone numbers and mail addresses masked."""
    return MARKS_IN_WORDS.sub(HIDDEN, words)


def masked_lead(lead: Lead) -> Lead:
    """A lead without its client's identity and words."""
    shown = replace(lead.situation, signal=masked_signal(lead.signal))
    return replace(lead, situation=shown, note=hide(lead.note), possibly_same=())


def masked_signal(signal: Signal) -> Signal:
    """A signal without its client's identity and words."""
    return replace(
        signal,
        customer=masked_customer(signal.customer),
        text=hide(signal.text),
        vin=hide(signal.vin),
        attributes=hide_values(signal.attributes),
        show=None,
    )


def masked_customer(customer: Customer | None) -> Customer | None:
    """A client's masked marks; the number of their card stays."""
    if customer is None:
        return None
    return replace(
        customer,
        name=hide_name(customer.name),
        phone=hide_phone(customer.phone),
        email=hide(customer.email),
        messengers=hide_values(customer.messengers),
        phones=_phones(customer.phones),
        network_phones=(),
        mentioned=tuple(
            Mention(hide_phone(item.phone), hide(item.email), item.found_in)
            for item in customer.mentioned
        ),
    )


def _phones(phones: Iterable[str]) -> tuple[str, ...]:
    return tuple(f"{HIDDEN}{phone[-2:]}" for phone in phones)
