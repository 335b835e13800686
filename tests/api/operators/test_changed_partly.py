"""PATCH changes what is sent, PUT replaces; operators are deleted, queues are closed."""

from typing import Any

from doors import problem_in, wrong_fields
from invariants import check_invariants
from redis.asyncio import Redis
from shop import Shop

ANNA: dict[str, Any] = {
    "queues": ["main"], "skills": ["mentors"], "capacity": 3, "capacity_by_kind": {"chat": 2},
    "shifts": {"weekly": {"mon-fri": "09:00-18:00"}},
}  # fmt: skip


async def known(shop: Shop, path: str, *names: str) -> dict[str, Any]:
    found = await shop.ask("GET", path)
    return {name: found[name] for name in names}


async def test_an_operator_is_changed_in_part_or_replaced(shop: Shop) -> None:
    await shop.ask("PUT", "/operators/anna", **ANNA)
    await shop.ask("PATCH", "/operators/anna", capacity=5)
    assert await known(shop, "/operators/anna", *ANNA) == {**ANNA, "capacity": 5}
    await shop.ask("PATCH", "/operators/anna", shifts=None, skills=[])
    assert (await known(shop, "/operators/anna", "shifts", "skills", "capacity")) == {
        "shifts": None, "skills": [], "capacity": 5,
    }  # fmt: skip
    await shop.ask("PUT", "/operators/anna", skills=["shows"])
    assert await known(shop, "/operators/anna", "skills", "capacity") == {
        "skills": ["shows"], "capacity": 1,
    }  # fmt: skip
    wrong = await shop.call("PATCH", "/operators/anna", capacity=0)
    assert wrong_fields(wrong) == ["capacity"]
    problem_in(await shop.call("PATCH", "/operators/x", capacity=1), 404, "operator-not-found")


async def test_an_operator_who_left_is_deleted_and_their_leads_are_everybodys(
    shop: Shop, redis: Redis
) -> None:
    order = [{"number": "1", "operator": "anna", "opened_at": "2026-06-09T10:00:00Z"}]
    await shop.ask("PUT", "/customers/c-1", orders=order)
    hers = await shop.comes("of anna", text="добавьте", customer={"external_id": "c-1"})
    given = await shop.comes("assigned", text="клипса")
    await shop.ask("POST", f"/leads/{given['id']}/assign", operator="anna", reason="x")
    held = await shop.serve("anna", hers, "B2")
    assert (await shop.call("DELETE", "/operators/anna")).status_code == 204
    shop.on_duty.discard("anna")
    problem_in(await shop.call("GET", "/operators/anna"), 404, "operator-not-found")
    problem_in(await shop.call("DELETE", "/operators/anna"), 404, "operator-not-found")
    problem_in(await shop.call("POST", "/operators/anna/next"), 404, "operator-not-found")
    gone = await shop.call("POST", f"/leads/{hers['id']}/renew", token=held["claim"]["token"])
    problem_in(gone, 409, "claim-gone")
    await check_invariants(shop.stores, redis)
    first = await shop.ask("POST", "/operators/boris/next")
    await shop.end(first, outcome="lost", reason="x", note="n")
    second = await shop.ask("POST", "/operators/boris/next")
    assert {first["id"], second["id"]} == {hers["id"], given["id"]}
    events = (await shop.ask("GET", f"/leads/{hers['id']}/events"))["events"]
    assert [item["actor"] for item in events if item["type"] == "lead.claimed"] == ["anna", "boris"]


async def test_sources_mean_nobody_by_an_operator_who_left(shop: Shop) -> None:
    spec = {"adapter": "zadarma", "secrets": {"secret": "s" * 20}, "default_operator": "anna"}
    await shop.ask("PUT", "/sources/pbx", **spec, operators={"29": "anna", "30": "boris"})
    await shop.ask("DELETE", "/operators/anna")
    assert await known(shop, "/sources/pbx", "operators", "default_operator") == {
        "operators": {"30": "boris"}, "default_operator": None,
    }  # fmt: skip


