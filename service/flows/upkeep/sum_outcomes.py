"""Outcomes are stored one by one and summed a moment later; readers add both."""

from service.resources import Resources
from service.storage.policies.conversions import sum_up

BATCH = 10_000


async def sum_outcomes(resources: Resources) -> None:
    """Sum the outcomes stored since the last time."""
    await sum_up(resources.stores.database, BATCH)
