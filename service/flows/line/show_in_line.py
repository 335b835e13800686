"""After the commit in Postgres, update the line; `keep_in_step` repeats what it misses."""

from collections.abc import Sequence

import structlog

from service.leads.errors import LineUnavailable, Overloaded
from service.leads.lead import Lead, State
from service.resources import Resources
from service.tracing.spans import span

log = structlog.get_logger()


async def show_in_line(resources: Resources, lead: Lead) -> None:
    """Show a lead in the line as it is now; a failure undoes nothing in Postgres."""
    try:
        with span("line.show") as recorded:
            recorded.set("nextlead.lead_id", str(lead.id))
            await resources.line.show(lead, resources.clock.now())
        _know_lane(resources, lead)
    except (LineUnavailable, Overloaded) as error:
        log.warning("line.not_told", lead_id=str(lead.id), why=str(error))


async def leave_line(resources: Resources, queue: str, lead: Lead) -> None:
    """Remove a lead that moved to another queue from a line; otherwise a claim there finds out."""
    try:
        await resources.line.leave(queue, lead, resources.clock.now())
    except (LineUnavailable, Overloaded) as error:
        log.warning("line.not_told", lead_id=str(lead.id), why=str(error))


async def show_all_in_line(resources: Resources, leads: Sequence[Lead]) -> None:
    """Show several leads in the line as they are now."""
    try:
        await resources.line.show_all(leads, resources.clock.now())
        for lead in leads:
            _know_lane(resources, lead)
    except (LineUnavailable, Overloaded) as error:
        log.warning("line.not_told", leads=[str(item.id) for item in leads[:10]], why=str(error))


def _know_lane(resources: Resources, lead: Lead) -> None:
    """Note the lane, so that the next request here is served from it even if it is new."""
    if lead.state is State.WAITING:
        resources.lane_names.note(lead.signal.queue, lead.ranking.lane)
