"""Where a client who does not answer can be written to, without saying any address (rule B6)."""

from collections.abc import Iterable

from service.leads.customer import Customer
from service.leads.lead import Channel

WRITTEN = (
    *(Channel.WHATSAPP, Channel.VK, Channel.TELEGRAM, Channel.VIBER, Channel.FACEBOOK),
    *(Channel.SKYPE, Channel.MAX, Channel.EMAIL),
)


def written_channels(channels: Iterable[Channel]) -> list[str]:
    """Messengers and e-mail among the channels by which a client wrote, by name."""
    return sorted(channel.value for channel in {*channels} if channel in WRITTEN)


def preferred_for_offer(channel: Channel, dialogues: Iterable[str], *, email: bool) -> str | None:
    """Where an offer is sent: a messenger only where a dialogue exists, else e-mail (A27, A29)."""
    existing = [*dialogues]
    if channel.value in existing:
        return channel.value
    if existing:
        return min(existing, key=lambda kind: (kind == Channel.EMAIL, kind))
    return Channel.EMAIL.value if email else None


def kinds_of_address(cards: Iterable[Customer | None]) -> list[str]:
    """Which kinds of address are known: messengers by name, `email`, `phone`."""
    kinds: set[str] = set()
    for card in cards:
        if card is not None:
            kinds |= {*(card.messengers or ())}
            kinds |= {kind for kind in ("email", "phone") if getattr(card, kind)}
    return sorted(kinds)


def preferred_address(channel: Channel, existing: Iterable[str]) -> str | None:
    """The channel by which the client came, else a messenger, e-mail, a text to the phone."""
    if channel in WRITTEN:
        return channel.value
    return min(existing, key=lambda kind: (kind == "phone", kind == "email", kind), default=None)
