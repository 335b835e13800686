"""The pages in Debian's Chromium, on a service that listens in this process."""

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from driven_clock import NOON, DrivenClock
from pages_world import World
from redis import Redis
from served_pages import served

from service.embedded.servers import Addresses
from service.settings import Settings

CHROMIUM = os.environ.get("TEST_CHROMIUM") or shutil.which("chromium")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """One browser for the tests of a module: while it runs, no other test can be asynchronous."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--autoplay-policy=no-user-gesture-required"],
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def service(settings: Settings) -> Iterator[Any]:
    """The service, by a clock that tests move."""
    clock = DrivenClock()
    with served(settings, clock) as running:
        running.clock = clock
        yield running


@pytest.fixture
def world(service: Any, chromium: Any, servers: Addresses, emptying: str) -> Iterator[World]:
    """Empty stores, operators anna and boris, noon, and a browser to sign in with."""
    service.clock.moment = NOON
    with Redis.from_url(servers.redis_url) as redis:
        redis.flushall()
    made = World(service, chromium, emptying)
    made.begin()
    yield made
    made.end()
