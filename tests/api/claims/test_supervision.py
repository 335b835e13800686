"""A supervisor's decisions over HTTP: each with a reason, each signed with the key's name."""

from typing import Any

import httpx
import pytest
from doors import Newcomer, do, post_lead, problem_in, seen, take_next, wrong_fields

LEAD = "01970000-0000-7000-8000-000000000000"
VERBS = {
    "pin": {},
    "unpin": {},
    "assign": {"operator": "anna"},
    "unassign": {},
    "take-away": {},
    "withdraw": {"outcome": "lost"},
}


async def decide(client: httpx.AsyncClient, lead: dict[str, Any], verb: str, **more: Any) -> Any:
    sent = {"reason": "the head said so", **VERBS[verb], **more}
    return await client.post(f"/v1/leads/{lead['id']}/{verb}", json=sent)


async def events(client: httpx.AsyncClient, lead: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await client.get(f"/v1/leads/{lead['id']}/events")).json()[
        "events"
    ]
    return found


@pytest.mark.parametrize("verb", VERBS)
async def test_every_decision_needs_a_reason(client: httpx.AsyncClient, verb: str) -> None:
    lead = await post_lead(client)
    for reason in ({}, {"reason": ""}, {"reason": None}, {"reason": "  "}):
        answer = await client.post(f"/v1/leads/{lead['id']}/{verb}", json={**VERBS[verb], **reason})
        assert wrong_fields(answer) == ["reason"]


@pytest.mark.parametrize("verb", VERBS)
async def test_a_lead_that_nobody_knows_is_not_found(client: httpx.AsyncClient, verb: str) -> None:
    problem_in(await decide(client, {"id": LEAD}, verb), 404, "lead-not-found")


@pytest.mark.parametrize("verb", VERBS)
async def test_a_lead_that_is_over_is_left_alone(client: httpx.AsyncClient, verb: str) -> None:
    await post_lead(client)
    lead = await take_next(client)
    await do(client, lead, "settle", outcome="won", amount="5", note="paid")
    problem = problem_in(await decide(client, lead, verb), 409, "move-not-allowed")
    assert "settled" in problem["detail"]
    assert (await seen(client, lead))["outcome"] == "won"


async def test_the_author_and_the_reason_are_written_down(
    client: httpx.AsyncClient, newcomer: Newcomer
) -> None:
    head = await newcomer("supervise", name="head-of-sales")
    lead = await post_lead(client)
    answer = await decide(head, lead, "pin")
    assert answer.status_code == 200
    assert answer.json()["stage"] == 900
    reported = (await events(client, lead))[-1]
    assert (reported["type"], reported["actor"]) == ("lead.pinned", "head-of-sales")
    assert reported["reason"] == "the head said so"
    assert (reported["before"], reported["after"]) == ("waiting", "waiting")


async def test_the_explanation_tells_of_the_pin_and_of_the_assignment(
    client: httpx.AsyncClient,
) -> None:
    lead = await post_lead(client)
    await decide(client, lead, "pin")
    await decide(client, lead, "assign", operator="boris")
    reported = (await client.get(f"/v1/leads/{lead['id']}/explanation")).json()
    assert (reported["routing"]["assigned_to"], reported["routing"]["pinned"]) == ("boris", True)
    stage = {name: reported["stage"][name] for name in ("value", "source", "rule")}
    assert stage == {"value": 900, "source": "pinned by a supervisor", "rule": "B1"}
    assert (await decide(client, lead, "unpin")).json()["stage"] == 600
    assert (await decide(client, lead, "unassign")).status_code == 200


async def test_an_unknown_operator_is_a_mistake_of_the_request(client: httpx.AsyncClient) -> None:
    lead = await post_lead(client)
    assert wrong_fields(await decide(client, lead, "assign", operator="nobody")) == ["operator"]
    assert wrong_fields(await decide(client, lead, "assign", operator="no name")) == ["operator"]


async def test_a_held_lead_is_taken_away_before_it_is_assigned(client: httpx.AsyncClient) -> None:
    await post_lead(client)
    lead = await take_next(client)
    problem = problem_in(
        await decide(client, lead, "assign", operator="boris"), 409, "move-not-allowed"
    )
    assert "anna" in problem["detail"]
    back = (await decide(client, lead, "take-away")).json()
    assert (back["state"], back["claim"]) == ("waiting", None)
    assert (await events(client, lead))[-1]["details"] == {"operator": "anna"}
    problem_in(await do(client, lead, "renew"), 409, "claim-gone")
    problem_in(await decide(client, lead, "take-away"), 409, "move-not-allowed")
    assert (await decide(client, lead, "assign", operator="boris")).status_code == 200


async def test_a_withdrawn_lead_is_settled_by_the_supervisor(client: httpx.AsyncClient) -> None:
    lead = await post_lead(client)
    answer = (await decide(client, lead, "withdraw", outcome="cancelled")).json()
    assert (answer["state"], answer["outcome"]) == ("settled", "cancelled")
    assert (answer["reason"], answer["settled_by"]) == ("the head said so", "tests")
    assert (await decide(client, lead, "withdraw", outcome="cancelled")).json() == answer


@pytest.mark.parametrize("outcome", ["won", "callback", "no_answer", None, "x"])
async def test_nothing_is_withdrawn_as_anything_else(
    client: httpx.AsyncClient, outcome: str | None
) -> None:
    lead = await post_lead(client)
    assert wrong_fields(await decide(client, lead, "withdraw", outcome=outcome)) == ["outcome"]


async def test_a_supervisor_who_may_not_operate_sees_no_token(
    client: httpx.AsyncClient, newcomer: Newcomer
) -> None:
    head = await newcomer("supervise", name="head")
    await post_lead(client)
    lead = await take_next(client)
    assert (await decide(head, lead, "pin")).json()["claim"]["token"] is None
