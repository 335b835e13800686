"""`nextlead simulate`: what stands on its output, and what it refuses."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from service.cli import main
from service.policies.reading import default_text
from service.simulation.scenarios.reading import shipped_scenario
from service.simulation.simulate import ORDERS


def simulate(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["simulate", *arguments])


def found(*arguments: str) -> dict:
    result = simulate(*arguments, "--format", "json")
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def test_the_policy_stands_first_and_fifo_and_the_oracle_always_run() -> None:
    run = found("auto_parts", "--days", "2", "--against", "handbook")
    assert set(run) == {"scenario", "days", "seed", "load", "policy", "orders"}
    assert (run["scenario"], run["days"], run["seed"], run["load"]) == ("auto_parts", 2, 1, 1.0)
    assert run["policy"]["name"] == "auto_parts"
    assert [item["name"] for item in run["orders"]] == ["fifo", "handbook", "oracle"]
    by_name = {item["name"]: item for item in run["orders"]}
    assert by_name["fifo"]["gap_closed"] == 0
    assert by_name["oracle"]["gap_closed"] == 1
    assert 0 < by_name["fifo"]["kept"] < by_name["oracle"]["kept"] < 1
    lost = sum(run["policy"]["lost_by_kind"].values())
    assert run["policy"]["kept"] + lost == pytest.approx(1, abs=0.001)


@pytest.mark.more
def test_several_loads_are_a_list_and_several_policies_rows(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(default_text(), "utf-8")
    runs = found("auto_parts", "--days", "1", "--load", "0.5,1.0", "--against", "fifo",
                 "--policy", str(file), "--policy", str(file))  # fmt: skip
    assert [run["load"] for run in runs] == [0.5, 1.0]
    policy, twin = runs[0]["policy"], runs[0]["orders"][0]
    assert (policy["name"], twin["name"]) == ("mine", "mine-2")
    assert policy["kept"] == twin["kept"]
    assert twin["gain_over_policy"] == 0


def test_the_text_names_every_order_and_nothing_else_is_printed() -> None:
    result = simulate("auto_parts", "--days", "1")
    assert result.exit_code == 0
    for name in ORDERS:
        assert re.search(rf"^{name} +0\.[0-9]+", result.stdout, re.MULTILINE)
    assert result.stderr == ""


@pytest.mark.more
def test_the_report_is_one_page_that_loads_nothing_and_runs_nothing(tmp_path: Path) -> None:
    place = tmp_path / "new" / "report"
    result = simulate("auto_parts", "--days", "6", "--load", "0.7,1", "--report", str(place))
    assert result.exit_code == 0
    page = (place / "index.html").read_text("utf-8")
    assert page.count("<svg") >= 10
    assert len(page) < 200_000
    for forbidden in ("<script", "http://", "https://", "src=", "@import"):
        assert forbidden not in page.replace('xmlns="http://www.w3.org/2000/svg"', "")


@pytest.mark.more
def test_the_same_seed_gives_the_same_bytes_in_every_process() -> None:
    command = [sys.executable, "-m", "service", "simulate", "auto_parts", "--days", "1",
               "--against", "random", "--seed", "7"]  # fmt: skip
    outputs = {
        subprocess.run(
            command, check=True, capture_output=True, env={**os.environ, "PYTHONHASHSEED": seed}
        ).stdout
        for seed in ("0", "1")
    }
    assert len(outputs) == 1
    assert simulate(*command[4:-1], "8").stdout.encode() not in outputs


def test_a_scenario_is_printed_and_read_from_a_file(tmp_path: Path) -> None:
    shown = simulate("auto_parts", "--print").stdout
    assert shown == shipped_scenario("auto_parts")
    file = tmp_path / "shop.yaml"
    file.write_text(shown, "utf-8")
    assert found(str(file), "--days", "1", "--against", "fifo")["scenario"] == "shop"


def test_mistakes_of_scenarios_and_policies_are_told_with_path_and_remedy(tmp_path: Path) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text(shipped_scenario("auto_parts").replace("share: 0.36", "share: -1"), "utf-8")
    result = simulate(str(file))
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("sources.calls.share: ")
    policy = tmp_path / "policy.yaml"
    policy.write_text("currency: [", "utf-8")
    result = simulate("auto_parts", "--policy", str(policy))
    assert (result.exit_code, result.stdout) == (1, "")
    assert str(policy) in result.stderr
    assert "Traceback" not in simulate("nowhere.yaml").stderr
    assert "auto_parts" in simulate("nowhere.yaml").stderr


@pytest.mark.parametrize(
    "wrong",
    [
        ["--days", "0"],
        ["--days", "100000"],
        ["--load", "0"],
        ["--load", "nan"],
        ["--load", "1,x"],
        ["--load", "-1"],
        ["--against", "luck"],
        ["--seed", "-1"],
        ["--format", "xml"],
        ["--policy", "nowhere.yaml"],
    ],
)
def test_options_that_cannot_be_are_refused(wrong: list[str]) -> None:
    result = simulate("auto_parts", *wrong)
    assert result.exit_code == 2
    assert result.stdout == ""
