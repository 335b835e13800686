"""An operator hands a lead to another one, or to whoever has a skill, in writing (rule B10).

Postgres first, guarded by the token, with the event; then the line.
"""

from dataclasses import dataclass
from uuid import UUID

from service.flows.claims.locked_claim import locked_claim
from service.flows.claims.pause_held import let_held_go_on
from service.flows.line.place_held import place_in_line
from service.flows.line.show_in_line import show_in_line
from service.leads.errors import FieldMistake, InvalidRequest, OperatorNotFound
from service.leads.lead import Lead, State
from service.leads.routing import Routing
from service.resources import Resources
from service.storage.leads.history import LeadEvent
from service.storage.leads.leads import move

NAME_ONE = "Name one of the queue's operators, or a skill."


@dataclass(frozen=True, slots=True)
class Handover:
    """To whom a lead goes, an operator or a skill, and what he is to know."""

    operator: str | None
    skill: str | None
    note: str | None


async def transfer_claim(resources: Resources, lead_id: UUID, token: str, to: Handover) -> Lead:
    """Let the lead wait for another one, or for whoever has a skill; its age stays.

    An operator who is off shift may be named: until he comes, his lane is everybody's, so that
    whoever is on duty takes it (B2, B10). Raises ClaimGone, and InvalidRequest with every mistake.
    """
    now = resources.clock.now()
    async with resources.stores.database.transaction() as connection:
        lead, claim = await locked_claim(connection, lead_id, token)
        if mistakes := await _mistakes(resources, lead, claim.operator, to):
            raise InvalidRequest(mistakes)
        routing = _handed(lead.situation.routing, claim.operator, to)
        basis = await resources.stores.bases.of(lead.signal.queue)
        changes = place_in_line(lead, routing, basis, now) | {"note": to.note}
        requested = {"operator": to.operator, "skill": to.skill}
        target = {name: value for name, value in requested.items() if value is not None}
        details = {"from": claim.operator, "to": target, "note": to.note}
        event = LeadEvent("lead.transferred", now, claim.operator, to.note, details)
        lead = await move(connection, lead, State.WAITING, event, changes)
    resources.stores.attendance.seen(claim.operator, now)
    await show_in_line(resources, lead)
    await let_held_go_on(resources, claim)
    return lead


def _handed(routing: Routing, giver: str, to: Handover) -> Routing:
    if to.operator is not None:
        return routing.handed_to_operator(to.operator)
    assert to.skill is not None, "one of both was checked to be there"
    return routing.handed_to_skill(to.skill, giver)


async def _mistakes(
    resources: Resources, lead: Lead, giver: str, to: Handover
) -> list[FieldMistake]:
    mistakes = []
    if not to.note:
        remedy = "Write down what was done and what is left to do."
        mistakes.append(FieldMistake("note", "a lead is handed over in writing", remedy))
    if (to.operator is None) == (to.skill is None):
        reason = "it must be said to whom: an operator or a skill, not both"
        mistakes.append(FieldMistake("operator", reason, NAME_ONE))
    elif to.operator is not None:
        why_not = await _why_not_operator(resources, lead, giver, to.operator)
        mistakes += [FieldMistake("operator", why_not, NAME_ONE)] if why_not else []
    elif to.skill is not None:
        mistakes += await _skill_mistakes(resources, lead, giver, to.skill)
    return mistakes


async def _why_not_operator(resources: Resources, lead: Lead, giver: str, name: str) -> str | None:
    if name == giver:
        return f"`{name}` holds the lead already"
    try:
        operator = await resources.stores.directory.operator(name)
    except OperatorNotFound:
        return f"no operator is called `{name}`"
    queue = lead.signal.queue
    return None if queue in operator.queues else f"`{name}` is not served from `{queue}`"


async def _skill_mistakes(
    resources: Resources, lead: Lead, giver: str, skill: str
) -> list[FieldMistake]:
    staff = await resources.stores.directory.staff(lead.signal.queue, resources.clock.now())
    if not staff.employs(frozenset({skill})):
        return [FieldMistake("skill", f"nobody has the skill `{skill}`", NAME_ONE)]
    if skill in (await resources.stores.directory.operator(giver)).skills:
        remedy = "Decline it: others who have the skill are asked."
        return [FieldMistake("skill", f"`{giver}` has the skill, too", remedy)]
    return []
