"""The files of deploy/ that Prometheus and Grafana read, and a Prometheus of a test's own."""

import json
import re
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import yaml
from running import free_port, wait_until

ROOT = Path(__file__).resolve().parents[2]
RULES = ROOT / "deploy" / "prometheus" / "rules" / "nextlead.yml"
DASHBOARDS = sorted((ROOT / "deploy" / "grafana").glob("*.json"))
VARIABLE = re.compile(r"\$(__rate_interval|queue|source)")
VALUES = {"__rate_interval": "5m", "queue": ".*", "source": ".*"}


def alerts() -> dict[str, dict[str, Any]]:
    """The alerts by name."""
    (group,) = yaml.safe_load(RULES.read_text("utf-8"))["groups"]
    return {rule["alert"]: rule for rule in group["rules"]}


def dashboard(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found


def expressions(path: Path) -> list[str]:
    """What the panels of a dashboard ask, with the values of Grafana's variables."""
    return [
        VARIABLE.sub(lambda match: VALUES[match[1]], target["expr"])
        for panel in dashboard(path)["panels"]
        for target in panel["targets"]
    ]


class Prometheus:
    """One that scrapes a service each second."""

    def __init__(self, http: httpx.Client) -> None:
        self._http = http

    def ask(self, expression: str) -> list[dict[str, Any]]:
        """The series that an expression finds; fails when it is wrong."""
        answer = self._http.get("/query", params={"query": expression}).json()
        assert answer["status"] == "success", (expression, answer)
        found: list[dict[str, Any]] = answer["data"]["result"]
        return found

    def firing(self) -> set[str]:
        """The names of the alerts that fire."""
        found = self._http.get("/alerts").json()["data"]["alerts"]
        return {item["labels"]["alertname"] for item in found if item["state"] == "firing"}

    def is_ready(self) -> bool:
        try:
            return self._http.get("/status/runtimeinfo").status_code == 200
        except httpx.TransportError:
            return False


@contextmanager
def prometheus(target_port: int, *, hurry: bool = False) -> Iterator[Prometheus]:
    """Prometheus with our rules; in a `hurry` alerts fire after a second, whatever they say."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="nextlead-prometheus-") as folder:
        rules = RULES.read_text("utf-8")
        if hurry:
            rules = re.sub(r"\bfor: \d+m$", "for: 1s", rules, flags=re.MULTILINE)
        Path(folder, "rules.yml").write_text(rules)
        Path(folder, "prometheus.yml").write_text(yaml.safe_dump(_config(target_port)))
        process = subprocess.Popen(
            [
                "prometheus",
                f"--config.file={folder}/prometheus.yml",
                f"--storage.tsdb.path={folder}/data",
                f"--web.listen-address=127.0.0.1:{port}",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}/api/v1", timeout=10) as http:
                running = Prometheus(http)
                wait_until(running.is_ready)
                yield running
        finally:
            process.terminate()
            process.wait(60)


def _config(target_port: int) -> dict[str, Any]:
    target = {"job_name": "nextlead", "static_configs": [{"targets": [f"127.0.0.1:{target_port}"]}]}
    seconds = {"scrape_interval": "1s", "evaluation_interval": "1s", "scrape_timeout": "1s"}
    return {"global": seconds, "rule_files": ["rules.yml"], "scrape_configs": [target]}
