"""Clients as people handle them: found, merged and apart again, blocked, given by hand."""

from typing import Any

import httpx
from doors import post_lead, problem_in, seen, take_next, wrong_fields
from test_recognised import ORDER, PHONE, a_card, employ

from service.flows.upkeep.keep_in_step import keep_in_step
from service.resources import Resources


async def found(client: httpx.AsyncClient, **asked: str) -> list[dict[str, Any]]:
    answer = await client.get("/v1/customers", params=asked)
    assert answer.status_code == 200, answer.text
    customers: list[dict[str, Any]] = answer.json()["customers"]
    return customers


async def merged(client: httpx.AsyncClient, into: str, source: str) -> dict[str, Any]:
    body = {"into": into, "from": source, "reason": "one person"}
    answer = await client.post("/v1/customers/merge", json=body)
    assert answer.status_code == 200, answer.text
    merge: dict[str, Any] = answer.json()
    return merge


async def test_who_calls_is_found_by_every_mark_number_and_name(client: httpx.AsyncClient) -> None:
    await a_card(client, name="Ирина Петровна Соколова", orders=[{**ORDER, "operator": None}])
    for asked in (
        {"phone": "8(900)111-22-33"},
        {"email": "irina@EXAMPLE.ru"},
        {"messenger": "telegram:111"},
        {"number": "c-1"},
        {"number": ORDER["number"]},
        {"name": "соколова ир"},
    ):
        assert [item["external_id"] for item in await found(client, **asked)] == ["c-1"], asked
    for asked in (
        {"phone": "+79005550000"},
        {"phone": "no number"},
        {"name": "!!"},
        {"number": "x" * 200},
        {"messenger": "telegram"},
    ):
        assert await found(client, **asked) == []
    assert wrong_fields(await client.get("/v1/customers")) == ["query"]
    both = await client.get("/v1/customers", params={"phone": "1", "name": "2"})
    assert wrong_fields(both) == ["query"]


async def test_who_has_no_card_is_found_by_their_leads(client: httpx.AsyncClient) -> None:
    lead = await post_lead(client, customer={"phone": PHONE, "name": "Пётр"})
    assert await found(client, phone="89001112233") == [
        {
            **{"external_id": None, "name": "Пётр", "phone": PHONE, "phones": [], "email": None},
            **{"messengers": None, "class": None, "leads": [lead["id"]]},
        }
    ]


async def test_who_has_no_card_is_found_by_their_name_and_their_orders_number(
    client: httpx.AsyncClient,
) -> None:
    order = {"channel": "site_order", "attributes": {"order": "1001"}}
    lead = await post_lead(client, customer={"phone": PHONE, "name": "Пётр Ильич Сомов"}, **order)
    await post_lead(client, customer={"phone": "+79001110009", "name": "Павел"})
    for asked in ({"name": "сомов пё"}, {"number": "1001"}):
        assert [item["leads"] for item in await found(client, **asked)] == [[lead["id"]]]
    for asked in ({"name": "сомова"}, {"number": "100"}, {"name": "!!"}):
        assert await found(client, **asked) == []


async def test_a_nickname_is_merged_with_a_card_and_taken_apart_again(
    client: httpx.AsyncClient,
) -> None:
    await employ(client, "boris")
    await a_card(client, messengers=None, orders=[ORDER])
    nickname = {"channel": "vk", "customer": {"messengers": {"vk": "5"}}}
    lead = await post_lead(client, **nickname)
    merge = await merged(client, "c-1", lead["id"])
    assert (merge["into"], merge["from"]) == ("c-1", lead["id"])
    after = await seen(client, lead)
    assert after["customer"]["external_id"] == "c-1"
    answer = await client.post(f"/v1/customers/merge/{merge['merge']}/undo", json={"reason": "no"})
    assert answer.status_code == 200, answer.text
    assert (await seen(client, lead))["customer"]["external_id"] is None
    marks = (await client.get("/v1/customers/c-1")).json()["marks"]
    assert "messenger:vk:5" not in [item["mark"] for item in marks]
    again = await client.post(f"/v1/customers/merge/{merge['merge']}/undo", json={"reason": "no"})
    problem_in(again, 409, "move-not-allowed")


