"""Check a handover: to whom a lead may go, and with which facts (rules B10, B15, B18)."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from service.flows.leads.move_queue import check_open_queue
from service.flows.line.find_staff import find_staff
from service.leads.errors import FieldMistake, InvalidRequest, OperatorNotFound
from service.leads.lead import Lead
from service.leads.show import NOTHING, SHOW_TEAM, Show, both_shows
from service.resources import Resources

REMEDY = "Name an operator, a skill, or a queue."


@dataclass(frozen=True, slots=True)
class Handover:
    """The target of a handover, an operator, a skill or a queue, with the note for it."""

    operator: str | None = None
    skill: str | None = None
    note: str | None = None
    queue: str | None = None
    show: Show | None = None

    @property
    def target(self) -> dict[str, str]:
        """The fields that name the target."""
        named = {"operator": self.operator, "skill": self.skill, "queue": self.queue}
        return {name: value for name, value in named.items() if value is not None}


async def check_handover(resources: Resources, lead: Lead, giver: str, to: Handover) -> None:
    """Raise InvalidRequest with every mistake."""
    mistakes = [mistake async for mistake in _mistakes(resources, lead, giver, to)]
    if mistakes:
        raise InvalidRequest(mistakes)


async def queue_of_handover(resources: Resources, lead: Lead, to: Handover) -> str:
    """The queue that a lead goes to; an operator may serve another queue than the lead's (B18)."""
    if to.operator is None:
        return to.queue or lead.signal.queue
    found = await _open_queue_of(resources, lead, to.operator)
    assert found is not None, "the handover was checked"
    return found


async def _open_queue_of(resources: Resources, lead: Lead, operator: str) -> str | None:
    """The queue where an operator is served a lead: its own, else their first that is open."""
    directory = resources.stores.directory
    queues = (await directory.operator(operator)).queues
    if lead.signal.queue in queues:
        return lead.signal.queue
    for queue in queues:
        if (await directory.queue(queue)).closed_at is None:
            return queue
    return None


async def _mistakes(
    resources: Resources, lead: Lead, giver: str, to: Handover
) -> AsyncIterator[FieldMistake]:
    if not to.note:
        remedy = "Write down what was done and what is left to do."
        yield FieldMistake("note", "a lead is handed over in writing", remedy)
    if len(to.target) != 1:
        reason = "it must be said to whom: an operator, a skill or a queue, one of them"
        yield FieldMistake("operator", reason, REMEDY)
        return
    if to.operator is not None:
        async for mistake in _operator_mistakes(resources, lead, giver, to.operator):
            yield mistake
    if to.queue is not None:
        for mistake in await _queue_mistakes(resources, lead, to.queue):
            yield mistake
    if to.skill is not None:
        async for mistake in _skill_mistakes(resources, lead, giver, to.skill):
            yield mistake
    if to.skill == SHOW_TEAM:
        known = both_shows(lead.signal.show, to.show) or NOTHING
        for name in known.missing:
            yield FieldMistake(f"show.{name}", "the show team needs it", "Ask the client.")


async def _operator_mistakes(
    resources: Resources, lead: Lead, giver: str, name: str
) -> AsyncIterator[FieldMistake]:
    if name == giver:
        yield FieldMistake("operator", f"`{name}` holds the lead already", REMEDY)
    try:
        if await _open_queue_of(resources, lead, name) is None:
            remedy = "Name another operator, or open one of their queues again."
            yield FieldMistake("operator", f"the queues of `{name}` are closed", remedy)
    except OperatorNotFound:
        yield FieldMistake("operator", f"no operator is called `{name}`", REMEDY)


async def _queue_mistakes(resources: Resources, lead: Lead, queue: str) -> list[FieldMistake]:
    if queue == lead.signal.queue:
        return [FieldMistake("queue", "the lead is there already", "Name another queue.")]
    try:
        await check_open_queue(resources, queue)
    except InvalidRequest as error:
        return error.mistakes
    return []


async def _skill_mistakes(
    resources: Resources, lead: Lead, giver: str, skill: str
) -> AsyncIterator[FieldMistake]:
    staff = await find_staff(resources, lead.signal.queue)
    if not staff.employs(frozenset({skill})):
        yield FieldMistake("skill", f"nobody has the skill `{skill}`", REMEDY)
    elif giver and skill in (await resources.stores.directory.operator(giver)).skills:
        remedy = "Decline it: others who have the skill are asked."
        yield FieldMistake("skill", f"`{giver}` has the skill, too", remedy)
