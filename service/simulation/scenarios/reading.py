"""Reads a scenario from YAML, and reports all mistakes together."""

from collections.abc import Mapping
from datetime import date, datetime
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from service.hours.hours import Hours
from service.hours.timetable_text import read_timetable
from service.leads.errors import InvalidRequest
from service.leads.mistakes import mistakes_of
from service.policies.yaml_text import read_yaml
from service.simulation.scenarios.checks import check_scenario
from service.simulation.scenarios.document import Scenario

SHIPPED = ("auto_parts", "fireworks_season")
MAX_MISTAKES = 100


def shipped_scenario(name: str) -> str:
    """The text of a scenario in the package."""
    return files("service.simulation.scenarios").joinpath(f"{name}.yaml").read_text("utf-8")


def read_scenario(text: str) -> Scenario:
    """The scenario of a YAML text.

    Raises InvalidRequest with every mistake: its path, its reason and its remedy.
    """
    return scenario_of(read_yaml(text, "scenario"))


def scenario_of(stated: Mapping[str, Any]) -> Scenario:
    """The scenario of a mapping; raises InvalidRequest with every mistake."""
    scenario, mistakes = None, []
    try:
        scenario = Scenario.model_validate(stated)
    except ValidationError as error:
        mistakes = mistakes_of(error.errors(include_url=False), whole="scenario")
    mistakes += check_scenario(stated)
    if scenario is None or mistakes:
        raise InvalidRequest(list(dict.fromkeys(mistakes))[:MAX_MISTAKES])
    return scenario


def hours_of(scenario: Scenario) -> Hours:
    """The shop's hours."""
    zone = ZoneInfo(scenario.time_zone)
    return Hours(read_timetable({"weekly": scenario.hours}, zone))


def begins_at(scenario: Scenario, hours: Hours) -> datetime:
    """The first local midnight of its weeks."""
    return hours.at_local(date.fromisoformat(scenario.begins), 0)
