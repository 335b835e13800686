"""Two ways into Postgres: a lean pool for hot statements, an engine for everything else."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg
import orjson
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from service.leads.errors import StorageFailed, StorageUnavailable
from service.metrics.families import STORE_ERRORS
from service.storage.address import explained
from service.storage.json_rows import as_stored
from service.storage.kept_connections import KeptConnections

Connection = AsyncConnection

STATEMENT_SECONDS = 5
LOCK_SECONDS = 3
CONNECT_SECONDS = 5
LOCK_WAIT_SECONDS = 60
FOR_INSIDE = 2
SERVER_SETTINGS = {
    "application_name": "nextlead",
    "statement_timeout": str(STATEMENT_SECONDS * 1000),
    "lock_timeout": str(LOCK_SECONDS * 1000),
    "idle_in_transaction_session_timeout": "15000",
    "timezone": "UTC",
    "jit": "off",  # before PostgreSQL 18 each scan that BY_INDEX disables would start it
}
# Hot statements use indexes only; a plan from when the tables were small would keep its scan.
BY_INDEX = {**SERVER_SETTINGS, "enable_seqscan": "off"}
AWAY = (
    OSError,
    TimeoutError,
    PoolTimeout,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.LockNotAvailableError,
    asyncpg.TransactionRollbackError,
    asyncpg.ReadOnlySQLTransactionError,
)


# Whether the current task is already inside a transaction.
INSIDE: ContextVar[bool] = ContextVar("inside a transaction", default=False)


@dataclass(frozen=True, slots=True)
class Database:
    """Both pools of one Postgres; `room` limits the transactions at the same time.

    Hot statements use the `kept` connections of the lean pool.
    """

    pool: asyncpg.Pool
    engine: AsyncEngine
    room: asyncio.Semaphore
    kept: KeptConnections

    @asynccontextmanager
    async def transaction(self, *, waited_for: bool = False) -> AsyncIterator[Connection]:
        """One transaction: committed at the end of the block, rolled back on any exception.

        A few connections are reserved for transactions inside others, and for those that others
        wait for. Otherwise tasks that wait for one more connection could hold them all.
        """
        if waited_for or INSIDE.get():
            with translated():
                async with self.engine.begin() as connection:
                    yield connection
            return
        with translated():
            async with self._one_of_a_few(), self.engine.begin() as connection:
                yield connection

    @asynccontextmanager
    async def _one_of_a_few(self) -> AsyncIterator[None]:
        async with asyncio.timeout(CONNECT_SECONDS):
            await self.room.acquire()
        inside = INSIDE.set(True)
        try:
            yield
        finally:
            INSIDE.reset(inside)
            self.room.release()

    async def fetch(self, statement: str, *arguments: object) -> list[asyncpg.Record]:
        """The rows of one hot statement, in a transaction of its own.

        Each connection prepares the statement once.
        """
        with translated():
            connection, is_well = await self.kept.take(CONNECT_SECONDS), False
            try:
                rows = await connection.fetch(statement, *arguments)
                is_well = True
            except asyncpg.InternalClientError:
                connection.terminate()  # its server died, so it cannot be used again
                raise
            finally:
                await self.kept.give_back(connection, is_well=is_well)
            return list(rows)

    @asynccontextmanager
    async def lean_transaction(self) -> AsyncIterator[asyncpg.pool.PoolConnectionProxy]:
        """One transaction of several hot statements."""
        with translated():
            connection, is_well = await self.kept.take(CONNECT_SECONDS), False
            try:
                async with connection.transaction():
                    yield connection
                is_well = True
            finally:
                await self.kept.give_back(connection, is_well=is_well)

    async def now(self) -> datetime:
        """The database's clock."""
        rows = await self.fetch("SELECT clock_timestamp() AS now")
        moment: datetime = rows[0]["now"]
        return moment

    def connections(self) -> dict[tuple[str, str], int]:
        """The used connections of each pool, and its limit."""
        hot_used = self.pool.get_size() - self.pool.get_idle_size() - len(self.kept)
        cold: Any = self.engine.pool
        return {
            ("hot", "used"): hot_used,
            ("hot", "limit"): self.pool.get_max_size(),
            ("cold", "used"): cold.checkedout(),
            ("cold", "limit"): cold.size(),
        }

    async def close(self) -> None:
        """Close the connections; work under way gets a few seconds."""
        await self.engine.dispose()
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                await self.kept.release_all()
                await self.pool.close()
        except TimeoutError:
            self.pool.terminate()


