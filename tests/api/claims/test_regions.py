"""Regions work their own clients: leads go to another queue, and their line follows (B18)."""

from typing import Any

import pytest
from doors import Newcomer, problem_in, wrong_fields
from invariants import check_invariants
from redis.asyncio import Redis
from shop import Lead, Shop

CLIENT = {"customer": {"phone": "+79161234567"}}


@pytest.fixture
async def regions(shop: Shop) -> Shop:
    await shop.ask("PUT", "/queues/kazan", title="Казань")
    await shop.ask("PUT", "/operators/rita", queues=["kazan"])
    await shop.ask("PUT", "/operators/rita/presence", status="online")
    shop.on_duty.add("rita")
    return shop


async def in_queue(shop: Shop, lead: Lead) -> str:
    return str((await shop.ask("GET", f"/leads/{lead['id']}"))["queue"])


@pytest.mark.parametrize("to", [{"queue": "kazan"}, {"operator": "rita"}])
async def test_a_lead_is_handed_to_another_queue_or_an_operator_there(
    regions: Shop, redis: Redis, to: dict[str, str]
) -> None:
    lead = await regions.comes("a chat", **CLIENT)
    held = await regions.serve("anna", lead, "A6")
    moved = await regions.end(held, "transfer", note="из Казани", **to)
    assert (moved["queue"], moved["state"], moved["received_at"]) == (
        "kazan", "waiting", lead["received_at"],
    )  # fmt: skip
    await check_invariants(regions.stores, redis)
    await regions.serve("anna", None, "B18")
    taken = await regions.serve("rita", lead, "B18")
    assert taken["note"] == "из Казани"
    events = (await regions.ask("GET", f"/leads/{lead['id']}/events"))["events"]
    (event,) = [item for item in events if item["type"] == "lead.transferred"]
    assert event["details"]["to"] == {**to, "queue": "kazan"}
    await regions.end(taken, outcome="won", amount="1", note="n")


async def test_the_client_of_a_moved_lead_joins_it_from_either_queue(regions: Shop) -> None:
    lead = await regions.comes("a chat", **CLIENT)
    await regions.ask("PATCH", f"/leads/{lead['id']}", queue="kazan")
    for queue in ("main", "kazan"):
        again = await regions.comes("says more", queue=queue, text="ау", **CLIENT)
        assert (again["id"], again["queue"]) == (lead["id"], "kazan")


async def test_a_waiting_lead_is_moved_there_and_back(regions: Shop, redis: Redis) -> None:
    lead = await regions.comes("a chat", **CLIENT)
    for queue, operator in (("kazan", "rita"), ("main", "anna"), ("kazan", "rita")):
        moved = await regions.ask("PATCH", f"/leads/{lead['id']}", queue=queue)
        assert moved["queue"] == queue
        line = await regions.ask("GET", f"/operators/{operator}/queue")
        assert [item["id"] for item in line["leads"]] == [lead["id"]]
        other = "anna" if operator == "rita" else "rita"
        assert (await regions.ask("GET", f"/operators/{other}/queue"))["leads"] == []
        await check_invariants(regions.stores, redis)
    await regions.ask("PATCH", f"/leads/{lead['id']}", queue="kazan")
    assert (await regions.events(lead)).count("lead.transferred") == 3


