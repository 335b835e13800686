"""Send events to their subscriptions: signed, at least once, in the order of each lead.

The logs of leads and queues are written together with the changes and are the outbox; claiming a
lead writes nothing else. Committed events are first passed on to subscriptions, then posted. No
transaction is open while a receiver answers. If a process dies in between, the delivery is taken
again after a minute, with the same id.
"""

import asyncio
import base64
import random
import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from importlib.metadata import version

import orjson
import structlog

from service.adapters.standard.standard_signature import sign
from service.background_task import stop
from service.batching import Batcher
from service.leads.errors import InvalidRequest, Unanswered
from service.leads.outgoing_event import OutgoingEvent
from service.leads.retries import GONE, next_try, pause
from service.metrics.families import EVENTS_OUT
from service.outgoing.guarded_client import OutgoingReply
from service.resources import Resources
from service.storage.events.event_deliveries import (
    Due,
    Ending,
    end_tries,
    subscriptions_due,
    take_due,
)
from service.storage.events.event_fan_out import logs_with_news, oldest_left, pass_on
from service.storage.events.event_replay import State, forget_ended
from service.storage.events.subscriptions import Subscription, find_subscription
from service.tracing.spans import TRACEPARENT, span, traceparent

log = structlog.get_logger()

AT_ONCE = 16  # posts to one subscription
MAX_PAGES = 20
HELD_UP = timedelta(minutes=1)
KEEP_DELIVERED = timedelta(days=3)
KEEP_DEAD = timedelta(days=30)
FORGET_AT_ONCE = 5000
SECRET_BYTES = 32
AGENT = f"nextlead/{version('nextlead')}"

Endings = Batcher[tuple[Due, Ending], None]


async def pass_events_on(resources: Resources) -> None:
    """Hand every newly committed event to its subscriptions.

    An event waits for open transactions that began before its own. A warning is logged when one
    stays open for long.
    """
    database = resources.stores.database
    async with database.transaction() as connection:
        logs = await logs_with_news(connection)
    for name in logs:
        for _ in range(MAX_PAGES):
            async with database.transaction() as connection:
                more = await pass_on(connection, name, resources.clock.now())
            if not more:
                break
        async with database.transaction() as connection:
            oldest = await oldest_left(connection, name)
        if oldest is not None and (held_up := resources.clock.now() - oldest) > HELD_UP:
            log.warning("events.held_up", log=name, seconds=round(held_up.total_seconds()))


async def forget_old_deliveries(resources: Resources) -> None:
    """Delete sent deliveries after 3 days, and failed ones after 30."""
    now = resources.clock.now()
    await _forget(resources, "delivered", now - KEEP_DELIVERED)
    await _forget(resources, "dead", now - KEEP_DEAD)


async def _forget(resources: Resources, state: State, before: datetime) -> None:
    for _ in range(MAX_PAGES):
        count = await forget_ended(resources.stores.database, state, before, FORGET_AT_ONCE)
        if count < FORGET_AT_ONCE:
            return


async def names_due(resources: Resources) -> list[str]:
    """The subscriptions that have events to send now."""
    due = await subscriptions_due(resources.stores.database, resources.clock.now())
    return [item.wanted.name for item in due]


async def send_due(resources: Resources, name: str, news: asyncio.Event | None = None) -> None:
    """Send all due events of a subscription, a few at a time.

    Each finished try makes room for another, so a try that hangs blocks only its own lead. The
    caller sets `news` when more events become due.

    Raises SubscriptionNotFound. Raises SecretLost or SecretKeyMissing before any event is taken.
    """
    endings, news = _endings(resources, name), news or asyncio.Event()
    trying: set[asyncio.Task[None]] = set()
    try:
        while True:
            news.clear()
            trying = _not_ended(trying)
            begun = await _begin(resources, name, AT_ONCE - len(trying), endings)
            if not (trying := trying | begun):
                return
            for item in begun:
                item.add_done_callback(lambda _: news.set())
            await news.wait()
    except Exception:  # posts that are on their way may finish
        await asyncio.gather(*trying, return_exceptions=True)
        raise
    finally:
        try:
            await stop(trying)
        finally:
            await endings.drain()


