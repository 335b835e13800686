"""What a sender reports and no lead comes of: always with a reason, from a closed list."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from service.leads.errors import Unreadable

Item = TypeVar("Item")
Event = TypeVar("Event")

MAX_NAME = 60


class IgnoredReason(StrEnum):
    """Why no lead came of an event."""

    # what is no client's doing
    OUR_SIDE = "our_side"  # what the shop, its agents or its bots wrote or did
    STATUS = "status"  # sent, delivered, read, typing
    GROUP_CHAT = "group_chat"
    BOT = "bot"
    SERVICE_MESSAGE = "service_message"  # pinned, joined, a changed number
    # what a client does without asking for anything
    REACTION = "reaction"
    STICKER = "sticker"
    POLL = "poll"
    BUTTON = "button"  # talk with the shop's bot
    # mail of machines
    BOUNCE = "bounce"
    ABSENCE_NOTE = "absence_note"
    RECEIPT = "receipt"
    AUTOMATIC_MAIL = "automatic_mail"
    SPAM = "spam"
    # calls that no client made
    INTERNAL_CALL = "internal_call"
    OUTGOING_CALL = "outgoing_call"
    CALL_STATE = "call_state"  # says nothing about the whole call
    UNKNOWN_CALL = "unknown_call"  # news of a call that was not reported before
    # orders and cards
    BY_STAFF = "by_staff"
    DRAFT = "draft"
    TEST = "test"
    OVER = "over"  # first reported when it was over
    GONE = "gone"  # deleted at the sender's before it was asked for
    # what adds to something that is not there
    NOTHING_OPEN = "nothing_open"
    NOTHING_TO_CHANGE = "nothing_to_change"
    DELETED_BEFORE = "deleted_before"  # the deletion was reported before the message
    ERASED = "erased"  # the client was erased after it was written
    # the rest
    OTHER_EVENT = "other_event"  # of a name that is of no interest
    UNKNOWN_TYPE = "unknown_type"  # of a name that nobody knows yet
    ROBOT = "robot"  # who filled in a field that people do not see
    MAPPING = "mapping"  # the mapping says `nothing`
    EMPTY = "empty"  # nothing stands in the delivery


@dataclass(frozen=True, slots=True)
class Ignored:
    """An event of which no lead comes; `name` is the sender's own word for its type."""

    reason: IgnoredReason
    name: str | None = None


@dataclass(frozen=True, slots=True)
class PutAside:
    """One event of several that cannot be read: it waits in quarantine, and the others do not."""

    reason: str


def ignored(reason: IgnoredReason, name: object = None) -> list[Ignored]:
    """What an adapter answers for a delivery of no interest."""
    return [Ignored(reason, name[:MAX_NAME] if isinstance(name, str) and name else None)]


def read_each(
    items: Sequence[Item], read: Callable[[Item], Iterable[Event]]
) -> list[Event | PutAside]:
    """The events of several items; an item that cannot be read is put aside alone.

    Raises Unreadable when none of them can be read.
    """
    found, failures = list[Event | PutAside](), list[Unreadable]()
    for number, item in enumerate(items):
        try:
            found += read(item)
        except Unreadable as error:
            failures.append(error)
            found.append(PutAside(f"{number + 1} of {len(items)}: {error}"))
    if failures and len(failures) == len(items):
        raise failures[0]
    return found
