"""Whether a callback was promised for a time at which the shop is closed (A11)."""

from datetime import UTC, datetime, timedelta

from service.leads.lead import Lead, ParkedFor, State
from service.resources import Resources

PROMISED = (ParkedFor.CALLBACK, ParkedFor.VISIT_OVER, ParkedFor.LATER)
JUST_BEFORE = timedelta(seconds=1)


async def promised_in_closed_hours(
    resources: Resources, lead: Lead, until: datetime | None
) -> datetime | None:
    """When a parked lead is due at the next opening instead; None when it is due as promised.

    `until` is the requested time; None means the policy's time.
    """
    due = lead.parked_until
    if lead.state is not State.PARKED or lead.parked_for not in PROMISED or due in (None, until):
        return None
    assert due is not None, "a parked lead is parked until a time"
    hours = (await resources.stores.bases.of(lead.signal.queue)).policy.hours
    at_opening = hours.is_open(due) and not hours.is_open(due - JUST_BEFORE)
    return due.astimezone(UTC) if at_opening else None
