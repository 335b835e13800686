"""A settlement of a moment ago is undone: the lead is its holder's again, nothing was counted."""

from typing import Any

import pytest
from doors import problem_in
from invariants import check_invariants
from redis.asyncio import Redis
from shop import Shop

WON: dict[str, Any] = {"outcome": "won", "amount": "5200", "note": "paid"}


async def settled(shop: Shop, **sent: Any) -> dict[str, Any]:
    held = await shop.serve("anna", await shop.comes("a chat", **CLIENT), "A6")
    await shop.end(held, **{**WON, **sent})
    return held


CLIENT: dict[str, Any] = {"customer": {"external_id": "c-1", "phone": "+79161234567"}}


async def undo(shop: Shop, held: dict[str, Any], refused: str | None = None) -> dict[str, Any]:
    answer = await shop.call("POST", f"/leads/{held['id']}/undo", token=held["claim"]["token"])
    if refused is not None:
        return problem_in(answer, 409, refused)
    assert answer.status_code == 200, answer.text
    lead: dict[str, Any] = answer.json()
    return lead


async def counted(shop: Shop) -> dict[str, int]:
    chances = (await shop.ask("GET", "/queues/main/conversion"))["chances"]
    (chat,) = [item for item in chances if item["kind"] == "chat" and item["intent"] == "sale"]
    observed: dict[str, int] = chat["observed"]
    return observed


async def test_the_lead_is_held_under_its_token_again(shop: Shop, redis: Redis) -> None:
    held = await settled(shop)
    shop.clock.pass_by(seconds=30)
    lead = await undo(shop, held)
    assert (lead["state"], lead["claim"]["token"]) == ("claimed", held["claim"]["token"])
    assert lead["claim"]["operator"] == "anna"
    assert [lead[name] for name in ("outcome", "amount", "settled_at", "settled_by", "note")] == (
        [None] * 5
    )
    assert (await shop.events(held))[-1] == "lead.reopened"
    await check_invariants(shop.stores, redis)
    await shop.end(held, outcome="lost", reason="too dear", note="n")


async def test_what_the_outcome_counted_is_taken_back(shop: Shop) -> None:
    held = await settled(shop)
    assert await counted(shop) == {"won": 1, "lost": 0}
    await undo(shop, held)
    assert await counted(shop) == {"won": 0, "lost": 0}
    await shop.end(held, outcome="lost", reason="too dear", note="n")
    assert await counted(shop) == {"won": 0, "lost": 1}
    shop.clock.pass_by(seconds=1)
    stats = await shop.ask("GET", "/queues/main/operators/stats")
    assert stats["operators"][0]["outcomes"] == {"lost": 1}
    assert stats["operators"][0]["offered"]["leads"] == 1


async def test_sent_again_it_is_the_same(shop: Shop) -> None:
    held = await settled(shop)
    assert await undo(shop, held) == await undo(shop, held)
    assert (await shop.events(held)).count("lead.reopened") == 1


async def test_it_is_on_top_of_what_was_taken_meanwhile(shop: Shop, redis: Redis) -> None:
    held = await settled(shop)
    other = await shop.serve("anna", await shop.comes("another"), "A6")
    assert (await undo(shop, held))["claim"]["on_top"]
    waits = await shop.ask("GET", f"/leads/{other['id']}")
    assert waits["claim"]["paused_since"] is not None
    await check_invariants(shop.stores, redis)
    await shop.end(held, **WON)
    goes_on = await shop.ask("GET", f"/leads/{other['id']}")
    assert goes_on["claim"]["paused_since"] is None


async def test_after_half_a_minute_it_stands(shop: Shop) -> None:
    held = await settled(shop)
    shop.clock.pass_by(seconds=30, milliseconds=1)
    assert "30 seconds" in (await undo(shop, held, "move-not-allowed"))["detail"]


async def test_a_follow_up_stands(shop: Shop) -> None:
    held = await shop.serve("anna", await shop.comes("a chat"), "A6")
    await shop.end(held, outcome="callback", note="later")
    assert "follow-up" in (await undo(shop, held, "move-not-allowed"))["detail"]


async def test_a_newer_lead_of_the_client_keeps_it_settled(shop: Shop) -> None:
    held = await settled(shop)
    newer = await shop.comes("again", **CLIENT)
    assert newer["follows"] == held["id"]
    assert "newer lead" in (await undo(shop, held, "move-not-allowed"))["detail"]


@pytest.mark.parametrize("verb", ["release", "decline"])
async def test_only_a_settlement_is_undone(shop: Shop, verb: str) -> None:
    held = await shop.serve("anna", await shop.comes("a chat"), "A6")
    await shop.end(held, verb, reason="x")
    assert "only `settle` is undone" in (await undo(shop, held, "move-not-allowed"))["detail"]


async def test_a_token_that_settled_nothing_undoes_nothing(shop: Shop) -> None:
    held = await settled(shop)
    await undo(shop, {**held, "claim": {"token": "x"}}, "claim-gone")
    other = await shop.serve("anna", await shop.comes("another"), "A6")
    await undo(shop, {**held, "claim": other["claim"]}, "claim-gone")


async def test_the_client_joins_the_lead_again(shop: Shop) -> None:
    held = await settled(shop)
    await undo(shop, held)
    assert (await shop.comes("says more", **CLIENT))["id"] == held["id"]


async def test_a_call_task_is_open_again(shop: Shop) -> None:
    terms = {"campaign": "birthday", "operator": "anna", "expires_at": "2026-06-20T00:00:00Z"}
    task = await shop.comes("a task", channel="crm_task", task=terms, **CLIENT)
    held = await shop.serve("anna", task, "B14")
    await shop.end(held, outcome="won", amount="1")
    (card,) = (await shop.ask("GET", "/customers/c-1"))["tasks"]
    assert card["closed_at"] is not None
    await undo(shop, held)
    (card,) = (await shop.ask("GET", "/customers/c-1"))["tasks"]
    assert card["closed_at"] is None


async def test_a_sum_that_awaited_its_payment_does_so_again(shop: Shop) -> None:
    held = await shop.serve("anna", await shop.comes("a chat"), "A6")
    await shop.end(held, outcome="awaiting_payment", amount="900", note="invoice")
    await shop.wait(days=3)
    held = await shop.serve("anna", held, "A14")
    await shop.end(held, outcome="lost", reason="changed their mind", note="n")
    lead = await undo(shop, held)
    assert (lead["amount"], lead["note"]) == ("900.00", "invoice")
