"""Whatever a sender repeats, in whatever order, is heard once: with every recorded body."""

import random
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from webhooks.deliveries import NOON, PAYLOADS, a_delivery, a_source

from service.adapters.adapter import Adapter
from service.adapters.inbound_event import Ignored, Lookup
from service.adapters.registry import ADAPTERS
from service.flows.senders.handle_event import handle
from service.leads.errors import Unreadable
from service.resources import Resources

FOLDERS = sorted(item.name for item in PAYLOADS.iterdir() if item.is_dir())
MEDIA = {
    ".json": "application/json",
    ".multipart": "multipart/form-data; boundary=boundary7f3a91c2",
}
FORM = "application/x-www-form-urlencoded"
# Where a body alone does not say what it tells of.
PATHS = {"mango": ("events/call", "events/summary")}
TOPICS = {
    "woocommerce": ("order.created", "order.updated", "customer.created"),
    "shopify": ("orders/create", "customers/create"),
}
LEADS = """
SELECT id, state, version, kind, text, customer, items, outcome, claimed_by, joined_into
FROM leads ORDER BY id
"""


def events_of_payload(adapter: Adapter, folder: str) -> list[Any]:
    """All that is heard of a folder's bodies, by any address and topic that may be theirs."""
    mapping = folder.removeprefix("mapping_")
    options = {
        "shipped": mapping,
        **{name: option.default for name, option in adapter.options.items()},
    }
    options |= {"shipped": mapping} if adapter.name == "mapping" else {}
    source = a_source(adapter.name, options=options, operators={"29": "anna"})
    found = []
    for file in sorted((PAYLOADS / folder).iterdir()):
        for path in PATHS.get(folder, ("",)):
            for topic in TOPICS.get(folder, ("",)):
                headers = {"content-type": MEDIA.get(file.suffix, FORM)}
                headers |= {"x-wc-webhook-topic": topic, "x-shopify-topic": topic}
                at = NOON - timedelta(hours=1) + timedelta(seconds=len(found))
                headers |= {"webhook-id": file.stem, "webhook-timestamp": "1"}
                delivery = a_delivery(
                    file.read_bytes(), headers, path=path, query=f"topic={topic}", received_at=at
                )
                found += read(adapter, delivery, source)
    return [(source, item) for item in found if not isinstance(item, Lookup | Ignored)]


def read(adapter: Adapter, delivery: Any, source: Any) -> Sequence[Any]:
    try:
        return adapter.read(delivery, source)
    except Unreadable:
        return []


async def leads(resources: Resources) -> list[tuple[Any, ...]]:
    async with resources.stores.database.transaction() as connection:
        return [tuple(row) for row in await connection.execute(text(LEADS))]


@pytest.mark.parametrize("folder", FOLDERS)
async def test_what_is_repeated_is_heard_once(resources: Resources, folder: str) -> None:
    adapter = ADAPTERS["mapping" if folder.startswith("mapping") else folder]
    inbound = events_of_payload(adapter, folder)
    resources.clock.moment = NOON  # type: ignore[attr-defined]
    for source, item in inbound:
        await handle(resources, source, item)
    before = await leads(resources)
    assert before or adapter.read_lookup is not None, "none of its bodies is a lead"
    chance = random.Random(folder)
    for source, entry in chance.sample(inbound, len(inbound)):
        await handle(resources, source, entry)
    assert await leads(resources) == before
