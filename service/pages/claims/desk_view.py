"""All data of the desk, gathered from flows that only read."""

import asyncio
import hashlib
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from service.flows.claims.undo_at_desk import view_undoable
from service.flows.claims.view_line import view_line
from service.flows.claims.view_live import view_live
from service.flows.customers.view_promises import view_promises
from service.flows.leads.view_leads import (
    view_explanation,
    view_held,
    view_lead_events,
)
from service.flows.operators.view_operators import AtWork, show_presence, view_operator
from service.leads.claim_end import UNDONE_WITHIN
from service.leads.errors import LeadNotFound
from service.leads.lead import Lead, State
from service.leads.operator import Presence
from service.pages.claims.break_after import PlannedBreak
from service.pages.formats import Formats
from service.pages.reader import PageCall
from service.resources import Resources
from service.storage.leads.history import Record
from service.storage.operators.desk_ends import DeskEnd
from service.storage.operators.operators import Queue

T = TypeVar("T")
LINE, MAX_EVENTS = 20, 1000
ENDS = ("lead.lease_ended", "lead.taken_away", "lead.settled", "lead.withdrawn", "lead.joined")


@dataclass(frozen=True, slots=True)
class Lost:
    """A lead that left the desk without the operator's doing: how, by whom, and where it is now."""

    lead: Lead
    event: Record | None


@dataclass(frozen=True, slots=True)
class Desk:
    """The state of an operator's desk."""

    at_work: AtWork
    queue: Queue
    formats: Formats
    held: Sequence[Lead]
    current: Lead | None
    line: Sequence[Lead] = ()
    live: Sequence[Lead] = ()
    promises: Sequence[Lead] = ()
    lost: Lost | None = None
    undoable: DeskEnd | None = None
    is_degraded: bool = False
    break_after: PlannedBreak | None = None

    @property
    def is_away(self) -> bool:
        """Whether the operator is on a break or off shift."""
        return self.at_work.presence not in (Presence.ONLINE, Presence.WRAP_UP)

    @property
    def on_break(self) -> bool:
        """Whether the operator said that they are on a break."""
        return self.at_work.operator.status in (Presence.AWAY, Presence.BREAK)

    @property
    def undoable_until(self) -> datetime | None:
        """How long the last settlement can be taken back."""
        return None if self.undoable is None else self.undoable.ended_at + UNDONE_WITHIN

    @property
    def has_room(self) -> bool:
        """Whether the operator can take another lead."""
        return len(self.held) < self.at_work.operator.capacity

    @property
    def has_one_on_top(self) -> bool:
        """Whether a live client is served on top; a second one is not."""
        return any(lead.claim and lead.claim.on_top for lead in self.held)

    @property
    def is_note_only(self) -> bool:
        """Whether the lead in hand came on top of others (A7); one that was taken back did not."""
        claim = self.current and self.current.claim
        if not claim or not claim.on_top:
            return False
        paused = [lead.claim.paused_since for lead in self.held if lead.claim]
        return all(since is None or since <= claim.since for since in paused)

    @property
    def etag(self) -> str:
        """Equal while nothing visible has changed; the minute shown counts, too."""
        held = [
            f"{lead.id}:{lead.version}:{lead.claim.lease_until if lead.claim else ''}"
            for lead in (*self.held, *self.promises)
        ]
        others = [f"{lead.id}:{lead.version}" for lead in (*self.line, *self.live)]
        lost = "" if self.lost is None else f"{self.lost.lead.id}:{self.lost.lead.version}"
        minute = self.formats.now.replace(second=0, microsecond=0)
        presence = (self.at_work.presence, self.at_work.operator.status, self.is_degraded)
        current = (self.current and self.current.id, self.break_after)
        seen = repr((held, others, lost, minute, presence, current, self.undoable is None))
        return f'"{hashlib.sha256(seen.encode()).hexdigest()[:32]}"'


async def view_desk(call: PageCall) -> Desk:
    """The desk of the session's operator.

    Reading the line is a sign of life. It keeps an operator on a break from going off shift. For an
    operator who is away it would end the absence, so the line is not read then.
    """
    resources, name = call.resources, call.operator
    at_work = await view_operator(resources, name)
    queue = await resources.stores.directory.queue(at_work.operator.queues[0])
    works = at_work.operator.status not in (Presence.AWAY, Presence.OFFLINE)
    held, view, live, promises, undoable = await asyncio.gather(
        view_held(resources, name),
        _unless(not works, view_line(resources, name, LINE)),
        _unless(not works, view_live(resources, name)),
        view_promises(resources, name),
        view_undoable(resources, name),
    )
    return Desk(
        at_work=await _seen(resources, at_work) if view else at_work,
        queue=queue,
        formats=await formats_of(call, queue),
        held=held,
        current=_current(held, call.query("lead") or call.text("lead")),
        line=view.leads if view else (),
        live=live or (),
        promises=promises,
        undoable=undoable,
        lost=await _lost(resources, held, call.query("lost"), name),
        is_degraded=view is not None and not view.from_line,
    )


async def _unless(is_idle: bool, looking: Coroutine[Any, Any, T]) -> T | None:
    """What is seen; None, and nothing is asked for, when there is no reason to look."""
    if is_idle:
        looking.close()
        return None
    return await looking


async def _seen(resources: Resources, at_work: AtWork) -> AtWork:
    """The operator with the sign of life that they just gave, before it is stored."""
    operator = replace(at_work.operator, seen_at=resources.clock.now())
    return await show_presence(resources, operator, at_work.holding)


async def formats_of(call: PageCall, queue: Queue) -> Formats:
    """The notation of money and times for the reader of a queue."""
    policy = (await call.resources.stores.bases.of(queue.name)).policy
    return Formats(
        call.reader.language,
        queue.currency,
        ZoneInfo(queue.time_zone),
        policy.region or None,
        call.resources.clock.now(),
    )


def _current(held: Sequence[Lead], wanted: str) -> Lead | None:
    """The lead asked for, else the live one on top, else one that is not paused."""
    by_choice = [lead for lead in held if str(lead.id) == wanted]
    active = [lead for lead in held if lead.claim and lead.claim.paused_since is None]
    on_top = [lead for lead in active if lead.claim and lead.claim.on_top]
    return next(iter([*by_choice, *on_top, *active, *held]), None)


async def _lost(
    resources: Resources, held: Sequence[Lead], asked: str, operator: str
) -> Lost | None:
    """What happened to a lead that this browser still shows; None while it is held."""
    try:
        lead_id = UUID(asked)
    except ValueError:
        return None
    if any(lead.id == lead_id for lead in held):
        return None
    try:
        explained = await view_explanation(resources, lead_id)
        records = await view_lead_events(resources, lead_id, after=0, limit=MAX_EVENTS)
    except LeadNotFound:
        return None
    ended = [item for item in records if item.event.type in ENDS]
    last = ended[-1] if ended else None
    by_themselves = explained.lead.state is State.SETTLED and explained.lead.settled_by == operator
    if by_themselves or explained.lead.parked_by == operator:
        return None
    return Lost(explained.lead, last)
