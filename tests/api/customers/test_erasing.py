"""A client is erased over HTTP: who is meant, what stays, what is dropped when it comes again."""

import json
from datetime import timedelta
from typing import Any

import httpx
import pytest
from doors import Newcomer
from driven_clock import NOON, DrivenClock
from shop import Shop
from webhook_stories import a_chat, all_read, deliver, put_source

from service.flows.upkeep.keep_in_step import keep_in_step
from service.resources import Resources
from service.storage.leads.line_changes import COMMITS_WITHIN

PHONE, OTHER = "+79161234567", "+79037654321"
IRINA = {"name": "Ирина Соколова", "phone": PHONE, "email": "irina@sokolova.ru"}
WHY = "asked in writing"


async def post(client: httpx.AsyncClient, **sent: Any) -> httpx.Response:
    return await client.post("/v1/leads", json={"channel": "whatsapp", **sent})


async def opened(client: httpx.AsyncClient, **sent: Any) -> dict[str, Any]:
    answer = await post(client, **sent)
    assert answer.status_code == 201, answer.text
    lead: dict[str, Any] = answer.json()
    return lead


async def erase(client: httpx.AsyncClient, **named: Any) -> httpx.Response:
    return await client.post("/v1/customers/erase", json={"reason": WHY, **named})


async def erased(client: httpx.AsyncClient, **named: Any) -> dict[str, Any]:
    answer = await erase(client, **named)
    assert answer.status_code == 200, answer.text
    done: dict[str, Any] = answer.json()
    return done


@pytest.mark.parametrize(
    "named",
    [
        {"external_id": "c-77"},
        {"phone": "8 (916) 123-45-67"},
        {"email": "Irina@Sokolova.ru"},
    ],
)
async def test_by_the_card_or_any_mark(client: httpx.AsyncClient, named: dict[str, str]) -> None:
    lead = await opened(
        client, text="колодки", external_id="m-1", customer={**IRINA, "external_id": "c-77"}
    )
    done = await erased(client, **named)
    assert (done["counts"]["cards"], done["counts"]["leads"]) == (1, 1)
    left = (await client.get(f"/v1/leads/{lead['id']}")).json()
    assert (left["customer"], left["text"], left["external_id"]) == (None, None, None)
    assert (left["state"], left["outcome"], left["kind"]) == ("settled", "cancelled", "chat")
    assert left["score"] == lead["score"]
    assert (await client.get("/v1/customers/c-77")).status_code == 404


async def test_by_the_number_in_the_address(client: httpx.AsyncClient) -> None:
    await client.put("/v1/customers/client-9", json={"name": "Пётр", "phone": PHONE})
    answer = await client.delete("/v1/customers/client-9")
    assert answer.status_code == 200
    assert answer.json()["counts"]["cards"] == 1
    assert "client-9" not in answer.text


async def test_who_is_not_there_and_who_is_erased_twice(client: httpx.AsyncClient) -> None:
    for named in ({"external_id": "nobody"}, {"phone": PHONE}, {"lead": "0" * 32}):
        assert (await erase(client, **named)).status_code == 404
    await opened(client, customer=IRINA)
    await erased(client, phone=PHONE)
    assert (await erase(client, phone=PHONE)).status_code == 404
    assert (await client.delete("/v1/customers/nobody")).status_code == 404


async def test_nobody_or_two_are_named(client: httpx.AsyncClient) -> None:
    for named in ({}, {"phone": PHONE, "email": "a@b.ru"}, {"phone": "no number"}):
        assert (await erase(client, **named)).status_code == 422


async def test_the_reason_says_not_who(client: httpx.AsyncClient) -> None:
    await opened(client, customer=IRINA)
    for reason in (
        *("a letter of irina@sokolova.ru", "call of 8 916 1234567", "Ирина Соколова asks"),
        *("8,916,123,45,67 asked on 29.11.2026", "for 495 765-43-21, too"),
    ):
        answer = await erase(client, phone=PHONE, reason=reason)
        assert answer.status_code == 422
        assert "reason" in answer.text
    assert (await erase(client, phone=PHONE)).status_code == 200


@pytest.mark.parametrize(
    "reason", ["request of 29.11.2026, letter 12", "2026-11-29 14:05, by post", "3.2.26 and 4.2.26"]
)
async def test_the_reason_may_say_when(client: httpx.AsyncClient, reason: str) -> None:
    await opened(client, customer=IRINA)
    assert (await erase(client, phone=PHONE, reason=reason)).status_code == 200


