"""A receiver of events, and resources that may reach it."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from outgoing.receiver import Receiver, receiving

from service.outgoing.guarded_client import open_guarded_client
from service.resources import Resources


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as opened:
        yield opened


@pytest.fixture
async def shop(resources: Resources) -> AsyncIterator[Resources]:
    """Resources whose events may go to this very machine."""
    async with open_guarded_client(private=True) as outside:
        yield replace(resources, outside=outside)
