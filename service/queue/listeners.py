"""Who listens to streams in this process: each with a mailbox of its own, found by queue."""

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
    """One open stream: of an `operator`, or of a queue as a whole.

    `name` says whose stream it is; `lanes` are those that the operator is served from. They are
    told of events behind `since`, where they began, and behind `after`, which they know from
    before. The rest is what they were told last, so that nothing is told twice: the head of their
    line, leases that end, and when.
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
        """Whether an event at this position is news to them."""
        return self.since is not None and max(self.after, self.since.position) < position


class Listeners:
    """All listeners of a process, and what is to be looked at for their sake.

    `news` is set when an event may have been committed, `moved` when a line may have changed; the
    queues whose lines did are `changed`.
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
        """Those who listen to a queue, operators of it included."""
        return tuple(self._of_queue.get(queue, ()))

    def queues(self) -> Sequence[str]:
        """The queues that somebody listens to."""
        return tuple(self._of_queue)

    @contextmanager
    def listening(self, listener: Listener) -> Iterator[None]:
        """Let somebody listen while the block runs.

        One takes one place, however many of their streams and long polls are open. Raises
        Overloaded when there is no place, or one has too many of them.
        """
        name = listener.name
        with self._places.taken(name):
            self._add(listener, name)
            try:
                yield
            finally:
                self._remove(listener, name)

    def let_begin(self, cursor: Cursor) -> None:
        """Whoever came since the last look is told of what is behind this cursor."""
        newcomers, self._newcomers = self._newcomers, []
        for listener in newcomers:
            listener.since = cursor
            listener.has_begun.set()

    def note_change(self, queue: str) -> None:
        """Something happened in a queue; it may concern who listens."""
        if self.present.is_set():
            self.news.set()
            if queue in self._of_queue:
                self.changed.add(queue)
                self.moved.set()

    def end(self) -> None:
        """Let every stream end: this process ends."""
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
