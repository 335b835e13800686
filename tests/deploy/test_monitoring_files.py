"""Dashboards and alerts: whole, of families that exist, each alert red and green, with an entry."""

import json
import re
import subprocess
from pathlib import Path

import pytest
import yaml
from lacking import needs
from monitoring import DASHBOARDS, ROOT, RULES, alerts, dashboard, expressions

from service.metrics.families import ALL
from service.metrics.family import MeasuredFamily

FAMILY = re.compile(r"\bnextlead_\w+")
NAMES = {
    name
    for family in ALL
    for name in (
        [family.name + end for end in ("_bucket", "_sum", "_count")]
        if isinstance(family, MeasuredFamily)
        else [family.name]
    )
}
LABELS = {label for family in ALL for label in family.labels}
OF_PROMETHEUS = {"le", "job", "instance", "alertname"}

# Of each alert series that make it fire, minute by minute, and some that do not.
up, store, line = 'up{job="nextlead"}', "nextlead_store_up", "nextlead_line"
requests, deliveries = "nextlead_requests_total", "nextlead_deliveries"
posted = 'nextlead_request_seconds_bucket{{route="/v1/leads",method="POST",le="{}"}}'
CASES: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "NextleadDown": ({up: "0x30"}, {up: "1x30"}),
    "NextleadStorageAway": (
        {store + '{store="postgres",instance="a"}': "0x30", store + '{store="redis"}': "1x30"},
        {store + '{store="postgres"}': "1x30", store + '{store="redis"}': "0x30"},
    ),
    "NextleadLineAway": (
        {store + '{store="redis",instance="b"}': "0x30", store + '{store="postgres"}': "1x30"},
        {store + '{store="redis"}': "1x30", store + '{store="postgres"}': "0x30"},
    ),
    "NextleadLineDegraded": (
        {line + '_degraded{queue="main"}': "1x30"},
        {line + '_degraded{queue="main"}': "0x20 1 1 0x8"},
    ),
    "NextleadLineBehind": (
        {line + '_lag_seconds{queue="main"}': "61x30"},
        {line + '_lag_seconds{queue="main"}': "2x30"},
    ),
    "NextleadErrors": (
        {requests + '{status="200"}': "0+97x30", requests + '{status="503"}': "0+3x30"},
        {requests + '{status="200"}': "0+99x30", requests + '{status="503"}': "0+1x30"},
    ),
    "NextleadSlow": (
        {
            posted.format("0.5"): "0+90x30",
            posted.format("1"): "0+100x30",
            posted.format("+Inf"): "0+100x30",
        },
        {
            posted.format("0.5"): "0+100x30",
            posted.format("+Inf"): "0+100x30",
        },
    ),
    "NextleadPoolFull": (
        {
            'nextlead_pool_connections{pool="hot",state="used",instance="a"}': "4x30",
            'nextlead_pool_connections{pool="hot",state="limit",instance="a"}': "4x30",
        },
        {
            'nextlead_pool_connections{pool="hot",state="used",instance="a"}': "3x30",
            'nextlead_pool_connections{pool="hot",state="limit",instance="a"}': "4x30",
        },
    ),
    "NextleadWorkersMissing": (
        {'nextlead_workers{instance="a"}': "2x20 1x10"},
        {'nextlead_workers{instance="a"}': "2x30"},
    ),
    "NextleadBackgroundFails": (
        {'nextlead_chore_failures_total{chore="keep_time"}': "0+1x30"},
        {'nextlead_chore_failures_total{chore="keep_time"}': "0x10 1x20"},
    ),
    "NextleadLeadsLate": (
        {
            'nextlead_queue_late{queue="main",kind="chat",instance="a"}': "6x30",
            'nextlead_queue_late{queue="main",kind="phone",instance="a"}': "5x30",
        },
        {  # two replicas show the same eight
            'nextlead_queue_late{queue="main",kind="chat",instance="a"}': "8x30",
            'nextlead_queue_late{queue="main",kind="chat",instance="b"}': "8x30",
        },
    ),
    "NextleadNobodyOnline": (
        {
            'nextlead_queue_late{queue="main",kind="chat"}': "1x30",
            'nextlead_operators{presence="online"}': "0x30",
            'nextlead_operators{presence="offline"}': "5x30",
        },
        {
            'nextlead_queue_late{queue="main",kind="chat"}': "1x30",
            'nextlead_operators{presence="online"}': "1x30",
            'nextlead_operators{presence="offline"}': "5x30",
        },
    ),
    "NextleadDeliveriesQuarantined": (
        {deliveries + '_quarantined{source="wazzup"}': "1x30"},
        {deliveries + '_quarantined{source="wazzup"}': "0x30"},
    ),
    "NextleadDeliveriesUnread": (
        {deliveries + '_waiting{source="wazzup"}': "101x30"},
        {deliveries + '_waiting{source="wazzup"}': "100x30"},
    ),
    "NextleadDeliveriesRefused": (
        {deliveries + '_total{source="wazzup",state="refused"}': "0+2x30"},
        {deliveries + '_total{source="wazzup",state="refused"}': "0+1x30"},
    ),
    "NextleadSourceSilent": (
        {'nextlead_source_silent{source="wazzup"}': "1x30"},
        {'nextlead_source_silent{source="wazzup"}': "0x30"},
    ),
    "NextleadEventsOutLate": (
        {'nextlead_events_out_oldest_seconds{subscription="crm"}': "901x30"},
        {'nextlead_events_out_oldest_seconds{subscription="crm"}': "30x30"},
    ),
    "NextleadEventsOutDead": (
        {'nextlead_events_out_dead{subscription="crm"}': "0x20 1x10"},
        {'nextlead_events_out_dead{subscription="crm"}': "4x30"},
    ),
}


