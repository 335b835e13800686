"""The client behind a lead, as far as the signal shows.

The client's own marks came with the channel of the signal. A number or an address that only stands
in a text is a mention. A mention identifies nobody, because a client may write any number
(docs/marks.md).
"""

from collections.abc import Mapping
from enum import StrEnum

from service.leads.identity import Evidence
from service.leads.unchanging import unchanging

MAX_PHONES = 10
MAX_MENTIONED = 10


class MentionedIn(StrEnum):
    """Where an unproved number or address stood."""

    TEXT = "text"
    SIGNATURE = "signature"
    QUOTATION = "quotation"


@unchanging
class Mention:
    """A telephone number (E.164) or a mail address in a text; one of the two is set."""

    phone: str | None = None
    email: str | None = None
    found_in: MentionedIn = MentionedIn.TEXT


@unchanging
class Recognition:
    """The evidence by which the client's cards were found, and the rule that decided.

    `rule` A24: one card has the mark. B2: of several cards, exactly one has an order in work.
    """

    by: tuple[Evidence, ...]
    cards: tuple[str, ...]
    rule: str


@unchanging
class Customer:
    """What a sender knows of the client; `external_id` is their number in the shop's own system.

    All fields except `name` and `mentioned` are the client's own marks. `phones` are further
    numbers of the client. `network_phones` are those of `phone` and `phones` that a telephone or
    messenger network reported; nobody typed them. `recognised` says how the shop's card was found.
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
