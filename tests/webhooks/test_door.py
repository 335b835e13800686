"""The door of webhooks: who is let in, what is kept, and what is answered."""

import asyncio
import json
import logging
import tempfile
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from api.doors import opened, problem_in, program, until
from api.gate import Gate
from driven_clock import DrivenClock
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr
from structlog.testing import capture_logs
from webhook_stories import (
    SECRET,
    a_chat,
    all_read,
    deliver,
    delivered,
    leads,
    path_of,
    put_source,
    signed,
)

from service.main import create_app
from service.resources import Resources
from service.sealing import new_key
from service.settings import Settings
from service.webhooks import door

SHOP = "/webhooks/tawk/shop"
NEW_SECRET = "as quiet as two mice"


@pytest.fixture(autouse=True)
async def _nothing_unread(resources: Resources) -> AsyncIterator[None]:
    """What came in is read before the next test empties the stores."""
    yield
    await all_read(resources)


async def test_a_signed_delivery_is_answered_kept_and_becomes_a_lead(
    client: httpx.AsyncClient, resources: Resources
) -> None:
    await put_source(client)
    answer = await deliver(client, a_chat())
    assert (answer.status_code, answer.content) == (200, b"")
    await all_read(resources)
    (delivery,), (lead,) = await delivered(client), await leads(client)
    assert (delivery["source"], delivery["state"]) == ("shop", "read")
    (result,) = delivery["result"]
    assert (result["event"], result["lead_id"]) == ("message", lead["id"])
    assert (lead["source"], lead["channel"], lead["text"]) == ("shop", "site_chat", "Нужны колодки")


async def test_a_delivery_without_the_right_proof_is_refused_and_counted(
    client: httpx.AsyncClient, resources: Resources
) -> None:
    await put_source(client)
    for headers in ({}, signed(a_chat(), "another secret"), signed(a_chat("other"))):
        answer = await client.post(SHOP, content=a_chat(), headers=headers)
        problem_in(answer, 401, "not-authentic")
    await resources.stores.refusals.write()
    source = (await client.get("/v1/sources/shop")).json()
    assert source["deliveries"]["refused"] == 3
    assert source["deliveries"]["last_refused_at"] == "2026-06-10T09:00:00Z"
    assert await delivered(client) == []


@pytest.mark.parametrize(
    "path",
    [
        *("/webhooks/tawk/nobody", "/webhooks/jivo/shop", "/webhooks/nobody/shop"),
        *("/webhooks/tawk", "/webhooks/tawk/", "/webhooks/", "/webhooks/tawk/SHOP"),
        *("/webhooks/tawk/sh%6Fp", "/webhooks/tawk/..%2Fshop", "/webhooks//shop"),
        *("/webhooks/tawk/%00", "/webhooks/%F0%9F%9A%97/shop"),
    ],
)
async def test_an_address_that_is_nobodys_is_not_found(
    client: httpx.AsyncClient, path: str
) -> None:
    await put_source(client)
    problem_in(await deliver(client, a_chat(), to=path), 404, "source-not-found")
    assert await delivered(client) == []


async def test_a_method_that_the_adapter_does_not_take_is_told_which_it_takes(
    client: httpx.AsyncClient,
) -> None:
    await put_source(client)
    for method in ("GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"):
        answer = await client.request(method, SHOP)
        assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


async def test_a_body_beyond_the_adapters_bound_is_not_read(client: httpx.AsyncClient) -> None:
    await put_source(client)
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        while True:
            read += 1
            yield b" " * 256 * 1024

    problem_in(await client.post(SHOP, content=endless()), 413, "body-too-large")
    assert read <= 6  # of a megabyte, and what the client had ready
    stated = {"Content-Length": str(2**40)}
    answer = await client.post(SHOP, content=b"", headers=stated)
    problem_in(answer, 413, "body-too-large")


