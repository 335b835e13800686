"""One account of a sender that posts to us: what it was told to us to be."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from service.adapters.queue_by import QueueBy
from service.leads.lead import Signal

UNKNOWN_REGION = "ZZ"
UTC = "UTC"


@dataclass(frozen=True, slots=True)
class Places:
    """What an account names for itself; what it leaves out is its queue's."""

    region: str | None = None
    time_zone: str | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """An account of a sender, as its adapter needs it.

    Of each secret there may be two, the newest first, so that a sender can be given a new one
    without a gap. `options` are the adapter's own, each one given or at its default. `operators`
    says which of our operators the sender means by an extension or an agent's id; who is not
    there is `default_operator`, or nobody. `region` is the country of telephone numbers without
    a country's code, `time_zone` the zone of times without one: what `places` does not name is the
    queue's. `extensions` are the exchange's own numbers, `100-199` or `29`; without them those that
    it named itself, `learnt_extensions`. `own_marks` are the shop's own
    numbers and addresses, as identities: `phone:+7…`, `email:info@shop.ru`, `email:@shop.ru`.
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
        """The secrets of a name that are valid now, the newest first; empty when there is none."""
        return self.secrets.get(name, ())

    @property
    def queues(self) -> tuple[str, ...]:
        """Every queue that a signal of this account may come to, its own first."""
        others = () if self.queue_by is None else self.queue_by.queues
        return tuple(dict.fromkeys((self.queue, *others)))

    def queue_of(self, signal: Signal) -> str:
        """The queue of a signal: by what it says, where the account is told apart by it (B18)."""
        return self.queue if self.queue_by is None else self.queue_by.of(signal, self.queue)

    def in_places(self, region: str, time_zone: str) -> "Source":
        """The account, with its queue's region and zone where it names none."""
        own = self.places
        return replace(self, region=own.region or region, time_zone=own.time_zone or time_zone)

    def operator_of(self, theirs: str | None) -> str | None:
        """Our operator whom the sender means by an extension or an agent's id."""
        return self.operators.get(theirs or "", self.default_operator)
