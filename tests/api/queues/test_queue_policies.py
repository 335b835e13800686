"""What a new queue begins with: a copy of a shipped policy, with what the queue says of itself."""

from typing import Any

import httpx
import pytest
from doors import problem_in

from service.policies.reading import Shipped, read_policy, shipped_text
from service.policies.yaml_text import read_yaml


async def put(client: httpx.AsyncClient, **sent: Any) -> httpx.Response:
    return await client.put("/v1/queues/south", json=sent)


async def policy(client: httpx.AsyncClient) -> dict[str, Any]:
    answer = await client.get("/v1/queues/south/policy")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.parametrize(
    ("sent", "shipped"),
    [
        ({}, "auto_parts"),
        ({"policy": "auto_parts"}, "auto_parts"),
        ({"policy": "fireworks"}, "fireworks"),
    ],
)
async def test_a_new_queue_begins_with_a_shipped_policy(
    client: httpx.AsyncClient, sent: dict[str, str], shipped: str
) -> None:
    made = await put(client, **sent)
    expected = read_yaml(shipped_text(Shipped(shipped)))
    assert made.status_code == 201
    assert made.json()["currency"] == expected["currency"]
    assert made.json()["time_zone"] == expected["time_zone"]
    found = await policy(client)
    assert (found["version"], found["author"]) == (1, "tests")
    assert found["policy"] == expected


@pytest.mark.parametrize("shipped", ["auto_parts", "fireworks"])
def test_shipped_policies_name_their_hours_zone_region_and_currency(shipped: str) -> None:
    spec = read_yaml(shipped_text(Shipped(shipped)))
    assert {"hours", "time_zone", "region", "currency"} <= {*spec}
    assert not read_policy(shipped_text(Shipped(shipped))).hours.timetable.never_closes()


async def test_a_night_message_of_a_new_queue_is_offline(
    client: httpx.AsyncClient, clock: Any
) -> None:
    await put(client)
    for hours, kind in ((0, "chat"), (14, "offline")):
        clock.pass_by(hours=hours)
        sent = {"channel": "whatsapp", "queue": "south", "text": f"clip {hours}"}
        assert (await client.post("/v1/leads", json=sent)).json()["kind"] == kind


async def test_the_empty_policy_knows_no_trade(client: httpx.AsyncClient) -> None:
    made = await put(client, policy="empty", currency="KZT", time_zone="Asia/Almaty", region="KZ")
    assert (made.status_code, made.json()["currency"]) == (201, "KZT")
    found = (await policy(client))["policy"]
    assert (found["currency"], found["time_zone"], found["region"]) == ("KZT", "Asia/Almaty", "KZ")
    assert not {"hours", "cutoff", "lexicon", "ownership"} & {*found}
    sent = {"channel": "phone", "queue": "south", "text": "brake pads"}
    lead = (await client.post("/v1/leads", json=sent)).json()
    assert (lead["stage"], lead["explanation"]["text"]["signals"]) == (800, [])


async def test_the_empty_policy_makes_no_currency_or_zone_up(client: httpx.AsyncClient) -> None:
    problem = problem_in(await put(client, policy="empty"), 422, "invalid-request")
    assert {mistake["field"] for mistake in problem["errors"]} == {"currency", "time_zone"}
    problem_in(await client.get("/v1/queues/south/policy"), 404, "queue-not-found")


async def test_a_queue_that_exists_keeps_its_policy(client: httpx.AsyncClient) -> None:
    await put(client, policy="fireworks", title="South", currency="KZT")
    before = await policy(client)
    again = await put(client)
    assert (again.status_code, again.json()["title"], again.json()["currency"]) == (
        200,
        "south",
        "KZT",
    )
    assert await policy(client) == before
    for given in ("fireworks", "auto_parts", "empty"):
        problem_in(await put(client, policy=given), 409, "queue-exists")
    assert await policy(client) == before


async def test_what_is_no_policy_zone_or_country_is_refused(client: httpx.AsyncClient) -> None:
    for name, value in (
        ("policy", "tyres"),
        ("policy", 7),
        ("time_zone", "Mars/Base"),
        ("region", "XX"),
        ("currency", "rub"),
    ):
        problem = problem_in(await put(client, **{name: value}), 422, "invalid-request")
        assert [mistake["field"] for mistake in problem["errors"]] == [name]
    problem_in(await client.get("/v1/queues/south/policy"), 404, "queue-not-found")
