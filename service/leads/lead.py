"""A lead, the signal that opened it, and the table of moves it may make."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from service.leads.context import NO_FACTS, ClientFacts, TaskTerms
from service.leads.customer import Customer
from service.leads.errors import MoveNotAllowed
from service.leads.price_profile import PriceProfile
from service.leads.routing import UNROUTED, Routing
from service.leads.show import Show

EVERYBODY = "everybody"
FREELY_NAMED = "api"  # stands for sources that senders name as they like, any number of them


class Kind(StrEnum):
    """What a lead is, in the handbook's order (rule A2), and call tasks (rule B14)."""

    OFFICE = "office"
    PHONE = "phone"
    CHAT = "chat"
    SELF_ORDER = "self_order"
    OFFLINE = "offline"
    REGISTRATION = "registration"
    TASK = "task"


class Channel(StrEnum):
    """How a signal came."""

    WALK_IN = "walk_in"
    PHONE = "phone"
    SITE_CHAT = "site_chat"
    WHATSAPP = "whatsapp"
    VK = "vk"
    TELEGRAM = "telegram"
    VIBER = "viber"
    FACEBOOK = "facebook"
    SKYPE = "skype"
    MAX = "max"
    SITE_ORDER = "site_order"
    VIN_REQUEST = "vin_request"
    EMAIL = "email"
    LANDING_FORM = "landing_form"
    REGISTRATION = "registration"
    CRM_TASK = "crm_task"


def is_live_by_default(channel: Channel, kind: Kind | None) -> bool:
    """Whether the client is there at this moment when the sender does not say."""
    if kind is not None:
        return kind in (Kind.OFFICE, Kind.PHONE)
    return channel in (Channel.WALK_IN, Channel.PHONE)


class Intent(StrEnum):
    """What the client wants (rule A10)."""

    SALE = "sale"
    ORDER_QUESTION = "order_question"
    RETURN = "return"
    COMPLAINT = "complaint"
    OTHER = "other"


class State(StrEnum):
    """Where a lead is in its life."""

    WAITING = "waiting"
    CLAIMED = "claimed"
    PARKED = "parked"
    SETTLED = "settled"
    JOINED = "joined"


class ParkedFor(StrEnum):
    """What a parked lead comes back for (A11, B6, A14, A21, B5, A7); `later`: as somebody chose."""

    CALLBACK = "callback"
    NO_ANSWER = "no_answer"
    LATER = "later"
    PAYMENT = "payment"
    WHOLESALE_CHECK = "wholesale_check"
    ARCHIVE = "archive"
    VISIT_OVER = "visit_over"


# Mirrored by the CHECK on lead_events: no event can tell of a move that is not here.
MOVES: Mapping[State, frozenset[State]] = {
    State.WAITING: frozenset({State.CLAIMED, State.PARKED, State.SETTLED, State.JOINED}),
    State.CLAIMED: frozenset({State.WAITING, State.PARKED, State.SETTLED}),
    State.PARKED: frozenset({State.WAITING, State.SETTLED, State.JOINED}),
    State.SETTLED: frozenset(),
    State.JOINED: frozenset(),
}
# What a lead that is over may come back to: its end was undone, or its wish can be answered (B12).
REOPENINGS: Mapping[State, frozenset[State]] = {
    State.SETTLED: frozenset({State.CLAIMED, State.WAITING}),
}
# Open, and nobody holds it.
FREE = (State.WAITING, State.PARKED)
MAX_POSSIBLY_SAME = 20


def check_move(before: State, after: State) -> None:
    """Raise MoveNotAllowed unless the table of moves leads from `before` to `after`."""
    if after not in MOVES[before]:
        raise MoveNotAllowed(f"The lead is {before}; it cannot become {after}.")


def check_reopening(before: State, after: State) -> None:
    """Raise MoveNotAllowed unless a lead that is over may come back so."""
    if after not in REOPENINGS.get(before, ()):
        raise MoveNotAllowed(f"The lead is {before}; it cannot be {after} again.")


@dataclass(frozen=True, slots=True)
class Item:
    """One wanted article; the price is for a piece, in its currency, else in its signal's."""

    name: str
    quantity: Decimal
    price: Decimal | None
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class Signal:
    """One incoming event about a client, as its sender told it.

    `currency` (ISO 4217) is that of the budget, and of prices that name none; None: the queue's.
    """

    queue: str
    channel: Channel
    received_at: datetime
    kind: Kind | None = None
    source: str = "unnamed"
    external_id: str | None = None
    live: bool = False
    customer: Customer | None = None
    text: str | None = None
    items: tuple[Item, ...] = ()
    budget: Decimal | None = None
    urgency: float | None = None
    needed_by: datetime | None = None
    vin: str | None = None
    intent: Intent | None = None
    paid: bool = False
    attributes: Mapping[str, object] | None = None
    task: TaskTerms | None = None
    currency: str | None = None
    show: Show | None = None


@dataclass(frozen=True, slots=True)
class Outcomes:
    """How many claims of one kind and intent were won, and how many were not."""

    won: int
    lost: int