async def test_a_line_that_did_not_hear_of_it_finds_it_out(
    regions: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    lead = await regions.comes("a chat", text="колодки")
    other = await regions.comes("another", text="клипса")

    async def deaf(*_given: object) -> None:
        return None

    with monkeypatch.context() as patched:
        patched.setattr(type(regions.stores.line), "leave", deaf)
        await regions.ask("PATCH", f"/leads/{lead['id']}", queue="kazan")
    await regions.serve("anna", other, "B18: past what went")
    await regions.serve("rita", lead, "B18")


async def test_only_a_supervisor_moves_it_and_only_while_it_waits(
    regions: Shop, newcomer: Newcomer
) -> None:
    lead = await regions.comes("a chat")
    path, sent = f"/v1/leads/{lead['id']}", {"queue": "kazan"}
    intake = await newcomer("intake", "read", name="site")
    problem_in(await intake.patch(path, json=sent), 403, "scope-missing")
    head = await newcomer("supervise", "read", name="head")
    problem_in(await head.patch(path, json={**sent, "text": "x"}), 403, "scope-missing")
    nowhere = await head.patch(path, json={"queue": "nowhere"})
    assert wrong_fields(nowhere) == ["queue"]
    held = await regions.serve("anna", lead, "A6")
    problem_in(await head.patch(path, json=sent), 409, "move-not-allowed")
    await regions.end(held, "release")
    assert (await head.patch(path, json=sent)).json()["queue"] == "kazan"


async def test_its_place_is_by_the_policy_there(regions: Shop) -> None:
    kinds = (await regions.ask("GET", "/queues/kazan/policy"))["policy"]["kinds"]
    await regions.policy("kazan", kinds={**kinds, "chat": {**kinds["chat"], "stage": 610}})
    lead = await regions.comes("a chat")
    moved = await regions.ask("PATCH", f"/leads/{lead['id']}", queue="kazan")
    assert (lead["stage"], moved["stage"], moved["policy_version"]) == (600, 610, 2)


async def test_a_handover_names_one_of_three(regions: Shop) -> None:
    held = await regions.serve("anna", await regions.comes("a chat"), "A6")
    path, token = f"/leads/{held['id']}/transfer", held["claim"]["token"]
    for to, field in (
        ({"operator": "boris", "queue": "kazan"}, "operator"),
        ({}, "operator"),
        ({"queue": "main"}, "queue"),
        ({"queue": "nowhere"}, "queue"),
    ):
        refused = await regions.call("POST", path, token=token, note="n", **to)
        assert wrong_fields(refused) == [field]


async def test_nobody_hands_a_lead_into_a_closed_queue_by_an_operator(regions: Shop) -> None:
    await regions.ask("PUT", "/queues/samara", title="Самара")
    await regions.ask("PATCH", "/queues/kazan", closed=True)
    lead = await regions.comes("a chat")
    held = await regions.serve("anna", lead, "A6")
    path, token = f"/leads/{lead['id']}/transfer", held["claim"]["token"]
    sent = {"operator": "rita", "token": token, "note": "B18"}
    refused = await regions.call("POST", path, **sent)
    assert wrong_fields(refused) == ["operator"]
    assert "closed" in refused.text
    await regions.ask("PUT", "/operators/rita", queues=["kazan", "samara"])
    assert (await regions.ask("POST", path, **sent))["queue"] == "samara"


async def test_no_supervisor_does_so_either(regions: Shop) -> None:
    await regions.ask("PATCH", "/queues/kazan", closed=True)
    lead = await regions.comes("a chat")
    what = {"filter": {"ids": [lead["id"]]}, "action": "transfer", "reason": "B18"}
    found = await regions.ask("POST", "/leads/bulk", operator="rita", **what)
    assert (found["changed"], found["refused"]) == (0, 1)
    assert "closed" in found["results"][0]["why"]
    assert await in_queue(regions, lead) == "main"


async def test_a_lead_of_a_closed_queue_goes_to_an_operator_there(regions: Shop) -> None:
    await regions.ask("PUT", "/queues/samara", title="Самара")
    await regions.ask("PUT", "/operators/roman", queues=["samara", "kazan"])
    lead = await regions.comes("a chat", queue="kazan")
    await regions.ask("PATCH", "/queues/kazan", closed=True)
    held = await regions.serve("rita", lead, "A6")
    moved = await regions.end(held, "transfer", note="n", operator="roman")
    assert moved["queue"] == "kazan"


QUEUE_BY: dict[str, Any] = {
    "field": "line", "map": {"+7 843 200-10-20": "kazan"}, "else": "main",
}  # fmt: skip


async def source(shop: Shop, **sent: Any) -> Any:
    spec = {"adapter": "zadarma", "secrets": {"secret": "s" * 20}, "queue": "main"}
    return await shop.call("PUT", "/sources/pbx", **{**spec, **sent})


async def test_a_source_says_which_line_is_of_which_region(regions: Shop) -> None:
    made = await source(regions, queue_by=QUEUE_BY)
    assert made.status_code == 201, made.text
    assert made.json()["queue_by"] == QUEUE_BY
    changed = await regions.ask("PATCH", "/sources/pbx", queue_by=None)
    assert changed["queue_by"] is None
    for wrong in (
        {**QUEUE_BY, "map": {"1": "nowhere"}},
        {**QUEUE_BY, "else": "nowhere"},
        {**QUEUE_BY, "map": {}},
        {"map": {"1": "kazan"}},
    ):
        assert (await source(regions, queue_by=wrong)).status_code == 422
