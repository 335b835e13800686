"""Workers of one `serve` count together, also when one of them dies."""

import os
import re
import signal
from pathlib import Path

import httpx
import pytest
from running import free_port, wait_until
from test_serving import started

from service.embedded.servers import Addresses
from service.metrics.families import ALL

pytestmark = [pytest.mark.more, pytest.mark.timeout(300)]


def test_workers_count_together_and_a_dead_one_stays_counted(
    tmp_path: Path, servers: Addresses, settings: object
) -> None:
    port, metrics_port = free_port(), free_port()
    serve = ("serve", "--host", "127.0.0.1", "--port", f"{port}", "--workers", "2")
    environment = {
        "NEXTLEAD_DATABASE_URL": servers.database_url,
        "NEXTLEAD_REDIS_URL": servers.redis_url,
        "NEXTLEAD_METRICS_PORT": f"{metrics_port}",
        "TMPDIR": f"{tmp_path}",
    }
    asked = f"http://127.0.0.1:{port}/healthz"

    def text() -> str:
        return httpx.get(f"http://127.0.0.1:{metrics_port}/metrics", timeout=60).text

    def figure(name: str) -> float:
        found = re.search(rf"^nextlead_{re.escape(name)} (\S+)$", text(), re.MULTILINE)
        return 0.0 if found is None else float(found[1])

    healthy = 'requests_total{method="GET",route="/healthz",status="200"}'
    with started(tmp_path / "1", *serve, **environment) as service:
        wait_until(lambda: len(service.events("service.ready")) == 2)
        typed = re.findall(r"^# TYPE (\w+) \w+$", text(), re.MULTILINE)
        assert typed == [family.name for family in ALL]
        wait_until(lambda: figure("workers") == 2)
        for _ in range(60):  # each on a connection of its own, so that both workers answer some
            httpx.get(asked, timeout=60)
        wait_until(lambda: figure(healthy) == 60)
        assert len(re.findall(r"^nextlead_queue_waiting\{.*main.*\}", text(), re.MULTILINE)) == 7
        (folder,) = tmp_path.glob("nextlead-metrics-*")
        killed = service.events("service.ready")[0]["process"]
        os.kill(killed, signal.SIGKILL)
        wait_until(lambda: len(service.events("service.ready")) == 3)
        wait_until(lambda: not any(f"_{killed}.db" in path.name for path in folder.iterdir()))
        assert figure(healthy) == 60
        wait_until(lambda: figure("workers") == 2)
        service.interrupt()
    assert not folder.exists()
