"""All numbers of the ranking in one frozen value (rules A2, A3, B1)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum

from service.hours.hours import Hours
from service.leads.identity import Evidence
from service.leads.lead import Channel, Intent, Kind
from service.leads.settlement import Outcome
from service.rules.hints import Hint
from service.rules.links import Link
from service.rules.ownership import OwnershipRules
from service.rules.retention import Retention
from service.rules.staff import AudienceRules
from service.rules.targets import Figure
from service.text.dates import NO_NAMED_DAYS, NamedDays
from service.text.lexicon import Lexicon


class Ties(StrEnum):
    """Who goes first among equal scores (rule A6)."""

    NEWEST = "newest"
    OLDEST = "oldest"


class Trigger(StrEnum):
    """The event from which an escalation counts its minutes."""

    AFTER = "after"
    BEFORE_CUTOFF = "before_cutoff"
    BEFORE_CLOSING = "before_closing"


class Returning(StrEnum):
    """Why a client is called again (A7, A8, A11, A13, A14, A21, B6)."""

    PROMISED_CALLBACK = "promised_callback"
    MISSED_CALL = "missed_call"
    VISIT_OVER = "visit_over"
    NO_ANSWER = "no_answer"
    PAYMENT = "payment"
    WHOLESALE_CHECK = "wholesale_check"
    LATER = "later"


@dataclass(frozen=True, slots=True)
class Escalation:
    """A higher stage for a lead that has waited long or runs out of time.

    `after` counts business minutes since the lead was received; the other triggers count minutes of
    the clock.
    """

    trigger: Trigger
    minutes: float
    stage: int
    rule: str


@dataclass(frozen=True, slots=True)
class KindPolicy:
    """The numbers of a kind of lead; bills are in the queue's currency.

    A lead that waits for more than `late_minutes` business minutes is late; without them it never
    is.
    """

    chance: float
    urgency: float
    usual_bill: float
    stage: int
    ties: Ties
    escalations: tuple[Escalation, ...] = ()
    owner_minutes: float = 0
    late_minutes: float | None = None
    unnamed_bill: float | None = None


@dataclass(frozen=True, slots=True)
class Cutoff:
    """The supplier's daily cut-off: minutes of the local day, on weekdays 0 to 6 (rule A15)."""

    minutes: int
    days: frozenset[int]
    handling_minutes: float
    rule: str


@dataclass(frozen=True, slots=True)
class Learning:
    """Whether outcomes correct chances; a policy's chance counts as `prior_weight` outcomes."""

    enabled: bool
    prior_weight: float


@dataclass(frozen=True, slots=True)
class ClientWeights:
    """Factors of the chance for facts about the client and their order (A23, A26, B3, B5).

    Each day multiplies the chance of an unpaid order by `unpaid_day`. A refusal of a running order
    is at least as urgent as `refusal_urgency` (A25).
    """

    bought_before: float = 1.0
    vip: float = 1.0
    blocked: float = 1.0
    unpaid_day: float = 1.0
    refusal_urgency: float | None = None


@dataclass(frozen=True, slots=True)
class FollowUps:
    """What is done later, and when (rules A14, A21, B5, B7, B9).

    An order waits for payment for `awaiting_payment`, a cashless one for `cashless_payment` from
    its invoice (B16). A wholesale client is checked after `wholesale_check`. A client who has been
    blocked for `archive_after_years` years is archived. An order may be in work for
    `order_in_work`. The head is asked about an extension `extension_asked` before a reservation or
    an invoice ends.
    """

    awaiting_payment: timedelta
    wholesale_check: timedelta
    archive_after_years: int
    order_in_work: timedelta
    extension_asked: timedelta
    cashless_payment: timedelta


class TasksAfter(StrEnum):
    """What becomes of a client's call tasks after a sale or a talk (rule B14)."""

    END = "end"
    MOVE = "move"
    STAY = "stay"


@dataclass(frozen=True, slots=True)
class CallTasks:
    """What becomes of a client's other call tasks after a sale or a talk, and how far they move."""

    after_sale: TasksAfter
    after_talk: TasksAfter
    moved_by: timedelta


@dataclass(frozen=True, slots=True)
class Duty:
    """What the duty operator takes: mail of these channels, and leads that others left (B20)."""

    channels: frozenset[Channel]
    takes_what_is_left: bool


