"""What the door knows of sources: read once for all who ask, also while the database is away."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from webhook_stories import put_source

from service.leads.errors import StorageUnavailable
from service.resources import Resources
from service.settings import Settings
from service.storage import database as module
from service.storage.database import Database, open_database
from service.storage.senders import source_cache
from service.storage.senders.source_cache import SourceCache

ASKING = 20


@pytest.fixture
async def busy(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Database]:
    """A database of which nothing is to be had until somebody lets go of a connection."""
    assert settings.database_url is not None
    url = settings.database_url.get_secret_value()
    async with open_database(url, hot=1, cold=1 + module.FOR_INSIDE) as database:
        await database.room.acquire()
        monkeypatch.setattr(module, "CONNECT_SECONDS", 0.5)
        yield database


async def test_those_who_ask_while_the_database_is_away_do_not_wait_for_each_other(
    busy: Database, resources: Resources, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source_cache, "FAILED_SECONDS", 60)
    await put_source(client)
    sources = SourceCache(busy, resources.sealer)
    async with asyncio.timeout(ASKING * 0.5 / 2):
        asking = (sources.find("shop") for _ in range(ASKING))
        failed = await asyncio.gather(*asking, return_exceptions=True)
    assert {type(item) for item in failed} == {StorageUnavailable}
    busy.room.release()
    with pytest.raises(StorageUnavailable):
        await sources.find("shop")  # for a moment the failure is remembered
    sources.forget()
    assert (await sources.find("shop")) is not None


async def test_what_was_changed_during_a_reading_is_read_again(
    busy: Database, resources: Resources, client: httpx.AsyncClient
) -> None:
    sources = SourceCache(busy, resources.sealer)
    early = asyncio.create_task(sources.find("shop"))
    await asyncio.sleep(0)
    await put_source(client)
    sources.forget()
    busy.room.release()
    assert await sources.find("shop") is not None
    await early
