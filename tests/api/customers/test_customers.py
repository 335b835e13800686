"""What the shop knows of its customers, told and asked over HTTP."""

from typing import Any

import httpx
import pytest
from doors import post_lead, problem_in, seen, wrong_fields
from driven_clock import DrivenClock
from stories import join_nothing

from service.resources import Resources

AT, LATER = "2026-06-01T09:00:00Z", "2026-12-31T09:00:00Z"
ORDER = {"number": "A-7", "operator": "anna", "opened_at": AT}
TASK = {
    **{"external_id": "t-1", "campaign": "birthday", "operator": "ghost"},
    **{"opened_at": AT, "expires_at": LATER},
}
NOTHING_LEARNT = {"owner": None, "selections": [], "merged_into": None}
WHOLE = {
    "name": "Ирина",
    "phone": "+79161234567",
    "email": "irina@example.org",
    "messengers": {"telegram": "@irina"},
    "class": "vip",
    "blocked_since": "2024-05-01",
    "call_on": "2026-12-01",
    "orders": [
        {
            **{**ORDER, "state": "reserved", "reserved_until": LATER, "reason": "ждёт деталь"},
            **{"amount": "4800.00", "cashless": False, "invoiced_at": None},
        }
    ],
    "bought_before": False,
    "tasks": [{**TASK, "closed_at": None, "activated_at": None}],
    "contacts": [{"operator": "boris", "at": AT}],
    "cars": ["Kia Rio 2014"],
    "notes": [{"author": "boris", "at": AT, "text": "звонить после шести"}],
}


async def put(client: httpx.AsyncClient, **sent: Any) -> httpx.Response:
    return await client.put("/v1/customers/c-1", json=sent)


async def test_a_customer_is_known_as_he_was_told(client: httpx.AsyncClient) -> None:
    answer = await put(client, **WHOLE)
    assert (answer.status_code, answer.json()["rerouted"]) == (201, 0)
    card = (await client.get("/v1/customers/c-1")).json()
    marks = card.pop("marks")
    assert [item["mark"].partition(":")[0] for item in marks] == [
        *("customer", "email", "messenger", "phone"),
    ]
    known = {"external_id": "c-1", "changed_at": "2026-06-10T09:00:00Z"}
    assert card == {**WHOLE, **known, **NOTHING_LEARNT}
    assert (await put(client, **WHOLE)).status_code == 200


async def test_what_is_left_out_stays_and_what_is_empty_goes(client: httpx.AsyncClient) -> None:
    await put(client, **WHOLE)
    answer = await put(client, phone=None, orders=[], **{"class": None})
    assert answer.json() == {
        **WHOLE,
        **{"external_id": "c-1", "changed_at": "2026-06-10T09:00:00Z", "rerouted": 0},
        **{"phone": None, "orders": [], "class": "ordinary"},
        **NOTHING_LEARNT,
    }


async def test_nobody_knows_a_stranger(client: httpx.AsyncClient) -> None:
    problem = problem_in(await client.get("/v1/customers/c-9"), 404, "customer-not-found")
    assert "PUT /v1/customers/c-9" in problem["detail"]


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"class": "gold"}, "class"),
        ({"client_class": "vip"}, "client_class"),
        ({"blocked_since": "yesterday"}, "blocked_since"),
        ({"call_on": 20261201}, "call_on"),
        ({"orders": [{"number": "1"}]}, "orders.0.opened_at"),
        ({"orders": [{**ORDER, "state": "lost"}]}, "orders.0.state"),
        ({"orders": [ORDER, ORDER]}, "body"),
        ({"orders": [{**ORDER, "number": str(item)} for item in range(51)]}, "orders"),
        ({"tasks": [{**TASK, "expires_at": AT}]}, "tasks.0"),
        ({"tasks": [{**TASK, "campaign": "easter"}]}, "tasks.0.campaign"),
        ({"tasks": None}, "tasks"),
        ({"contacts": [{"operator": "anna", "at": "noon"}]}, "contacts.0.at"),
        ({"contacts": [{"operator": "anna", "at": AT}] * 21}, "contacts"),
        ({"cars": [""]}, "cars.0"),
        ({"cars": ["Kia"] * 21}, "cars"),
        ({"notes": [{"author": "anna", "at": AT, "text": "a" * 2001}]}, "notes.0.text"),
        ({"email": "nobody"}, "email"),
        ({"age": 40}, "age"),
    ],
)
async def test_what_is_wrong_of_a_customer_is_named(
    client: httpx.AsyncClient, sent: dict[str, Any], field: str
) -> None:
    assert wrong_fields(await put(client, **sent)) == [field]
    problem_in(await client.get("/v1/customers/c-1"), 404, "customer-not-found")