@dataclass(frozen=True, slots=True)
class WorkMinutes:
    """An operator's minutes for a lead: `each`, and `per_part` for each part above two (A12)."""

    each: float
    per_part: float = 0.0


@dataclass(frozen=True, slots=True)
class Stay:
    """After `after` times the kind's patience, this share of the silent clients is still there."""

    after: float
    share: float


@dataclass(frozen=True, slots=True)
class Index:
    """The numbers of the score p·B·s/(S·τ^weight) (rules A4, A5, A6).

    A kind without minutes takes one minute. A kind without patience has the patience of its
    urgency. A client of a kind without stays waits until they are served.
    """

    weight: float = 1.0
    minutes: Mapping[Kind, WorkMinutes] = field(default_factory=dict)
    patience: Mapping[Kind, float] = field(default_factory=dict)
    stays: Mapping[Kind, tuple[Stay, ...]] = field(default_factory=dict)


class Mode(StrEnum):
    """Which set of numbers applies."""

    CALM = "calm"
    RUSH = "rush"


@dataclass(frozen=True, slots=True)
class RushRules:
    """When the second set of numbers applies, and the set itself (rule A4).

    The measure is minutes of waiting work for each operator on shift. A rush begins when they
    exceed `begins` for a time of `after` without a break. It ends when they fall below `ends`.
    """

    begins: float
    after: timedelta
    ends: float
    policy: "Policy"


@dataclass(frozen=True, slots=True)
class Rate:
    """The value of one unit of another currency in the queue's currency, and its day."""

    rate: float
    on: date


@dataclass(frozen=True, slots=True)
class Policy:
    """The written policy of a queue."""

    version: int
    currency: str
    region: str
    kinds: Mapping[Kind, KindPolicy]
    channels: Mapping[Channel, Kind]
    intents: Mapping[Intent, float]
    hours: Hours
    cutoff: Cutoff | None
    ownership: OwnershipRules
    audience: AudienceRules
    duty: Duty
    hints: tuple[Hint, ...]
    most_open_tasks: int
    owner_share: float
    returns: Mapping[Returning, int | None]
    callback_after: timedelta
    callback_late_minutes: float | None
    farthest_callback: timedelta
    follow_ups: FollowUps
    call_tasks: CallTasks
    reasons: Mapping[Outcome, Mapping[str, str]]
    client: ClientWeights
    longest_patience_minutes: float
    left_by_day: tuple[tuple[timedelta, float], ...]
    smallest_cost: float
    greatest_cost: float
    lexicon: Lexicon
    vin_chance_factor: float
    learning: Learning
    lease: timedelta
    held_late: timedelta | None
    live_for: Mapping[Kind, timedelta]
    talk_for: timedelta
    wrap_up: timedelta
    reply_within: timedelta | None
    late_again: timedelta | None
    declined_again_minutes: float
    no_answer_retries: tuple[timedelta, ...]
    joins_by: frozenset[Evidence]
    own_marks: frozenset[str]
    shared_mark_clients: int
    stated_budget_times: float
    index: Index = field(default_factory=Index)
    guarantee_every: int | None = None
    rush: RushRules | None = None
    mode: Mode = Mode.CALM
    other_stage: int = 100
    named_days: NamedDays = NO_NAMED_DAYS
    rates: Mapping[str, Rate] = field(default_factory=dict)
    rush_number: int = 0
    retention: Retention = field(default_factory=Retention)
    links: tuple[Link, ...] = ()
    targets: Mapping[Figure, float] = field(default_factory=dict)

    def in_mode(self, mode: Mode) -> "Policy":
        """The numbers of a mode; a policy without a rush has only one set."""
        return self.rush.policy if mode is Mode.RUSH and self.rush is not None else self

    def in_own_currency(self, amount: float, currency: str | None) -> float | None:
        """An amount in the queue's currency; None when there is no rate for it."""
        if currency in (None, self.currency):
            return amount
        rate = self.rates.get(currency or "")
        return None if rate is None else amount * rate.rate

    def at_number(self, rush_number: int) -> "Policy":
        """The numbers after this many begins and ends of rushes; an odd number means a rush."""
        numbers = self.in_mode(Mode.RUSH if rush_number % 2 else Mode.CALM)
        if numbers.rush_number == rush_number:
            return numbers
        return replace(numbers, rush_number=rush_number)
