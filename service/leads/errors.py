"""Everything that can go wrong in the words of the business; HTTP is not known here.

The docstring of a class is its public title; the text given at the raise is the detail.
"""

from dataclasses import dataclass


class NextleadError(Exception):
    """Something went wrong"""

    def __init__(self, detail: str | None = None) -> None:
        super().__init__(detail or type(self).__doc__)


@dataclass(frozen=True, slots=True)
class FieldMistake:
    """One mistake in what was sent: where, what is wrong, and what would be right."""

    field: str
    reason: str
    remedy: str


@dataclass(frozen=True, slots=True)
class RateLimit:
    """What a sender may do: `quota` of something in a second, or at once where `at_once`."""

    name: str
    quota: int
    at_once: bool = False


class InvalidRequest(NextleadError):
    """The request has mistakes"""

    def __init__(self, mistakes: list[FieldMistake]) -> None:
        self.mistakes = mistakes
        super().__init__(
            "; ".join(f"{mistake.field}: {mistake.reason}" for mistake in mistakes[:3])
        )


class MalformedBody(NextleadError):
    """The body is not well-formed JSON"""


class BodyTooLarge(NextleadError):
    """The body is too large"""


class BodyTooSlow(NextleadError):
    """The body did not come in time"""


class UnsupportedMediaType(NextleadError):
    """The body is of a media type that is not taken"""


class Unauthenticated(NextleadError):
    """A valid key is needed"""


class NotAuthentic(NextleadError):
    """The sender did not prove who they are"""


class ScopeMissing(NextleadError):
    """The key may not do this"""


class KeyBound(NextleadError):
    """The key is bound to something else"""


class LeadNotFound(NextleadError):
    """There is no such lead"""


class OperatorNotFound(NextleadError):
    """There is no such operator"""


class QueueNotFound(NextleadError):
    """There is no such queue"""


class QueueExists(NextleadError):
    """The queue exists, and its policy is changed by itself"""


class CustomerNotFound(NextleadError):
    """There is no such customer"""


class SourceNotFound(NextleadError):
    """There is no such source of webhooks"""


class SourceUnusable(NextleadError):
    """The webhooks of this source cannot be taken at present"""


class AdapterNotFound(NextleadError):
    """There is no such adapter of webhooks"""


class SourceInUse(NextleadError):
    """The source has deliveries that are not read yet"""


class SubscriptionNotFound(NextleadError):
    """There is no such subscription"""


class KeyNotFound(NextleadError):
    """There is no such key in force"""


class KeyExists(NextleadError):
    """A key of this name is in force"""


class DeliveryNotFound(NextleadError):
    """There is no such delivery"""


class Unreadable(NextleadError):
    """What the sender sent cannot be read"""


class PolicyNotFound(NextleadError):
    """There is no such version of the policy"""


class PolicyChanged(NextleadError):
    """The policy was changed by somebody else meanwhile"""


class PreconditionMissing(NextleadError):
    """It must be said which version is to be replaced"""


class ClaimGone(NextleadError):
    """The claim is gone"""


class MoveNotAllowed(NextleadError):
    """The lead's state does not allow this"""


class AtCapacity(NextleadError):
    """The operator already holds as many leads as they may"""


class NotEligible(NextleadError):
    """The lead is for others"""


class OffShift(NextleadError):
    """The operator is off shift"""


class OperatorFree(NextleadError):
    """An operator who is free can take it"""


class TaskLimit(NextleadError):
    """The operator already has as many open call tasks as they may"""


class IdempotencyConflict(NextleadError):
    """The idempotency key was used for another request"""


class SignalTaken(NextleadError):
    """Another sender used this source and id"""


class ClientErased(NextleadError):
    """The client was erased after this came"""


class SharedMark(NextleadError):
    """Several clients have this mark"""


class SecretKeyMissing(NextleadError):
    """There is no key to keep secrets with"""


class SecretLost(NextleadError):
    """A secret that was kept cannot be opened"""


class Unanswered(NextleadError):
    """Another system did not answer"""


class TooMany(NextleadError):
    """Too many requests"""

    def __init__(self, detail: str, limit: RateLimit) -> None:
        self.limit = limit
        super().__init__(detail)


class TooManyUnproven(TooMany):
    """Too many requests without a valid key or signature came from this address"""


class TooManyAtOnce(TooMany):
    """The key has too many such calls under way"""


class Overloaded(NextleadError):
    """Too many requests are waiting"""


class ImportStopped(NextleadError):
    """The file was not taken to its end"""


class StorageUnavailable(NextleadError):
    """The database cannot be reached"""


class StorageFailed(NextleadError):
    """The database refused a statement"""

    def __init__(self, detail: str | None = None, constraint: str | None = None) -> None:
        self.constraint = constraint
        super().__init__(detail)


class LineUnavailable(NextleadError):
    """The line cannot be reached"""


class LineLost(LineUnavailable):
    """The line is not in step with the database yet"""
