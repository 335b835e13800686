"""A lead, the signal that opened it, and the table of allowed moves."""

from collections.abc import Mapping
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
from service.leads.unchanging import unchanging

EVERYBODY = "everybody"
HIGHEST_MONEY = Decimal(1_000_000_000)  # a larger sum is a mistake
FREELY_NAMED = "api"  # stands for every source whose name the sender chose freely


class Kind(StrEnum):
    """The kind of a lead, in the handbook's order (rule A2), and call tasks (rule B14)."""

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
    """Whether the client counts as live when the sender does not say it."""
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
    """The state of a lead."""

    WAITING = "waiting"
    CLAIMED = "claimed"
    PARKED = "parked"
    SETTLED = "settled"
    JOINED = "joined"


class ParkedFor(StrEnum):
    """Why a parked lead comes back (A11, B6, A14, A21, B5, A7); `later`: somebody chose."""

    CALLBACK = "callback"
    NO_ANSWER = "no_answer"
    LATER = "later"
    PAYMENT = "payment"
    WHOLESALE_CHECK = "wholesale_check"
    ARCHIVE = "archive"
    VISIT_OVER = "visit_over"


# Mirrored by the CHECK on lead_events: an event with any other move cannot be stored.
MOVES: Mapping[State, frozenset[State]] = {
    State.WAITING: frozenset({State.CLAIMED, State.PARKED, State.SETTLED, State.JOINED}),
    State.CLAIMED: frozenset({State.WAITING, State.PARKED, State.SETTLED}),
    State.PARKED: frozenset({State.WAITING, State.SETTLED, State.JOINED}),
    State.SETTLED: frozenset(),
    State.JOINED: frozenset(),
}
# The moves of a settled lead: its end was undone, or its wish can be answered (B12).
REOPENINGS: Mapping[State, frozenset[State]] = {
    State.SETTLED: frozenset({State.CLAIMED, State.WAITING}),
}
# The lead is open and no operator holds it.
FREE = (State.WAITING, State.PARKED)
MAX_POSSIBLY_SAME = 20


def check_move(before: State, after: State) -> None:
    """Raise MoveNotAllowed unless the table of moves leads from `before` to `after`."""
    if after not in MOVES[before]:
        raise MoveNotAllowed(f"The lead is {before}; it cannot become {after}.")


def check_reopening(before: State, after: State) -> None:
    """Raise MoveNotAllowed unless a settled lead may move from `before` to `after`."""
    if after not in REOPENINGS.get(before, ()):
        raise MoveNotAllowed(f"The lead is {before}; it cannot be {after} again.")


@unchanging
class Item:
    """One wanted article.

    `price` is for one piece. Without a `currency` it is in the currency of the signal. A limited
    item was priced by a sender who does not speak for the shop.
    """

    name: str
    quantity: Decimal
    price: Decimal | None
    currency: str | None = None
    is_limited: bool = False


@unchanging
class Signal:
    """One event about a client, as its sender reported it.

    `currency` (ISO 4217) is the currency of the budget and of prices that name none. None stands
    for the currency of the queue. A limited budget was stated by a sender who does not speak for
    the shop: it counts as a few usual bills at most.
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
    budget_is_limited: bool = False


@unchanging
class Outcomes:
    """How many claims of one kind and intent were won and how many were lost."""

    won: int
    lost: int


@unchanging
class EarlyStart:
    """One cut-off with so much work that work must begin `minutes` earlier (rule A15)."""

    cutoff_at: datetime
    minutes: float


@unchanging
class RankingInput:
    """What a lead is ranked by, besides the policy and the time.

    `asked_at` is the time of the client's last message. The kind of a message and the time that is
    left for the client count from there. The client waits since `unanswered_since`, their first
    message after our side answered at `own_answer_at`; else since the signal was received. If
    `promised_at` is later, they wait since then: a promised call was due, or they came back before
    it.

    `parked_for` and `parked_by` describe the last parking. With `callback_due` the client is to be
    called for that reason now. `talked_at` is when the last talk with the client ended; it is unset
    when the client called again later.
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
        """The moment from which the client's waiting counts."""
        asked = self.unanswered_since or self.signal.received_at
        return asked if self.promised_at is None else max(asked, self.promised_at)

    @property
    def returned_for(self) -> ParkedFor | None:
        """Why the client is to be called now; None when no call is due."""
        return (self.parked_for or ParkedFor.CALLBACK) if self.callback_due else None


@unchanging
class Step:
    """A future change of a lead's place, with the rule that causes it.

    `protected` and `behind` have the meaning of `Ranking`, from `at` on.
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


@unchanging
class Ranking:
    """The result of ranking a lead: its place and the reasons.

    The guarantee lets no lead pass while it is `protected`. A lead that is `behind` comes after the
    other late leads. `guaranteed` says whether the guarantee can take the lead at all.
    `work_minutes` is the operator's work on it. `rush_number` says under which numbers of the
    policy it was ranked: each begin and each end of a rush raises it, so it is odd during a rush.
    `reading` is what the words say, kept for the next ranking (service/text/kept_reading.py).
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
    reading: str | None = None


@unchanging
class Claim:
    """One operator's hold on one lead.

    A claim is `on_top` when its operator already held leads and nobody else could take a live
    client (rule A7). The leads below it are `paused_since` then, and their leases do not end. While
    telephony reports a talk with the client, since `talking_since`, the lease lasts as long as a
    talk may last.
    """

    operator: str
    token: str
    since: datetime
    lease_until: datetime
    on_top: bool = False
    paused_since: datetime | None = None
    talking_since: datetime | None = None


@unchanging
class PossiblySame:
    """Another lead with an equal mark that other marks keep apart; a person decides."""

    lead: UUID
    evidence: tuple[str, ...]


@unchanging
class Lead:
    """One need of one client that may become an order (rule A1).

    `follows` is the ended lead that the same client had before. A lead with `joined_into` is over:
    both were one need. A lead with `split_from` had wrongly joined that other lead.
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
        """Why the lead was parked the last time."""
        return self.situation.parked_for

    @property
    def parked_by(self) -> str | None:
        """Who parked the lead the last time."""
        return self.situation.parked_by

    @property
    def signal(self) -> Signal:
        """The signal that opened the lead."""
        return self.situation.signal

    @property
    def sender(self) -> str:
        """The source of webhooks or the key that brought it; `api` for a freely named source."""
        return self.brought_by if self.brought_by == self.signal.source else FREELY_NAMED

    @property
    def awaits_payment(self) -> bool:
        """Whether a payment is expected, also while the client is called again about it."""
        return self.parked_for is ParkedFor.PAYMENT or self.amount is not None
