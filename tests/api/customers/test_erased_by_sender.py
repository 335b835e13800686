"""The proof for senders: what any of them ever delivered goes with its client, whatever it was.

Every recorded body of every adapter is delivered: calls that ring, are answered, missed and talked,
messages, mails, orders, forms, and what is of no interest. Then every client of every lead is
erased, late repetitions come, and nothing kept has a value that their leads had.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

import httpx
import pytest
import uuid_utils.compat
from kept_anywhere import all_of_tables, all_of_valkey
from redis.asyncio import Redis
from shop import Shop
from webhook_stories import all_read
from webhooks.arbitrary import FORM, recorded, special_media_type, special_options
from webhooks.deliveries import a_delivery

from service.adapters.adapter import Adapter
from service.adapters.registry import KNOWN
from service.flows.upkeep.keep_in_step import keep_in_step
from service.resources import Resources
from service.storage.leads.line_changes import COMMITS_WITHIN
from service.storage.senders.inbox import Arrived
from service.storage.senders.sealed_requests import seal_request

PUT_SOURCE = """
INSERT INTO sources
    (name, adapter, queue, secrets, tokens, options, operators, created_at, changed_at)
VALUES ($1, $2, 'main', '{}', '{}', $3::text::jsonb, '{"29": "anna"}', $4, $4)
ON CONFLICT DO NOTHING
"""
# What leads have of their clients; what a lead says of the shop is not the client's.
OF_CLIENTS = """
SELECT jsonb_build_array(customer, text, vin, external_id, items, attributes) FROM leads
UNION ALL SELECT jsonb_build_array(facts, external_id, to_jsonb(evidence)) FROM lead_signals
UNION ALL SELECT jsonb_build_array(call) FROM calls WHERE lead_id IS NOT NULL
UNION ALL SELECT jsonb_build_array(identity) FROM lead_identities
UNION ALL SELECT jsonb_build_array(identity) FROM departures
UNION ALL SELECT jsonb_build_array(message) FROM deleted_messages
    WHERE message NOT LIKE 'over:%' -- digests of orders that no lead is known of
"""
UNREAD = "SELECT source, reason FROM deliveries WHERE state = 'received'"
SHORTEST = 6
# What stands in many requests and is nobody's: the shop's lines, its account, and what an own
# system calls a deal, a chat and an article (docs/personal-data.md says how long requests stay).
SHOPS_OWN = ("4951112233", "4951234567", "123456789", "autoparts", "1853257996", "94235311")
SENDERS_NUMBERS = ("35267821", "u2i-abc~123")
MONEY = re.compile(r"\d+\.\d\d")  # what a lead is worth stays for statistics
HEADERS = {
    "shopify": lambda stem: {"x-shopify-topic": stem.replace("_", "/", 1)},
    "woocommerce": lambda stem: {"x-wc-webhook-topic": stem.replace("_", ".", 1)},
}


async def test_nothing_that_any_sender_ever_delivered_is_left(
    shop: Shop, client: httpx.AsyncClient, redis: Redis, capfd: pytest.CaptureFixture[str]
) -> None:
    clock, resources = shop.clock, shop.stores
    for adapter in KNOWN:
        for path in recorded(adapter):
            await _put_source(resources, adapter, path)
    await resources.stores.bases.of("main")  # its policy has words that clients write, too
    before = await all_of_tables(resources)
    for adapter in KNOWN:
        for path in recorded(adapter):
            await _deliver(resources, adapter, path, path.read_bytes())
        await all_read(resources)
    unread = await resources.stores.database.fetch(UNREAD)
    assert [dict(row) for row in unread] == []
    await client.post("/v1/operators/anna/next")
    words, phones = await _words_of_clients(resources)
    words = {word for word in words if word not in before}
    assert len(words) > 100
    rows = await resources.stores.database.fetch("SELECT id FROM leads WHERE state <> 'joined'")
    for (lead,) in rows:
        wanted = {"lead": str(lead), "reason": "law"}
        answer = await client.post("/v1/customers/erase", json=wanted)
        assert answer.status_code in (200, 404), answer.text
    clock.moment += COMMITS_WITHIN
    await keep_in_step(resources)
    await keep_in_step(resources)
    tables = await all_of_tables(resources)
    left = {
        "tables": _found(words, tables),
        "valkey": _found(words, await all_of_valkey(redis)),
        "printed": _found(words, "".join(capfd.readouterr())),
        "requests": [phone for phone in phones if phone in await _numbers(resources)],
    }
    assert left == {name: [] for name in left}


async def _put_source(resources: Resources, adapter: Adapter, path: Path) -> None:
    options, now = json.dumps(special_options(adapter, path)), resources.clock.now()
    sent = (_source_of(adapter, path), adapter.name, options, now)
    await resources.stores.database.fetch(PUT_SOURCE, *sent)


def _source_of(adapter: Adapter, path: Path) -> str:
    shipped = special_options(adapter, path).get("shipped", "x")
    return f"{adapter.name}-{shipped}".replace("_", "-")


async def _deliver(resources: Resources, adapter: Adapter, path: Path, body: bytes) -> None:
    """A recorded body comes to a source of its adapter, and counts as proved."""
    name, now = _source_of(adapter, path), resources.clock.now()
    headers = {"content-type": _media_type(path, body)}
    headers |= HEADERS.get(adapter.name, lambda _: {})(path.stem)
    behind = "events/summary" if "summary" in path.stem else "events/call"
    delivery = a_delivery(body, headers, path=behind if adapter.name == "mango" else "")
    request = await seal_request(resources.sealer, delivery)
    arrived = Arrived(uuid_utils.compat.uuid7(), name, now, request, len(body))
    await resources.stores.inbox.add(arrived)


def _media_type(path: Path, body: bytes) -> str:
    if body.startswith(b"--"):
        return f"multipart/form-data; boundary={body[2:].splitlines()[0].decode()}"
    json_body = body[:1] in (b"{", b"[")
    return special_media_type(path) or ("application/json" if json_body else FORM)


async def _words_of_clients(resources: Resources) -> tuple[set[str], set[str]]:
    """Every text that a lead had of its client, and the last digits of their numbers."""
    rows = await resources.stores.database.fetch(OF_CLIENTS)
    leaves = {leaf for (row,) in rows for leaf in _leaves(row)}
    parts = {part for leaf in leaves for part in leaf.split("\n") if len(part) >= SHORTEST}
    not_theirs = (*SHOPS_OWN, *SENDERS_NUMBERS)
    words = {part for part in parts if not any(item in part for item in not_theirs)}
    words -= {word for word in words if MONEY.fullmatch(word)}
    phones = {word[-10:] for word in words if re.fullmatch(r"(phone:)?\+\d{11,15}", word)}
    return words, phones


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
        return
    for item in value.values() if isinstance(value, dict) else value or ():
        if isinstance(item, str | dict | list):
            yield from _leaves(item)


def _found(words: set[str], content: str) -> list[str]:
    return sorted(word for word in words if word in content or json.dumps(word)[1:-1] in content)


async def _numbers(resources: Resources) -> str:
    """The digits of every request that is still stored."""
    query = "SELECT request FROM deliveries WHERE request <> ''"
    rows = await resources.stores.database.fetch(query)
    texts = (unquote_to_bytes(resources.sealer.open_bytes(row["request"])) for row in rows)
    return "\n".join(re.sub(r"[^0-9\n]", "", text.decode("utf-8", "replace")) for text in texts)
