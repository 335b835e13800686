"""An operator is deleted while somebody else changes the sources that name them."""

import asyncio
from dataclasses import replace
from datetime import timedelta

from call_stories import at_work, in_the_way
from driven_clock import NOON

from service.adapters.source import Source
from service.flows.operators.remove_operator import remove_operator
from service.resources import Resources
from service.storage.senders.sources import Proof, StoredSource, find_source, put_source

OLD, NEW = Proof("sealed before", NOON), Proof("sealed since", NOON + timedelta(minutes=1))


async def test_a_secret_that_is_rotated_meanwhile_stays(resources: Resources) -> None:
    await at_work(resources, "anna", "boris")
    spec = Source(
        *("pbx", "zadarma", "main"),
        operators={"29": "anna", "30": "boris"},
        default_operator="anna",
    )
    stored = StoredSource(spec, {"secret": (OLD,)}, (), NOON, NOON)
    database = resources.stores.database
    async with database.transaction() as connection:
        await put_source(connection, stored)
    async with database.transaction() as connection:
        assert await find_source(connection, "pbx", to_change=True) is not None
        removing = asyncio.create_task(remove_operator(resources, "anna", "tests"))
        await in_the_way(resources, removing)
        rotated = replace(stored, secrets={"secret": (NEW, OLD)}, changed_at=NEW.since)
        await put_source(connection, rotated)
    await removing
    async with database.transaction() as connection:
        after = await find_source(connection, "pbx")
    assert after is not None
    assert after.secrets == {"secret": (NEW, OLD)}
    assert after.changed_at == NEW.since
    assert (after.spec.operators, after.spec.default_operator) == ({"30": "boris"}, None)
