"""Every error of the business; these classes know nothing of HTTP.

The docstring of a class is its public title. The text given when it is raised is the detail.
"""

from collections.abc import Iterable
from dataclasses import dataclass


class NextleadError(Exception):
    """Something went wrong"""

    def __init__(self, detail: str | None = None) -> None:
        super().__init__(detail or type(self).__doc__)


@dataclass(frozen=True, slots=True)
class FieldMistake:
    """One mistake in a request: the field, what is wrong, and how to correct it."""

    field: str
    reason: str
    remedy: str


@dataclass(frozen=True, slots=True)
class RateLimit:
    """A limit on requests: `quota` in each second, or at the same time where `at_once` is set."""

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

    def __reduce__(self) -> tuple[type["InvalidRequest"], tuple[list[FieldMistake]]]:
        """How it comes from another process: with its mistakes."""
        return type(self), (self.mistakes,)


class MalformedBody(NextleadError):
    """The body is not well-formed JSON"""


class BodyTooLarge(NextleadError):
    """The body is too large"""


class BodyTooSlow(NextleadError):
    """The body did not come in time"""


class UnsupportedMediaType(NextleadError):
    """The media type of the body is not supported"""


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
    """The queue exists; its policy is changed by a request of its own"""


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
    """There is no valid key of this name"""


class KeyExists(NextleadError):
    """A valid key of this name exists"""


class DeliveryNotFound(NextleadError):
    """There is no such delivery"""


class Unreadable(NextleadError):
    """What the sender sent cannot be read"""


class PolicyNotFound(NextleadError):
    """There is no such version of the policy"""


class PolicyChanged(NextleadError):
    """The policy was changed by somebody else meanwhile"""


class PreconditionMissing(NextleadError):
    """The request must name the version that it replaces"""


class ClaimGone(NextleadError):
    """The claim is gone"""


class MoveNotAllowed(NextleadError):
    """The lead's state does not allow this"""


class AtCapacity(NextleadError):
    """The operator already holds as many leads as they may"""

    def __init__(self, detail: str | None = None, kind: str | None = None) -> None:
        self.kind = kind
        super().__init__(detail)


class NotEligible(NextleadError):
    """The lead is for others"""

    def __init__(
        self, detail: str | None = None, owner: str | None = None, skills: Iterable[str] = ()
    ) -> None:
        self.owner, self.skills = owner, sorted(skills)
        super().__init__(detail)


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
    """There is no key to encrypt secrets with"""


class SecretLost(NextleadError):
    """A stored secret cannot be decrypted"""


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
    """The import stopped before the end of the file"""


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
