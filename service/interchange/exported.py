"""Removes the service's own fields from an exported lead, so that it can be imported."""

from collections.abc import Mapping
from typing import Any

from service.schemas.leads import CustomerIn, LeadIn

MARKS = {"id", "state", "version"}


def without_decisions(raw: Mapping[str, Any]) -> Mapping[str, Any]:
    """The fields that a sender may set in an exported lead; any other record unchanged."""
    if not raw.keys() >= MARKS:
        return raw
    reported = {name: value for name, value in raw.items() if name in LeadIn.model_fields}
    if isinstance(client := raw.get("customer"), Mapping):
        reported["customer"] = {
            name: value for name, value in client.items() if name in CustomerIn.model_fields
        }
    return reported
