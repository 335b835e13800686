"""Batches of what is old find their leads by the index of settled ones, at any depth."""

from typing import Any

import asyncpg
import pytest
from fastapi import FastAPI
from test_plans import FILL, scans

from service.embedded.servers import Addresses
from service.storage.leads import retention


@pytest.fixture(scope="module")
async def connection(app: FastAPI, servers: Addresses) -> Any:
    """A connection as hot statements have it, to a table that is filled once."""
    opened = await asyncpg.connect(servers.database_url)
    await opened.execute(f"TRUNCATE leads CASCADE; {FILL}; SET enable_seqscan = off")
    await opened.execute("ANALYZE leads")
    yield opened
    await opened.execute("TRUNCATE leads CASCADE")
    await opened.close()


@pytest.mark.parametrize(
    ("statement", "more"),
    [
        (retention.LEADS, ()),
        (retention.EVENTS, (retention.FIRST_ID, "events")),
        (retention.WORDS, (retention.FIRST_ID, "texts", [], [], "gone")),
    ],
)
async def test_by_the_time_at_which_they_were_settled(
    connection: asyncpg.Connection, statement: str, more: tuple[Any, ...]
) -> None:
    moment = await connection.fetchval("SELECT now()")
    found = await scans(connection, statement, "main", moment, 200, *more)
    assert "leads_settled_at_idx" in found
    assert found <= {"leads_settled_at_idx", "leads_joined_into_idx", "leads_pkey"}
