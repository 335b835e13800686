"""The schema: built from nothing, equal to the tables in code, and undone again."""

import asyncio
import re
from collections.abc import Iterator

import asyncpg
import pytest
from alembic import command
from alembic.config import Config

from service.embedded.servers import Addresses
from service.leads.lead import MOVES, REOPENINGS
from service.storage.schema_check import migration_config
from service.storage.tables import lead_events


@pytest.fixture
async def empty_database(servers: Addresses) -> Iterator[str]:
    connection = await asyncpg.connect(servers.database_url)
    await connection.execute("CREATE DATABASE from_nothing")
    yield servers.database_url.replace("/nextlead?", "/from_nothing?")
    await connection.execute("DROP DATABASE from_nothing")
    await connection.close()


async def tables(url: str) -> set[str]:
    connection = await asyncpg.connect(url)
    rows = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    await connection.close()
    return {row["tablename"] for row in rows}


async def run_alembic(step: str, url: str, *arguments: str) -> None:
    config: Config = migration_config(url)
    await asyncio.to_thread(getattr(command, step), config, *arguments)


async def test_up_from_nothing_equal_and_down_again(empty_database: str) -> None:
    await run_alembic("upgrade", empty_database, "head")
    await run_alembic("check", empty_database)
    assert await tables(empty_database) >= {
        "queues", "operators", "customers", "leads", "lead_events", "api_keys",
    }  # fmt: skip
    await run_alembic("downgrade", empty_database, "base")
    assert await tables(empty_database) == {"alembic_version"}
    await run_alembic("upgrade", empty_database, "head")


def test_the_moves_in_postgres_are_the_moves_in_code() -> None:
    (check,) = [
        constraint
        for constraint in lead_events.constraints
        if constraint.name == "lead_events_move_check"
    ]
    written = set(re.findall(r"\('(\w+)', '(\w+)'\)", str(check.sqltext)))
    tables = (*MOVES.items(), *REOPENINGS.items())
    allowed = {(before, after) for before, afters in tables for after in afters}
    assert written == allowed | {("none", "waiting")}
