"""An operator asks for the next lead.

The line first: it picks and reserves a lead in one step. Then Postgres confirms the claim, guarded
by state and version. If Postgres refuses, the line was stale: it is corrected and asked again. If
Postgres does not answer, the reservation is undone or expires. If the line does not answer,
Postgres serves the leads in the same order.
"""

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress

import structlog

from service.flows.claims.count_claim import count_claim, refusals_counted
from service.flows.claims.eligible_lanes import (
    eligible_lanes,
    not_eligible_by,
    open_lanes,
    served_by_storage,
)
from service.flows.customers.view_client import view_client
from service.flows.line.follow_time import follow_time, take_due_steps
from service.flows.line.show_in_line import show_in_line
from service.leads.errors import LeadNotFound, LineUnavailable, NextleadError, OffShift
from service.leads.lead import Claim, Kind, Lead
from service.leads.operator import Operator, Presence
from service.leads.unchanging import replace, unchanging
from service.metrics.families import CLAIMS, LINE_STALE
from service.queue.line import Reservation
from service.queue.preview import prospects
from service.ranking.decision import Decision, Guarantee, ServedVia, decide
from service.resources import Resources
from service.storage.customers.clients import Client
from service.storage.leads.claim_events import last_decision
from service.storage.leads.claims import ClaimRequest, at_hand
from service.storage.leads.holdings import held_kinds
from service.storage.leads.leads import find, locked_if_free
from service.tracing.spans import span, traceparent

log = structlog.get_logger()

TRIES = 5
LOOK_AGAIN_SECONDS = 2.0


@unchanging
class Served:
    """The lead that an operator got and why; no lead when none waits for them.

    `client` is its client, where that was asked for and the line gave the lead.
    """

    lead: Lead | None
    from_line: bool = True
    decision: Decision | None = None
    client: Client | None = None


async def claim_next(resources: Resources, name: str, *, with_client: bool = False) -> Served:
    """Claim the lead that is worth most for this operator now.

    At capacity, return the lead that they hold, with the same token and a new lease. So an answer
    that was lost costs nothing. The client is read while the line is told of the claim.
    """
    with span("lead.claim") as recorded:
        served = await _claim_next(resources, name, with_client=with_client)
        if served.lead is not None:
            recorded.set("nextlead.lead_id", str(served.lead.id))
        recorded.set("nextlead.from_line", served.from_line)
    return served


async def _claim_next(resources: Resources, name: str, *, with_client: bool) -> Served:
    operator = await resources.stores.directory.operator(name)
    with refusals_counted():
        check_on_shift(operator)
    now = resources.clock.now()
    resources.stores.attendance.seen(name, now)
    if operator.is_offered_nothing(now):
        return await held_only(resources, operator)
    try:
        if await full_kinds(resources, operator):
            return await _past_kinds(resources, operator)
        return await _from_line(resources, operator, with_client=with_client)
    except LineUnavailable:
        return await _from_storage(resources, operator)


async def held_only(resources: Resources, operator: Operator) -> Served:
    """The held lead of an operator who finishes a talk or is on a break; no new one is offered."""
    held = await resources.stores.claims.held_by(operator.name)
    lead = at_hand(held) if held else None
    decision = None if lead is None else await _decision_before(resources, lead)
    return Served(lead, decision=decision)


async def full_kinds(resources: Resources, operator: Operator) -> Collection[Kind]:
    """The kinds of which an operator holds as many as they may; no read without such limits."""
    if not operator.capacity_by_kind:
        return ()
    async with resources.stores.database.transaction() as connection:
        return operator.full_kinds(await held_kinds(connection, operator.name))


async def _past_kinds(resources: Resources, operator: Operator) -> Served:
    """Serve from Postgres in the same order, because the line does not know kinds."""
    served = await _from_storage(resources, operator)
    if served.lead is not None:
        await show_in_line(resources, served.lead)
    return replace(served, from_line=True)


def check_on_shift(operator: Operator) -> None:
    """Raise OffShift when the operator said that they go off shift."""
    if operator.status is Presence.OFFLINE:
        remedy = f"PUT /v1/operators/{operator.name}/presence with the status `online` first."
        raise OffShift(f"{operator.name} is off shift. {remedy}")


async def claim_next_within(
    resources: Resources, name: str, seconds: float, gone: Callable[[], Awaitable[bool]]
) -> Served:
    """Claim the next lead; wait up to `seconds` for one, unless the caller is `gone`."""
    operator = await resources.stores.directory.operator(name)
    give_up = time.monotonic() + seconds
    lanes = await open_lanes(resources, operator)
    with resources.arrivals.waiter(operator.queues, lanes, name) as waiter:
        while True:
            waiter.looks()
            served = await claim_next(resources, name)
            left = give_up - time.monotonic()
            if served.lead is not None or left <= 0:
                return served
            await waiter.sleep(min(left, LOOK_AGAIN_SECONDS))
            if resources.arrivals.ended or await gone():
                return served