def names_in(expression: str) -> set[str]:
    return set(FAMILY.findall(expression))


def labels_in(expression: str) -> set[str]:
    matched = re.findall(r"[{,]\s*(\w+)\s*[=!]", expression)
    grouped = re.findall(r"\b(?:by|on|without)\s*\(([^)]*)\)", expression)
    return {
        *matched,
        *(label.strip() for labels in grouped for label in labels.split(",") if label),
    }


@pytest.mark.parametrize("path", DASHBOARDS, ids=lambda path: path.stem)
def test_a_dashboard_asks_for_families_that_exist(path: Path) -> None:
    for expression in expressions(path):
        assert names_in(expression) <= NAMES, expression
        assert labels_in(expression) <= LABELS | OF_PROMETHEUS, expression
        assert "$" not in expression


@pytest.mark.parametrize("path", DASHBOARDS, ids=lambda path: path.stem)
def test_a_dashboard_is_whole(path: Path) -> None:
    board = dashboard(path)
    panels = board["panels"]
    assert board["uid"] == f"nextlead-{path.stem}"
    assert len({panel["id"] for panel in panels}) == len(panels)
    assert len({panel["title"] for panel in panels}) == len(panels)
    places = [panel["gridPos"] for panel in panels]
    taken = [
        (x, y)
        for place in places
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(set(taken)) == len(taken), "panels overlap"
    assert max(x for x, _ in taken) < 24


def test_every_family_is_on_a_dashboard() -> None:
    shown = {
        name
        for path in DASHBOARDS
        for expression in expressions(path)
        for name in names_in(expression)
    }
    missing = {
        family.name for family in ALL if not any(name.startswith(family.name) for name in shown)
    }
    assert missing == set()


def test_every_alert_has_an_entry_in_the_runbook() -> None:
    runbook = (ROOT / "docs" / "runbook.md").read_text("utf-8")
    entries = re.findall(r"^### (Nextlead\w+)$", runbook, re.MULTILINE)
    assert entries == [*alerts()]
    for name, rule in alerts().items():
        assert rule["annotations"]["runbook"] == f"docs/runbook.md#{name.lower()}"
        assert rule["labels"]["severity"] in ("critical", "warning")


def test_alerts_ask_for_families_that_exist() -> None:
    for name, rule in alerts().items():
        assert names_in(rule["expr"]) <= NAMES, name
        assert labels_in(rule["expr"]) <= LABELS | OF_PROMETHEUS, name


@needs("promtool")
def test_every_alert_fires_when_it_should_and_not_else(tmp_path: Path) -> None:
    assert set(CASES) == set(alerts())
    tests = [
        {
            "interval": "1m",
            "input_series": [{"series": key, "values": value} for key, value in series.items()],
            "promql_expr_test": [
                {
                    "expr": f'count(ALERTS{{alertname="{name}",alertstate="firing"}})',
                    "eval_time": "28m",
                    "exp_samples": [{"labels": "{}", "value": 1}] if fires else [],
                }
            ],
        }
        for name, (red, green) in CASES.items()
        for series, fires in ((red, True), (green, False))
    ]
    spec = {"rule_files": [str(RULES)], "evaluation_interval": "1m", "tests": tests}
    file = tmp_path / "alerts.yml"
    file.write_text(yaml.safe_dump(spec))
    done = subprocess.run(["promtool", "test", "rules", file], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@needs("promtool")
@pytest.mark.parametrize("name", ["prometheus.yml", "local.yml"])
def test_prometheus_takes_its_configuration(name: str, tmp_path: Path) -> None:
    key = tmp_path / "metrics_key"
    key.write_text("nl_key")
    text = (RULES.parents[1] / name).read_text("utf-8")
    text = text.replace("rules/*.yml", str(RULES)).replace("/run/secrets/metrics_key", str(key))
    (tmp_path / name).write_text(text)
    done = subprocess.run(
        ["promtool", "check", "config", tmp_path / name], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_dashboards_are_written_in_one_form() -> None:
    for path in DASHBOARDS:
        text = path.read_text("utf-8")
        assert text == json.dumps(json.loads(text), indent=2, ensure_ascii=False) + "\n"
