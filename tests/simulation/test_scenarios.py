"""Scenarios as YAML: what is refused, all at once, with path, reason and remedy."""

import pytest
from simulation_builders import AUTO_PARTS, stated_with

from service.leads.errors import InvalidRequest
from service.simulation.scenarios.reading import (
    SHIPPED,
    read_scenario,
    scenario_of,
    shipped_scenario,
)
from service.simulation.simulate import World

CALLS = AUTO_PARTS["sources"]["calls"]


def mistakes(**parts):
    with pytest.raises(InvalidRequest) as refused:
        scenario_of(stated_with(AUTO_PARTS, parts))
    return {item.field: item for item in refused.value.mistakes}


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_scenario_can_be_lived_through(name):
    scenario = read_scenario(shipped_scenario(name))
    clients = World(scenario).clients(0.1, "seed", 1)
    assert {client.kind for client in clients} >= {"phone", "chat", "self_order", "offline"}
    assert [client.arrives for client in clients] == sorted(client.arrives for client in clients)


@pytest.mark.parametrize("name", SHIPPED)
def test_every_number_of_a_shipped_scenario_has_its_source_near(name):
    lines = shipped_scenario(name).splitlines()
    assert sum("#" in line for line in lines) > 30
    assert "belief" in shipped_scenario(name)


@pytest.mark.parametrize(
    ("parts", "field"),
    [
        ({"sources": {"calls": {"share": 0.9}}}, "sources"),
        ({"sources": {"calls": {"share": -0.1}}}, "sources.calls.share"),
        ({"sources": {"calls": {"share": 1.5}}}, "sources.calls.share"),
        ({"sources": {"calls": {"hourly": [-1.0] * 24}}}, "sources.calls.hourly.0"),
        ({"sources": {"calls": {"hourly": [0.0] * 24}}}, "sources.calls.hourly"),
        ({"sources": {"calls": {"hourly": [1.0] * 23}}}, "sources.calls.hourly"),
        ({"sources": {"calls": {"hourly": [float("nan")] * 24}}}, "sources.calls.hourly.0"),
        ({"sources": {"calls": {"patience": {"minutes": 0}}}}, "sources.calls.patience.minutes"),
        ({"sources": {"calls": {"patience": {"shape": 0.0}}}}, "sources.calls.patience.shape"),
        ({"sources": {"calls": {"service": {"each": -4.0}}}}, "sources.calls.service.each"),
        ({"sources": {"calls": {"chance": 40}}}, "sources.calls.chance"),
        ({"sources": {"calls": {"channel": "pigeon"}}}, "sources.calls.channel"),
        ({"sources": {"calls": {"skills": {"magic": 0.1}}}}, "sources.calls.skills.magic"),
        ({"sources": {"calls": {"colour": 1}}}, "sources.calls.colour"),
        (
            {"sources": {"self_orders": {"cutoff": {"at": "25:00"}}}},
            "sources.self_orders.cutoff.at",
        ),
        (
            {"sources": {"self_orders": {"cutoff": {"losses": [0.4, 0.1]}}}},
            "sources.self_orders.cutoff.losses",
        ),
        ({"operators": []}, "operators"),
        ({"operators": [{"count": 0, "shifts": {"mon": "09:00-19:00"}}]}, "operators.0.count"),
        ({"operators": [{"count": 1, "shifts": {"mon-sun": "closed"}}]}, "operators.0.shifts"),
        (
            {"operators": [{"count": 1, "shifts": {"moon": "09:00-19:00"}}]},
            "operators.0.shifts.moon",
        ),
        ({"hours": {"mon-sun": "closed", "monday": "closed"}}, "hours.monday"),
        ({"begins": "2026-02-30"}, "begins"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"policy": "mine"}, "policy"),
        ({"words": {"parts": [0.0]}}, "words.parts"),
        ({"words": {"goods": []}}, "words.goods"),
        ({"words": {"need_range": [5.0, 0.1]}}, "words.need_range"),
        ({"on_top": {"share": 2.0}}, "on_top.share"),
        ({"day_cv": -0.2}, "day_cv"),
        ({"weekdays": [1.0]}, "weekdays"),
        ({"weekdays": [0.0] * 7}, "weekdays"),
        ({"operators": [{"count": 2, "shifts": {"mon-sun": "20:00-23:00"}}]}, "operators"),
        ({"operators": [{"count": 2, "shifts": {"sun": "19:00-24:00"}}]}, "operators"),
    ],
)
def test_what_cannot_be_is_refused_where_it_stands(parts, field):
    found = mistakes(**parts)
    assert field in found, list(found)
    assert found[field].reason
    assert found[field].remedy


def test_a_shop_that_never_opens_is_refused():
    stated = {**AUTO_PARTS, "hours": {"mon-sun": "closed"}}
    with pytest.raises(InvalidRequest) as refused:
        scenario_of(stated)
    assert [item.field for item in refused.value.mistakes] == ["hours"]


@pytest.mark.parametrize("shifts", [{"tue": "18:30-23:00"}, {"sun": "22:00-09:30"}])
def test_one_shift_that_meets_the_open_hours_is_enough(shifts):
    shop = {**AUTO_PARTS, "hours": {"mon-tue": "09:00-19:00"}}
    people = [
        {"count": 1, "shifts": shifts, "skills": ["mentors"]},
        {"count": 1, "shifts": {"sat": "20:00-23:00"}},
    ]
    assert scenario_of({**shop, "operators": people}).operators[0].count == 1


def test_all_mistakes_are_told_at_once():
    found = mistakes(
        time_zone="Mars/Olympus",
        day_cv=-1.0,
        operators=[{"count": 1, "shifts": {"mon-sun": "closed"}, "skills": ["mentors"]}],
        sources={"calls": {"share": 0.9, "chance": 3.0}},
    )
    assert set(found) == {
        "time_zone",
        "day_cv",
        "operators.0.shifts",
        "sources",
        "sources.calls.chance",
    }


def test_text_that_is_no_scenario_is_refused_as_policies_are():
    for text in ("", "- a list", "title: [", "title: a\ntitle: b", "a: &x 1"):
        with pytest.raises(InvalidRequest):
            read_scenario(text)
