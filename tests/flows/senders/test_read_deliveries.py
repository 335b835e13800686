"""Deliveries are read in the background: all of them, in order, whatever fails meanwhile."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from driven_clock import DrivenClock
from structlog.testing import capture_logs
from webhook_stories import (
    SECRET,
    a_chat,
    deliver,
    delivered,
    leads,
    path_of,
    put_source,
    read_all_due,
)

from service.adapters import registry
from service.adapters.delivery import Delivery
from service.adapters.inbound_event import InboundEvent, Lookup
from service.adapters.source import Source
from service.background.reading import MAX_ASKING_AT_ONCE, MAX_AT_ONCE, read_always
from service.background_task import background_task
from service.flows.senders import handle_delivery as handling
from service.flows.senders import read_deliveries as flow
from service.flows.senders.finish_delivery import MAX_ATTEMPTS, MAX_SILENCE
from service.flows.senders.prune_deliveries import prune_deliveries
from service.flows.senders.read_deliveries import BATCH, LEASE
from service.leads.errors import StorageUnavailable, Unanswered
from service.outgoing.guarded_client import OutgoingReply
from service.resources import Resources
from service.storage.senders.deliveries import take_due


@pytest.fixture
async def alone(resources: Resources) -> AsyncIterator[Resources]:
    """The resources, while the application itself hears of nothing that came in."""
    inbox, heard_by_the_application = resources.stores.inbox, resources.stores.inbox.news
    inbox.news = asyncio.Event()
    yield resources
    inbox.news = heard_by_the_application
    await resources.stores.database.fetch("DELETE FROM deliveries")


async def test_what_came_in_is_read_once_and_what_one_client_said_in_order(
    client: httpx.AsyncClient, alone: Resources
) -> None:
    await put_source(client)
    for number in range(BATCH + 8):
        words = {"text": f"слово {number}", "type": "msg", "sender": {"type": "visitor"}}
        time = f"2026-06-10T08:{number:02}:00.000Z"
        await deliver(client, a_chat(f"client {number % 3}", message=words, time=time))
    assert await read_all_due(alone) == BATCH + 8
    assert await read_all_due(alone) == 0
    sent = {lead["customer"]["messengers"]["tawk"]: lead["text"] for lead in await leads(client)}
    for client_number in range(3):
        words = [f"слово {number}" for number in range(client_number, BATCH + 8, 3)]
        assert sent[f"client {client_number}"].split("\n") == words


async def all_leads(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await client.get("/v1/leads?limit=200")).json()["leads"]
    return found


async def test_two_readers_at_once_share_the_work_and_make_each_lead_once(
    client: httpx.AsyncClient, alone: Resources
) -> None:
    await put_source(client)
    for number in range(30):
        await deliver(client, a_chat(str(number)))
    counts = await asyncio.gather(*(read_all_due(alone) for _ in range(4)))
    assert sum(counts) == 30
    assert len(await all_leads(client)) == 30
    assert (await client.get("/v1/sources/shop")).json()["deliveries"]["read"] == 30


async def test_whose_reader_died_is_read_by_the_next_when_the_lease_is_over(
    client: httpx.AsyncClient, alone: Resources, clock: DrivenClock
) -> None:
    await put_source(client)
    await deliver(client, a_chat())
    database = alone.stores.database
    assert len(await take_due(database, "shop", clock.now(), LEASE, 20)) == 1  # and then kill -9
    assert await read_all_due(alone) == 0
    clock.pass_by(seconds=LEASE.total_seconds())
    assert await read_all_due(alone) == 1
    assert len(await leads(client)) == 1


async def test_a_reader_that_dies_after_hearing_leaves_no_second_lead(
    client: httpx.AsyncClient,
    alone: Resources,
    clock: DrivenClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await put_source(client)
    await deliver(client, a_chat())

    async def dies(*_arguments: object) -> None:
        raise asyncio.CancelledError

    with monkeypatch.context() as broken:
        broken.setattr(flow, "end_handled", dies)
        with pytest.raises(asyncio.CancelledError):
            await read_all_due(alone)
    assert len(await leads(client)) == 1
    clock.pass_by(seconds=LEASE.total_seconds())
    assert await read_all_due(alone) == 1
    (delivery,), (lead,) = await delivered(client), await leads(client)
    assert (delivery["state"], delivery["attempts"]) == ("read", 2)
    (result,) = delivery["result"]
    assert (result["event"], result["lead_id"]) == ("message", lead["id"])


async def test_a_delivery_that_kills_its_readers_is_put_aside_and_those_beside_it_are_read(
    client: httpx.AsyncClient,
    alone: Resources,
    clock: DrivenClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await put_source(client)
    for chat in ("deadly", "one", "two"):
        await deliver(client, a_chat(chat))
    tawk = registry.ADAPTERS["tawk"]

    def read(delivery: Delivery, source: Source) -> Sequence[InboundEvent]:
        if b"deadly" in delivery.body:
            raise asyncio.CancelledError  # as good as kill -9
        return tawk.read(delivery, source)

    monkeypatch.setitem(registry.ADAPTERS, "tawk", replace(tawk, read=read))  # type: ignore[arg-type]
    deaths = 0
    while len(await delivered(client, state="received")) > 0:
        with suppress(asyncio.CancelledError):
            await read_all_due(alone)
            deaths -= 1
        deaths += 1
        clock.pass_by(seconds=LEASE.total_seconds())
    (aside,) = await delivered(client, state="quarantined")
    assert "wrote down no end" in aside["reason"]
    assert deaths == MAX_ATTEMPTS
    assert len(await delivered(client, state="read")) == len(await leads(client)) == 2
    monkeypatch.undo()
    await client.post("/v1/sources/shop/replay")
    await read_all_due(alone)
    assert len(await leads(client)) == 3


async def test_what_is_of_no_interest_is_ignored(
    client: httpx.AsyncClient, alone: Resources
) -> None:
    await put_source(client)
    await deliver(client, b'{"event": "chat:assigned"}')
    await read_all_due(alone)
    (delivery,) = await delivered(client)
    assert (delivery["state"], delivery["reason"]) == ("ignored", "other_event")
    (result,) = delivery["result"]
    named = (result["event"], result["reason"], result["name"], result["lead_id"])
    assert named == ("ignored", "other_event", "chat:assigned", None)
    assert await delivered(client, reason="other_event") == [delivery]
    assert await delivered(client, reason="reaction") == []
    counts = (await client.get("/v1/sources/shop")).json()["deliveries"]
    assert (counts["ignored"], counts["read"]) == (1, 0)


@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff", b"", b'{"event": null}'])
async def test_what_is_authentic_and_not_understood_goes_into_quarantine(
    client: httpx.AsyncClient, alone: Resources, body: bytes
) -> None:
    await put_source(client)
    assert (await deliver(client, body)).status_code == 200
    await read_all_due(alone)
    (delivery,) = await delivered(client, state="quarantined")
    assert delivery["reason"]
    assert delivery["next_try_at"] is None
    assert (await client.get("/v1/sources/shop")).json()["deliveries"]["quarantined"] == 1


FORM = """
title: A form
body: form
auth: {scheme: address}
events: [{what: word, lead: {channel: {constant: landing_form}, phone: telefon}}]
otherwise: unreadable
"""


async def test_what_was_in_quarantine_is_read_after_its_mapping_was_put_right(
    client: httpx.AsyncClient, alone: Resources
) -> None:
    wrong = FORM.replace("{what", "{when: {tel: {exists: true}}, what")
    source = await put_source(client, adapter="mapping", mapping=wrong)
    for number in ("79161234567", "79161234568"):
        assert (await client.post(path_of(source), data={"telefon": number})).status_code == 200
    await read_all_due(alone)
    assert await leads(client) == []
    assert len(await delivered(client, state="quarantined")) == 2
    await put_source(client, adapter="mapping", mapping=FORM)
    assert (await client.post("/v1/sources/shop/replay")).json() == {"deliveries": 2}
    await read_all_due(alone)
    phones = {lead["customer"]["phone"] for lead in await leads(client)}
    assert phones == {"+79161234567", "+79161234568"}
    assert len(await delivered(client, state="read")) == 2


async def test_a_storage_that_is_away_is_waited_for_and_nothing_is_dropped(
    client: httpx.AsyncClient,
    alone: Resources,
    clock: DrivenClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await put_source(client)
    await deliver(client, a_chat())
    tries = 0

    async def away(*_arguments: object) -> UUID:
        nonlocal tries
        tries += 1
        raise StorageUnavailable("away")

    with monkeypatch.context() as broken:
        broken.setattr(handling, "handle", away)
        pauses = [await paused(client, alone, clock) for _ in range(15)]
    assert tries == 15
    assert pauses[:4] == [1, 2, 4, 8]
    assert max(pauses) == 300
    await read_all_due(alone)
    assert len(await leads(client)) == 1


async def paused(client: httpx.AsyncClient, alone: Resources, clock: DrivenClock) -> float:
    """Seconds until a delivery that could not be read is tried again; they have gone by then."""
    await read_all_due(alone)
    (delivery,) = await delivered(client, state="received")
    pause = datetime.fromisoformat(delivery["next_try_at"]) - clock.now()
    clock.pass_by(seconds=pause.total_seconds() - 0.001)
    assert await read_all_due(alone) == 0
    clock.pass_by(seconds=0.001)
    return pause.total_seconds()


async def test_a_mistake_of_ours_stops_no_other_and_goes_into_quarantine_in_the_end(
    client: httpx.AsyncClient,
    alone: Resources,
    clock: DrivenClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await put_source(client)
    await deliver(client, a_chat("1"))
    handle = handling.handle

    async def stumbles(resources: Resources, source: Source, inbound: Any) -> Any:
        if inbound.signal.customer.email == "1@example.com":
            raise RuntimeError("Ирина, +79161234567")
        return await handle(resources, source, inbound)

    monkeypatch.setattr(handling, "handle", stumbles)
    with capture_logs() as logged:
        for number in range(MAX_ATTEMPTS):
            await deliver(client, a_chat(f"next {number}"))
            await read_all_due(alone)
            clock.pass_by(minutes=5)
    assert len(await leads(client)) == MAX_ATTEMPTS
    (delivery,) = await delivered(client, state="quarantined")
    assert (delivery["reason"], delivery["attempts"]) == ("internal: RuntimeError", MAX_ATTEMPTS)
    assert delivery["id"] in str(logged)
    assert "79161234567" not in str(logged)


async def test_a_delivery_that_was_read_may_be_read_again_and_makes_no_second_lead(
    client: httpx.AsyncClient, alone: Resources
) -> None:
    await put_source(client)
    await deliver(client, a_chat())
    for _ in range(2):
        await read_all_due(alone)
        (delivery,) = await delivered(client, state="read")
        await client.post(f"/v1/deliveries/{delivery['id']}/replay")
    await read_all_due(alone)
    assert len(await leads(client)) == 1
    assert (await client.get("/v1/sources/shop")).json()["deliveries"]["read"] == 1


async def test_what_was_read_long_ago_goes_and_quarantine_stays_longer(
    client: httpx.AsyncClient, alone: Resources, clock: DrivenClock
) -> None:
    await put_source(client)
    for body in (a_chat(), b'{"event": "chat:assigned"}', b"{"):
        await deliver(client, body)
    await read_all_due(alone)
    await deliver(client, a_chat("never read"))
    states = []
    for days in (30, 0.1, 59.9, 0.1):
        clock.pass_by(days=days)
        await prune_deliveries(alone)
        states.append({item["state"] for item in await delivered(client)})
    everything = {"received", "quarantined", "read", "ignored"}
    assert states == [everything, *[{"received", "quarantined"}] * 2, {"received"}]
    counts = (await client.get("/v1/sources/shop")).json()["deliveries"]
    assert (counts["read"], counts["ignored"], counts["waiting"]) == (1, 1, 1)


async def test_the_application_reads_what_comes_in_without_being_asked(
    client: httpx.AsyncClient,
) -> None:
    await put_source(client)
    await deliver(client, a_chat())
    async with asyncio.timeout(10):
        while not await delivered(client, state="read"):
            pass
    assert len(await leads(client)) == 1


class Sender:
    """A sender's own interface, which is asked what happened."""

    def __init__(self, *answers: OutgoingReply | Exception) -> None:
        self.answers, self.asked = list(answers), list[tuple[str, Any]]()

    async def post(
        self, url: str, body: bytes, _headers: object, *, max_bytes: int
    ) -> OutgoingReply:
        assert max_bytes > 0
        self.asked.append((url, json.loads(body)))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


