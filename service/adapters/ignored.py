"""Events that make no lead. Each has a reason from a closed list."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from service.leads.errors import Unreadable

Item = TypeVar("Item")
Event = TypeVar("Event")

MAX_NAME = 60


class IgnoredReason(StrEnum):
    """Why an event makes no lead."""

    # events that no client caused
    OUR_SIDE = "our_side"  # written or done by the shop, its agents or its bots
    STATUS = "status"  # sent, delivered, read, typing
    GROUP_CHAT = "group_chat"
    BOT = "bot"
    SERVICE_MESSAGE = "service_message"  # pinned, joined, a changed number
    # a client's actions that ask for nothing
    REACTION = "reaction"
    STICKER = "sticker"
    POLL = "poll"
    BUTTON = "button"  # a choice in the shop's bot
    # automatic mail
    BOUNCE = "bounce"
    ABSENCE_NOTE = "absence_note"
    RECEIPT = "receipt"
    AUTOMATIC_MAIL = "automatic_mail"
    SPAM = "spam"
    # calls that no client made
    INTERNAL_CALL = "internal_call"
    OUTGOING_CALL = "outgoing_call"
    CALL_STATE = "call_state"  # says nothing about the whole call
    UNKNOWN_CALL = "unknown_call"  # an update of a call that was never reported
    # orders and cards
    BY_STAFF = "by_staff"
    DRAFT = "draft"
    TEST = "test"
    OVER = "over"  # reported only after it had ended
    GONE = "gone"  # deleted at the sender before it was fetched
    # additions to something that does not exist
    NOTHING_OPEN = "nothing_open"
    NOTHING_TO_CHANGE = "nothing_to_change"
    DELETED_BEFORE = "deleted_before"  # the deletion was reported before the message
    ERASED = "erased"  # the client was erased after it was written
    # the rest
    OTHER_EVENT = "other_event"  # a known type that does not matter
    UNKNOWN_TYPE = "unknown_type"  # a type that no adapter knows yet
    ROBOT = "robot"  # it filled in a field that people do not see
    MAPPING = "mapping"  # the mapping says `nothing`
    EMPTY = "empty"  # the delivery has no content


@dataclass(frozen=True, slots=True)
class Ignored:
    """An event that makes no lead. `name` is the sender's own name of its type."""

    reason: IgnoredReason
    name: str | None = None


@dataclass(frozen=True, slots=True)
class PutAside:
    """One unreadable event of several. It waits in quarantine; the others go on."""

    reason: str


def ignored(reason: IgnoredReason, name: object = None) -> list[Ignored]:
    """The result of an adapter for a delivery that does not matter."""
    return [Ignored(reason, name[:MAX_NAME] if isinstance(name, str) and name else None)]


def read_each(
    items: Sequence[Item], read: Callable[[Item], Iterable[Event]]
) -> list[Event | PutAside]:
    """The events of several items. An item that cannot be read is put aside alone.

    Raises Unreadable when no item can be read.
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