async def test_a_body_that_does_not_come_to_its_end_is_not_waited_for(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "BODY_SECONDS", 0.05)
    await put_source(client)

    async def breaking_off() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.Event().wait()

    problem_in(await client.post(SHOP, content=breaking_off()), 408, "body-too-slow")


async def test_what_one_address_posts_at_once_is_bounded_and_others_are_served(
    client: httpx.AsyncClient, app: FastAPI
) -> None:
    await put_source(client)
    arrived, ended = [], asyncio.Event()

    async def slowly() -> AsyncIterator[bytes]:
        yield LARGE
        arrived.append(1)
        await ended.wait()

    held = [asyncio.create_task(client.post(SHOP, content=slowly())) for _ in range(MAX_OF_ADDRESS)]
    await until(lambda: len(arrived) == MAX_OF_ADDRESS)
    refused = await client.post(SHOP, content=slowly())
    problem_in(refused, 503, "overloaded")
    assert refused.headers["retry-after"] == "1"
    elsewhere = httpx.ASGITransport(app, client=("203.0.113.5", 1))
    async with httpx.AsyncClient(transport=elsewhere, base_url="http://nextlead") as other:
        assert (await deliver(other, a_chat())).status_code == 200
    ended.set()
    assert {item.status_code for item in await asyncio.gather(*held)} == {401}
    assert (await deliver(client, a_chat())).status_code == 200


LARGE, MAX_OF_ADDRESS = bytes(1024 * 1024), 16


async def test_a_secret_address_is_needed_whole_and_only_its_digest_is_kept(
    client: httpx.AsyncClient, resources: Resources
) -> None:
    source = await put_source(client, "chat", adapter="jivo")
    path, event = path_of(source), b'{"event_name": "chat_updated", "chat_id": 1}'
    token = path.rpartition("/")[2]
    assert len(token) == 43
    for wrong in (path[:-1], path[:-1] + "!", path.rpartition("/")[0], "/webhooks/jivo/chat/"):
        problem_in(await client.post(wrong, content=event), 404, "source-not-found")
    with capture_logs() as logged:
        answer = await client.post(f"{path}/more", content=event)
    assert answer.json() == {"result": "ok"}
    await all_read(resources)
    (delivery,) = await delivered(client)
    request = (await client.get(f"/v1/deliveries/{delivery['id']}")).json()["request"]
    assert request["path"] == "more"
    everything = await everything_kept(resources)
    assert token not in str(logged) + everything + str(request)
    assert (await client.get("/v1/sources/chat")).json()["address"] is None


async def everything_kept(resources: Resources) -> str:
    """The rows of sources and deliveries as whoever steals them reads them."""
    found = []
    for table in ("sources", "deliveries"):
        rows = await resources.stores.database.fetch(f"SELECT t::text AS row FROM {table} AS t")
        found += [row["row"] for row in rows]
    for row in await resources.stores.database.fetch("SELECT request FROM deliveries"):
        found.append(row["request"].decode("latin-1"))
    return "\n".join(found)


async def test_any_source_may_have_a_secret_address_on_top(client: httpx.AsyncClient) -> None:
    source = await put_source(client, secret_address=True)
    assert (await deliver(client, a_chat(), to=path_of(source))).status_code == 200
    problem_in(await deliver(client, a_chat(), to=SHOP), 404, "source-not-found")
    answer = await client.post(path_of(source), content=a_chat())
    problem_in(answer, 401, "not-authentic")


async def test_a_new_secret_and_the_one_before_are_both_right_for_a_while(
    client: httpx.AsyncClient, clock: DrivenClock
) -> None:
    await put_source(client)
    sent = {"secrets": {"secret": NEW_SECRET}, "overlap_hours": 2}
    assert (await client.post("/v1/sources/shop/rotate", json=sent)).status_code == 200
    statuses = []
    for hours in (0, 1.9, 0.2):
        clock.pass_by(hours=hours)
        for secret in (SECRET, NEW_SECRET):
            answer = await deliver(client, a_chat(f"{hours} {secret}"), secret=secret)
            statuses.append(answer.status_code)
    assert statuses == [200, 200, 200, 200, 401, 200]