def an_answer(status: int = 200, **sent: object) -> OutgoingReply:
    return OutgoingReply(status, {}, json.dumps(sent).encode())


@pytest.fixture
async def asking(
    client: httpx.AsyncClient, alone: Resources, monkeypatch: pytest.MonkeyPatch
) -> Resources:
    """tawk.to as if it only named what happened, and wanted to be asked for more."""
    tawk = registry.ADAPTERS["tawk"]
    secrets = {**tawk.secrets, "rest_url": tawk.secrets["secret"]}

    def read(_delivery: Delivery, _source: Source) -> Sequence[InboundEvent]:
        return [Lookup("chat.get", {"id": 7})]

    def read_lookup(
        delivery: Delivery, source: Source, question: Lookup, answer: Any
    ) -> Sequence[InboundEvent]:
        return [question] if answer.get("more") else tawk.read(delivery, source)

    asks = replace(tawk, read=read, read_lookup=read_lookup, secrets=secrets)
    monkeypatch.setitem(registry.ADAPTERS, "tawk", asks)  # type: ignore[arg-type]
    existing = {"secret": SECRET, "rest_url": "https://tawk.example/rest/1/token/"}
    await put_source(client, adapter="tawk", secrets=existing)
    await deliver(client, a_chat())
    return alone


