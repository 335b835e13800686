"""Feed streams while somebody listens; without listeners nothing is read."""

import asyncio
from contextlib import suppress

import structlog

from service.flows.claims.tell_listeners import refresh_lanes, tell_ending_leases, tell_heads
from service.flows.events.follow_events import Following, follow_events
from service.leads.errors import LineUnavailable, NextleadError, Overloaded
from service.resources import Resources

log = structlog.get_logger()

LOOK_SECONDS = 0.25  # finds what no channel reports: a queue's events, a lost message
SOON_SECONDS = 0.005  # a committed event waits for transactions that began before it
REST_SECONDS = 0.005  # between two reads
AGAIN_SECONDS = 1.0
EARLY_SECONDS = 0.05  # for listeners who were told of their head a moment ago
LEASE_SECONDS = 1.0  # how often ending leases are read
SWEEP_SECONDS = 5.0  # staff on shift, and what no channel reported


async def follow_always(resources: Resources) -> None:
    """Send every event to listeners soon after its commit."""
    following, listeners = Following(), resources.listeners
    while True:
        if not listeners.present.is_set():
            following = Following()
            await listeners.present.wait()
        try:
            has_more = await follow_events(resources, following)
        except NextleadError as error:
            log.warning("streams.late", error=type(error).__name__, why=str(error))
            await asyncio.sleep(AGAIN_SECONDS)
        except Exception:  # streams must survive an error of one read
            log.exception("streams.late")
            await asyncio.sleep(AGAIN_SECONDS)
        else:
            await asyncio.sleep(REST_SECONDS)
            await _wait(listeners.news, SOON_SECONDS if has_more else LOOK_SECONDS)


async def tell_always(resources: Resources) -> None:
    """Tell listeners of changes in their line and of leases that end soon."""
    listeners, loop = resources.listeners, asyncio.get_running_loop()
    leases_at = sweep_at = 0.0
    wait = LEASE_SECONDS
    while True:
        await listeners.present.wait()
        await _wait(listeners.moved, wait)
        wait = LEASE_SECONDS
        try:
            if loop.time() >= leases_at:
                leases_at = loop.time() + LEASE_SECONDS
                await tell_ending_leases(resources)
            if loop.time() >= sweep_at:
                sweep_at = loop.time() + SWEEP_SECONDS
                await refresh_lanes(resources)
                listeners.changed.update(listeners.queues())
            early = await tell_changes(resources, loop.time())
        except (LineUnavailable, Overloaded):
            continue  # without a line there is no head to tell
        except NextleadError as error:
            log.warning("streams.late", error=type(error).__name__, why=str(error))
        except Exception:
            log.exception("streams.late")
        else:
            if early:
                listeners.changed |= early
                wait = EARLY_SECONDS


async def tell_changes(resources: Resources, at: float) -> set[str]:
    """Tell listeners of the queues that changed; after a failure, these are told of next time."""
    listeners = resources.listeners
    changed, listeners.changed = listeners.changed, set()
    try:
        return await tell_heads(resources, changed, at)
    except Exception:
        listeners.changed |= changed
        raise


async def _wait(event: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
    event.clear()
