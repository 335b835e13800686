"""A Prometheus beside a running service: every expression is asked, one alert goes red and green.

Grafana itself is not there: its dashboards are asked as it would ask them.
"""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from lacking import needs
from monitoring import DASHBOARDS, Prometheus, alerts, expressions, prometheus
from own_valkey import OwnValkey
from running import free_port, wait_until
from test_serving import started

from service.embedded.servers import Addresses

pytestmark = [pytest.mark.more, pytest.mark.timeout(300), needs("prometheus")]

OF_THE_LINE = {"NextleadLineAway", "NextleadLineDegraded"}


@pytest.fixture
async def valkey(tmp_path: Path) -> AsyncIterator[OwnValkey]:
    folder = tmp_path / "valkey"
    folder.mkdir(mode=0o700)
    own = OwnValkey(folder)
    await own.start()
    yield own
    own.stop()


async def test_every_expression_is_answered_and_an_alert_goes_red_and_green(
    tmp_path: Path, servers: Addresses, settings: object, valkey: OwnValkey
) -> None:
    port, metrics_port = free_port(), free_port()
    environment = {
        "NEXTLEAD_DATABASE_URL": servers.database_url,
        "NEXTLEAD_REDIS_URL": valkey.url,
        "NEXTLEAD_METRICS_PORT": f"{metrics_port}",
    }
    serve = ("serve", "--host", "127.0.0.1", "--port", f"{port}")
    with (
        started(tmp_path / "service", *serve, **environment) as service,
        prometheus(metrics_port, hurry=True) as watcher,
    ):
        wait_until(lambda: service.events("service.ready"))
        wait_until(lambda: watcher.ask('up{job="nextlead"} == 1'))
        wait_until(lambda: watcher.ask("max(nextlead_line_degraded) == 0"))
        wait_until(lambda: not watcher.firing())
        assert await answers(f"http://127.0.0.1:{port}/healthz")
        wait_until(lambda: watcher.ask('nextlead_requests_total{route="/healthz"}'))
        ask_everything(watcher)
        valkey.stop()
        wait_until(lambda: watcher.firing() >= OF_THE_LINE)
        assert not {"NextleadDown", "NextleadStorageAway"} & watcher.firing()
        await valkey.start()
        wait_until(lambda: not watcher.firing() & OF_THE_LINE)
        assert watcher.ask("max(nextlead_store_up) == 1")


async def answers(address: str) -> bool:
    async with httpx.AsyncClient() as client:
        return (await client.get(address)).is_success


def ask_everything(watcher: Prometheus) -> None:
    for rule in alerts().values():
        watcher.ask(rule["expr"])
    for path in DASHBOARDS:
        for expression in expressions(path):
            watcher.ask(expression)
    for expression in (
        "sum(nextlead_requests_total)",
        "nextlead_queue_waiting",
        "nextlead_line_lag_seconds",
        "nextlead_batch_size_bucket",
        "nextlead_build_info",
        "nextlead_workers == 1",
    ):
        assert watcher.ask(expression), expression
