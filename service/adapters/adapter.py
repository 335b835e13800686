"""The type of an adapter: a sender's contract, as data and a few pure functions."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from service.adapters.delivery import Delivery, Reply
from service.adapters.inbound_event import InboundEvent, Lookup
from service.adapters.source import Source
from service.leads.errors import FieldMistake

Verify = Callable[[Delivery, Source], None]
Read = Callable[[Delivery, Source], Sequence[InboundEvent]]
ReadAnswer = Callable[[Delivery, Source, Lookup, object], Sequence[InboundEvent]]
Answer = Callable[[Delivery, Source], Reply]
Greet = Callable[[Delivery, Source], Reply | None]
Once = Callable[[Delivery, Source], str | None]
CheckSecrets = Callable[[Mapping[str, str]], Sequence[FieldMistake]]


@dataclass(frozen=True, slots=True)
class Setting:
    """A secret or an option of an adapter's sources."""

    about: str
    required: bool = False
    default: str = ""
    choices: tuple[str, ...] = ()


def _accepted(_delivery: Delivery, _source: Source) -> Reply:
    return Reply()


def _not_greeted(_delivery: Delivery, _source: Source) -> Reply | None:
    return None


def _signed(_options: Mapping[str, str]) -> bool:
    return False


def _without_calls(_source: Source) -> bool:
    return False


def with_calls(_source: Source) -> bool:
    """What an exchange's adapter answers to `takes_calls`."""
    return True


def _not_named(_delivery: Delivery, _source: Source) -> str | None:
    return None


def _without_mistakes(_secrets: Mapping[str, str]) -> Sequence[FieldMistake]:
    return ()


@dataclass(frozen=True, slots=True)
class Adapter:
    """A sender's contract.

    `verify` raises NotAuthentic unless the source's sender sent the delivery. It raises nothing
    else, whatever bytes come. `read` gives the events of a delivery, and none for an uninteresting
    one. It raises Unreadable for a delivery that it does not understand, and nothing else. `greet`
    answers a handshake or a test of the connection before the delivery is verified or stored. It
    does its own checks and may raise NotAuthentic. `once` names a delivery that the sender may
    repeat: of one name only the first is stored. `reply` is the answer to a stored delivery. Only
    `stored_headers` and the content type are stored with a delivery, because other headers may hold
    secrets. `check_secrets` gives the mistakes in new secrets, by their names, before they are
    stored.

    With `secret_address` the only proof is the address itself, which then holds a token. The same
    holds for a source whose options say that its sender does not sign (`is_unsigned`). A source
    that `takes_calls` sends news of telephone calls.
    """

    name: str
    title: str
    verify: Verify
    read: Read
    reply: Answer = _accepted
    greet: Greet = _not_greeted
    once: Once = _not_named
    read_lookup: ReadAnswer | None = None
    check_secrets: CheckSecrets = _without_mistakes
    secrets: Mapping[str, Setting] = field(default_factory=dict)
    options: Mapping[str, Setting] = field(default_factory=dict)
    stored_headers: frozenset[str] = frozenset()
    methods: frozenset[str] = frozenset({"POST"})
    max_bytes: int = 1024 * 1024
    secret_address: bool = False
    is_unsigned: Callable[[Mapping[str, str]], bool] = _signed
    takes_calls: Callable[[Source], bool] = _without_calls
