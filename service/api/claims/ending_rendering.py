"""Answers with a lead whose claim has just ended, and with warnings for the operator."""

from datetime import datetime
from typing import Any

from fastapi import Response

from service.api.leads import lead_rendering
from service.flows.claims.closed_hours import promised_in_closed_hours
from service.leads.lead import Lead
from service.resources import Resources


async def answer_ended(resources: Resources, lead: Lead, until: datetime | None) -> Response:
    """The lead, with a warning when the promised time is in closed hours.

    The call is then due at the opening (A11).
    """
    due = await promised_in_closed_hours(resources, lead, until)
    rendered = lead_rendering.lead(lead, tokens=False)
    return lead_rendering.answer({**rendered, "warnings": [] if due is None else [_closed(due)]})


def _closed(due: datetime) -> dict[str, Any]:
    return {
        "field": "until",
        "reason": "the shop is closed then",
        "remedy": f"The call is due at the opening, {due:%Y-%m-%dT%H:%M:%SZ}; tell the client.",
    }