async def test_a_mark_of_two_cards_names_both(client: httpx.AsyncClient) -> None:
    for number in ("c-1", "c-2"):
        await client.put(f"/v1/customers/{number}", json={"phone": PHONE})
    answer = await erase(client, phone=PHONE)
    assert answer.status_code == 409
    assert answer.json()["type"].endswith("shared-mark")
    assert "`c-1`, `c-2`" in answer.json()["detail"]
    await erased(client, external_id="c-1")
    kept = (await client.get("/v1/customers/c-2")).json()
    assert kept["phone"] == PHONE
    # what is written by the number that the other has, too, is theirs
    late = await post(client, customer={"phone": PHONE}, received_at="2026-06-10T08:00:00Z")
    assert late.status_code == 201


async def test_a_mark_of_two_without_a_card_names_a_lead_of_each(
    client: httpx.AsyncClient, resources: Resources
) -> None:
    first = await opened(client, customer={"phone": PHONE, "messengers": {"telegram": "1111111"}})
    second = await opened(client, customer={"phone": PHONE, "messengers": {"telegram": "2222222"}})
    answer = await erase(client, phone=PHONE)
    assert answer.status_code == 409
    assert first["id"] in answer.text
    assert second["id"] in answer.text
    await erased(client, lead=first["id"])
    other = (await client.get(f"/v1/leads/{second['id']}")).json()
    assert other["customer"]["phone"] == PHONE
    assert other["possibly_same"] == []


async def test_merged_cards_are_one_client(client: httpx.AsyncClient) -> None:
    await client.put("/v1/customers/c-1", json={"phone": PHONE})
    await client.put("/v1/customers/c-2", json={"phone": OTHER})
    await client.post("/v1/customers/merge", json={"into": "c-1", "from": "c-2", "reason": "one"})
    done = await erased(client, phone=OTHER)
    assert (done["counts"]["cards"], done["counts"]["merges"]) == (2, 1)
    for number in ("c-1", "c-2"):
        assert (await client.get(f"/v1/customers/{number}")).status_code == 404


async def test_what_is_held_is_taken_away_with_a_word(
    shop: Shop, client: httpx.AsyncClient
) -> None:
    lead = await opened(client, customer=IRINA)
    held = (await client.post("/v1/operators/anna/next")).json()
    assert held["id"] == lead["id"]
    done = await erased(client, phone=PHONE)
    assert done["counts"]["taken_away"] == 1
    end = {"token": held["claim"]["token"], "outcome": "lost", "reason": "x"}
    gone = await client.post(f"/v1/leads/{lead['id']}/settle", json=end)
    assert (gone.status_code, gone.json()["type"]) == (409, "urn:nextlead:problem:claim-gone")
    events = (await client.get(f"/v1/leads/{lead['id']}/events")).json()["events"]
    assert events[-1]["type"] == "lead.withdrawn"
    assert events[-1]["reason"] == "the client's data were erased"
    assert events[-1]["details"]["operator"] == "anna"
    assert (await client.post("/v1/operators/anna/next")).status_code == 204
    await keep_in_step(shop.stores)
    assert (await client.get("/v1/operators/anna/leads")).json()["leads"] == []


async def test_what_is_dated_before_is_dropped_and_counted(
    client: httpx.AsyncClient, clock: DrivenClock
) -> None:
    before = (NOON - timedelta(minutes=1)).isoformat()
    await opened(client, source="site", external_id="o-1", customer=IRINA)
    await erased(client, phone=PHONE)
    clock.pass_by(hours=1)
    late = await post(client, customer=IRINA, received_at=before)
    assert (late.status_code, late.json()["type"]) == (409, "urn:nextlead:problem:client-erased")
    # the very signal, sent again without a time
    again = await post(client, source="site", external_id="o-1", customer=IRINA)
    assert again.status_code == 409
    line = f'{{"channel": "email", "customer": {{"phone": "{PHONE}"}}, "received_at": "{before}"}}'
    report = await client.post(
        "/v1/leads/import", content=line, headers={"Content-Type": "application/x-ndjson"}
    )
    assert report.json()["failed"] == 1
    listed = (await client.get("/v1/erasures")).json()
    assert listed["dropped"] == 3
    assert listed["erasures"][0]["reason"] == WHY
    fresh = await opened(client, source="site", external_id="o-2", customer=IRINA)
    assert fresh["follows"] is None


async def test_a_blocked_client_comes_back_no_more_than_others(client: httpx.AsyncClient) -> None:
    await opened(client, customer=IRINA)
    await client.post("/v1/customers/marks/block", json={"mark": PHONE, "reason": "spam"})
    done = await erased(client, phone=PHONE)
    assert done["counts"]["blocked_marks"] == 1
    assert (await client.get("/v1/customers/marks/block")).json()["blocked"] == []


