"""One account of a sender that posts to us, with its settings."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from service.adapters.queue_by import QueueBy
from service.leads.lead import Signal

UNKNOWN_REGION = "ZZ"
UTC = "UTC"


@dataclass(frozen=True, slots=True)
class Places:
    """The places that an account sets itself. Unset ones are its queue's."""

    region: str | None = None
    time_zone: str | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """An account of a sender, as its adapter needs it.

    Each secret may have two values, the newest first, so that it can be replaced without a gap.
    `options` are the adapter's own, given or at their defaults. `operators` maps the sender's
    extensions and agents' ids to our operators; all others are the `default_operator`, or nobody.
    `region` is the country of phone numbers without a country code, and `time_zone` the zone of
    times without one. Those that `places` does not set are the queue's. `extensions` are the
    exchange's own numbers, `100-199` or `29`. When unset, those that the exchange named itself
    count (`learnt_extensions`). `own_marks` are the shop's own numbers and addresses, as
    identities: `phone:+7…`, `email:info@shop.ru`, `email:@shop.ru`.
    """

    name: str
    adapter: str
    queue: str
    secrets: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False, repr=False)
    options: Mapping[str, str] = field(default_factory=dict, hash=False)
    operators: Mapping[str, str] = field(default_factory=dict, hash=False)
    default_operator: str | None = None
    places: Places = field(default_factory=Places)
    time_zone: str = UTC
    region: str = UNKNOWN_REGION
    extensions: tuple[str, ...] = ()
    learnt_extensions: frozenset[str] = frozenset()
    mapping: str | None = None
    own_marks: frozenset[str] = frozenset()
    queue_by: QueueBy | None = None

    def secret(self, name: str) -> tuple[str, ...]:
        """The valid values of a secret, the newest first; empty when it is not set."""
        return self.secrets.get(name, ())

    @property
    def queues(self) -> tuple[str, ...]:
        """Every queue that a signal of this account may go to, its own first."""
        others = () if self.queue_by is None else self.queue_by.queues
        return tuple(dict.fromkeys((self.queue, *others)))

    def queue_of(self, signal: Signal) -> str:
        """The queue of a signal; it depends on the signal when the account has `queue_by` (B18)."""
        return self.queue if self.queue_by is None else self.queue_by.of(signal, self.queue)

    def in_places(self, region: str, time_zone: str) -> "Source":
        """The account, with its queue's region and zone where it sets none."""
        own = self.places
        return replace(self, region=own.region or region, time_zone=own.time_zone or time_zone)

    def operator_of(self, theirs: str | None) -> str | None:
        """Our operator for an extension or an agent's id of the sender."""
        return self.operators.get(theirs or "", self.default_operator)
