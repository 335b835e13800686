"""A process that ends lets long polls go at once, and begins none."""

import asyncio

from doors import a_key, opened, program, until
from driven_clock import DrivenClock

from service.connections.ending import ending
from service.main import create_app
from service.resources import Resources
from service.settings import Settings
from service.storage.api_keys import SCOPES


async def test_long_polls_are_answered_with_nothing_as_soon_as_the_process_ends(
    settings: Settings, clock: DrivenClock, resources: Resources
) -> None:
    app = create_app(settings, clock)
    secret = await a_key(resources, "waiters", SCOPES)
    try:
        async with opened(app) as own, program(app, secret) as client:
            asked = [f"/v1/operators/{name}/next?wait=60" for name in ("anna", "boris")]
            waiting = [asyncio.create_task(client.post(path)) for path in asked]
            await until(lambda: len(own.arrivals._waiters) == 2)
            ending.begin()
            async with asyncio.timeout(10):
                answers = [await task for task in waiting]
                answers.append(await client.post(asked[0]))
    finally:
        ending.has_begun = False
    assert [answer.status_code for answer in answers] == [204, 204, 204]