async def test_two_cards_are_one_client_until_it_is_undone(client: httpx.AsyncClient) -> None:
    await employ(client, "boris")
    await client.put("/v1/customers/a", json={"phone": "+79001110001", "cars": ["Camry"]})
    await client.put("/v1/customers/b", json={"phone": "+79001110002", "orders": [ORDER]})
    first = await post_lead(client, customer={"phone": "+79001110001"})
    second = await post_lead(client, customer={"phone": "+79001110002"}, text="второе")
    merge = await merged(client, "a", "b")
    gone = await seen(client, second)
    assert (gone["state"], gone["joined_into"]) == ("joined", first["id"])
    explained = (await client.get(f"/v1/leads/{first['id']}/explanation")).json()
    assert explained["routing"]["owner"] == "boris"  # by the order of the other card
    served = await take_next(client, "boris")
    assert (served["id"], served["client"]["external_id"]) == (first["id"], "a")
    assert (served["client"]["cars"], len(served["client"]["orders"])) == (["Camry"], 1)
    await client.put("/v1/customers/b", json={"cars": ["Solaris"]})  # the shop goes on saying b
    circle = {"into": "b", "from": "a", "reason": "again"}
    problem_in(await client.post("/v1/customers/merge", json=circle), 409, "move-not-allowed")
    undo = await client.post(f"/v1/customers/merge/{merge['merge']}/undo", json={"reason": "no"})
    assert undo.status_code == 200, undo.text
    assert len(undo.json()["leads"]) >= 1
    for number, phone in (("a", "+79001110001"), ("b", "+79001110002")):
        card = (await client.get(f"/v1/customers/{number}")).json()
        assert (card["merged_into"], card["phone"]) == (None, phone)
    words = [item["text"] for item in (await client.get("/v1/leads")).json()["leads"]]
    assert "второе" in words


async def test_two_clients_without_a_card_are_one_by_hand(client: httpx.AsyncClient) -> None:
    office = {"email": "office@firm.ru"}
    first = await post_lead(client, customer={**office, "phone": "+79001110001"})
    second = await post_lead(client, customer={**office, "phone": "+79001110002"})
    await merged(client, first["id"], second["id"])
    assert (await seen(client, second))["joined_into"] == first["id"]
    problem_in(
        await client.post(
            "/v1/customers/merge",
            json={"into": first["id"], "from": second["id"], "reason": "again"},
        ),
        409,
        "move-not-allowed",
    )
    nobody = {"into": first["id"], "from": "nobody", "reason": "x"}
    problem_in(await client.post("/v1/customers/merge", json=nobody), 404, "customer-not-found")


NICKNAMES = [
    {"channel": "vk", "customer": {"messengers": {"vk": "5"}, "name": "kot"}},
    {"channel": "telegram", "customer": {"messengers": {"telegram": "7"}}},
]


async def test_nicknames_that_were_merged_stay_so_after_their_lead_is_over(
    client: httpx.AsyncClient,
) -> None:
    await employ(client, "boris")
    first, second = [await post_lead(client, **nickname) for nickname in NICKNAMES]
    merge = await merged(client, first["id"], second["id"])
    served = await take_next(client, "boris")
    body = {"token": served["claim"]["token"], "outcome": "answered", "note": "told the price"}
    ended = await client.post(f"/v1/leads/{first['id']}/settle", json=body)
    assert ended.status_code == 200, ended.text
    later = await post_lead(client, **NICKNAMES[0])
    assert later["id"] != first["id"]
    joined = await client.post("/v1/leads", json=NICKNAMES[1])
    assert (joined.status_code, joined.json()["id"]) == (200, later["id"])
    assert later["customer"]["external_id"] == merge["into"]
    assert merge["into"].startswith("nl-")
    assert later["explanation"]["routing"]["owner_rule"] == "A9"
    undo = await client.post(f"/v1/customers/merge/{merge['merge']}/undo", json={"reason": "no"})
    assert undo.status_code == 200, undo.text
    card = (await client.get(f"/v1/customers/{merge['into']}")).json()
    assert [item["mark"] for item in card["marks"]] == [f"customer:{merge['into']}"]


