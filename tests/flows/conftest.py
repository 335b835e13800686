"""What several tests of the flows stand on."""

import pytest
from cutoff_stories import at
from driven_clock import DrivenClock
from stories import another_process, put_policy

from service.resources import Resources


@pytest.fixture
async def shop(resources: Resources, clock: DrivenClock) -> Resources:
    """A process that saw nobody yet, three hours before a cut-off; a claim lives for an hour."""
    clock.moment = at("09:00")
    process = another_process(resources)
    await put_policy(process, lease_seconds=3600)
    return process
