"""Outcomes are written down apart, and summed a moment later; who reads them adds both."""

from service.resources import Resources
from service.storage.policies.conversions import sum_up

BATCH = 10_000


async def sum_outcomes(resources: Resources) -> None:
    """Sum up what was counted since the last time."""
    await sum_up(resources.stores.database, BATCH)
