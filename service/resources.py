"""The resources that doors hand to flows; opened and closed in one place."""

import asyncio
import gc
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta

import structlog

from service.background_task import background_task
from service.cached import SharedReadings
from service.clock import Clock, DatabaseClock
from service.connections.admission import Admission
from service.connections.crowd import Crowd
from service.connections.dear_calls import DearCalls
from service.heavy_work import HeavyWork
from service.leads.errors import LineUnavailable, NextleadError, StorageUnavailable
from service.outgoing.guarded_client import GuardedClient, open_guarded_client
from service.outgoing.openid import OpenIdProvider
from service.outgoing.openid_roles import OpenIdRoles
from service.queue.arrivals import Arrivals
from service.queue.changes import follow_changes
from service.queue.in_step import ping
from service.queue.lanes import LaneNames
from service.queue.line import Line
from service.queue.listeners import Listeners
from service.queue.places import WaitingPlaces
from service.queue.scripts import connect
from service.rules.audience import LaneIndexes
from service.sealing import Fingerprints, Sealer
from service.settings import Settings
from service.storage.customers.clients import Clients
from service.storage.customers.marked_cards import MarkedCards
from service.storage.database import Database, open_database
from service.storage.leads.claims import Claims
from service.storage.leads.endings import Endings
from service.storage.leads.held_leads import HeldLeads
from service.storage.leads.intake import Intake
from service.storage.leads.renewals import Renewals
from service.storage.operators.directory import Directory
from service.storage.operators.last_seen import LastSeen
from service.storage.operators.operator_stats import OperatorStatistics
from service.storage.policies.queue_context import QueueContexts
from service.storage.queues.history import HourFigures
from service.storage.queues.prospects import WaitingProspects
from service.storage.queues.stats import Statistics
from service.storage.schema_check import check_schema
from service.storage.senders.inbox import Inbox
from service.storage.senders.rejected_requests import RejectedRequests
from service.storage.senders.source_cache import SourceCache

log = structlog.get_logger()

CLOCK_SECONDS = 10
TRENDS_FRESH = timedelta(seconds=30)
PROMPT_SECONDS = 0.1  # a slower answer says too little about the present


@dataclass(frozen=True, slots=True)
class Stores:
    """Postgres, which is the truth: its connections, caches, and batches of hot statements."""

    database: Database
    intake: Intake
    claims: Claims
    renewals: Renewals
    held: HeldLeads
    endings: Endings
    clients: Clients
    marked_cards: MarkedCards
    directory: Directory
    bases: QueueContexts
    attendance: LastSeen
    statistics: Statistics
    prospects: WaitingProspects
    recent_hours: SharedReadings[str, Sequence[HourFigures]]
    operator_statistics: OperatorStatistics
    sources: SourceCache
    inbox: Inbox
    refusals: RejectedRequests


@dataclass(frozen=True, slots=True)
class Resources:
    """All that a flow needs from outside."""

    stores: Stores
    line: Line
    lane_names: LaneNames
    lane_indexes: LaneIndexes
    arrivals: Arrivals
    listeners: Listeners
    admission: Admission
    open_admission: Admission
    crowd: Crowd
    heavy_work: HeavyWork
    dear_calls: DearCalls
    clock: Clock
    reservation: timedelta
    sealer: Sealer
    fingerprints: Fingerprints
    outside: GuardedClient
    openid: OpenIdProvider | None
    openid_roles: OpenIdRoles
    public_url: str | None
    keep_deliveries_days: int


@asynccontextmanager
async def open_resources(
    settings: Settings, clock: Clock | None = None
) -> AsyncIterator[Resources]:
    """Connect to both servers; raises StorageUnavailable when the database does not answer.

    Without Redis it starts all the same: claims are served from Postgres until Redis answers. A
    given clock drives everything; otherwise it is the database's.
    """
    assert settings.database_url is not None, "the address of the database is settled by now"
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(wait_for_database(settings))
        await check_schema(database)
        sealer = Sealer(settings.sealing_keys())
        line, arrivals, listeners = await _open_line(stack, settings)
        heavy_work = HeavyWork()
        stack.callback(heavy_work.close)
        outside = open_guarded_client(private=settings.private_addresses)
        yield Resources(
            stores=_stores(database, sealer),
            line=line,
            lane_names=LaneNames(line),
            lane_indexes=LaneIndexes(),
            arrivals=arrivals,
            listeners=listeners,
            admission=Admission(settings.unproven_per_second),
            open_admission=Admission(settings.unproven_per_second),
            crowd=Crowd(),
            heavy_work=heavy_work,
            dear_calls=DearCalls(),
            clock=clock or await _database_clock(stack, database),
            reservation=timedelta(seconds=settings.reservation_seconds),
            sealer=sealer,
            fingerprints=Fingerprints(settings.hashing_secrets()),
            openid=_openid(stack, settings),
            openid_roles=OpenIdRoles(
                settings.oidc_roles,
                settings.oidc_roles_claim,
                settings.oidc_operator_claim,
                settings.oidc_queues,
            ),
            outside=await stack.enter_async_context(outside),
            public_url=settings.public_url,
            keep_deliveries_days=settings.keep_deliveries_days,
        )


