"""A client's call tasks after they bought or talked (B14), and who is credited (B17)."""

from typing import Any

import pytest
from doors import problem_in
from invariants import check_invariants
from redis.asyncio import Redis
from shop import Lead, Shop

C1 = {"customer": {"external_id": "c-1", "phone": "+79161234567"}}


async def task(shop: Shop, operator: str = "anna", expires: str = "2026-06-30") -> Lead:
    terms = {"campaign": "birthday", "operator": operator, "expires_at": f"{expires}T00:00:00Z"}
    return await shop.comes("a task", channel="crm_task", task=terms, **C1)


async def talk(shop: Shop, **sent: Any) -> Lead:
    lead = await shop.comes("a call", channel="phone", live=True, **C1)
    held = await shop.ask("POST", f"/leads/{lead['id']}/claim", operator="boris", reason="x")
    return await shop.end(held, **sent)


async def test_the_tasks_of_a_client_who_has_just_bought_end(shop: Shop) -> None:
    due = await task(shop)
    sale = await talk(shop, outcome="won", amount="9000")
    ended = await shop.ask("GET", f"/leads/{due['id']}")
    assert (ended["state"], ended["outcome"], ended["settled_by"]) == (
        "settled", "cancelled", "nextlead",
    )  # fmt: skip
    events = (await shop.ask("GET", f"/leads/{due['id']}/events"))["events"]
    assert events[-1]["details"]["lead"] == sale["id"]
    (card,) = (await shop.ask("GET", "/customers/c-1"))["tasks"]
    assert card["closed_at"] is not None


async def test_they_end_when_the_payment_of_a_sale_comes_too(shop: Shop) -> None:
    due = await task(shop)
    awaited = await talk(shop, outcome="awaiting_payment", amount="9000")
    assert await shop.state(due) == "parked"
    paid = await shop.ask("PATCH", f"/leads/{awaited['id']}", paid=True)
    assert (paid["state"], paid["outcome"]) == ("settled", "won")
    assert await shop.state(due) == "settled"
    (card,) = (await shop.ask("GET", "/customers/c-1"))["tasks"]
    assert card["closed_at"] is not None
    later = await shop.comes("a chat", **C1)
    assert any("bought" in str(item) for item in later["explanation"]["chance"].values())


async def undone(shop: Shop, lead: Lead) -> None:
    await shop.ask("POST", f"/leads/{lead['id']}/undo", token=lead["claim"]["token"])


async def test_a_sale_that_is_undone_brings_them_back(shop: Shop, redis: Redis) -> None:
    due, parked = await task(shop), await task(shop)
    held = await shop.serve("anna", due, "B14")
    until = "2026-06-12T09:00:00Z"
    await shop.end(held, "park", until=until, note="позже")
    call = await shop.comes("a call", channel="phone", live=True, **C1)
    held = await shop.ask("POST", f"/leads/{call['id']}/claim", operator="boris", reason="x")
    await shop.end(held, outcome="won", amount="9000")
    assert [await shop.state(item) for item in (due, parked)] == ["settled"] * 2
    await undone(shop, held)
    first, second = [await shop.ask("GET", f"/leads/{item['id']}") for item in (due, parked)]
    assert (first["state"], first["parked_until"]) == ("parked", until)
    assert (second["state"], second["outcome"]) == ("waiting", None)
    open_again = [item["closed_at"] for item in (await shop.ask("GET", "/customers/c-1"))["tasks"]]
    assert open_again == [None, None]
    await check_invariants(shop.stores, redis)


async def test_a_talk_that_is_undone_moves_none(shop: Shop, redis: Redis) -> None:
    due = await task(shop)
    call = await shop.comes("a call", channel="phone", live=True, **C1)
    held = await shop.ask("POST", f"/leads/{call['id']}/claim", operator="boris", reason="x")
    await shop.end(held, outcome="lost", reason="too_dear")
    assert await shop.state(due) == "parked"
    await undone(shop, held)
    assert await shop.state(due) == "waiting"
    await check_invariants(shop.stores, redis)


async def test_one_whose_earlier_time_passes_before_the_undo_is_due(
    shop: Shop, redis: Redis
) -> None:
    due = await task(shop)
    held = await shop.serve("anna", due, "B14")
    await shop.end(held, "park", until="2026-06-10T09:00:10Z", note="сейчас")
    call = await shop.comes("a call", channel="phone", live=True, **C1)
    held = await shop.ask("POST", f"/leads/{call['id']}/claim", operator="boris", reason="x")
    await shop.end(held, outcome="lost", reason="too_dear")
    assert (await shop.ask("GET", f"/leads/{due['id']}"))["parked_until"] == "2026-06-11T09:00:00Z"
    await shop.wait(seconds=20)
    await undone(shop, held)
    again = await shop.ask("GET", f"/leads/{due['id']}")
    assert (again["state"], again["parked_until"]) == ("waiting", None)
    assert (await shop.events(due))[-2:] == ["lead.reopened", "lead.due"]
    await check_invariants(shop.stores, redis)


async def test_those_of_one_who_talked_move_by_a_day(shop: Shop) -> None:
    due = await task(shop)
    await talk(shop, outcome="lost", reason="too_dear")
    moved = await shop.ask("GET", f"/leads/{due['id']}")
    assert (moved["state"], moved["parked_until"]) == ("parked", "2026-06-11T09:00:00Z")
    await shop.wait(days=1, minutes=1)
    await shop.serve("anna", due, "B14")