async def test_a_new_address_and_the_one_before_are_both_right_for_a_while(
    client: httpx.AsyncClient, clock: DrivenClock
) -> None:
    before = await put_source(client, "chat", adapter="jivo")
    rotated = (await client.post("/v1/sources/chat/rotate", json={"address": True})).json()
    paths, event = [path_of(before), path_of(rotated)], b'{"event_name": "nothing"}'
    assert paths[0] != paths[1]
    assert [(await client.post(path, content=event)).status_code for path in paths] == [200, 200]
    clock.pass_by(hours=24)
    assert [(await client.post(path, content=event)).status_code for path in paths] == [404, 200]


async def test_a_delivery_that_has_a_name_is_kept_once_however_often_it_comes(
    client: httpx.AsyncClient,
) -> None:
    await put_source(client)
    await put_source(client, "other", secrets={"secret": SECRET})
    answers = await asyncio.gather(
        *(deliver(client, a_chat(), event="event-1") for _ in range(40)),
        deliver(client, a_chat("second"), event="event-2"),
        deliver(client, a_chat(), event="event-1", to="/webhooks/tawk/other"),
    )
    assert {(answer.status_code, answer.content) for answer in answers} == {(200, b"")}
    stored = await delivered(client)
    assert sorted(item["source"] for item in stored) == ["other", "shop", "shop"]


async def test_deliveries_without_a_name_that_say_the_same_are_one_lead(
    client: httpx.AsyncClient, resources: Resources
) -> None:
    await put_source(client)
    await asyncio.gather(*(deliver(client, a_chat()) for _ in range(10)))
    await all_read(resources)
    assert len(await delivered(client, state="read")) == 10
    assert len(await leads(client)) == 1