async def test_an_order_that_is_told_leads_the_clients_lead_to_its_operator(
    client: httpx.AsyncClient,
) -> None:
    lead = await post_lead(client, customer={"external_id": "c-1", "name": "Ирина"})
    answer = await put(client, orders=[ORDER])
    assert (answer.status_code, answer.json()["rerouted"]) == (200, 1)
    assert answer.json()["name"] == "Ирина"
    explained = (await client.get(f"/v1/leads/{lead['id']}/explanation")).json()
    assert (explained["routing"]["owner"], explained["routing"]["owner_rule"]) == ("anna", "B2")


async def test_a_context_comes_with_a_lead_and_leads_it_and_those_before(
    client: httpx.AsyncClient, resources: Resources, clock: DrivenClock
) -> None:
    await join_nothing(resources)
    before = await post_lead(client, customer={"external_id": "c-1"})
    existing = {"external_id": "c-1", "context": {"orders": [ORDER], "class": "vip"}}
    body = {"channel": "vk", "source": "crm", "external_id": "1", "customer": existing}
    lead = (await client.post("/v1/leads", json=body)).json()
    assert lead["explanation"]["routing"]["owner"] == "anna"
    assert lead["customer"]["external_id"] == "c-1"
    card = (await client.get("/v1/customers/c-1")).json()
    assert ([item["number"] for item in card["orders"]], card["class"]) == (["A-7"], "vip")
    events = (await client.get(f"/v1/leads/{before['id']}/events")).json()["events"]
    assert [event["type"] for event in events] == ["lead.received", "lead.routed"]
    clock.pass_by(seconds=1)
    await put(client, orders=[])
    assert (await client.post("/v1/leads", json=body)).status_code == 200
    assert (await client.get("/v1/customers/c-1")).json()["orders"] == []


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"customer": {"context": {"cars": ["Kia"]}}}, "customer"),
        ({"customer": {"external_id": "c-1", "context": {"cars": [1]}}}, "customer.context.cars.0"),
        ({"task": {"campaign": "other", "operator": "anna", "expires_at": LATER}}, "body"),
        (
            {"channel": "crm_task", "task": {"campaign": "other", "operator": "anna"}},
            "task.expires_at",
        ),
    ],
)
async def test_what_is_wrong_of_a_context_or_a_task_is_named(
    client: httpx.AsyncClient, sent: dict[str, Any], field: str
) -> None:
    answer = await client.post("/v1/leads", json={"channel": "vk", **sent})
    assert wrong_fields(answer) == [field]


async def test_a_task_is_answered_as_it_was_sent_and_extended(client: httpx.AsyncClient) -> None:
    task = {"campaign": "birthday", "operator": "anna", "opened_at": AT, "expires_at": LATER}
    lead = await post_lead(client, channel="crm_task", task=task)
    assert (lead["kind"], lead["stage"], lead["task"]) == ("task", 220, task)
    later = {"expires_at": "2027-01-10T09:00:00Z", "reason": "болел"}
    answer = await client.post(f"/v1/leads/{lead['id']}/extend", json=later)
    assert answer.json()["task"] == {**task, "expires_at": later["expires_at"]}
    assert await seen(client, lead) == answer.json()
    past = {"expires_at": AT, "reason": "болел"}
    assert wrong_fields(await client.post(f"/v1/leads/{lead['id']}/extend", json=past)) == [
        "expires_at"
    ]
    chat = await post_lead(client)
    problem_in(
        await client.post(f"/v1/leads/{chat['id']}/extend", json=later), 409, "move-not-allowed"
    )


async def test_the_501st_open_task_of_an_operator_is_refused(client: httpx.AsyncClient) -> None:
    policy = (await client.get("/v1/queues/main/policy")).json()["policy"]
    assert policy["ownership"]["most_open_tasks"] == 500
    few = {**policy, "ownership": {**policy["ownership"], "most_open_tasks": 1}}
    headers = {"If-Match": '"1"'}
    assert (await client.put("/v1/queues/main/policy", json=few, headers=headers)).is_success
    task = {"campaign": "new_year", "operator": "anna", "expires_at": LATER}
    await post_lead(client, channel="crm_task", task=task)
    answer = await client.post("/v1/leads", json={"channel": "crm_task", "task": task})
    problem = problem_in(answer, 409, "task-limit")
    assert "anna has 1 open call tasks, and may have 1." in problem["detail"]