async def test_who_is_only_blocked_or_only_in_a_request(
    client: httpx.AsyncClient, resources: Resources
) -> None:
    await client.post("/v1/customers/marks/block", json={"mark": OTHER, "reason": "spam"})
    assert (await erased(client, phone=OTHER))["counts"]["blocked_marks"] == 1
    await put_source(client)
    body = json.dumps({"event": "chat:start", "phone": PHONE}).encode()
    await deliver(client, body)
    await all_read(resources)
    shown = await client.post("/v1/customers/export", json={"phone": PHONE})
    assert PHONE in shown.text
    assert (await erased(client, phone=PHONE))["counts"]["deliveries"] == 1
    (delivery,) = (await client.get("/v1/deliveries")).json()["deliveries"]
    assert (delivery["state"], delivery["reason"], delivery["size"]) == ("ignored", "erased", 0)
    again = await client.post(f"/v1/deliveries/{delivery['id']}/replay")
    assert again.status_code == 409
    opened_empty = (await client.get(f"/v1/deliveries/{delivery['id']}")).json()
    assert opened_empty["request"]["text"] == ""
    assert (await erase(client, phone=PHONE)).status_code == 404


async def test_a_late_webhook_is_dropped_and_not_stored(
    client: httpx.AsyncClient, clock: DrivenClock, resources: Resources
) -> None:
    await put_source(client)
    visitor = {"visitor": {"name": "Ирина", "email": IRINA["email"]}}
    await deliver(client, a_chat("first", **visitor))
    await all_read(resources)
    await erased(client, email=IRINA["email"])
    clock.pass_by(minutes=5)
    await deliver(client, a_chat("late", **visitor, time="2026-06-10T08:59:00.000Z"))
    await all_read(resources)
    late, *_ = (await client.get("/v1/deliveries")).json()["deliveries"]
    assert (late["state"], late["reason"], late["size"]) == ("ignored", "erased", 0)
    assert (await client.post(f"/v1/deliveries/{late['id']}/replay")).status_code == 409
    assert (await client.get("/v1/erasures")).json()["dropped"] == 1
    rows = await resources.stores.database.fetch("SELECT 1 FROM deliveries WHERE request <> ''")
    assert rows == []


async def test_a_repetition_by_its_key_is_dropped(client: httpx.AsyncClient) -> None:
    headers = {"Idempotency-Key": "k-1"}
    sent = {"channel": "email", "customer": IRINA}
    assert (await client.post("/v1/leads", json=sent, headers=headers)).status_code == 201
    await erased(client, phone=PHONE)
    assert (await client.post("/v1/leads", json=sent, headers=headers)).status_code == 409


async def test_words_of_theirs_are_counted_no_longer(
    client: httpx.AsyncClient, resources: Resources
) -> None:
    database = resources.stores.database
    await opened(client, text="Нужен абракадабр", customer=IRINA)
    await database.fetch(
        "INSERT INTO word_days (queue, day, word, clients)"
        " VALUES ('main', '2026-06-10', 'абракадабр', 2), ('main', '2026-06-10', 'прочее', 3)"
    )
    done = await erased(client, phone=PHONE)
    assert done["counts"]["words"] >= 1
    words = await database.fetch("SELECT word FROM word_days")
    assert [row["word"] for row in words] == ["прочее"]


async def test_the_event_says_nothing_personal(client: httpx.AsyncClient) -> None:
    await opened(client, customer={**IRINA, "external_id": "c-77"})
    done = await erased(client, external_id="c-77")
    events = (await client.get("/v1/queues/main/events")).json()["events"]
    (event,) = [item for item in events if item["type"] == "client.erased"]
    assert event["details"] == {"erasure": done["id"], "erased_leads": 1}


async def test_it_is_finished_when_nothing_can_be_on_its_way(
    client: httpx.AsyncClient, clock: DrivenClock, resources: Resources
) -> None:
    await opened(client, customer=IRINA)
    assert (await erased(client, phone=PHONE))["finished_at"] is None
    # a lead that was being written just then, by a process that knew nothing of it
    await resources.stores.database.fetch("DELETE FROM tombstones")
    late = await opened(client, customer=IRINA, text="ещё раз")
    clock.moment += COMMITS_WITHIN
    await keep_in_step(resources)
    (item,) = (await client.get("/v1/erasures")).json()["erasures"]
    assert item["finished_at"] is not None
    assert item["counts"]["leads"] == 2
    assert (await client.get(f"/v1/leads/{late['id']}")).json()["text"] is None
    rows = await resources.stores.database.fetch("SELECT wanted FROM erasures")
    assert rows[0]["wanted"] is None


async def test_who_may_erase(newcomer: Newcomer) -> None:
    program = await newcomer("read", "personal", "supervise", "intake", "operate")
    assert (await erase(program, phone=PHONE)).status_code == 403
    assert (await program.delete("/v1/customers/c-1")).status_code == 403
    exporter = await newcomer("admin", name="exporter")
    assert (await exporter.post("/v1/customers/export", json={"phone": PHONE})).status_code == 403