async def test_the_shops_card_takes_in_the_one_that_was_made_here(
    client: httpx.AsyncClient, resources: Resources
) -> None:
    first, second = [await post_lead(client, **nickname) for nickname in NICKNAMES]
    merge = await merged(client, first["id"], second["id"])
    made = merge["into"]
    await client.put("/v1/customers/c-1", json={"messengers": {"vk": "5"}})
    await keep_in_step(resources)
    card = (await client.get(f"/v1/customers/{made}")).json()
    assert card["merged_into"] == "c-1"
    telegram = (await client.post("/v1/leads", json=NICKNAMES[1])).json()
    assert telegram["customer"]["external_id"] == "c-1"
    path = f"/v1/customers/merge/{merge['merge']}/undo"
    refused = problem_in(await client.post(path, json={"reason": "no"}), 409, "move-not-allowed")
    later = refused["detail"].split()[-2]
    for number in (later, merge["merge"]):
        undone = await client.post(f"/v1/customers/merge/{number}/undo", json={"reason": "no"})
        assert undone.status_code == 200, undone.text
        await keep_in_step(resources)
        card = (await client.get(f"/v1/customers/{made}")).json()
        assert card["merged_into"] is None  # what a person took apart stays apart


async def test_what_comes_from_a_blocked_mark_is_stored_and_offered_to_nobody(
    client: httpx.AsyncClient,
) -> None:
    await employ(client, "anna")
    body = {"mark": "8 900 111-22-33", "reason": "calls and says nothing"}
    blocked = await client.post("/v1/customers/marks/block", json=body)
    assert blocked.status_code == 200, blocked.text
    assert [item["mark"] for item in blocked.json()["blocked"]] == [f"phone:{PHONE}"]
    sent = {"channel": "phone", "customer": {"phone": PHONE}, "external_id": "1"}
    lead = await post_lead(client, **sent)
    assert (lead["state"], lead["reason"]) == ("settled", "blocked")
    again = await client.post("/v1/leads", json={"channel": "phone", **sent})
    assert (again.status_code, again.json()["id"]) == (200, lead["id"])
    assert (await client.post("/v1/operators/anna/next")).status_code == 204
    gone = await client.delete("/v1/customers/marks/block", params={"mark": PHONE})
    assert gone.status_code == 204
    other = await post_lead(client, channel="phone", customer={"phone": PHONE})
    assert other["state"] == "waiting"
    missing = await client.delete("/v1/customers/marks/block", params={"mark": PHONE})
    problem_in(missing, 404, "customer-not-found")
    wrong = await client.post("/v1/customers/marks/block", json={"mark": "???", "reason": "x"})
    assert wrong_fields(wrong) == ["mark"]


async def test_the_head_gives_a_client_to_an_operator_whatever_the_rules_say(
    client: httpx.AsyncClient,
) -> None:
    await employ(client, "anna")
    await employ(client, "boris")
    await a_card(client, orders=[ORDER])
    lead = await post_lead(client, channel="phone", customer={"phone": PHONE})
    assert lead["explanation"]["routing"]["owner"] == "boris"
    given = {"operator": "anna", "reason": "they know each other"}
    answer = await client.put("/v1/customers/c-1/owner", json=given)
    assert (answer.status_code, answer.json()["rerouted"]) == (200, 1), answer.text
    routing = (await client.get(f"/v1/leads/{lead['id']}/explanation")).json()["routing"]
    assert (routing["owner"], routing["owner_rule"]) == ("anna", "B19")
    await client.put("/v1/customers/c-1", json={"name": "Ирина"})
    assert (await client.get("/v1/customers/c-1")).json()["owner"]["operator"] == "anna"
    await client.delete("/v1/customers/c-1/owner")
    routing = (await client.get(f"/v1/leads/{lead['id']}/explanation")).json()["routing"]
    assert (routing["owner"], routing["owner_rule"]) == ("boris", "B2")


async def test_selected_parts_stay_with_the_client(client: httpx.AsyncClient) -> None:
    await employ(client, "anna")
    await a_card(client)
    part = {"number": "45022-TA0", "name": "колодки", "price": "4500"}
    body = {"selections": [{**part, "by": "anna"}]}
    answer = await client.post("/v1/customers/c-1/selections", json=body)
    assert answer.status_code == 200, answer.text
    await client.put("/v1/customers/c-1", json={"cars": [], "notes": []})
    await post_lead(client, channel="phone", customer={"phone": PHONE})
    served = await take_next(client)
    (selected,) = served["client"]["selections"]
    assert (selected["number"], selected["price"], selected["by"]) == (
        *("45022-TA0", "4500.00", "anna"),
    )
