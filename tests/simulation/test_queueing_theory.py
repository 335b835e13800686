"""The engine against exact results."""

from math import exp, sqrt
from statistics import fmean, stdev

import pytest
from simulation_builders import NumberOrder, live_through, queueing_clients

from service.simulation.orders.plain import by_chance, first_come, last_come
from service.simulation.shop.client import NEVER
from service.simulation.shop.run import Shop

OPERATORS, SERVICE, PATIENCE, DAYS = 4, 4.0, 3.0, 6


def erlang_a_lost(rate: float, operators: int, service: float, patience: float) -> float:
    """The share that leaves an M/M/n+M queue, from its stationary distribution."""
    weights, weight = [1.0], 1.0
    for number in range(1, 400):
        leaving = min(number, operators) / service + max(0, number - operators) / patience
        weight *= rate / leaving
        weights.append(weight)
    waiting = sum(w * max(0, number - operators) for number, w in enumerate(weights))
    return waiting / sum(weights) / patience / rate


def lost_share(shop: Shop) -> float:
    return fmean(lead.begun == NEVER for lead in shop.leads)


@pytest.mark.parametrize("load", [0.9, 1.2])
@pytest.mark.parametrize("rank", [first_come, by_chance, last_come])
def test_as_many_are_lost_as_erlang_a_says_in_whatever_order(load, rank):
    rate = load * OPERATORS / SERVICE
    expected = erlang_a_lost(rate, OPERATORS, SERVICE, PATIENCE)
    found = [
        lost_share(
            live_through(
                queueing_clients(seed, DAYS, rate, PATIENCE, SERVICE),
                NumberOrder(rank),
                OPERATORS,
                DAYS,
            )
        )
        for seed in range(4)
    ]
    assert abs(fmean(found) - expected) < 3 * stdev(found) / sqrt(len(found)) + 1e-9
    assert expected > exp(-4)  # the formula is not near 0, where everything passes


def test_little_s_law_holds():
    rate, order = 1.1, NumberOrder(first_come)
    clients = queueing_clients(7, 20, rate, PATIENCE, SERVICE)
    shop = live_through(clients, order, OPERATORS, 20)
    waits = [min(lead.first_try, lead.client.hangs_up) - lead.client.arrives for lead in shop.leads]
    number_waiting = fmean(order.waited) * OPERATORS
    assert number_waiting == pytest.approx(len(clients) / (20 * 1440) * fmean(waits), rel=0.03)


@pytest.mark.parametrize("rank", [first_come, last_come, by_chance])
def test_nobody_idles_while_somebody_waits_whom_they_may_take(rank):
    clients = queueing_clients(3, 2, 1.0, PATIENCE, SERVICE)
    shop = live_through(clients, NumberOrder(rank), OPERATORS, 2)
    free_since = {f"op-{number}": 0.0 for number in range(OPERATORS)}
    for claim in shop.claims:
        client = clients[claim.client]
        waited = claim.at > client.arrives
        assert free_since[claim.operator] <= claim.at
        if waited:  # then somebody came free at this moment, and nobody was before
            assert min(free_since.values()) == claim.at == free_since[claim.operator]
        free_since[claim.operator] = claim.at + client.minutes
    assert any(claim.at > clients[claim.client].arrives for claim in shop.claims)


def test_each_client_is_served_at_most_once_and_never_after_leaving():
    shop = live_through(
        queueing_clients(5, 2, 1.2, PATIENCE, SERVICE), NumberOrder(last_come), OPERATORS, 2
    )
    served = [claim.client for claim in shop.claims]
    assert len(served) == len(set(served))
    for lead in shop.leads:
        assert lead.begun == NEVER or lead.client.arrives <= lead.begun <= lead.client.gone
