"""The listeners of streams in this process, found by queue; each has a mailbox."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Container, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from service.leads.event_position import Cursor, EventPosition
from service.queue.mailbox import Mailbox
from service.queue.places import WaitingPlaces

NOWHERE = EventPosition(0)


@dataclass(eq=False, slots=True)
class Listener:
    """One open stream, of an `operator` or of a whole queue.

    `name` says whose stream it is. `lanes` are the lanes that the operator is served from. The
    listener gets events after `since`, the cursor where it began, and after `after`, the last event
    that it already has. `head`, `leases` and `informed_at` record what it was last sent, so that
    nothing is sent twice: the head of its line, the leases that end, and the time.
    """

    name: str
    queues: Sequence[str]
    operator: str | None = None
    lanes: Container[str] = ()
    after: EventPosition = NOWHERE
    since: Cursor | None = None
    has_begun: asyncio.Event = field(default_factory=asyncio.Event)
    mailbox: Mailbox = field(default_factory=Mailbox)
    head: object = None
    leases: frozenset[tuple[UUID, datetime]] = frozenset()
    informed_at: float = float("-inf")

    def begins_before(self, position: EventPosition) -> bool:
        """Whether an event at this position is new to the listener."""
        return self.since is not None and max(self.after, self.since.position) < position


class Listeners:
    """All listeners of a process, and what must be looked at for them.

    `news` is set when an event may have been committed, `moved` when a line may have changed.
    `changed` are the queues whose lines did.
    """

    def __init__(self, places: WaitingPlaces) -> None:
        self._places = places
        self._of_queue: defaultdict[str, dict[Listener, None]] = defaultdict(dict)
        self._of_one: Counter[str] = Counter()
        self._newcomers: list[Listener] = []
        self.present, self.news, self.moved = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self.changed: set[str] = set()
        self.ended = False

    def __len__(self) -> int:
        return self._of_one.total()

    def __iter__(self) -> Iterator[Listener]:
        yield from dict.fromkeys(item for group in self._of_queue.values() for item in group)

    def of_queue(self, queue: str) -> Sequence[Listener]:
        """The listeners of a queue, including its operators."""
        return tuple(self._of_queue.get(queue, ()))

    def queues(self) -> Sequence[str]:
        """The queues that have listeners."""
        return tuple(self._of_queue)

    @contextmanager
    def listening(self, listener: Listener) -> Iterator[None]:
        """Register a listener for the time of the block.

        One name takes one place, however many streams and long polls it has open. Raises Overloaded
        when no place is free, or when the name has too many of them.
        """
        name = listener.name
        with self._places.taken(name):
            self._add(listener, name)
            try:
                yield
            finally:
                self._remove(listener, name)

    def let_begin(self, cursor: Cursor) -> None:
        """Let new listeners begin; they get the events after this cursor."""
        newcomers, self._newcomers = self._newcomers, []
        for listener in newcomers:
            listener.since = cursor
            listener.has_begun.set()

    def note_change(self, queue: str) -> None:
        """Record that something happened in a queue, if anybody listens."""
        if self.present.is_set():
            self.news.set()
            if queue in self._of_queue:
                self.changed.add(queue)
                self.moved.set()

    def end(self) -> None:
        """End all streams, because this process ends."""
        self.ended = True
        for listener in self:
            listener.mailbox.close()

    def _add(self, listener: Listener, name: str) -> None:
        self._of_one[name] += 1
        for queue in listener.queues:
            self._of_queue[queue][listener] = None
            self.changed.add(queue)
        self._newcomers.append(listener)
        self.present.set()
        self.news.set()
        self.moved.set()
        if self.ended:
            listener.mailbox.close()

    def _remove(self, listener: Listener, name: str) -> None:
        self._of_one[name] -= 1
        if not self._of_one[name]:
            del self._of_one[name]
        for queue in listener.queues:
            group = self._of_queue[queue]
            group.pop(listener, None)
            if not group:
                del self._of_queue[queue]
        if not self._of_queue:
            self.present.clear()