async def test_secrets_and_clients_are_unreadable_in_the_database_and_absent_from_logs(
    client: httpx.AsyncClient, resources: Resources, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with capture_logs() as logged:
        vk = {"secrets": {"secret": "quiet-vk-secret"}, "adapter": "vk"}
        await put_source(client, "vk", **vk, options={"group_id": "7", "confirmation": "c0ffee"})
        message = {"from_id": 5, "peer_id": 5, "text": "тайна клиента", "date": 1781082000}
        body = {"group_id": 7, "type": "message_new", "event_id": "1", "secret": "quiet-vk-secret"}
        sent = {**body, "v": "5.199", "object": {"message": message}}
        right = await client.post("/webhooks/vk/vk", json=sent)
        wrong = await client.post("/webhooks/vk/vk", json={**sent, "secret": "quiet-vk-guess"})
        await all_read(resources)
    assert (right.status_code, right.text, wrong.status_code) == (200, "ok", 401)
    assert len(await leads(client)) == 1
    stated = caplog.text + str(logged) + wrong.text
    stored = await everything_kept(resources)
    for quiet in ("quiet-vk-secret", "quiet-vk-guess", "тайна клиента", "c0ffee"):
        assert quiet not in stated
    for quiet in ("quiet-vk-secret", "тайна клиента", "peer_id"):
        assert quiet not in stored


async def test_handshakes_are_answered_and_not_kept(client: httpx.AsyncClient) -> None:
    secrets = {"app_secret": "quiet", "verify_token": "meet me"}
    await put_source(client, "wa", adapter="meta", secrets=secrets)
    asked = {"hub.mode": "subscribe", "hub.challenge": "1158201444"}
    right = {**asked, "hub.verify_token": "meet me"}
    answer = await client.get("/webhooks/meta/wa", params=right)
    assert (answer.status_code, answer.text) == (200, "1158201444")
    wrong = {**asked, "hub.verify_token": "meet you"}
    problem_in(await client.get("/webhooks/meta/wa", params=wrong), 401, "not-authentic")
    assert await delivered(client) == []


async def test_only_headers_that_are_read_later_are_kept(client: httpx.AsyncClient) -> None:
    await put_source(client)
    body = a_chat()
    more = {"Authorization": "Bearer of news", "Cookie": "a=b", "X-Anything": "at all"}
    await client.post(SHOP, content=body, headers={**signed(body), **more})
    (delivery,) = await delivered(client)
    shown = (await client.get(f"/v1/deliveries/{delivery['id']}")).json()["request"]
    assert shown["headers"] == [["content-type", "application/json"]]


async def test_a_signature_over_the_address_is_made_of_what_the_sender_was_given(
    settings: Settings, clock: DrivenClock, client: httpx.AsyncClient
) -> None:
    """Twilio signs the address: ours behind a proxy is not the one that it knows (3.5)."""
    public = settings.model_copy(update={"public_url": "https://leads.shop.ru/in"})
    app = create_app(public, clock)
    async with opened(app):
        await put_source(client, "line", adapter="twilio", secrets={"auth_token": "12345"})
        app.state.resources.stores.sources.forget()
        source = await client.get("/v1/sources/line")
        signature = twilio_signature("https://leads.shop.ru/in/webhooks/twilio/line?a=%2F&b")
        headers = {"X-Twilio-Signature": signature, "Content-Type": FORM}
        async with program(app) as sender:
            body = "CallSid=CA1&CallStatus=queued"
            path = "/webhooks/twilio/line?a=%2F&b"
            right = await sender.post(path, content=body, headers=headers)
            wrong = await sender.post(path[:-2], content=body, headers=headers)
    assert source.json()["address"] == "http://nextlead/webhooks/twilio/line"
    assert (right.status_code, wrong.status_code) == (200, 401)


FORM = "application/x-www-form-urlencoded"


def twilio_signature(url: str) -> str:
    """As the sender's own library makes it."""
    from twilio.request_validator import RequestValidator

    fields = {"CallSid": "CA1", "CallStatus": "queued"}
    signature: str = RequestValidator("12345").compute_signature(url, fields)
    return signature


HEADER = st.tuples(
    st.sampled_from(["x-tawk-signature", "x-hook-event-id", "content-type", "authorization"]),
    st.binary(max_size=60).filter(lambda value: not {0, 10, 13} & set(value)),
)


@settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    rest=st.sampled_from(["", "/", "/a/b", "/%00", "?x=%ff", "?\udcff"]),
    body=st.binary(max_size=300),
    headers=st.lists(HEADER, max_size=5),
    adapter=st.sampled_from(["tawk", "jivo", "html"]),
)
async def test_whatever_bytes_come_nothing_breaks(
    strangers: dict[str, Any],
    rest: str,
    body: bytes,
    headers: list[tuple[str, bytes]],
    adapter: str,
) -> None:
    to = strangers["paths"][adapter] + rest.encode("utf-8", "replace").decode()
    stated = [(name.encode(), value) for name, value in headers]
    answer = await strangers["client"].post(to, content=body, headers=stated)
    assert answer.status_code in (200, 401, 404)


@pytest.fixture
async def strangers(client: httpx.AsyncClient) -> dict[str, Any]:
    """Sources to which anything is sent; two of them take it, for their addresses are right."""
    shipped = {"options": {"shipped": "html_form"}}
    paths = {
        "tawk": path_of(await put_source(client)),
        "jivo": path_of(await put_source(client, "chat", adapter="jivo")),
        "html": path_of(await put_source(client, "form", adapter="mapping", **shipped)),
    }
    return {"client": client, "paths": paths}