def collect_garbage_seldom() -> None:
    """Exclude the objects of the start from garbage collection; that halves p99.

    Where many rows are read, it takes two thirds off the cost of a row.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
    gc.enable()


def _openid(stack: AsyncExitStack, settings: Settings) -> OpenIdProvider | None:
    if settings.oidc_issuer is None or settings.oidc_client_id is None:
        return None
    secret = settings.oidc_client_secret
    provider = OpenIdProvider(
        settings.oidc_issuer,
        settings.oidc_client_id,
        secret.get_secret_value() if secret else "",
    )
    stack.push_async_callback(provider.close)
    return provider


def _stores(database: Database, sealer: Sealer) -> Stores:
    return Stores(
        database=database,
        intake=Intake(database),
        claims=Claims(database),
        renewals=Renewals(database),
        held=HeldLeads(database),
        endings=Endings(database),
        clients=Clients(database),
        marked_cards=MarkedCards(database),
        directory=Directory(database),
        bases=QueueContexts(database),
        attendance=LastSeen(database),
        statistics=Statistics(database),
        prospects=WaitingProspects(database),
        recent_hours=SharedReadings(TRENDS_FRESH),
        operator_statistics=OperatorStatistics(database),
        sources=SourceCache(database, sealer),
        inbox=Inbox(database),
        refusals=RejectedRequests(database),
    )


@asynccontextmanager
async def wait_for_database(settings: Settings) -> AsyncIterator[Database]:
    """Connect as soon as the server answers; raises StorageUnavailable after `start_seconds`."""
    assert settings.database_url is not None
    url = settings.database_url.get_secret_value()
    give_up = time.monotonic() + settings.start_seconds
    async with AsyncExitStack() as stack:
        while True:
            opening = open_database(
                url, hot=settings.hot_connections, cold=settings.cold_connections
            )
            try:
                database = await stack.enter_async_context(opening)
                break
            except StorageUnavailable as error:
                left = give_up - time.monotonic()
                if left <= 0:
                    raise
                log.warning("database.waiting", why=str(error), seconds_left=round(left))
                await asyncio.sleep(min(1, left))
        yield database


async def _open_line(stack: AsyncExitStack, settings: Settings) -> tuple[Line, Arrivals, Listeners]:
    assert settings.redis_url is not None, "the address of Redis is settled by now"
    redis = connect(settings.redis_url.get_secret_value(), settings.redis_seconds)
    line = Line(redis, settings.redis_prefix)
    stack.push_async_callback(line.close)
    await _look_for_redis(line)
    places = WaitingPlaces(settings.max_waiters)
    arrivals, listeners = Arrivals(redis, line, places=places), Listeners(places)
    await stack.enter_async_context(background_task(arrivals.listen_always()))
    await stack.enter_async_context(background_task(follow_changes(redis, line, listeners)))
    return line, arrivals, listeners


async def _look_for_redis(line: Line) -> None:
    try:
        await ping(line)
    except LineUnavailable as error:
        log.warning("line.away", why=str(error), meanwhile="claims are served from Postgres")


async def _database_clock(stack: AsyncExitStack, database: Database) -> DatabaseClock:
    clock = DatabaseClock()
    clock.set(await database.now())
    await stack.enter_async_context(background_task(_keep_right(clock, database)))
    return clock


async def _keep_right(clock: DatabaseClock, database: Database) -> None:
    while True:
        await asyncio.sleep(CLOCK_SECONDS)
        # without the database, the machine's timer carries the time on
        with suppress(NextleadError):
            asked = time.monotonic()
            now = await database.now()
            if time.monotonic() - asked < PROMPT_SECONDS:
                clock.set(now)
