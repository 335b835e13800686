"""The proof: a client goes through every door, is erased, and nothing kept has a word of theirs.

Searched are every table, every sealed request opened, every key of Valkey, every log and every
other file of the data directory, what the application printed, and what receivers are told later.
Not searched is what the servers keep for themselves (docs/personal-data.md says for how long).
"""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from kept_anywhere import all_of_files, all_of_tables, all_of_valkey
from outgoing.receiver import Answer, Receiver, receiving
from redis.asyncio import Redis
from shop import Shop
from webhook_stories import a_chat, all_read, deliver, path_of, put_source

from service.embedded.servers import Addresses
from service.flows.events.change_subscription import change_subscription
from service.flows.events.send_events import names_due, pass_events_on, send_due
from service.flows.upkeep.count_vocabulary import count_vocabulary
from service.flows.upkeep.keep_in_step import keep_in_step
from service.outgoing.guarded_client import open_guarded_client
from service.resources import Resources
from service.storage.events.subscriptions import SubscriptionSpec
from service.storage.leads.line_changes import COMMITS_WITHIN

PHONE, MAIL, CHAT, VIN = "+79161234567", "sokolova.irina@mail.ru", "987654321", "XTA210990Y2766441"
CARD = "card-irina-77"
CLIENT = {"name": "Ирина Соколова", "phone": PHONE, "email": MAIL, "messengers": {"telegram": CHAT}}
TEXT = f"Абракадабра нужна, звоните +7 916 123-45-67 или {MAIL}, VIN {VIN}"
TOLD = (
    *("9161234567", "916 123", "sokolova", "Соколова", "Иринушка", CHAT, VIN, CARD, "tochka-ulica"),
    *("бракадабр", "тарабарщин", "msg-irina", "key-irina", "ord-irina", "chat-irina", "part-irina"),
)
ENCODED = tuple(json.dumps(word)[1:-1] for word in TOLD)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as opened:
        yield opened


@pytest.fixture
async def sending(resources: Resources) -> AsyncIterator[Resources]:
    """Resources whose events may go to this very machine."""
    async with open_guarded_client(private=True) as outside:
        yield replace(resources, outside=outside)


async def subscribe(sending: Resources, receiver: Receiver, name: str, *, personal: bool) -> None:
    wanted = SubscriptionSpec(name, receiver.url, ("*",), personal=personal)
    await change_subscription(sending, wanted, "tests")


async def ok(client: httpx.AsyncClient, method: str, path: str, **sent: Any) -> Any:
    answer = await client.request(method, f"/v1{path}", **sent)
    assert answer.status_code < 300, (path, answer.text)
    return answer.json() if answer.content else None


async def through_every_door(client: httpx.AsyncClient, resources: Resources) -> list[str]:
    """Everything that can be said of a client, from every side; the ids of their leads."""
    card = {
        **CLIENT,
        "notes": [{"author": "anna", "at": "2026-06-10T08:00:00Z", "text": "Иринушка тарабарщина"}],
        "cars": [VIN],
        "orders": [
            {"number": "ord-irina-1", "operator": "anna", "opened_at": "2026-05-01T08:00:00Z",
             "state": "in_work", "reason": "тарабарщина"}
        ],
    }  # fmt: skip
    await ok(client, "PUT", f"/customers/{CARD}", json=card)
    await ok(client, "PUT", "/customers/second-irina", json={"phone": "+79031112233"})
    merge = {"into": CARD, "from": "second-irina", "reason": "Иринушка та же"}
    await ok(client, "POST", "/customers/merge", json=merge)
    part = {"number": "part-irina", "name": "тарабарщина"}
    await ok(client, "POST", f"/customers/{CARD}/selections", json={"selections": [part]})
    sent = {
        **{"channel": "telegram", "source": "site", "external_id": "msg-irina-1", "vin": VIN},
        **{"customer": {**CLIENT, "external_id": CARD}, "text": TEXT},
        "items": [{"name": "тарабарщина", "quantity": 1, "price": "100"}],
        "attributes": {"address": "tochka-ulica"},
    }
    first = await ok(client, "POST", "/leads", json=sent, headers={"Idempotency-Key": "key-irina"})
    path = f"/leads/{first['id']}"
    second = {"channel": "telegram", "text": "ещё Абракадабра", "customer": CLIENT}
    await ok(client, "POST", "/leads", json={**second, "external_id": "msg-irina-2"})
    signals = (await ok(client, "GET", f"{path}/signals"))["signals"]
    wrong = {"signals": [signals[-1]["id"]], "reason": "Иринушка тарабарщина"}
    await ok(client, "POST", f"{path}/split", json=wrong)
    await ok(client, "PATCH", path, json={"text": "Абракадабра по-новому"})
    await ok(client, "POST", f"{path}/notes", json={"note": "Иринушка тарабарщина"})
    held = await ok(client, "POST", "/operators/anna/next")
    token = held["claim"]["token"]
    lost = {"token": token, "outcome": "lost", "reason": "тарабарщина", "note": "Иринушка"}
    await ok(client, "POST", f"/leads/{held['id']}/settle", json=lost)
    # another queue, without a card, held at the moment of the erasure
    await ok(client, "PUT", "/queues/other", json={"currency": "RUB", "time_zone": "UTC"})
    other = {"queue": "other", "channel": "viber", "text": TEXT, "customer": {"phone": PHONE}}
    await ok(client, "POST", "/leads", json=other)
    lines = "\n".join(
        json.dumps({"channel": "email", "text": TEXT, "customer": {"email": MAIL}}) for _ in "12"
    )
    await ok(client, "POST", "/leads/import?queue=other&file=clients", content=lines,
             headers={"Content-Type": "application/x-ndjson"})  # fmt: skip
    await ok(client, "POST", "/customers/marks/block", json={"mark": MAIL, "reason": "Иринушка"})
    await looked_for(client)
    return [first["id"], held["id"]]


