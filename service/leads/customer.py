"""The client behind a lead, as far as a signal tells.

What they are known by is their own: it came with the way the signal came. What only stands in words
is mentioned: it shows nobody, for a client may name any number (docs/marks.md).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from service.leads.identity import Evidence

MAX_PHONES = 10
MAX_MENTIONED = 10


class MentionedIn(StrEnum):
    """Where a number or an address stood that nobody proved to be theirs."""

    TEXT = "text"
    SIGNATURE = "signature"
    QUOTATION = "quotation"


@dataclass(frozen=True, slots=True)
class Mention:
    """A telephone number (E.164) or a mail address that stands in words; one of the two is set."""

    phone: str | None = None
    email: str | None = None
    found_in: MentionedIn = MentionedIn.TEXT


@dataclass(frozen=True, slots=True)
class Recognition:
    """By which evidence which cards were found; of several, by which rule it was decided.

    `rule` A24: one card has the mark. B2: of several, the one with an order in work, if it is one.
    """

    by: tuple[Evidence, ...]
    cards: tuple[str, ...]
    rule: str


@dataclass(frozen=True, slots=True)
class Customer:
    """What a sender knows of the client; `external_id` is their number in the shop's own system.

    All but the name and what is `mentioned` are the client's own marks. `phones` are further
    numbers of theirs; of `phone` and `phones`, `network_phones` were given by the telephone or
    messenger network and not typed by anybody. `recognised` says how the shop's card was found.
    """

    external_id: str | None = None
    name: str | None = None
    phone: str | None = None
    email: str | None = None
    messengers: Mapping[str, str] | None = None
    phones: tuple[str, ...] = ()
    network_phones: tuple[str, ...] = ()
    mentioned: tuple[Mention, ...] = ()
    recognised: Recognition | None = None
