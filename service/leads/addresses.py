"""By which kinds of address a client can be written to; no address itself is shown (rule B6)."""

from collections.abc import Iterable

from service.leads.customer import Customer
from service.leads.lead import Channel

WRITTEN = (
    *(Channel.WHATSAPP, Channel.VK, Channel.TELEGRAM, Channel.VIBER, Channel.FACEBOOK),
    *(Channel.SKYPE, Channel.MAX, Channel.EMAIL),
)


def written_channels(channels: Iterable[Channel]) -> list[str]:
    """The names of messengers and e-mail among the channels that a client used."""
    return sorted(channel.value for channel in {*channels} if channel in WRITTEN)


def preferred_for_offer(channel: Channel, dialogues: Iterable[str], *, email: bool) -> str | None:
    """Where to send an offer: a messenger with a dialogue, else e-mail (A27, A29), else None."""
    existing = [*dialogues]
    if channel.value in existing:
        return channel.value
    if existing:
        return min(existing, key=lambda kind: (kind == Channel.EMAIL, kind))
    return Channel.EMAIL.value if email else None


def kinds_of_address(cards: Iterable[Customer | None]) -> list[str]:
    """The known kinds of address: messengers by name, `email`, `phone`."""
    kinds: set[str] = set()
    for card in cards:
        if card is not None:
            kinds |= {*(card.messengers or ())}
            kinds |= {kind for kind in ("email", "phone") if getattr(card, kind)}
    return sorted(kinds)


def preferred_address(channel: Channel, existing: Iterable[str]) -> str | None:
    """The channel that the client used; else a messenger, then e-mail, then a text to the phone."""
    if channel in WRITTEN:
        return channel.value
    return min(existing, key=lambda kind: (kind == "phone", kind == "email", kind), default=None)
