"""Orders on the same clients: nobody beats the clairvoyant, and all meet the same."""

from dataclasses import replace
from random import Random

import pytest
from clairvoyant import most_money
from simulation_builders import NumberOrder, a_scenario, live_through, queueing_clients

from service.policies.reading import default_text, read_policy
from service.simulation.orders.plain import by_chance, first_come, last_come
from service.simulation.results.tally import Tally
from service.simulation.shop.client import NEVER
from service.simulation.simulate import ORDERS, Plan, World, simulate

DEFAULT = read_policy(default_text())


def dear_and_cheap(seed: int):
    """Clients of a morning whose bills differ a hundredfold."""
    draws = Random(seed)
    clients = queueing_clients(seed, 1, 0.6, 6.0, 4.0)[:90]
    return [replace(item, bill=100 * 100 ** draws.random()) for item in clients]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_order_keeps_more_than_the_clairvoyant(seed):
    clients = dear_and_cheap(seed)
    bound = most_money(clients, 2)
    dearest = lambda lead: lead.client.worth / lead.client.minutes  # noqa: E731
    money = []
    for rank in (first_come, last_come, by_chance, dearest):
        shop = live_through(clients, NumberOrder(rank), 2, 1)
        served = [lead for lead in shop.leads if lead.begun < NEVER]
        money.append(sum(lead.client.money_at(lead.begun) for lead in served))
    assert max(money) <= bound
    assert max(money) > 0.6 * bound  # the bound is not far off everything
    assert max(money) == money[-1]


@pytest.mark.more
def test_every_order_meets_the_same_clients():
    world = World(a_scenario())
    assert world.clients(1.0, "seed", 5) == world.clients(1.0, "seed", 5)
    assert world.clients(1.0, "seed", 5) != world.clients(1.0, "another", 5)
    runs = simulate(a_scenario(), {"p": DEFAULT}, Plan(days=2), lambda _: None)
    tallies = runs[0].tallies
    assert list(tallies) == ["p", *ORDERS]
    assert len({tally.weeks[0].money for tally in tallies.values()}) == 1
    assert len({tally.weeks[0].clients for tally in tallies.values()}) == 1


@pytest.mark.more
def test_the_oracle_keeps_more_than_first_come_and_the_policy_lies_between():
    runs = simulate(a_scenario(), {"p": DEFAULT}, Plan(days=10, against=()), lambda _: None)
    won = {name: sum(week.won for week in item.weeks) for name, item in runs[0].tallies.items()}
    assert won["fifo"] < won["p"] < won["oracle"]


def test_as_much_work_comes_as_the_load_says():
    world = World(a_scenario(day_cv=0.0))
    weeks = [world.clients(1.3, f"seed {number}", 5) for number in range(3)]
    work = sum(client.minutes for week in weeks for client in week) / 3
    minutes = sum(s.ends - s.begins for item in world._staff() for s in item.shifts)
    assert work / minutes == pytest.approx(1.3, rel=0.06)


def test_operators_are_busier_the_more_comes():
    busy = []
    for load in (0.5, 1.0):
        runs = simulate(a_scenario(), {"p": DEFAULT}, Plan(3, (load,), against=()), lambda _: None)
        week = runs[0].tallies["p"].weeks[0]
        busy.append(week.worked / week.staffed)
    assert 0.3 < busy[0] < busy[1] < 1.05


def test_an_empty_week_is_counted():
    assert Tally().add([], World(a_scenario()).calendar).clients == 0
