"""What is shown of a client to who may not see who they are: that something is there, no more."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from service.leads.customer import Customer, Mention
from service.leads.lead import Lead, Signal

HIDDEN = "•••"
# Long digits with what people put between them, and addresses.
MARKS_IN_WORDS = re.compile(r"\+?\d(?:[\s().-]*\d){6,}|[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+")


def hide(value: str | None) -> str | None:
    """A text, or an address."""
    return HIDDEN if value else value


def hide_phone(value: str | None) -> str | None:
    """A telephone number; the last two digits tell numbers of one client apart."""
    return f"{HIDDEN}{value[-2:]}" if value else value


def hide_name(value: str | None) -> str | None:
    """A name; its first letter stays."""
    return f"{value[0]}{HIDDEN}" if value else value


def hide_mark(identity: str) -> str:
    """A mark, `phone:+79161234567`: what sort it is stays."""
    sort, colon, _ = identity.partition(":")
    return f"{sort}{colon}{HIDDEN}" if colon else HIDDEN


def hide_values(values: Mapping[str, object] | None) -> dict[str, str] | None:
    """What stands under names; the names stay."""
    return None if values is None else dict.fromkeys(values, HIDDEN)


def without_marks(words: str) -> str:
    """Words without numbers and addresses that somebody could be reached by."""
    return MARKS_IN_WORDS.sub(HIDDEN, words)


def masked_lead(lead: Lead) -> Lead:
    """A lead without who its client is and what they said."""
    shown = replace(lead.situation, signal=masked_signal(lead.signal))
    return replace(lead, situation=shown, note=hide(lead.note), possibly_same=())


def masked_signal(signal: Signal) -> Signal:
    """A signal likewise."""
    return replace(
        signal,
        customer=masked_customer(signal.customer),
        text=hide(signal.text),
        vin=hide(signal.vin),
        attributes=hide_values(signal.attributes),
        show=None,
    )


def masked_customer(customer: Customer | None) -> Customer | None:
    """A client; the number of their card stays."""
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
