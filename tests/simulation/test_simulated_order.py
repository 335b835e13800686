"""One ranking, two uses: the simulated order is the one in which the running service serves."""

import json
from dataclasses import replace
from datetime import datetime

from driven_clock import DrivenClock
from open_always import open_always
from simulation_builders import a_scenario
from stories import Receive, settle

from service.flows.claims.claim_next import claim_next
from service.flows.line.rerank_line import rerank_outdated
from service.leads.lead import Kind, Lead
from service.leads.operator import Operator
from service.policies.reading import policy_of
from service.policies.yaml_text import read_yaml
from service.resources import Resources
from service.simulation.orders.policy_order import PolicyOrder
from service.simulation.orders.understanding import Understanding
from service.simulation.shop.client import SimulatedClient
from service.simulation.shop.run import Shop, SimulatedClaim
from service.simulation.shop.staff import hire
from service.simulation.simulate import World
from service.storage.operators.operators import put_operator
from service.storage.policies.policies import Version, put_in_force, version_in_force

MINUTES = {kind.value: {"each": 5.0, "per_part": 2.0} for kind in Kind}
STAYS = [{"after": 0.1, "share": 0.6}, {"after": 0.4, "share": 0.3}, {"after": 1.0, "share": 0.1}]
KINDS = {Kind.CHAT, Kind.OFFLINE, Kind.SELF_ORDER, Kind.REGISTRATION}
HOUR = (1440 + 600, 1440 + 660)  # the second day from ten to eleven


def the_policy() -> dict:
    """Everything that moves leads by time: the index with its steps, and the guarantee."""
    said = read_yaml(open_always())
    kinds = {
        name: {**kind, "escalations": kind.get("escalations", []) if name == "self_order" else []}
        for name, kind in said["kinds"].items()
    }
    kinds["chat"]["late_minutes"] = kinds["offline"]["late_minutes"] = 8
    index = {
        "weight": 0.6, "minutes": MINUTES, "patience": {"chat": 20.0, "offline": 60.0},
        "stays": {"chat": STAYS, "offline": STAYS},
    }  # fmt: skip
    # outcomes are read anew every half second of real time, of which a driven clock knows nothing
    steady = {"learning": {"enabled": False}, "joining": {"by": []}}
    numbers = {"index": index, "guarantee": {"every": 4}, **steady}
    return {**said, "kinds": kinds, **numbers, "lease_seconds": 86_000}


def an_hour(world: World) -> list[SimulatedClient]:
    """The patient clients of an hour, far more than two operators can serve."""
    found = [
        client
        for client in world.clients(2.5, "an hour", 1)
        if client.kind in KINDS and HOUR[0] <= client.arrives < HOUR[1]
    ]
    whole = [replace(client, silent=True, minutes=max(1.0, client.minutes)) for client in found]
    return [
        replace(client, number=number, arrives=round(client.arrives * 60) / 60)
        for number, client in enumerate(whole)
    ]


def simulated(world: World, clients: list[SimulatedClient]) -> list[SimulatedClaim]:
    policy = policy_of(the_policy(), 2)
    order = PolicyOrder("policy", policy, world.calendar, Understanding(policy, world.calendar))
    people = hire(a_scenario(), world.calendar.begins, 7)[:2]
    shop = Shop(a_scenario(), world.calendar, people, order)
    shop.run(clients)
    return [claim for claim in shop.claims if claim.at < HOUR[1]]


async def put_the_policy(resources: Resources, now: datetime) -> None:
    async with resources.stores.database.transaction() as connection:
        known = await version_in_force(connection, "main", locked=True)
        text = json.dumps(the_policy())
        await put_in_force(connection, Version("main", known + 1, text, "tests", now))
    resources.stores.bases.forget()


async def test_an_hour_is_served_in_the_simulated_order(
    resources: Resources, receive: Receive, clock: DrivenClock
) -> None:
    scenario = {"owners": 0.0, "skills": {}, "again": None, "answer": {"no_answer": 0.0}}
    names = (
        "calls",
        "chats",
        "self_orders",
        "requests",
        "night_chats",
        "visitors",
        "registrations",
    )
    world = World(a_scenario(sources=dict.fromkeys(names, scenario)))
    clients = an_hour(world)
    claims = simulated(world, clients)
    assert len(claims) > 12
    clock.moment = world.calendar.moment(HOUR[0])
    await put_the_policy(resources, clock.moment)
    await staff(resources, *(item.operator for item in hire(a_scenario(), clock.moment, 7)[:2]))
    numbers, held, served = {}, dict[str, Lead](), []
    events = [(client.arrives, 0, client) for client in clients if client.arrives < HOUR[1]]
    for at, _, what in sorted([*events, *((claim.at, 1, claim) for claim in claims)],
                              key=lambda event: event[:2]):  # fmt: skip
        clock.moment = world.calendar.moment(at)
        await rerank_outdated(resources)
        if isinstance(what, SimulatedClient):
            sent = what.signal
            lead = await receive(
                channel=sent.channel, text=sent.text, items=sent.items, vin=sent.vin
            )
            numbers[lead.id] = what.number
        else:
            if what.operator in held:
                await settle(resources, held.pop(what.operator))
            claimed = await claim_next(resources, what.operator)
            found = claimed.lead
            assert found is not None
            # from the rows nobody is guaranteed anything: Valkey was away, not the order another
            assert claimed.from_line, f"served from the rows at {at - HOUR[0]:.2f}"
            held[what.operator] = found
            served.append(numbers[found.id])
    assert served == [claim.client for claim in claims]
    assert served != sorted(served)


async def staff(resources: Resources, *operators: Operator) -> None:
    async with resources.stores.database.transaction() as connection:
        for operator in operators:
            await put_operator(connection, operator, resources.clock.now())
    resources.stores.directory.forget()
