"""Connections that stay at hand for hot statements, and never stand in anybody's way."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from service.leads.errors import StorageFailed
from service.settings import Settings
from service.storage import kept_connections
from service.storage.database import Database, open_database

PID = "SELECT pg_backend_pid() AS pid"
LIMIT = 10.0


@pytest.fixture
async def database(settings: Settings) -> AsyncIterator[Database]:
    """A database with two hot connections, of which one may be kept."""
    assert settings.database_url is not None
    async with open_database(settings.database_url.get_secret_value(), hot=2, cold=3) as opened:
        yield opened
    assert not len(opened.kept)


async def pid_of(database: Database) -> int:
    pid: int = (await database.fetch(PID))[0]["pid"]
    return pid


async def test_one_connection_serves_statement_after_statement(database: Database) -> None:
    first = await database.kept.take(LIMIT)
    other = await database.kept.take(LIMIT)
    pids = [await connection.fetchval(PID) for connection in (first, other)]
    await database.kept.give_back(first, is_well=True)
    await database.kept.give_back(other, is_well=True)
    assert len(database.kept) == 1
    assert {await pid_of(database) for _ in range(5)} == {pids[0]}
    assert database.connections()["hot", "used"] == 0


async def test_a_connection_that_the_server_ended_is_not_used_again(database: Database) -> None:
    pid = await pid_of(database)
    kept, _ = database.kept._free[0]
    ended = asyncio.Event()
    kept.add_termination_listener(lambda _: ended.set())
    async with database.transaction() as connection:
        await connection.exec_driver_sql(f"SELECT pg_terminate_backend({pid})")
    async with asyncio.timeout(LIMIT):
        await ended.wait()
    assert await pid_of(database) != pid


async def test_a_connection_that_was_idle_for_long_goes_back_to_the_pool(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await pid_of(database)
    kept, _ = database.kept._free[0]
    monkeypatch.setattr(kept_connections, "IDLE_SECONDS", 0)
    taken = await database.kept.take(LIMIT)
    assert taken is not kept
    await database.kept.give_back(taken, is_well=True)


async def test_who_waits_for_a_connection_gets_the_next_that_is_free(database: Database) -> None:
    first = await database.kept.take(LIMIT)
    async with database.pool.acquire():
        waiting = asyncio.create_task(pid_of(database))
        await asyncio.sleep(0)
        assert database.kept._waiting
        pid = await first.fetchval(PID)
        await database.kept.give_back(first, is_well=True)
        async with asyncio.timeout(LIMIT):
            assert await waiting == pid


async def test_a_refused_statement_leaves_the_next_one_alone(database: Database) -> None:
    with pytest.raises(StorageFailed):
        await database.fetch("SELECT 1 / 0")
    assert await pid_of(database)


async def test_a_single_connection_is_never_kept(settings: Settings) -> None:
    assert settings.database_url is not None
    url = settings.database_url.get_secret_value()
    async with open_database(url, hot=1, cold=3) as database:
        await database.fetch("SELECT 1")
        assert not len(database.kept)