async def test_a_sender_who_only_names_what_happened_is_asked(
    client: httpx.AsyncClient, asking: Resources
) -> None:
    sender = Sender(an_answer(more=True), an_answer())
    await read_all_due(replace(asking, outside=sender))  # type: ignore[arg-type]
    assert sender.asked == [("https://tawk.example/rest/1/token/chat.get", {"id": 7})] * 2
    assert len(await leads(client)) == 1


async def test_a_sender_who_wants_to_be_asked_for_ever_is_not(
    client: httpx.AsyncClient, asking: Resources
) -> None:
    sender = Sender(an_answer(more=True))
    await read_all_due(replace(asking, outside=sender))  # type: ignore[arg-type]
    assert len(sender.asked) == 3
    (delivery,) = await delivered(client, state="quarantined")
    assert "questions" in delivery["reason"]


NO_JSON = OutgoingReply(200, {}, b"<html>Back in a minute</html>")


@pytest.mark.parametrize("silence", [Unanswered("Nobody is there."), an_answer(500), NO_JSON])
async def test_a_sender_who_does_not_answer_is_asked_again_for_a_day(
    client: httpx.AsyncClient,
    asking: Resources,
    clock: DrivenClock,
    silence: OutgoingReply | Exception,
) -> None:
    silent = replace(asking, outside=Sender(silence))  # type: ignore[arg-type]
    for passed in (timedelta(), timedelta(minutes=5), MAX_SILENCE - timedelta(minutes=6)):
        clock.moment += passed
        await read_all_due(silent)
        assert len(await delivered(client, state="received")) == 1
    clock.pass_by(minutes=6)
    await read_all_due(silent)
    (delivery,) = await delivered(client, state="quarantined")
    assert "token" not in delivery["reason"]
    await client.post("/v1/sources/shop/replay")
    await read_all_due(replace(asking, outside=Sender(an_answer())))  # type: ignore[arg-type]
    assert len(await leads(client)) == 1


class Hanging:
    """A sender's interface that never answers."""

    async def post(self, *_given: object, **_more: object) -> OutgoingReply:
        await asyncio.Event().wait()
        raise AssertionError


async def test_senders_who_hang_when_they_are_asked_keep_no_other_from_being_read(
    client: httpx.AsyncClient, asking: Resources
) -> None:
    for number in range(MAX_AT_ONCE + MAX_ASKING_AT_ONCE):
        existing = {"secret": SECRET, "rest_url": "https://tawk.example/rest/1/token/"}
        await put_source(client, f"asked-{number}", adapter="tawk", secrets=existing)
        await deliver(client, a_chat(), to=f"/webhooks/tawk/asked-{number}")
    plain = path_of(await put_source(client, "plain", adapter="jivo"))
    assert (await client.post(plain, content=b'{"event_name": "nothing"}')).status_code == 200
    hanging = replace(asking, outside=Hanging())  # type: ignore[arg-type]
    async with background_task(read_always(hanging, 60)), asyncio.timeout(10):
        while await delivered(client, source="plain", state="received"):
            pass
    waiting = await delivered(client, state="received")
    assert sum(item["attempts"] for item in waiting) == MAX_ASKING_AT_ONCE