@pytest.fixture
async def cut_off(
    settings: Settings, clock: DrivenClock, resources: Resources
) -> AsyncIterator[tuple[Gate, FastAPI]]:
    """An application of its own behind a gate to the database."""
    assert settings.database_url is not None
    with tempfile.TemporaryDirectory(prefix="gate-") as here:
        gate = Gate(settings.database_url.get_secret_value(), here)
        await gate.open()
        app = create_app(settings.model_copy(update={"database_url": SecretStr(gate.url)}), clock)
        async with opened(app):
            yield gate, app
        gate.shut()


async def test_while_the_database_is_away_senders_are_told_to_come_again(
    cut_off: tuple[Gate, FastAPI], client: httpx.AsyncClient, resources: Resources
) -> None:
    gate, app = cut_off
    await put_source(client)
    app.state.resources.stores.sources.forget()
    async with program(app) as sender:
        acknowledged = [await deliver(sender, a_chat("0"))]
        gate.shut()
        away = [await deliver(sender, a_chat(str(number))) for number in range(1, 4)]
        await gate.open()
        acknowledged += [await deliver(sender, a_chat(str(number))) for number in range(1, 4)]
    for answer in away:
        problem_in(answer, 503, "storage-unavailable")
        assert answer.headers["retry-after"] == "1"
    assert [answer.status_code for answer in acknowledged] == [200] * 4
    await all_read(resources)
    chats = {lead["customer"]["messengers"]["tawk"] for lead in await leads(client)}
    assert chats == {"0", "1", "2", "3"}


async def test_a_source_that_another_replica_removed_is_not_found(
    settings: Settings, clock: DrivenClock, client: httpx.AsyncClient
) -> None:
    await put_source(client)
    await put_source(client, "other", secrets={"secret": SECRET})
    app = create_app(settings, clock)
    async with opened(app), program(app) as sender:
        assert (await deliver(sender, a_chat("0"))).status_code == 200
        await all_read(app.state.resources)
        assert (await client.delete("/v1/sources/shop")).status_code == 204
        gone, stored = await asyncio.gather(
            deliver(sender, a_chat("1")), deliver(sender, a_chat("2"), to="/webhooks/tawk/other")
        )
        assert await app.state.resources.stores.sources.find("shop") is None
        await all_read(app.state.resources)
    problem_in(gone, 404, "source-not-found")
    assert stored.status_code == 200


@pytest.mark.parametrize("keys", [None, SecretStr(new_key())], ids=["no key", "another key"])
async def test_without_the_key_of_its_secrets_senders_are_told_to_come_again(
    settings: Settings, clock: DrivenClock, client: httpx.AsyncClient, keys: SecretStr | None
) -> None:
    await put_source(client)
    app = create_app(settings.model_copy(update={"secret_keys": keys}), clock)
    async with opened(app), program(app) as sender:
        away = await deliver(sender, a_chat())
    problem = problem_in(away, 503, "source-unusable")
    assert away.headers["retry-after"] == "1"
    assert "NEXTLEAD_SECRET_KEYS" not in problem["detail"]
    assert (await deliver(client, a_chat())).status_code == 200


async def test_what_cannot_be_sealed_is_to_be_sent_again(
    settings: Settings, clock: DrivenClock, client: httpx.AsyncClient
) -> None:
    """A source with nothing but its address needs no key until something is kept."""
    path = path_of(await put_source(client, "chat", adapter="jivo"))
    app = create_app(settings.model_copy(update={"secret_keys": None}), clock)
    async with opened(app), program(app) as sender:
        away = await sender.post(path, content=b'{"event_name": "nothing"}')
    problem_in(away, 503, "source-unusable")


async def test_what_needs_no_body_is_found_out_before_it_is_read(
    client: httpx.AsyncClient,
) -> None:
    read: list[bytes] = []

    async def untouched() -> AsyncIterator[bytes]:
        read.append(b"{}")
        yield json.dumps({}).encode()

    problem_in(
        await client.post("/webhooks/tawk/nobody", content=untouched()), 404, "source-not-found"
    )
    assert read == []