@asynccontextmanager
async def open_database(url: str, *, hot: int, cold: int) -> AsyncIterator[Database]:
    """Connect to the database.

    Raises StorageUnavailable when the server does not answer, and StorageFailed, with host and
    port, when it refuses the connection.
    """
    engine = _engine(url, cold)
    with translated(), explained(url):
        pool = await asyncpg.create_pool(
            url,
            min_size=1,
            max_size=hot,
            timeout=CONNECT_SECONDS,
            command_timeout=STATEMENT_SECONDS + LOCK_SECONDS,
            server_settings=BY_INDEX,
            init=_speak_json,
            reset=_leave_as_is,
        )
    room = asyncio.Semaphore(max(1, cold - FOR_INSIDE))
    database = Database(pool, engine, room, KeptConnections(pool))
    try:
        yield database
    finally:
        await database.close()


def _engine(url: str, size: int) -> AsyncEngine:
    return create_async_engine(
        "postgresql+asyncpg://",
        async_creator=lambda: asyncpg.connect(
            url,
            timeout=CONNECT_SECONDS,
            command_timeout=STATEMENT_SECONDS + LOCK_SECONDS,
            server_settings=SERVER_SETTINGS,
        ),
        pool_size=size,
        max_overflow=0,
        pool_timeout=CONNECT_SECONDS,
        pool_pre_ping=True,
        hide_parameters=True,
        json_serializer=as_stored,
        json_deserializer=orjson.loads,
    )


async def _speak_json(connection: asyncpg.Connection) -> None:
    for kind in ("json", "jsonb"):
        await connection.set_type_codec(
            kind,
            schema="pg_catalog",
            encoder=lambda value: orjson.dumps(value).decode(),
            decoder=orjson.loads,
        )


async def _leave_as_is(_connection: asyncpg.Connection) -> None:
    """No reset: hot statements leave no state, and the usual reset costs one more round trip."""


@contextmanager
def translated() -> Iterator[None]:
    """Turn the drivers' errors into ours, without the rows that they quote (clients' data)."""
    try:
        yield
    except AWAY as error:
        raise _away(error) from None
    except asyncpg.PostgresError as error:
        raise _failed(error) from None
    except DBAPIError as error:
        cause = error.orig.__cause__ if error.orig is not None else None
        if error.connection_invalidated or isinstance(cause, AWAY):
            raise _away(cause or error) from None
        raise _failed(cause) from None


def _away(error: BaseException) -> StorageUnavailable:
    STORE_ERRORS.add("postgres", "away")
    return StorageUnavailable(f"The database cannot be reached ({type(error).__name__}).")


def _failed(error: BaseException | None) -> StorageFailed:
    STORE_ERRORS.add("postgres", "failed")
    state: Any = getattr(error, "sqlstate", None)
    constraint: Any = getattr(error, "constraint_name", None)
    reported = f"{type(error).__name__} {state} {constraint or ''}".rstrip()
    return StorageFailed(reported, constraint)


@asynccontextmanager
async def exclusively(database: Database, name: str, *, wait: bool) -> AsyncIterator[bool]:
    """Hold an advisory lock of the whole installation; yields whether it was obtained.

    Only one replica holds the lock. The others skip the work, or with `wait` try for a minute at
    most.
    """
    give_up = time.monotonic() + (LOCK_WAIT_SECONDS if wait else 0)
    async with AsyncExitStack() as stack:
        while not (ours := await stack.enter_async_context(_locked(database, name))):
            if time.monotonic() >= give_up:
                break
            await stack.aclose()
            await asyncio.sleep(0.2)
        yield ours


@asynccontextmanager
async def _locked(database: Database, name: str) -> AsyncIterator[bool]:
    async with database.transaction() as connection:
        # the work uses other connections, and this one idles meanwhile
        await connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        statement = text("SELECT pg_try_advisory_xact_lock(hashtext(:name))")
        yield bool(await connection.scalar(statement, {"name": name}))