def _not_ended(trying: set["asyncio.Task[None]"]) -> set["asyncio.Task[None]"]:
    """The tries that still run; raises when a finished try could not be stored."""
    ended = {item for item in trying if item.done()}
    for item in ended:
        item.result()
    return trying - ended


async def _begin(
    resources: Resources, name: str, room: int, endings: Endings
) -> set["asyncio.Task[None]"]:
    """Begin tries of due events, at most `room`."""
    if room == 0:
        return set()
    database, now = resources.stores.database, resources.clock.now()
    async with database.transaction() as connection:
        of = await find_subscription(connection, name)
    keys = _open_secrets(resources, of, now)
    due = await take_due(database, name, now, room)
    return {asyncio.create_task(_try(resources, of, keys, item, endings)) for item in due}


async def send_test(resources: Resources, name: str) -> OutgoingReply:
    """Send a subscription one test event, `subscription.test`.

    Raises SubscriptionNotFound, Unanswered, and InvalidRequest when the address is not allowed.
    """
    async with resources.stores.database.transaction() as connection:
        subscription = await find_subscription(connection, name)
    now = resources.clock.now()
    keys = _open_secrets(resources, subscription, now)
    event = OutgoingEvent(f"test-{secrets.token_hex(8)}", "subscription.test", now, {})
    return await _post(resources, subscription, keys, event)


def new_subscription_secret() -> str:
    """A new secret in the format of Standard Webhooks."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def _open_secrets(resources: Resources, of: Subscription, now: datetime) -> list[str]:
    return [resources.sealer.open(secret) for secret in of.sealed_secrets(now)]


def _endings(resources: Resources, name: str) -> Endings:
    """A batcher that stores results of tries; results that come together share a transaction."""

    async def write(ended: Sequence[tuple[Due, Ending]]) -> Sequence[None]:
        async with resources.stores.database.transaction() as connection:
            await end_tries(connection, name, ended, resources.clock.now())
        return [None] * len(ended)

    return Batcher(write, name="events out", max_in_flight=1)


async def _try(
    resources: Resources, of: Subscription, keys: list[str], due: Due, endings: Endings
) -> None:
    """Try once; an error of the receiver is a result like any other."""
    answer, failure = None, None
    TRACEPARENT.set(due.event.traceparent)
    try:
        with span("event.send") as recorded:
            recorded.set("nextlead.subscription", of.wanted.name)
            recorded.set("nextlead.event_id", due.event.id)
            answer = await _post(resources, of, keys, due.event)
    except (Unanswered, InvalidRequest) as error:
        failure = str(error)
    now = resources.clock.now()
    ending = replace(_ending(due, answer, failure, now), as_of=of.changed_at)
    await endings.submit((due, ending))
    EVENTS_OUT.add(of.wanted.name, ending.state)
    if ending.error is not None:
        log.warning(
            "event.not_delivered",
            subscription=of.wanted.name,
            event_id=due.event.id,
            attempts=due.attempts,
            state=ending.state,
            why=ending.error,
        )


async def _post(
    resources: Resources, of: Subscription, keys: list[str], event: OutgoingEvent
) -> OutgoingReply:
    """Post an event; every try has its own time and signature, and the same id."""
    body = orjson.dumps(event.message(), option=orjson.OPT_UTC_Z)
    at = int(resources.clock.now().timestamp())
    headers = {
        "Content-Type": "application/json",
        "User-Agent": AGENT,
        "webhook-id": event.id,
        "webhook-timestamp": str(at),
        "webhook-signature": sign(keys, event.id, at, body),
    }
    if (parent := traceparent()) is not None:
        headers["traceparent"] = parent
    return await resources.outside.post(of.wanted.url, body, headers)


def _ending(due: Due, answer: OutgoingReply | None, failure: str | None, now: datetime) -> Ending:
    if answer is not None and 200 <= answer.status < 300:
        return Ending(answer.status)
    luck = random.random()  # noqa: S311
    again = next_try(due.attempts, due.first_tried_at, now, luck)
    if answer is None:
        return Ending(None, failure, again)
    error = f"It answered {answer.status}."
    if answer.status == GONE:  # it waits until the subscription is changed
        return Ending(GONE, error, now, disabled_for="The receiver answered 410: it is gone.")
    wait = pause(answer.status, answer.headers.get("retry-after"), now)
    return Ending(answer.status, error, again, None if wait is None else now + wait)