async def _from_line(resources: Resources, operator: Operator, *, with_client: bool) -> Served:
    for _ in range(TRIES):
        token = _new_token()
        reservation = await _reserve(resources, operator, token)
        if reservation is None:
            return Served(None)
        decision = await _decision(resources, operator, reservation)
        lead = await _confirm(resources, operator, reservation, decision)
        if lead is not None:
            client = await _show(resources, lead, with_client=with_client)
            fresh = reservation.token == token
            if fresh:
                count_claim(lead, ServedVia.LINE)
            before = None if fresh else await _decision_before(resources, lead)
            return Served(lead, decision=decision if fresh else before, client=client)
        if reservation.token == token:
            await resources.line.give_count_back(reservation)
        CLAIMS.add("lost", ServedVia.LINE.value)
        await _show_truth(resources, reservation)
    LINE_STALE.add()
    log.error("line.stale", operator=operator.name, tries=TRIES)
    raise LineUnavailable("The line kept naming leads that are not there to be claimed.")


async def _show(resources: Resources, lead: Lead, *, with_client: bool) -> Client | None:
    """Show a claimed lead in the line, and read its client meanwhile if that is wanted."""
    if not with_client:
        await show_in_line(resources, lead)
        return None
    showing = asyncio.create_task(show_in_line(resources, lead))
    try:
        return await view_client(resources, lead)
    finally:
        await showing


async def _reserve(resources: Resources, operator: Operator, token: str) -> Reservation | None:
    now = resources.clock.now()
    claim = Claim(operator.name, token, now, now + resources.reservation)
    line = resources.line
    lanes = {queue: await eligible_lanes(resources, operator, queue) for queue in operator.queues}
    if len(operator.queues) == 1:
        queue, eligible = next(iter(lanes.items()))
        capacity = operator.capacity
        every = await _guaranteed_every(resources, queue)
        return await line.claim(queue, eligible.served, claim, capacity, eligible.others, every)
    served = {queue: eligible.served for queue, eligible in lanes.items()}
    found = await prospects(line, served, operator.name, now)
    held = sum(item.held for item in found)
    if held >= operator.capacity:
        found = [item for item in found if item.held]
    for item in found:
        room = max(0, operator.capacity - held) + item.held
        eligible = lanes[item.queue]
        every = await _guaranteed_every(resources, item.queue)
        reservation = await line.claim(
            item.queue, eligible.served, claim, room, eligible.others, every
        )
        if reservation is not None:
            return reservation
    return None


async def _decision(resources: Resources, operator: Operator, reservation: Reservation) -> Decision:
    second = reservation.second
    runner = None if second is None else (str(second.lead_id), second.rank)
    lanes = [lane for lane, _ in reservation.not_eligible]
    rules = await not_eligible_by(resources, operator, reservation.queue, lanes) if lanes else []
    not_eligible = [
        (lane, str(item.lead_id), item.rank, rule)
        for (lane, item), rule in zip(reservation.not_eligible, rules, strict=True)
    ]
    guarantee = None
    if reservation.guaranteed:
        every = await _guaranteed_every(resources, reservation.queue)
        guarantee = Guarantee(every or reservation.count, reservation.count)
    return decide(ServedVia.LINE, reservation.rank, runner, not_eligible, guarantee)


async def _guaranteed_every(resources: Resources, queue: str) -> int | None:
    return (await resources.stores.bases.of(queue)).policy.guarantee_every


async def _confirm(
    resources: Resources, operator: Operator, reservation: Reservation, decision: Decision
) -> Lead | None:
    now = resources.clock.now()
    lease = (await resources.stores.bases.of(reservation.queue)).policy.lease
    claim = Claim(operator.name, reservation.token, now, now + lease)
    wanted = ClaimRequest(reservation.lead_id, reservation.version, claim, decision, traceparent())
    try:
        return await resources.stores.claims.confirm(wanted)
    except NextleadError:
        with suppress(LineUnavailable):
            await resources.line.release(reservation, operator.name)
        raise


async def _show_truth(resources: Resources, reservation: Reservation) -> None:
    """Correct the line: show this lead as Postgres has it, with its due steps applied."""
    now = resources.clock.now()
    try:
        async with resources.stores.database.transaction() as connection:
            lead = await locked_if_free(connection, reservation.lead_id)
            if lead is None:
                lead = await find(connection, reservation.lead_id)
            else:
                lead = await follow_time(connection, resources, lead, now)
    except LeadNotFound:
        await resources.line.drop(reservation.queue, reservation.lead_id, now)
    else:
        if lead.signal.queue != reservation.queue:  # the lead moved, and this line missed it
            await resources.line.leave(reservation.queue, lead, now)
        await resources.line.show(lead, now, again=True)


async def _from_storage(resources: Resources, operator: Operator) -> Served:
    await take_due_steps(resources, batches=1)
    now = resources.clock.now()
    bases = resources.stores.bases
    leases = {queue: now + (await bases.of(queue)).policy.lease for queue in operator.queues}
    claim = Claim(operator.name, _new_token(), now, max(leases.values()))
    lanes = await served_by_storage(resources, operator)
    lead = await resources.stores.claims.claim_first(operator, claim, leases, lanes)
    if lead is not None and lead.claim is not None and lead.claim.token == claim.token:
        count_claim(lead, ServedVia.STORAGE)
    decision = None if lead is None else await _decision_before(resources, lead)
    return Served(lead, from_line=False, decision=decision)


async def _decision_before(resources: Resources, lead: Lead) -> Decision | None:
    """The stored decision of a lead that is held; a repeated request gets the same answer."""
    async with resources.stores.database.transaction() as connection:
        return await last_decision(connection, lead.id)


def _new_token() -> str:
    return secrets.token_urlsafe(16)
