"""A lead as it was exported says more than a sender may: what was decided about it."""

from collections.abc import Mapping
from typing import Any

from service.schemas.leads import LeadIn

MARKS = {"id", "state", "version"}


def without_decisions(raw: Mapping[str, Any]) -> Mapping[str, Any]:
    """The sent fields of an exported lead; anything else unchanged."""
    if not raw.keys() >= MARKS:
        return raw
    return {name: value for name, value in raw.items() if name in LeadIn.model_fields}
