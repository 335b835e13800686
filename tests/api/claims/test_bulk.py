"""A supervisor decides the same about many leads, and sees what became of each."""

from typing import Any

import pytest
from doors import Newcomer, problem_in, wrong_fields
from shop import Lead, Shop


async def bulk(shop: Shop, action: str, filter: dict[str, Any], **sent: Any) -> dict[str, Any]:
    found: dict[str, Any] = await shop.ask(
        "POST", "/leads/bulk", filter=filter, action=action, reason="Анна болеет", **sent
    )
    return found


async def three(shop: Shop) -> list[Lead]:
    texts = ("колодки", "клипса", "масло")
    return [await shop.comes(text, text=text) for text in texts]


async def test_all_waiting_leads_are_assigned_and_unassigned(shop: Shop) -> None:
    leads = await three(shop)
    held = await shop.ask("POST", "/operators/anna/next")
    found = await bulk(shop, "assign", {"queue": "main"}, operator="boris")
    assert (found["changed"], found["refused"], found["complete"]) == (2, 1, True)
    assert [item["id"] for item in found["results"]] == [lead["id"] for lead in leads]
    (refused,) = [item for item in found["results"] if item["result"] == "refused"]
    assert refused["id"] == held["id"]
    assert "held by anna" in refused["why"]
    again = await bulk(shop, "assign", {"queue": "main", "state": "waiting"}, operator="boris")
    assert (again["changed"], again["unchanged"]) == (0, 2)
    freed = await bulk(shop, "unassign", {"queue": "main", "operator": "boris"})
    assert freed["changed"] == 2


async def test_some_are_handed_to_another_queue(shop: Shop) -> None:
    await shop.ask("PUT", "/queues/kazan", title="Казань")
    first, second, third = await three(shop)
    ids = [first["id"], third["id"]]
    found = await bulk(shop, "transfer", {"ids": ids}, queue="kazan")
    assert found["changed"] == 2
    listed = (await shop.ask("GET", "/leads?queue=kazan"))["leads"]
    assert {item["id"] for item in listed} == {*ids}
    assert await shop.state(second) == "waiting"


async def test_or_to_a_skill_or_an_operator(shop: Shop) -> None:
    await shop.staff("victor", "wholesale")
    first, second, _ = await three(shop)
    assert (await bulk(shop, "transfer", {"ids": [first["id"]]}, skill="wholesale"))["changed"] == 1
    assert (await bulk(shop, "transfer", {"ids": [second["id"]]}, operator="boris"))["changed"] == 1
    await shop.serve("victor", first, "B10")
    line = (await shop.ask("GET", "/operators/boris/queue"))["leads"]
    assert second["id"] in {item["id"] for item in line}
    anna = (await shop.ask("GET", "/operators/anna/queue"))["leads"]
    assert second["id"] not in {item["id"] for item in anna}


async def test_what_was_taken_in_by_mistake_is_withdrawn(shop: Shop) -> None:
    await three(shop)
    letter = await shop.comes("a letter", channel="email")
    found = await bulk(shop, "withdraw", {"queue": "main", "channel": "whatsapp"}, outcome="spam")
    assert found["changed"] == 3
    assert await shop.state(letter) == "waiting"
    events = (await shop.ask("GET", f"/leads/{found['results'][0]['id']}/events"))["events"]
    assert (events[-1]["actor"], events[-1]["reason"]) == ("tests", "Анна болеет")
    assert (await bulk(shop, "withdraw", {"queue": "main", "channel": "vk"}, outcome="spam"))[
        "results"
    ] == []


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"filter": {}}, "filter"),
        ({"filter": {"state": "waiting"}}, "filter"),
        ({"filter": {"queue": "main", "phone": "1"}}, "filter.phone"),
        ({"filter": {"queue": "main", "state": "settled"}}, "filter.state"),
        ({"action": "delete"}, "action"),
        ({"action": "assign"}, "operator"),
        ({"action": "transfer"}, "operator"),
        ({"action": "withdraw"}, "outcome"),
        ({"reason": ""}, "reason"),
    ],
)
async def test_nonsense_decides_nothing(shop: Shop, wrong: dict[str, Any], field: str) -> None:
    right = {"filter": {"queue": "main"}, "action": "unassign", "reason": "x"}
    await shop.comes("a chat")
    assert wrong_fields(await shop.call("POST", "/leads/bulk", **{**right, **wrong})) == [field]


async def test_it_is_the_supervisors(shop: Shop, newcomer: Newcomer) -> None:
    operator = await newcomer("operate", "read", "intake", name="desk")
    sent = {"filter": {"queue": "main"}, "action": "unassign", "reason": "x"}
    problem_in(await operator.post("/v1/leads/bulk", json=sent), 403, "scope-missing")


async def test_at_most_a_thousand_at_a_time(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.flows.claims.change_in_bulk.MAX_LEADS", 2)
    await three(shop)
    found = await bulk(shop, "withdraw", {"queue": "main"}, outcome="spam")
    assert (found["changed"], found["complete"]) == (2, False)
    found = await bulk(shop, "withdraw", {"queue": "main"}, outcome="spam")
    assert (found["changed"], found["complete"]) == (1, True)