async def test_a_source_is_changed_in_part_and_keeps_its_secrets(shop: Shop) -> None:
    spec = {"adapter": "zadarma", "secrets": {"secret": "s" * 20}, "operators": {"29": "anna"}}
    made = await shop.ask("PUT", "/sources/pbx", **spec)
    changed = await shop.ask("PATCH", "/sources/pbx", operators={"30": "boris"})
    assert (changed["operators"], changed["secrets"]) == ({"30": "boris"}, made["secrets"])
    changed = await shop.ask("PATCH", "/sources/pbx", default_operator="boris")
    assert (changed["operators"], changed["default_operator"]) == ({"30": "boris"}, "boris")
    changed = await shop.ask("PATCH", "/sources/pbx", default_operator=None, queue=None)
    assert (changed["default_operator"], changed["queue"]) == (None, "main")
    assert wrong_fields(await shop.call("PATCH", "/sources/pbx", queue="nowhere")) == ["queue"]
    problem_in(await shop.call("PATCH", "/sources/x", queue="main"), 404, "source-not-found")


async def test_a_subscription_is_changed_in_part(shop: Shop) -> None:
    spec = {"url": "https://crm.example.com/hooks", "types": ["lead.*"], "queue": "main"}
    await shop.ask("PUT", "/subscriptions/crm", **spec)
    changed = await shop.ask("PATCH", "/subscriptions/crm", active=False)
    assert (changed["url"], changed["types"], changed["queue"], changed["active"]) == (
        spec["url"], ["lead.*"], "main", False,
    )  # fmt: skip
    changed = await shop.ask("PATCH", "/subscriptions/crm", queue=None, types=["queue.unstaffed"])
    assert (changed["queue"], changed["types"]) == (None, ["queue.unstaffed"])
    wrong = await shop.call("PATCH", "/subscriptions/crm", types=["lead.nonsense"])
    assert wrong.status_code == 422
    missing = await shop.call("PATCH", "/subscriptions/x", active=True)
    problem_in(missing, 404, "subscription-not-found")


async def test_a_closed_queue_takes_nothing_new_and_serves_what_it_has(shop: Shop) -> None:
    await shop.ask("PUT", "/queues/kazan", title="Казань")
    await shop.ask("PATCH", "/operators/anna", queues=["main", "kazan"])
    lead = await shop.comes("a chat", queue="kazan")
    closed = await shop.ask("PATCH", "/queues/kazan", closed=True)
    assert (closed["title"], closed["closed_at"]) == ("Казань", "2026-06-10T09:00:00Z")
    refused = await shop.call("POST", "/leads", channel="whatsapp", queue="kazan")
    assert wrong_fields(refused) == ["queue"]
    other = await shop.comes("another", text="клипса")
    moved = await shop.call("PATCH", f"/leads/{other['id']}", queue="kazan")
    assert wrong_fields(moved) == ["queue"]
    await shop.serve("boris", other, "B18")
    await shop.serve("anna", lead, "B18")
    opened = await shop.ask("PATCH", "/queues/kazan", closed=False, title="Казань-2")
    assert (opened["title"], opened["closed_at"]) == ("Казань-2", None)
    await shop.comes("a chat", queue="kazan")
    assert await shop.queue_events("queue.closed", "kazan") == [None]
    problem_in(await shop.call("PATCH", "/queues/x", closed=True), 404, "queue-not-found")


async def test_a_queue_to_which_a_source_delivers_is_not_closed(shop: Shop) -> None:
    await shop.ask("PUT", "/queues/kazan", title="Казань")
    by = {"field": "line", "map": {"2001": "kazan"}}
    spec = {"adapter": "zadarma", "secrets": {"secret": "s" * 20}}
    await shop.ask("PUT", "/sources/pbx", **spec, queue_by=by)
    refused = await shop.call("PATCH", "/queues/kazan", closed=True)
    assert "pbx" in problem_in(refused, 409, "move-not-allowed")["detail"]
    await shop.ask("PATCH", "/sources/pbx", queue_by=None)
    await shop.ask("PATCH", "/queues/kazan", closed=True)
    wrong = await shop.call("PATCH", "/sources/pbx", queue="kazan")
    assert wrong_fields(wrong) == ["queue"]