@dataclass(frozen=True, slots=True)
class EarlyStart:
    """So much work before one cut-off that it must begin this many minutes earlier (rule A15)."""

    cutoff_at: datetime
    minutes: float


@dataclass(frozen=True, slots=True)
class RankingInput:
    """What a lead is ranked by, besides the policy and the time.

    `asked_at` is the client's last word: what kind a message is, and how much time they have left,
    counts from there. Their waiting counts from when the signal was received, from
    `promised_at` once they were promised to be called, or came back before, and from
    `unanswered_since`, their first word after our side answered at `own_answer_at`.
    It was `parked_for` something by somebody the last time; `callback_due` says that they are to
    be called for it. The last talk with them ended at `talked_at`, unless they called again.
    """

    signal: Signal
    asked_at: datetime
    callback_due: bool = False
    rush: EarlyStart | None = None
    routing: Routing = UNROUTED
    promised_at: datetime | None = None
    parked_for: ParkedFor | None = None
    parked_by: str | None = None
    talked_at: datetime | None = None
    own_answer_at: datetime | None = None
    unanswered_since: datetime | None = None
    client: ClientFacts = NO_FACTS

    @property
    def waits_since(self) -> datetime:
        """From when the client's waiting counts."""
        asked = self.unanswered_since or self.signal.received_at
        return asked if self.promised_at is None else max(asked, self.promised_at)

    @property
    def returned_for(self) -> ParkedFor | None:
        """What they are to be called for now; None for who came by themselves."""
        return (self.parked_for or ParkedFor.CALLBACK) if self.callback_due else None


@dataclass(frozen=True, slots=True)
class Step:
    """What time will change about a lead's place, and the rule that says so.

    `protected` and `behind` are those of `Ranking`, from then on.
    """

    at: datetime
    stage: int
    score: Decimal
    rank: int
    lane: str
    source: str
    rule: str
    protected: bool = False
    behind: bool = False


@dataclass(frozen=True, slots=True)
class Ranking:
    """Where a lead stands and why: the result of ranking it.

    While it is `protected` the guarantee passes nobody over it; while it is `behind`, it comes
    after the other late ones. `guaranteed` is whether the guarantee can take it at all.
    `work_minutes` are what it will cost an operator; `rush_number` says under which numbers of the
    policy it was ranked: each begin and end of a rush raises it, and it is odd in a rush.
    """

    kind: Kind
    stage: int
    score: Decimal
    cost_per_minute: float
    rank: int
    lane: str
    policy_version: int
    explanation: Mapping[str, object]
    intent: Intent = Intent.SALE
    chance: float = 0.0
    observed: Outcomes | None = None
    timeline: tuple[Step, ...] = ()
    late_at: datetime | None = None
    protected: bool = False
    behind: bool = False
    guaranteed: bool = False
    work_minutes: float = 1.0
    rush_number: int = 0


@dataclass(frozen=True, slots=True)
class Claim:
    """One operator's hold on one lead.

    `on_top` of others that they hold, for a live client whom nobody else could take (rule A7);
    theirs are `paused_since` then, and their leases do not end meanwhile. While telephony says that
    the client talks, `talking_since` then, the lease lasts as long as a talk may.
    """

    operator: str
    token: str
    since: datetime
    lease_until: datetime
    on_top: bool = False
    paused_since: datetime | None = None
    talking_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class PossiblySame:
    """Another lead with an equal mark, which other marks keep apart; a person decides."""

    lead: UUID
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lead:
    """One need of one client that may become an order (rule A1).

    It `follows` the ended lead that the same client had before. One that was `joined_into`
    another is over: they were one need. One `split_from` another was wrongly joined to it.
    """

    id: UUID
    version: int
    state: State
    situation: RankingInput
    ranking: Ranking
    created_at: datetime
    claim: Claim | None = None
    parked_until: datetime | None = None
    unanswered_calls: int = 0
    outcome: str | None = None
    reason: str | None = None
    amount: Decimal | None = None
    note: str | None = None
    price_profile: PriceProfile | None = None
    settled_at: datetime | None = None
    settled_by: str | None = None
    counted: bool = False
    offer_again_at: datetime | None = None
    brought_by: str | None = None
    follows: UUID | None = None
    joined_into: UUID | None = None
    split_from: UUID | None = None
    first_answer_at: datetime | None = None
    first_claimed_at: datetime | None = None
    possibly_same: tuple[PossiblySame, ...] = ()

    @property
    def parked_for(self) -> ParkedFor | None:
        """What it was parked for the last time."""
        return self.situation.parked_for

    @property
    def parked_by(self) -> str | None:
        """Who parked it the last time."""
        return self.situation.parked_by

    @property
    def signal(self) -> Signal:
        """What the client said."""
        return self.situation.signal

    @property
    def sender(self) -> str:
        """The source of webhooks or the key that brought it; `api` for a source named freely."""
        return self.brought_by if self.brought_by == self.signal.source else FREELY_NAMED

    @property
    def awaits_payment(self) -> bool:
        """Whether money is to come for it, also while its client is called again about it."""
        return self.parked_for is ParkedFor.PAYMENT or self.amount is not None
