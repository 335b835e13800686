"""Handle all events of one delivery, one after the other; a bad event does not stop the rest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from service.adapters.bodies import mended_in
from service.adapters.ignored import Ignored, IgnoredReason, PutAside
from service.adapters.inbound_event import (
    ClientMessage,
    EventName,
    Handled,
    InboundEvent,
    Lookup,
    name_of,
)
from service.flows.senders.fetch_details import MAX_QUESTIONS, fetch_details
from service.flows.senders.handle_event import handle
from service.flows.senders.reading import ReadDelivery
from service.leads.errors import InvalidRequest, Unreadable
from service.resources import Resources


@dataclass(slots=True)
class HandledDelivery:
    """The result of each event, reasons for events put aside, and what the sender did not tell."""

    results: list[Mapping[str, object]] = field(default_factory=list)
    put_aside: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


async def handle_delivery(resources: Resources, reading: ReadDelivery) -> HandledDelivery:
    """Handle every event; an event that cannot be handled is put aside alone.

    Raises Unreadable and InvalidRequest when it is the only event.
    """
    handled = HandledDelivery()
    await _handle_all(resources, reading, reading.inbound, handled, MAX_QUESTIONS)
    if mended := mended_in(reading.delivery):
        handled.results[:] = [{**item, "mended": mended} for item in handled.results]
    return handled


async def _handle_all(
    resources: Resources,
    reading: ReadDelivery,
    events: Sequence[InboundEvent],
    handled: HandledDelivery,
    questions: int,
) -> None:
    """Handle events; ask the sender for the details of those that it only named."""
    for inbound in events:
        if isinstance(inbound, Lookup):
            answered = await fetch_details(resources, reading, inbound, questions)
            await _handle_all(resources, reading, answered, handled, questions - 1)
        elif isinstance(inbound, PutAside):
            handled.put_aside.append(inbound.reason)
        elif isinstance(inbound, Ignored):
            handled.results.append(_as_ignored(inbound))
        else:
            await _handle_one(resources, reading, inbound, handled, alone=len(events) == 1)


async def _handle_one(
    resources: Resources,
    reading: ReadDelivery,
    inbound: Handled,
    handled: HandledDelivery,
    *,
    alone: bool,
) -> None:
    try:
        async with resources.stores.inbox.hearing:
            outcome = await handle(resources, reading.source, inbound)
    except (Unreadable, InvalidRequest) as error:
        if alone:
            raise
        handled.put_aside.append(str(error))
        return
    if isinstance(outcome, Ignored):
        handled.results.append(_as_ignored(outcome))
        return
    result: dict[str, object] = {"event": name_of(inbound).value, "lead_id": outcome}
    if isinstance(inbound, ClientMessage) and inbound.missing:
        result["missing"] = list(inbound.missing)
        handled.missing += inbound.missing
    handled.results.append(result)


def _as_ignored(inbound: Ignored) -> Mapping[str, object]:
    name = {"name": inbound.name} if inbound.name else {}
    return {"event": EventName.IGNORED.value, "reason": inbound.reason.value, **name}


EMPTY = _as_ignored(Ignored(IgnoredReason.EMPTY))
