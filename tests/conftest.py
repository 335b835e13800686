"""The two real servers, once for all tests; every test begins with empty stores."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from alembic import command
from builders import a_signal
from declared_problems import problems_are_declared  # noqa: F401  a fixture of every test
from driven_clock import NOON, DrivenClock
from fastapi import FastAPI
from forgetting import forget_earlier_tests
from hypothesis import settings as hypothesis_settings
from lacking import pytest_terminal_summary  # noqa: F401  a hook: pytest looks for it here
from open_always import open_always
from pydantic import SecretStr
from redis.asyncio import Redis
from scripts_work import scripts_work  # noqa: F401  a fixture of every test
from stories import Receive

from service.embedded.servers import Addresses, running_servers
from service.flows.leads.receive_signal import receive_signal
from service.flows.line.rebuild_line import rebuild_lines
from service.leads.lead import Lead
from service.leads.operator import Operator
from service.main import create_app
from service.resources import Resources
from service.settings import Settings
from service.storage.api_keys import SCOPES, put_key
from service.storage.leads.duplicates import Sender
from service.storage.operators.operators import put_operator
from service.storage.policies import queue_context
from service.storage.schema_check import migration_config

# As many examples as `make test` has time for; `make test-more` tries more of them. They are the
# same in each run: what a run finds must be found again.
hypothesis_settings.register_profile("quick", max_examples=30, deadline=None, derandomize=True)
hypothesis_settings.register_profile("long", max_examples=300, deadline=None, derandomize=True)
hypothesis_settings.load_profile("quick")

EMPTIED = (
    *("event_deliveries", "subscriptions"),
    *("lead_identities", "lead_signals", "departures"),
    *("calls", "deliveries", "sources"),
    *("client_merges", "blocked_marks", "nobodys_marks", "customer_marks"),
    *("ended_claims", "lead_events", "leads", "customers", "operators", "api_keys"),
    *("policies", "conversions", "fresh_outcomes", "queue_events"),
    *("sessions", "sign_in_links", "reader_settings", "policy_drafts", "desk_ends"),
    "presence_changes",
    *("text_days", "word_days", "signal_days", "counted_hours"),
    *("erasures", "tombstones", "retention_horizons"),
)
FRESH_QUEUES = """
UPDATE queues SET policy_version = NULL, rush_cutoff_at = NULL, rush_minutes = NULL,
    rush_number = 0, rush_exceeded_since = NULL, closed_at = NULL
"""
# First the queues: it keeps others from new policies. TRUNCATE would leave a file of each index
# for the server to sweep up at its end.
EMPTY = ";".join(
    (
        FRESH_QUEUES,
        *(f"DELETE FROM {table}" for table in EMPTIED),
        "DELETE FROM queues WHERE name <> 'main'",
    )
)
SEALING_KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
SECRET = "a key of all scopes, for tests"


@pytest.fixture(scope="session")
def servers() -> Iterator[Addresses]:
    """A PostgreSQL and a Valkey of the tests' own, where the servers' own account may go, too.

    TEST_DATABASE_URL and TEST_REDIS_URL name others instead; they are emptied.
    """
    if "TEST_DATABASE_URL" in os.environ:
        yield Addresses(os.environ["TEST_DATABASE_URL"], os.environ["TEST_REDIS_URL"])
        return
    base = Path(tempfile.mkdtemp(prefix="nextlead-tests-"))
    base.chmod(0o711)
    with running_servers(base / "data") as addresses:
        asyncio.run(_spare_the_disk(addresses))
        yield addresses
    shutil.rmtree(base)


async def _spare_the_disk(addresses: Addresses) -> None:
    """No test cuts the power: what killed processes leave stands in the system's memory."""
    connection = await asyncpg.connect(addresses.database_url)
    await connection.execute("ALTER SYSTEM SET fsync = off")
    await connection.execute("SELECT pg_reload_conf()")
    await connection.close()


@pytest.fixture(scope="session")
def settings(servers: Addresses) -> Settings:
    """Settings that name the tests' servers, in a database that is migrated."""
    command.upgrade(migration_config(servers.database_url), "head")
    sent = Settings(
        unproven_per_second=1_000_000,
        database_url=SecretStr(servers.database_url),
        redis_url=SecretStr(servers.redis_url),
        docs=True,
        secret_keys=SecretStr(SEALING_KEY),
        redis_seconds=15,  # a machine that is busy with tests is no Redis that is away
    )
    # seldomer than may be said: tests do what is due themselves, when they want to
    return sent.model_copy(update={"tick_seconds": 86_400.0})


@pytest.fixture(scope="session")
def clock() -> DrivenClock:
    return DrivenClock()


@pytest.fixture(scope="session", autouse=True)
def main_open_always() -> Iterator[None]:
    """The queue `main` of the tests has no business hours; queues that tests make have them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(queue_context, "default_text", open_always)
        yield


@pytest.fixture(scope="session")
async def app(settings: Settings, clock: DrivenClock) -> AsyncIterator[FastAPI]:
    """The application with its lifespan running."""
    application = create_app(settings, clock)
    async with application.router.lifespan_context(application):
        yield application


@pytest.fixture(scope="session")
def emptying() -> str:
    """The statements that leave every store as a test begins with it."""
    return EMPTY


@pytest.fixture
async def redis(servers: Addresses) -> AsyncIterator[Redis]:
    """The tests' Valkey, empty."""
    client = Redis.from_url(servers.redis_url, decode_responses=True)
    await client.flushall()
    yield client
    await client.aclose()


@pytest.fixture
async def resources(app: FastAPI, redis: Redis, clock: DrivenClock) -> Resources:
    """The application's resources; empty stores, operators anna and boris, noon."""
    clock.moment = NOON
    opened: Resources = app.state.resources
    forget_earlier_tests(opened)
    async with opened.stores.database.pool.acquire() as raw:
        await raw.execute(EMPTY)  # in one journey
    async with opened.stores.database.transaction() as connection:
        await put_key(connection, "tests", SECRET, SCOPES, NOON)
        for name in ("anna", "boris"):
            await put_operator(connection, Operator(name, ("main",)), NOON)
    opened.stores.directory.forget()
    opened.stores.bases.forget()
    opened.stores.sources.forget()
    await rebuild_lines(opened)
    return opened


@pytest.fixture
async def client(app: FastAPI, resources: Resources) -> AsyncIterator[httpx.AsyncClient]:
    """A program with a key of all scopes."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    headers = {"Authorization": f"Bearer {SECRET}"}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://nextlead", headers=headers
    ) as program:
        yield program


@pytest.fixture
def receive(resources: Resources) -> Receive:
    """A signal comes in now and opens a lead."""

    async def receive_one(into: Resources = resources, **sent: Any) -> Lead:
        signal = a_signal(**{"received_at": into.clock.now(), **sent})
        return (await receive_signal(into, signal, Sender("tests"))).lead

    return receive_one
