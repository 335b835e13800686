"""Who listens is told what moves in their line: the head changed, a lease ends.

Nothing of it is stored and nothing is reserved; whoever comes is told how it stands. The heads of
all lanes of a queue are read once for all who listen in this process.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from itertools import groupby

from service.flows.claims.eligible_lanes import open_lanes
from service.leads.errors import OperatorNotFound
from service.leads.stream_message import CLAIM_OFFERED, LEASE_ENDING, LINE_CHANGED, passing_message
from service.queue.heads import LaneHead, lane_heads
from service.queue.listeners import Listener
from service.queue.preview import Position
from service.ranking.rank import unpack
from service.resources import Resources
from service.storage.leads.leases import EndingLease, leases_ending

MERGED_SECONDS = 0.25  # of one head at most four a second are told
WARNING = timedelta(seconds=30)

Heads = Mapping[str, Mapping[str, LaneHead]]


async def operators_listener(resources: Resources, name: str) -> Listener:
    """A listener of an operator's own stream; raises OperatorNotFound."""
    operator = await resources.stores.directory.operator(name)
    lanes = await open_lanes(resources, operator)
    return Listener(name, operator.queues, operator.name, lanes)


async def tell_heads(resources: Resources, queues: Collection[str], at: float) -> set[str]:
    """Tell listeners of some queues what stands at the head of their line.

    `at` is the loop's time. Returned are the queues of those whose turn is not yet.
    """
    of_queue = resources.listeners.of_queue
    concerned = dict.fromkeys(one for queue in queues for one in of_queue(queue))
    early = [one for one in concerned if at < one.told_at + MERGED_SECONDS]
    ready = [one for one in concerned if at >= one.told_at + MERGED_SECONDS]
    wanted = {queue for one in ready for queue in one.queues}
    names = {queue: await resources.lane_names.of(queue) for queue in wanted}
    heads = await lane_heads(resources.line, names)
    for listener in ready:
        told = _line(listener, heads) if listener.operator is None else _head(listener, heads)
        _tell(resources, listener, told, at)
    return {queue for one in early for queue in one.queues}.intersection(queues)


async def refresh_lanes(resources: Resources) -> None:
    """Read again from which lanes operators are served who listen.

    The stream of an operator who was removed, or who serves other queues now, ends.
    """
    for listener in resources.listeners:
        if listener.operator is not None:
            try:
                operator = await resources.stores.directory.operator(listener.operator)
                listener.lanes = await open_lanes(resources, operator)
                if operator.queues != listener.queues:
                    listener.mailbox.close()
            except OperatorNotFound:
                listener.mailbox.close()


async def tell_ending_leases(resources: Resources) -> None:
    """Warn holders half a minute before a lease ends, or at once where it is shorter."""
    listeners, now = resources.listeners, resources.clock.now()
    until, queues = now + WARNING, list(listeners.queues())
    found = await leases_ending(resources.stores.database, until, queues)
    by_queue = {
        queue: list(group) for queue, group in groupby(sorted(found, key=_queue_of), key=_queue_of)
    }
    for listener in listeners:
        theirs = [one for queue in listener.queues for one in by_queue.get(queue, ())]
        if listener.operator is not None:
            theirs = [one for one in theirs if one.operator == listener.operator]
        _tell_of_leases(resources, listener, theirs)


def _line(listener: Listener, heads: Heads) -> dict[str, object]:
    (queue,) = listener.queues
    lanes = heads[queue].values()
    first = min((lane.first for lane in lanes if lane.first), default=None)
    waiting = sum(lane.waiting for lane in lanes)
    return {"queue": queue, "waiting": waiting, **_in_words(first)}


def _head(listener: Listener, heads: Heads) -> dict[str, object]:
    found = [
        (lane.first, queue)
        for queue in listener.queues
        for name, lane in heads[queue].items()
        if lane.first is not None and name in listener.lanes
    ]
    first, queue = min(found) if found else (None, None)
    return {"operator": listener.operator, "queue": queue, **_in_words(first)}


def _tell(resources: Resources, listener: Listener, told: dict[str, object], at: float) -> None:
    """Tell what is not as it was told last."""
    if told != listener.head:
        listener.head, listener.told_at = told, at
        kind = LINE_CHANGED if listener.operator is None else CLAIM_OFFERED
        listener.mailbox.put_latest(kind, passing_message(kind, resources.clock.now(), told))


def _tell_of_leases(
    resources: Resources, listener: Listener, ending: Sequence[EndingLease]
) -> None:
    known, now = listener.leases, resources.clock.now()
    listener.leases = frozenset((str(one.lead_id), one.lease_until.isoformat()) for one in ending)
    for one in ending:
        if (str(one.lead_id), one.lease_until.isoformat()) not in known:
            data = {
                "lead_id": str(one.lead_id),
                "queue": one.queue,
                "operator": one.operator,
                "lease_until": one.lease_until,
            }
            listener.mailbox.put(passing_message(LEASE_ENDING, now, data))


def _in_words(first: Position | None) -> dict[str, object]:
    if first is None:
        return {"lead_id": None, "stage": None, "score": None}
    stage, score = unpack(-int(first.place))
    return {"lead_id": first.lead_id, "stage": stage, "score": float(score)}


def _queue_of(lease: EndingLease) -> str:
    return lease.queue
