"""A live client waits and nobody is free: a busy operator may take them on top (rule A7).

This is rare, so Postgres alone decides, in one transaction under the operator's lock. Their other
leads are paused and the call is theirs. Then the line is updated.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from service.flows.claims.claim_next import Served, check_on_shift, claim_next, held_only
from service.flows.claims.count_claim import count_claim
from service.flows.claims.eligible_lanes import served_by_storage
from service.flows.claims.pause_held import pause_held
from service.flows.line.find_staff import find_staff_and_load
from service.flows.line.follow_time import follow_time, take_due_steps
from service.flows.line.show_in_line import show_all_in_line
from service.leads.errors import OperatorFree
from service.leads.lead import Claim, Lead, State
from service.leads.operator import Operator, Presence
from service.ranking.decision import Decision, ServedVia, decide
from service.resources import Resources
from service.rules.audience import may_serve
from service.rules.lane_names import lane_of
from service.storage.database import Connection
from service.storage.leads.calls import waiting_live
from service.storage.leads.claim_events import CLAIMED, claim_details, last_decision
from service.storage.leads.history import LeadEvent
from service.storage.leads.holdings import Holdings, count_holdings, locked_with_held
from service.storage.leads.leads import count_held, hold, locked_if_free, renew
from service.storage.operators.operators import find_operator, list_operators

MAX_OPERATORS = 10_000


async def take_on_top(resources: Resources, name: str) -> Served:
    """Give an operator a live client on top of their leads; below capacity, the next lead.

    Only one lead is ever on top: a repetition returns that lead with a new lease. Returns no lead
    when no live client waits in their lanes. Raises OperatorFree when free operators, online and
    below capacity, can take every live client.
    """
    operator, now = await resources.stores.directory.operator(name), resources.clock.now()
    check_on_shift(operator)
    resources.stores.attendance.seen(name, now)
    if operator.is_offered_nothing(now):
        return await held_only(resources, operator)
    await take_due_steps(resources, batches=1)
    moment = Moment(resources, operator, now, await served_by_storage(resources, operator))
    async with resources.stores.database.transaction() as connection:
        room = await count_held(connection, name) < operator.capacity
        changed, decision = ([], None) if room else await _on_top(connection, moment)
    if room:
        return await claim_next(resources, name)
    await show_all_in_line(resources, changed)
    return Served(changed[0] if changed else None, decision=decision)


@dataclass(frozen=True, slots=True)
class Moment:
    """The operator who asks, the time, and the lanes that serve them by queue."""

    resources: Resources
    operator: Operator
    now: datetime
    served: Mapping[str, Sequence[str]]


Changed = tuple[list[Lead], Decision | None]
"""The lead on top, then those that stand still for it; and why it was given."""


async def _on_top(connection: Connection, moment: Moment) -> Changed:
    resources, operator = moment.resources, moment.operator
    check_on_shift(await find_operator(connection, operator.name))
    _, held = await locked_with_held(connection, operator.name)
    for item in held:
        if item.claim is not None and item.claim.on_top:
            until = max(item.claim.lease_until, moment.now + await _lease(resources, item))
            again = await renew(connection, item, until, moment.now)
            return [again], await last_decision(connection, item.id)
    calls = await waiting_live(connection, moment.served)
    call = await _whom_nobody_takes(connection, moment, calls)
    return ([], None) if call is None else await _take(connection, moment, call, held)


async def _whom_nobody_takes(
    connection: Connection, moment: Moment, calls: Sequence[Lead]
) -> Lead | None:
    """Find the first call that is left when each free operator takes one.

    None when other operators are taking all such calls now. Raises OperatorFree when free operators
    can take all calls.
    """
    free, somebody = await _free_operators(connection, moment), False
    for call in calls:
        staff = await find_staff_and_load(moment.resources, call.signal.queue)
        kind, lane = call.ranking.kind, lane_of(call.ranking.lane)
        taker = next(
            (
                item
                for item, holds in free.items()
                if call.signal.queue in item.queues
                and may_serve(item, lane, staff)
                and item.may_hold_one_more(kind, holds)
            ),
            None,
        )
        if taker is not None:
            del free[taker]
            somebody = True
        elif (found := await _locked(connection, moment, call)) is not None:
            return found
    if somebody:
        raise OperatorFree("Somebody is online and has room: they can take the call.")
    return None


async def _free_operators(connection: Connection, moment: Moment) -> dict[Operator, Holdings]:
    """All online operators with what they hold; whether they have room depends on the kind."""
    operators = await list_operators(connection, MAX_OPERATORS)
    holdings = await count_holdings(connection)
    return {
        operator: holdings.get(operator.name, {})
        for operator in operators
        if operator.presence(moment.now) is Presence.ONLINE
    }


async def _locked(connection: Connection, moment: Moment, call: Lead) -> Lead | None:
    """Lock the call; None when somebody is just taking it, or it is over."""
    found = await locked_if_free(connection, call.id)
    if found is None or found.state is not State.WAITING or not found.signal.live:
        return None
    return await follow_time(connection, moment.resources, found, moment.now)


async def _take(
    connection: Connection, moment: Moment, call: Lead, held: Sequence[Lead]
) -> Changed:
    name, now = moment.operator.name, moment.now
    still = await pause_held(connection, held, name, now)
    until = now + await _lease(moment.resources, call)
    claim = Claim(name, secrets.token_urlsafe(16), now, until, on_top=True)
    decision = decide(ServedVia.STORAGE, call.ranking.rank)
    why = claim_details(call, decision)
    event = LeadEvent(CLAIMED, now, name, "on top: nobody is free for a live client (A7)", why)
    taken = await hold(connection, call, claim, event)
    count_claim(taken, ServedVia.STORAGE)
    return [taken, *still], decision


async def _lease(resources: Resources, lead: Lead) -> timedelta:
    return (await resources.stores.bases.of(lead.signal.queue)).policy.lease
