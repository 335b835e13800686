"""A mixed hour of eight senders, and the service killed twice in it: exactly the right leads.

`MIXED_HOUR_CLIENTS=1700` makes an hour of 5 000 deliveries of it.
"""

import asyncio
import os
import random
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import httpx
import pytest
from running import Running, running_service, wait_until
from webhooks.mixed_hour import (
    NEVER_REPEAT,
    OPERATORS,
    SOURCES,
    Client,
    Posting,
    an_hour,
    deliveries_of,
    lines_of,
)

CLIENTS = int(os.environ.get("MIXED_HOUR_CLIENTS", "30"))
AT_ONCE = 4
SEED = 7


class Senders:
    """Each of the eight posts in its own order, several at once, and repeats by its own rule."""

    def __init__(self, running: Running, addresses: Mapping[str, str]) -> None:
        self.running, self.addresses = running, addresses
        self.lost: list[Posting] = []
        self.posted, self.reached = 0, {}

    def after(self, postings: int) -> asyncio.Event:
        """Set once so many were posted."""
        self.reached[postings] = asyncio.Event()
        return self.reached[postings]

    async def post_all(self, postings: Sequence[Posting]) -> None:
        by_sender: dict[str, list[Posting]] = defaultdict(list)
        for posting in postings:
            by_sender[posting.sender].append(posting)
        async with httpx.AsyncClient(base_url=str(self.running.http.base_url), timeout=30) as http:
            await asyncio.gather(*(self._post_of(http, iter(own)) for own in by_sender.values()))

    async def _post_of(self, http: httpx.AsyncClient, own: Any) -> None:
        await asyncio.gather(*(self._post_next(http, own) for _ in range(AT_ONCE)))

    async def _post_next(self, http: httpx.AsyncClient, own: Any) -> None:
        for posting in own:
            await self._post(http, posting)

    async def _post(self, http: httpx.AsyncClient, posting: Posting) -> None:
        is_lost = False
        while not (is_lost or await self._is_taken(http, posting)):
            is_lost = posting.sender in NEVER_REPEAT
            await self._until_it_is_back(http)
        if is_lost:
            self.lost.append(posting)
        self._count()

    async def _until_it_is_back(self, http: httpx.AsyncClient) -> None:
        """An hour is longer than this test: what is down for seconds loses a call, not all."""
        async with asyncio.timeout(60):
            while not await self._is_ready(http):  # noqa: ASYNC110  it is another process
                await asyncio.sleep(0.1)

    async def _is_ready(self, http: httpx.AsyncClient) -> bool:
        try:
            return (await http.get("/readyz")).is_success
        except httpx.TransportError:
            return False

    def _count(self) -> None:
        self.posted += 1
        for part, reached in self.reached.items():
            if self.posted >= part:
                reached.set()

    async def _is_taken(self, http: httpx.AsyncClient, posting: Posting) -> bool:
        address = self.addresses[posting.sender] + posting.path
        try:
            answer = await http.post(address, content=posting.body, headers=posting.headers)
        except httpx.TransportError:
            return False
        assert answer.status_code < 400 or answer.status_code >= 500, answer.text
        return answer.is_success


@pytest.mark.timeout(900)
def test_a_mixed_hour_ends_with_exactly_the_right_leads() -> None:
    clients = an_hour(CLIENTS, seed=1)
    postings = deliveries_of(clients, random.Random(SEED))
    with running_service() as running:
        senders = Senders(running, connect(running))
        asyncio.run(live_through(senders, postings))
        wait_until(lambda: not deliveries(running, "received"))
        assert deliveries(running, "quarantined") == []
        leads = all_leads(running)
        uncertain = {id(item) for item in senders.lost}
        for client in clients:
            reported = [posting for posting in client.postings if id(posting) not in uncertain]
            check(client, of_client(leads, client), certain=reported == client.postings)
        existing = sum(len(of_client(leads, client)) for client in clients)
        assert existing == len(leads), "a lead of nobody"


async def live_through(senders: Senders, postings: Sequence[Posting]) -> None:
    """Post everything; at a third and at two thirds the service is killed and started again."""
    thirds = [senders.after(len(postings) * part // 3) for part in (1, 2)]
    posting = asyncio.create_task(senders.post_all(postings))
    for reached in thirds:
        await reached.wait()
        await asyncio.to_thread(senders.running.kill)
        await asyncio.to_thread(senders.running.start_again)
    await posting


def connect(running: Running) -> dict[str, str]:
    """Make the operators and the sources; the paths that their senders post to."""
    for number in range(OPERATORS):
        body = {"capacity": 100}
        running.http.put(f"/v1/operators/operator-{number}", json=body).raise_for_status()
    addresses = {}
    for adapter, sent in SOURCES.items():
        answer = running.http.put(f"/v1/sources/{adapter}", json={"adapter": adapter, **sent})
        assert answer.status_code == 201, answer.text
        addresses[adapter] = httpx.URL(answer.json()["address"]).path
    return addresses


def deliveries(running: Running, state: str) -> list[Any]:
    answer = running.http.get("/v1/deliveries", params={"state": state, "limit": 5})
    found: list[Any] = answer.json()["deliveries"]
    return found


def all_leads(running: Running) -> list[dict[str, Any]]:
    """Every lead that is one, in pages."""
    found, cursor = [], {}
    while True:
        page = running.http.get("/v1/leads", params={"limit": 200, **cursor}).json()
        found += [item for item in page["leads"] if item["state"] != "joined"]
        if page["next"] is None:
            return found
        cursor = {"cursor": page["next"]}


def of_client(leads: Sequence[dict[str, Any]], client: Client) -> list[dict[str, Any]]:
    """The leads of a client, by everything that he may be known by."""
    number = str(client.number)
    return [lead for lead in leads if number in _marks(lead)]


def _marks(lead: Mapping[str, Any]) -> set[str]:
    """What names a client in a lead: his phone, his id at a messenger, his number in a mail."""
    customer = lead["customer"] or {}
    sent = [customer.get("phone") or "", customer.get("email") or ""]
    sent += (customer.get("messengers") or {}).values()
    digits = ["".join(filter(str.isdigit, item)) for item in sent]
    return {digit[-7:] for digit in digits if digit}


def check(client: Client, leads: Sequence[Mapping[str, Any]], *, certain: bool) -> None:
    """One lead with all of the client's words once, of the hottest kind, and his who took it.

    Of a client one of whose calls or orders was lost with its sender, only that he is not two.
    """
    assert len(leads) <= 1, (client.kind, [lead["id"] for lead in leads])
    if not certain:
        return
    assert len(leads) == 1, f"{client} has no lead"
    (lead,) = leads
    lines = Counter(line for line in lines_of(lead["text"], client) if line)
    assert lines == Counter(client.words), lead
    assert lead["kind"] in (client.kind, "offline" if client.kind == "chat" else client.kind)
    assert lead["outcome"] == client.outcome, lead
    assert not lead["live"] or lead["outcome"], lead
    if client.budget:
        assert lead["budget"] == client.budget
    if client.claimed_by:
        assert lead["claim"] is None or lead["claim"]["operator"] == client.claimed_by
