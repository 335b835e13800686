"""`nextlead simulate`: which order keeps the most money, in simulated weeks of a shop."""

import gc
import json
import math
import sys
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import click

from service.cli.policy import line_of, text_of
from service.leads.errors import FieldMistake, InvalidRequest
from service.policies.reading import Shipped, read_policy, shipped_text
from service.rules.policy import Policy
from service.simulation.results.as_json import runs_as_json
from service.simulation.results.as_text import run_as_text
from service.simulation.results.figures import figures_of
from service.simulation.results.page import page
from service.simulation.scenarios.reading import SHIPPED, read_scenario, shipped_scenario
from service.simulation.simulate import ORDERS, Plan, simulate

MAX_DAYS, MAX_LOADS, MAX_SEED = 5000, 10, 2**63 - 1
LEAST_LOAD, GREATEST_LOAD = 0.05, 5.0
MAX_POLICIES = 12
GARBAGE = 100_000  # objects made before Python looks for unused ones


class Loads(click.ParamType[tuple[float, ...]]):
    """Loads, separated by commas."""

    name = "x[,y]"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[float, ...]:
        """The loads that were typed, each once."""
        if isinstance(value, tuple):
            return value
        try:
            loads = tuple(dict.fromkeys(float(part) for part in str(value).split(",")))
        except ValueError:
            self.fail(f"`{value}` is no list of numbers; write for example 0.7,1.0,1.3.")
        if len(loads) > MAX_LOADS or not all(map(_is_load, loads)):
            self.fail(f"write at most {MAX_LOADS} loads from {LEAST_LOAD} to {GREATEST_LOAD:g}.")
        return loads


class Orders(click.ParamType[tuple[str, ...]]):
    """Names of orders, separated by commas."""

    name = "order[,order]"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...]:
        """The orders that were typed."""
        if isinstance(value, tuple):
            return value
        names = tuple(part.strip() for part in str(value).split(","))
        for name in names:
            if name not in ORDERS:
                self.fail(f"`{name}` is no order; write some of {','.join(ORDERS)}.")
        return names


@click.command("simulate")
@click.argument("scenario")
@click.option(
    "--policy",
    "files",
    type=click.File("rb"),
    multiple=True,
    help="A file with a policy; may be repeated.",
)
@click.option("--against", type=Orders(), default=ORDERS, help=f"Some of {','.join(ORDERS)}.")
@click.option("--days", type=click.IntRange(1, MAX_DAYS), default=200, show_default=True)
@click.option(
    "--load",
    "loads",
    type=Loads(),
    default=(1.0,),
    help="Work as a multiple of the operators' time: 0.7,1.0,1.3.",
)
@click.option("--seed", type=click.IntRange(0, MAX_SEED), default=1, show_default=True)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@click.option(
    "--report",
    type=click.Path(file_okay=False, path_type=Path),
    help="Also write a page with charts into this folder.",
)
@click.option("--print", "show", is_flag=True, help="Print the scenario, and do nothing else.")
def simulate_command(
    scenario: str,
    files: tuple[BinaryIO, ...],
    against: tuple[str, ...],
    days: int,
    loads: tuple[float, ...],
    seed: int,
    form: str,
    report: Path | None,
    show: bool,
) -> None:
    """Simulate SCENARIO, a shipped one or a file.

    The shipped scenarios are auto_parts and fireworks_season.

    The clients are the same for every policy and order, and in every run with the same seed.
    Without --policy it simulates the policy that the scenario names.

    \b
    nextlead simulate auto_parts --days 50
    nextlead simulate auto_parts --policy mine.yaml --load 0.7,1.0,1.3 --report out
    """
    try:
        text = _scenario_text(scenario)
        if show:
            click.echo(text, nl=False)
            return
        stated = read_scenario(text)
        policies = _policies(files) or {
            stated.policy: read_policy(shipped_text(Shipped(stated.policy)))
        }
    except InvalidRequest as error:
        click.echo("\n".join(line_of(item) for item in error.mistakes), err=True)
        raise SystemExit(1) from None
    plan = Plan(days, loads, seed, against)
    name = scenario if scenario in SHIPPED else Path(scenario).stem
    _look_for_garbage_less()
    runs = simulate(stated, policies, plan, _progress)
    figures = [figures_of(run.tallies) for run in runs]
    if report is not None:
        report.mkdir(parents=True, exist_ok=True)
        (report / "index.html").write_text(page(name, stated.title, plan, runs), "utf-8")
    if form == "json":
        found = runs_as_json(name, plan, runs, figures)
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        pairs = zip(runs, figures, strict=True)
        click.echo("\n".join(run_as_text(name, plan, run, own) for run, own in pairs), nl=False)


def _look_for_garbage_less() -> None:
    """Collect garbage rarely: policies stay to the end, and a week is dropped as a whole."""
    gc.freeze()
    gc.set_threshold(GARBAGE)


def _scenario_text(name: str) -> str:
    if name in SHIPPED:
        return shipped_scenario(name)
    try:
        with Path(name).open("rb") as file:
            return text_of(file, "scenario")
    except OSError:
        remedy = f"Name a file, or one of {', '.join(SHIPPED)}."
        mistake = FieldMistake("scenario", f"`{name}` cannot be read", remedy)
        raise InvalidRequest([mistake]) from None


def _policies(files: tuple[BinaryIO, ...]) -> dict[str, Policy]:
    """The policies by the names of their files; raises InvalidRequest with every mistake."""
    found: dict[str, Policy] = {}
    mistakes: list[FieldMistake] = []
    if len(files) > MAX_POLICIES:
        reason, remedy = f"there are {len(files)}", f"Give at most {MAX_POLICIES}."
        raise InvalidRequest([FieldMistake("policy", reason, remedy)])
    for number, file in enumerate(files, 1):
        name = Path(file.name).stem if file.name != "<stdin>" else "policy"
        name = f"{name}-{number}" if name in found or name in ORDERS else name
        try:
            found[name] = read_policy(text_of(file))
        except InvalidRequest as error:
            mistakes += [
                replace(item, field=f"{file.name}: {item.field}") for item in error.mistakes
            ]
    if mistakes:
        raise InvalidRequest(mistakes)
    return found


def _progress(message: str) -> None:
    """Write progress on the error output, over the last line; the result stays clean."""
    if sys.stderr.isatty():
        click.echo(f"\r{message}\033[K", err=True, nl=False)


def _is_load(load: float) -> bool:
    return math.isfinite(load) and LEAST_LOAD <= load <= GREATEST_LOAD