async def looked_for(client: httpx.AsyncClient) -> None:
    """Who looks for a client, or is refused, leaves nothing of them in a log."""
    await ok(client, "POST", "/customers/find", json={"phone": PHONE})
    await ok(client, "GET", "/customers", params={"email": MAIL})
    await ok(client, "GET", "/leads", params={"phone": PHONE})
    refused = {"channel": "telegram", "text": TEXT, "customer": {**CLIENT, "tarif": "тарабарщина"}}
    assert (await client.post("/v1/leads", json=refused)).status_code == 422
    path = f"/v1/customers/{CARD}/tarabarschina"
    assert (await client.get(path, params={"phone": PHONE})).status_code == 404


async def by_webhooks(client: httpx.AsyncClient, resources: Resources) -> None:
    """What senders deliver: read, ignored, not to be read, and not read yet."""
    source = await put_source(client)
    visitor = {"visitor": {"name": "Соколова", "email": MAIL}}
    message = {"text": TEXT, "type": "msg", "sender": {"type": "visitor"}}
    agent = {"text": f"пишу на {PHONE}", "type": "msg", "sender": {"type": "agent"}}
    end = {"event": "chat:end", "time": "2026-06-10T09:05:00.000Z"}
    bodies = [
        a_chat("chat-irina", **visitor, message=message),
        a_chat("chat-irina-2", **visitor, message=agent),
        a_chat("chat-irina", **visitor, **end),
        json.dumps({"event": "chat:start", "phone": PHONE}).encode(),
        b'{"event": "chat:unheard_of", "visitor": {"email": "%s"}}' % MAIL.encode(),
    ]
    for number, body in enumerate(bodies):
        await deliver(client, body, to=path_of(source), event=f"event-{number}")
    await all_read(resources)
    await deliver(client, a_chat("chat-irina-3", **visitor, message=message), event="unread")


async def test_nothing_of_an_erased_client_is_left_anywhere(
    shop: Shop,
    client: httpx.AsyncClient,
    sending: Resources,
    redis: Redis,
    servers: Addresses,
    receiver: Receiver,
    capfd: pytest.CaptureFixture[str],
) -> None:
    clock, resources = shop.clock, shop.stores
    await subscribe(sending, receiver, "crm", personal=False)
    await subscribe(sending, receiver, "all", personal=True)
    receiver.answers = lambda _request: Answer(503)
    await through_every_door(client, resources)
    await by_webhooks(client, resources)
    await count_vocabulary(resources)
    await keep_in_step(resources)
    await _send(sending)  # nobody is there: all of it is still to be sent
    assert {word for word in TOLD if word in await all_of_tables(resources)} == {*TOLD}

    export = await ok(client, "POST", "/customers/export", json={"external_id": CARD})
    shown = json.dumps(export, ensure_ascii=False)
    assert {word for word in TOLD if word not in shown} == set()
    done = await ok(client, "POST", "/customers/erase", json={"phone": PHONE, "reason": "law"})
    assert done["counts"]["cards"] == 2
    assert done["counts"]["deliveries"] >= 4
    await all_read(resources)  # what had not been read yet
    clock.moment += COMMITS_WITHIN
    await keep_in_step(resources)
    await keep_in_step(resources)
    (erasure,) = (await ok(client, "GET", "/erasures"))["erasures"]
    assert erasure["finished_at"] is not None

    before = len(receiver.requests)
    receiver.answers = lambda _request: Answer(200)
    clock.pass_by(hours=1)
    await _send(sending)
    later = [request.body.decode() for request in receiver.requests[before:]]
    assert later
    kept = await all_of_tables(resources)
    places = {
        "tables": kept,
        "valkey": await all_of_valkey(redis),
        "files": "\n".join(all_of_files(servers)),
        "receivers": "\n".join(later),
        "answers": (await client.get("/v1/leads/export")).text,
        "printed": "".join(capfd.readouterr()),
    }
    found = {
        name: [word for word in (*TOLD, *ENCODED) if word in content]
        for name, content in places.items()
    }
    assert found == {name: [] for name in places}
    assert "lost" in kept  # outcomes stay


async def _send(resources: Resources) -> None:
    await pass_events_on(resources)
    for _ in range(50):
        names = await names_due(resources)
        for name in names:
            await send_due(resources, name)
        if not names:
            return
