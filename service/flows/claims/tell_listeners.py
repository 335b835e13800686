"""Tell listeners what changes in their line: a new head, or a lease that ends soon.

Nothing is stored or reserved; a new listener gets the present state. The heads of all lanes of a
queue are read once for all listeners of this process.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from itertools import groupby

from service.flows.claims.eligible_lanes import eligible_lanes, open_lanes
from service.leads.errors import OperatorNotFound
from service.leads.stream_message import CLAIM_OFFERED, LEASE_ENDING, LINE_CHANGED, passing_message
from service.queue.heads import LaneHead, lane_heads
from service.queue.listeners import Listener
from service.queue.preview import Position
from service.ranking.rank import unpack
from service.resources import Resources
from service.storage.leads.leases import EndingLease, leases_ending

MERGED_SECONDS = 0.25  # a listener gets at most four heads a second
WARNING = timedelta(seconds=30)
TURN = 50  # listeners between two pauses for other tasks

Heads = Mapping[str, Mapping[str, LaneHead]]


async def operators_listener(resources: Resources, name: str) -> Listener:
    """A listener of an operator's own stream; raises OperatorNotFound."""
    operator = await resources.stores.directory.operator(name)
    lanes = await open_lanes(resources, operator)
    return Listener(name, operator.queues, operator.name, lanes)


async def tell_heads(resources: Resources, queues: Collection[str], at: float) -> set[str]:
    """Tell listeners of some queues which lead is at the head of their line.

    `at` is the loop's time. Returns the queues of listeners who were told too recently.
    """
    of_queue = resources.listeners.of_queue
    concerned = dict.fromkeys(item for queue in queues for item in of_queue(queue))
    early = [item for item in concerned if at < item.informed_at + MERGED_SECONDS]
    ready = [item for item in concerned if at >= item.informed_at + MERGED_SECONDS]
    wanted = {queue for item in ready for queue in item.queues}
    names = {queue: await resources.lane_names.of(queue) for queue in wanted}
    heads = await lane_heads(resources.line, names)
    for number, listener in enumerate(ready):
        try:
            head = await _head(resources, listener, heads)
        except OperatorNotFound:
            listener.mailbox.close()  # the others are told all the same
        else:
            _inform(resources, listener, head, at)
        if number % TURN == TURN - 1:
            await asyncio.sleep(0)  # lets streams write
    return {queue for item in early for queue in item.queues}.intersection(queues)


async def refresh_lanes(resources: Resources) -> None:
    """Read again which lanes serve the operators who listen.

    A stream ends when its operator was removed or serves other queues now.
    """
    for number, listener in enumerate(resources.listeners):
        if number % TURN == TURN - 1:
            await asyncio.sleep(0)
        if listener.operator is not None:
            try:
                operator = await resources.stores.directory.operator(listener.operator)
                listener.lanes = await open_lanes(resources, operator)
                if operator.queues != listener.queues:
                    listener.mailbox.close()
            except OperatorNotFound:
                listener.mailbox.close()


async def tell_ending_leases(resources: Resources) -> None:
    """Warn holders 30 seconds before a lease ends; a shorter lease at once."""
    listeners, now = resources.listeners, resources.clock.now()
    until, queues = now + WARNING, list(listeners.queues())
    found = await leases_ending(resources.stores.database, until, queues)
    by_queue = {
        queue: list(group) for queue, group in groupby(sorted(found, key=_queue_of), key=_queue_of)
    }
    for listener in listeners:
        theirs = [lease for queue in listener.queues for lease in by_queue.get(queue, ())]
        if listener.operator is not None:
            theirs = [lease for lease in theirs if lease.operator == listener.operator]
        _tell_of_leases(resources, listener, theirs)


async def _head(resources: Resources, listener: Listener, heads: Heads) -> dict[str, object]:
    if listener.operator is None:
        return _head_of_queue(listener.queues[0], heads)
    operator = await resources.stores.directory.operator(listener.operator)
    found: list[tuple[Position, str]] = []
    for queue in listener.queues:
        served = (await eligible_lanes(resources, operator, queue)).served
        lanes = (heads[queue].get(name) for name in served)
        found += [(lane.first, queue) for lane in lanes if lane is not None and lane.first]
    first, of_queue = min(found) if found else (None, None)
    return {"operator": operator.name, "queue": of_queue, **_in_words(first)}


def _head_of_queue(queue: str, heads: Heads) -> dict[str, object]:
    lanes = heads[queue].values()
    first = min((lane.first for lane in lanes if lane.first), default=None)
    waiting = sum(lane.waiting for lane in lanes)
    return {"queue": queue, "waiting": waiting, **_in_words(first)}


def _inform(resources: Resources, listener: Listener, head: dict[str, object], at: float) -> None:
    """Send a head that differs from the last one sent."""
    if head != listener.head:
        listener.head, listener.informed_at = head, at
        kind = LINE_CHANGED if listener.operator is None else CLAIM_OFFERED
        listener.mailbox.put_latest(kind, passing_message(kind, resources.clock.now(), head))


def _tell_of_leases(
    resources: Resources, listener: Listener, ending: Sequence[EndingLease]
) -> None:
    known, now = listener.leases, resources.clock.now()
    listener.leases = frozenset((lease.lead_id, lease.lease_until) for lease in ending)
    for lease in ending:
        if (lease.lead_id, lease.lease_until) not in known:
            data = {"lead_id": str(lease.lead_id), "queue": lease.queue}
            data |= {"operator": lease.operator, "lease_until": lease.lease_until.isoformat()}
            listener.mailbox.put(passing_message(LEASE_ENDING, now, data))


def _in_words(first: Position | None) -> dict[str, object]:
    if first is None:
        return {"lead_id": None, "stage": None, "score": None}
    stage, score = unpack(-int(first.place))
    return {"lead_id": first.lead_id, "stage": stage, "score": float(score)}


def _queue_of(lease: EndingLease) -> str:
    return lease.queue