async def test_who_did_not_answer_is_called_all_the_same(shop: Shop) -> None:
    due = await task(shop)
    await talk(shop, outcome="no_answer")
    assert await shop.state(due) == "waiting"


async def test_a_task_that_would_be_out_of_date_by_then_stays(shop: Shop) -> None:
    due = await task(shop, expires="2026-06-11")
    await talk(shop, outcome="lost", reason="x")
    assert await shop.state(due) == "waiting"


async def test_what_is_held_is_left_to_its_holder(shop: Shop) -> None:
    due = await task(shop)
    await shop.serve("anna", due, "B14")
    await talk(shop, outcome="won", amount="1")
    assert await shop.state(due) == "claimed"


async def test_a_policy_may_leave_them_or_end_them_after_a_talk(shop: Shop) -> None:
    await shop.policy(call_tasks={"after_sale": "stay", "after_talk": "end"})
    first = await task(shop)
    await talk(shop, outcome="won", amount="1")
    assert await shop.state(first) == "waiting"
    await talk(shop, outcome="lost", reason="x")
    assert await shop.state(first) == "settled"


async def activate(shop: Shop, lead: Lead) -> Any:
    path, token = f"/leads/{lead['id']}/activate", lead["claim"]["token"]
    return await shop.call("POST", path, token=token)


async def test_an_activated_task_credits_its_operator_with_later_orders(shop: Shop) -> None:
    held = await shop.serve("anna", await task(shop), "B14")
    for _ in range(2):
        assert (await activate(shop, held)).status_code == 200
    assert (await shop.events(held)).count("task.activated") == 1
    await shop.end(held, outcome="callback", note="закажет на сайте")
    order = [{"number": "1", "operator": "boris", "opened_at": "2026-06-10T10:00:00Z"}]
    await shop.ask("PUT", "/customers/c-1", orders=order)
    buys = await shop.comes("an order", channel="site_order", **C1)
    routing = buys["explanation"]["routing"]
    assert (routing["owner"], routing["credited_to"]) == ("boris", "anna")
    (card,) = (await shop.ask("GET", "/customers/c-1"))["tasks"]
    assert card["activated_at"] == "2026-06-10T09:00:00Z"


async def test_without_it_the_orders_operator_is_credited(shop: Shop) -> None:
    held = await shop.serve("anna", await task(shop), "B14")
    await shop.end(held, outcome="callback", note="n")
    order = [{"number": "1", "operator": "boris", "opened_at": "2026-06-10T10:00:00Z"}]
    await shop.ask("PUT", "/customers/c-1", orders=order)
    buys = await shop.comes("an order", channel="site_order", **C1)
    assert buys["explanation"]["routing"]["credited_to"] == "boris"


async def test_only_its_own_operator_activates_a_task(shop: Shop) -> None:
    due = await task(shop, "boris")
    await shop.leaves("boris")
    held = await shop.serve("anna", due, "B14: boris is not at work")
    problem_in(await activate(shop, held), 409, "move-not-allowed")
    await shop.end(held, outcome="lost", reason="x")
    plain = await shop.serve("anna", await shop.comes("a chat"), "A6")
    problem_in(await activate(shop, plain), 409, "move-not-allowed")


@pytest.mark.parametrize(
    ("channel", "known"),
    [
        ("phone", {"phone": "8 (916) 123-45-68"}),
        ("telegram", {"messengers": {"telegram": "31"}}),
        ("landing_form", {"email": "Petr@example.com"}),
    ],
)
async def test_a_client_known_by_their_task_alone_is_its_operators(
    shop: Shop, channel: str, known: dict[str, Any]
) -> None:
    terms = {"campaign": "birthday", "operator": "anna", "expires_at": "2026-06-30T00:00:00Z"}
    client = {"external_id": "c-2", **known}
    due = await shop.comes("a task", channel="crm_task", task=terms, customer=client)
    lead = await shop.comes("the client", channel=channel, text="здравствуйте", customer=known)
    assert lead["id"] != due["id"]
    assert lead["customer"]["recognised"]["cards"] == ["c-2"]
    routing = (await shop.ask("GET", f"/leads/{lead['id']}/explanation"))["routing"]
    assert (routing["owner"], routing["owner_rule"]) == ("anna", "B14")


async def test_the_task_of_another_client_with_the_same_number_takes_nothing(shop: Shop) -> None:
    await shop.ask("PUT", "/customers/c-1", phone="+79161234567", name="Ирина")
    await task(shop)
    shared = {"customer": {"external_id": "c-2", "phone": "+79161234567"}}
    terms = {"campaign": "birthday", "operator": "boris", "expires_at": "2026-06-30T00:00:00Z"}
    await shop.comes("a task", channel="crm_task", task=terms, **shared)
    marks = (await shop.ask("GET", "/customers/c-1"))["marks"]
    assert {"mark": "phone:+79161234567", "strength": 2} in marks
    call = await shop.comes("c-1 writes", text="это я", customer={"external_id": "c-1"})
    assert call["explanation"]["lane"] == "anna>everybody"
