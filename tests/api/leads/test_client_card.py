"""Who takes a lead is shown its client's history first (rules A22, A23)."""

from typing import Any

import httpx
import pytest
from doors import do, post_lead, take_next
from stories import join_nothing

from service.api import hot
from service.api.leads import leads
from service.resources import Resources
from service.storage.customers.clients import Clients

AT = "2026-06-01T09:00:00Z"
CARD = {
    "class": "vip",
    "cars": ["Kia Rio 2014"],
    "orders": [{"number": "A-7", "opened_at": AT}],
    "notes": [{"author": "boris", "at": AT, "text": "звонить после шести"}],
}
IRINA = {"external_id": "c-1", "name": "Ирина"}


async def wait_for_next(client: httpx.AsyncClient) -> dict[str, Any]:
    """The next lead for anna, though its lane may be known only after 0.3 s."""
    answer = await client.post("/v1/operators/anna/next?wait=5")
    assert answer.status_code == 200
    lead: dict[str, Any] = answer.json()
    return lead


async def test_the_served_lead_tells_what_was_had_with_the_client(
    client: httpx.AsyncClient, resources: Resources
) -> None:
    await join_nothing(resources)
    await client.put("/v1/customers/c-1", json=CARD)
    sold = await post_lead(client, customer=IRINA)
    await do(client, await take_next(client), "settle", outcome="won", amount="5", note="оплатила")
    promised = await post_lead(client, customer=IRINA)
    until = "2026-06-11T09:00:00Z"
    held = await wait_for_next(client)
    assert (
        await do(client, held, "settle", outcome="callback", note="ждёт", until=until)
    ).is_success
    lead = await post_lead(client, customer=IRINA)
    shown = await wait_for_next(client)
    assert shown["id"] == lead["id"]
    existing = shown["client"]
    assert (existing["external_id"], existing["name"], existing["class"]) == ("c-1", "Ирина", "vip")
    assert (existing["cars"], existing["orders"][0]["number"]) == (["Kia Rio 2014"], "A-7")
    assert existing["notes"] == CARD["notes"]
    assert existing["promised"] == [
        {"id": promised["id"], "kind": "chat", "until": until, "note": "ждёт"}
    ]
    assert [item["id"] for item in existing["earlier"]] == [promised["id"], sold["id"]]
    assert existing["earlier"][1] == {
        **{"id": sold["id"], "kind": "chat", "state": "settled", "outcome": "won"},
        **{"amount": "5.00", "note": "оплатила", "created_at": "2026-06-10T09:00:00Z"},
        **{"settled_at": "2026-06-10T09:00:00Z", "settled_by": "anna"},
    }


async def test_a_lead_claimed_by_its_id_tells_it_too(client: httpx.AsyncClient) -> None:
    lead = await post_lead(client, customer=IRINA)
    answer = await client.post(f"/v1/leads/{lead['id']}/claim", json={"operator": "anna"})
    assert (answer.json()["client"]["name"], answer.json()["client"]["earlier"]) == ("Ирина", [])


async def test_only_the_newest_ten_leads_are_shown(
    client: httpx.AsyncClient, resources: Resources
) -> None:
    await join_nothing(resources)
    made = [(await post_lead(client, customer=IRINA))["id"] for _ in range(13)]
    taken = await take_next(client)
    others = [item for item in reversed(made) if item != taken["id"]]
    assert [item["id"] for item in taken["client"]["earlier"]] == others[:10]


@pytest.mark.parametrize("sent", [{}, {"customer": {"name": "Ирина"}}])
async def test_of_a_client_without_a_number_nothing_is_asked_or_told(
    client: httpx.AsyncClient,
    resources: Resources,
    monkeypatch: pytest.MonkeyPatch,
    sent: dict[str, Any],
) -> None:
    async def asked(*_: Any, **__: Any) -> None:
        raise AssertionError("the client was asked for")

    monkeypatch.setattr(Clients, "find", asked)
    await post_lead(client, **sent)
    assert (await take_next(client))["client"] is None


async def test_what_comes_in_asks_for_no_history(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def asked(*_: Any, **__: Any) -> None:
        raise AssertionError("the history was read")

    monkeypatch.setattr(hot, "view_client", asked)
    monkeypatch.setattr(leads, "view_client", asked)
    assert "client" not in await post_lead(client, customer=IRINA)
