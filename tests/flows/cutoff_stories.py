"""A shop on the morning of a cut-off, and short ways to ask how it stands."""

from datetime import datetime, timedelta
from typing import Any

from driven_clock import NOON, DrivenClock
from stories import Receive, on_shift

from service.flows.claims.claim_next import claim_next
from service.flows.claims.settle_claim import settle_claim
from service.flows.claims.view_line import view_line
from service.flows.leads.view_leads import view_lead
from service.flows.line.view_queues import view_queue_events
from service.flows.line.watch_cutoffs import AT_RISK
from service.flows.upkeep.keep_in_step import keep_in_step
from service.leads.lead import Channel, EarlyStart, Lead
from service.leads.settlement import Outcome, Settlement
from service.resources import Resources
from service.storage.policies.queue_context import QueueContext

CUTOFF = NOON + timedelta(days=1)
WON = Settlement(Outcome.WON, amount=1, note="ordered")
SHOP = {"weekly": {"mon-fri": "09:00-19:00"}}


def at(text: str) -> datetime:
    """A time of the day of the cut-off, as clocks in Moscow show it."""
    hours, minutes = text.split(":")
    return CUTOFF + timedelta(hours=int(hours) - 12, minutes=int(minutes))


async def order(receive: Receive, shop: Resources, count: int = 1) -> list[Lead]:
    return [await receive(shop, channel=Channel.SITE_ORDER) for _ in range(count)]


async def stage(shop: Resources, lead: Lead) -> int:
    return (await view_lead(shop, lead.id)).ranking.stage


async def first_in_line(shop: Resources) -> Lead:
    return (await view_line(shop, "anna", 1)).leads[0]


async def watch(shop: Resources, clock: DrivenClock, text: str, *operators: str) -> None:
    """It becomes that late, and these operators are there."""
    clock.moment = at(text)
    await on_shift(shop, *operators)
    await keep_in_step(shop)


async def risks(shop: Resources) -> list[dict[str, Any]]:
    events = await view_queue_events(shop, "main", after=0, limit=100)
    return [dict(event.details or {}) for event in events if event.type == AT_RISK]


async def rush_of(shop: Resources) -> EarlyStart | None:
    shop.stores.bases.forget()
    basis: QueueContext = await shop.stores.bases.of("main")
    return basis.rush


async def serve_until(
    shop: Resources, clock: DrivenClock, end: datetime, minutes: int
) -> list[tuple[datetime, Lead]]:
    """Two operators take, work so long and settle, again and again; what was done by when."""
    done = []
    while clock.now() < end:
        taken = [(await claim_next(shop, name)).lead for name in ("anna", "boris")]
        for _ in range(minutes // 3):
            clock.pass_by(minutes=3)
            await keep_in_step(shop)
        for lead in filter(None, taken):
            done.append((clock.now(), lead))
            await settle_claim(shop, lead.id, lead.claim.token, WON)
    return done
