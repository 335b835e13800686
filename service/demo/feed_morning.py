"""Send leads one after the other, so that the demo's pages show changes."""

import asyncio
from collections.abc import Iterator
from importlib.resources import files
from itertools import count
from typing import Any

import structlog
import yaml

from service.flows.claims.report_call_event import report_call_event
from service.flows.leads.receive_signal import receive_signal
from service.flows.leads.view_leads import view_lead
from service.flows.line.view_queues import view_stats
from service.leads.call import CallEvent, CallNews
from service.leads.errors import NextleadError
from service.leads.lead import Lead, State
from service.resources import Resources
from service.schemas.leads import LeadIn
from service.storage.leads.duplicates import Sender

log = structlog.get_logger()

SENDER = "demo"
EVERY_SECONDS = 30.0
MAX_WAITING = 60  # so that the line stays short when nobody works


async def feed_morning(resources: Resources, every_seconds: float = EVERY_SECONDS) -> None:
    """Send the morning's leads, one every half minute, in a loop until it is cancelled.

    A failure is logged, and the next lead is tried.
    """
    async with asyncio.TaskGroup() as calls:
        for number, given in _morning():
            await asyncio.sleep(every_seconds)
            try:
                if not await _is_full(resources):
                    hangs_up_after = given.pop("hangs_up_after", None)
                    lead = await _send(resources, given, number)
                    if hangs_up_after is not None:
                        calls.create_task(hang_up(resources, lead, hangs_up_after))
            except NextleadError as error:
                log.warning("demo.not_sent", why=str(error))


def _morning() -> Iterator[tuple[int, dict[str, Any]]]:
    """The leads with their numbers, without end."""
    text = files("service.demo").joinpath("morning.yaml").read_text("utf-8")
    for turn in count():
        for number, given in enumerate(yaml.safe_load(text)):
            yield turn * 1000 + number, given


async def _is_full(resources: Resources) -> bool:
    stats = (await view_stats(resources, "main")).stats
    return sum(row.depth for row in stats.waiting) >= MAX_WAITING


async def _send(resources: Resources, given: dict[str, Any], number: int) -> Lead:
    now = resources.clock.now()
    identity = {"external_id": f"{now:%Y-%m-%dT%H:%M:%S}-{number}"}
    sent = LeadIn.model_validate({**given, **identity, "received_at": now.isoformat()})
    signal = sent.to_signal(now, SENDER)
    received = await receive_signal(resources, signal, Sender(SENDER), sent.to_context())
    return received.lead


async def hang_up(resources: Resources, lead: Lead, seconds: float) -> None:
    """Let the client hang up after some seconds, if nobody has answered by then."""
    await asyncio.sleep(seconds)
    try:
        news = CallNews(CallEvent.HUNG_UP, resources.clock.now(), None)
        if (await view_lead(resources, lead.id)).state is State.WAITING:
            await report_call_event(resources, lead.id, news, Sender(SENDER, may_read=True))
    except NextleadError as error:
        log.warning("demo.not_hung_up", why=str(error))
