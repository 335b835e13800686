"""The work before a queue's cut-off, as its stats tell it."""

from datetime import timedelta
from itertools import count
from typing import Any

import httpx
import pytest
from doors import do, post_lead, take_next
from driven_clock import NOON, DrivenClock
from open_always import open_always
from stories import put_policy

from service.flows.upkeep.keep_in_step import keep_in_step
from service.policies.yaml_text import read_yaml
from service.resources import Resources

NUMBERS = count()


@pytest.fixture
async def shop(client: httpx.AsyncClient, resources: Resources, clock: DrivenClock) -> str:
    """A queue that no test had before, an hour before its cut-off: its stats are remembered."""
    name = f"noon-{next(NUMBERS)}"
    clock.moment = NOON + timedelta(hours=23)
    await client.put(f"/v1/queues/{name}", json={})
    await put_policy(resources, name, lease_seconds=3600)
    for operator in (f"olga-{name}", f"oleg-{name}"):
        await client.put(f"/v1/operators/{operator}", json={"queues": [name]})
    await keep_in_step(resources)
    return name


async def cutoff(client: httpx.AsyncClient, queue: str) -> Any:
    answer = await client.get(f"/v1/queues/{queue}/stats")
    assert answer.status_code == 200, answer.text
    return answer.json()["cutoff"]


async def orders(client: httpx.AsyncClient, queue: str, number: int) -> None:
    for _ in range(number):
        await post_lead(client, queue=queue, channel="site_order")


async def test_what_waits_and_what_will_be_missed(
    client: httpx.AsyncClient, shop: str, resources: Resources
) -> None:
    for operator in ("olga", "oleg"):
        await client.post(f"/v1/operators/{operator}-{shop}/next")
    await keep_in_step(resources)
    await orders(client, shop, 22)
    await post_lead(client, queue=shop, channel="email")
    await post_lead(client, channel="site_order")
    assert await cutoff(client, shop) == {
        "at": "2026-06-11T09:00:00Z",
        **{"waiting": 22, "operators_on_shift": 2, "handling_minutes": 6.0},
        **{"needed_minutes": 66.0, "left_minutes": 60.0, "will_miss": 2},
    }
    for _ in range(2):
        await keep_in_step(resources)
    events = (await client.get(f"/v1/queues/{shop}/events")).json()["events"]
    told = [event for event in events if event["type"] == "cutoff.at_risk"]
    assert [(event["actor"], event["details"]["will_miss"]) for event in told] == [("nextlead", 2)]


async def test_what_is_in_hand_waits_no_more_and_keeps_its_operator_busy(
    client: httpx.AsyncClient, shop: str, clock: DrivenClock
) -> None:
    await orders(client, shop, 10)
    await take_next(client, f"olga-{shop}")
    clock.pass_by(minutes=2)
    found = await cutoff(client, shop)
    assert (found["waiting"], found["operators_on_shift"]) == (9, 1)
    reported = (found["needed_minutes"], found["left_minutes"], found["will_miss"])
    assert reported == (58.0, 58.0, 0)


async def test_what_was_put_off_does_not_wait(client: httpx.AsyncClient, shop: str) -> None:
    await orders(client, shop, 2)
    lead = await take_next(client, f"olga-{shop}")
    await do(client, lead, "settle", outcome="callback", note="later")
    assert (await cutoff(client, shop))["waiting"] == 1


async def test_who_holds_a_lead_is_there_though_he_never_asked_for_the_next(
    client: httpx.AsyncClient, shop: str
) -> None:
    lead = await post_lead(client, queue=shop, channel="email")
    await client.post(f"/v1/leads/{lead['id']}/claim", json={"operator": f"oleg-{shop}"})
    assert (await cutoff(client, shop))["operators_on_shift"] == 1


async def test_with_nobody_there_nothing_gets_done(client: httpx.AsyncClient, shop: str) -> None:
    await orders(client, shop, 3)
    found = await cutoff(client, shop)
    assert (found["operators_on_shift"], found["needed_minutes"]) == (0, 18.0)
    assert found["will_miss"] == 3


async def test_a_policy_without_a_cutoff_tells_of_none(
    client: httpx.AsyncClient, shop: str, resources: Resources
) -> None:
    kinds = read_yaml(open_always())["kinds"]
    del kinds["self_order"]["escalations"]
    await put_policy(resources, shop, cutoff=None, kinds=kinds)
    assert await cutoff(client, shop) is None


async def test_it_is_counted_once_a_second_with_the_rest(
    client: httpx.AsyncClient, shop: str, clock: DrivenClock
) -> None:
    first = await cutoff(client, shop)
    await orders(client, shop, 1)
    assert await cutoff(client, shop) == first
    clock.pass_by(seconds=1)
    found = await cutoff(client, shop)
    assert (found["waiting"], found["left_minutes"]) == (1, 59.983)
