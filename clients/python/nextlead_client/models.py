"""Shapes of what is sent and answered, made from openapi.yaml by generate.py."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypeAlias, TypedDict

Buyer: TypeAlias = Literal['end_consumer', 'reseller']


Campaign: TypeAlias = Literal['birthday', 'new_year', 'other']


Channel: TypeAlias = Literal['walk_in', 'phone', 'site_chat', 'whatsapp', 'vk', 'telegram', 'viber', 'facebook', 'skype', 'max', 'site_order', 'vin_request', 'email', 'landing_form', 'registration', 'crm_task']


class ClaimOut(TypedDict):
    """
    The operator who holds a lead, and the end of the lease.
    """

    operator: str
    token: str | None
    since: str
    lease_until: str
    on_top: bool
    paused_since: str | None


ClientClass: TypeAlias = Literal['ordinary', 'vip', 'super_vip', 'wholesale']


class ContactIn(TypedDict):
    """
    A talk of an operator with the client (A9).
    """

    operator: str
    at: str


class ContactOut(TypedDict):
    """
    When an operator talked with the client.
    """

    operator: str
    at: str


class CorrectionOut(TypedDict):
    """
    A word of the text, as written and as read.
    """

    written: str
    read_as: str


class CutoffOut(TypedDict):
    """
    Whether the leads before the next cut-off can be done in time. Minutes are of open hours.
    """

    at: str
    waiting: int
    operators_on_shift: int
    handling_minutes: float
    needed_minutes: float
    left_minutes: float
    will_miss: int


class DeclineIn(TypedDict):
    """
    Refuse a lead for good.
    """

    token: str
    reason: str


Evidence: TypeAlias = Literal['customer', 'phone', 'messenger', 'email']


Figure: TypeAlias = Literal['live_seconds', 'late', 'late_share', 'waiting', 'longest_minutes', 'cost_per_minute', 'free', 'first_answer_median_minutes', 'first_answer_90_percent_minutes', 'served_per_hour', 'conversion']


class FindingOut(TypedDict):
    """
    A number, its source, and its rule.
    """

    value: float | str
    source: str
    rule: str
    title: str | None


class FormulaOut(TypedDict):
    """
    The constants of the score, from the policy.
    """

    c0: float
    c1: float
    longest_patience_minutes: float


class GuaranteeOut(TypedDict):
    """
    One in `every` claims takes the longest-late lead. This was number `count` since the last.
    """

    every: int
    count: int


class HintOut(TypedDict):
    """
    A text of the policy for the operator who takes such a lead.
    """

    text: str
    rule: str
    title: str | None


class HoldingOut(TypedDict):
    """
    How many leads an operator holds.
    """

    name: str
    holding: int


class IndexOut(TypedDict):
    """
    The value behind the score: chance · budget · share / (work_minutes · patience^weight).

    It explains why the order of two leads may differ from the order of their costs of waiting.
    """

    value: float
    work_minutes: float
    weight_of_patience: float
    share_still_there: float


Intent: TypeAlias = Literal['sale', 'order_question', 'return', 'complaint', 'other']


class ItemIn(TypedDict):
    """
    An article that the client wants.
    """

    name: str
    quantity: NotRequired[str | float]
    price: NotRequired[str | float | None]
    currency: NotRequired[str | None]


class ItemOut(TypedDict):
    """
    An article that the client wants.
    """

    name: str
    quantity: str
    price: str | None
    currency: str | None


JsonValue: TypeAlias = Any


class KeptOut(TypedDict):
    """
    How long one sort of data is kept, by the policy's `retention`.
    """

    what: Literal['leads', 'events', 'texts', 'deliveries']
    days: int
    next_at: str | None


Kind: TypeAlias = Literal['office', 'phone', 'chat', 'self_order', 'offline', 'registration', 'task']


class LiveOut(TypedDict):
    """
    Clients who are on the phone or at the counter, and whom nobody has answered.
    """

    waiting: int
    longest_wait_seconds: float | None


MentionedIn: TypeAlias = Literal['text', 'signature', 'quotation']


Mode: TypeAlias = Literal['calm', 'rush']


class NotEligibleOut(TypedDict):
    """
    A lead that stood ahead, but that a rule kept from this operator.
    """

    lane: str
    lead_id: str
    rank: int
    rule: str
    title: str | None


class NoteIn(TypedDict):
    """
    A note of what happened with the client (A22).
    """

    author: str
    at: str
    text: str


class NoteOut(TypedDict):
    """
    A note of what was said or done with the client.
    """

    author: str
    at: str
    text: str


Queue: TypeAlias = str


Skill: TypeAlias = str


class OperatorIn(TypedDict):
    """
    An operator: queues, skills, and capacity.
    """

    name: NotRequired[str | None]
    queues: NotRequired[list[Queue]]
    skills: NotRequired[list[Skill]]
    capacity: NotRequired[int]
    capacity_by_kind: NotRequired[dict[Kind, int]]
    shifts: NotRequired[dict[str, Any] | None]


OrderState: TypeAlias = Literal['in_work', 'processed', 'awaiting_payment', 'reserved', 'done']


Outcome: TypeAlias = Literal['won', 'lost', 'cancelled', 'no_answer', 'callback', 'awaiting_payment', 'wish', 'wholesale', 'answered', 'will_think', 'spam', 'duplicate', 'withdrawn_by_client']


class OwnerOut(TypedDict):
    """
    The operator who works with the client by a supervisor's decision (B19).
    """

    operator: str
    reason: str
    by: str
    at: str
    until: str | None


class ParkIn(TypedDict):
    """
    Put a lead aside until a time.
    """

    token: str
    until: str
    note: str


ParkedFor: TypeAlias = Literal['callback', 'no_answer', 'later', 'payment', 'wholesale_check', 'archive', 'visit_over']


class PointOut(TypedDict):
    """
    The figures of one kind in one hour or day. Times are in seconds.
    """

    at: str
    kind: Kind
    received: int
    served: int
    first_answers_known: int
    settled: int
    won: int
    lost: int
    cancelled: int
    no_answer: int
    answered: int
    amount: str
    first_answer_p50: float | None
    first_answer_p90: float | None


class PossiblySameOut(TypedDict):
    """
    Another lead with an equal mark. Other marks differ, so the two stay apart.
    """

    lead: str
    evidence: list[str]


Presence: TypeAlias = Literal['online', 'away', 'offline', 'wrap_up', 'break']


class PresenceIn(TypedDict):
    """
    The presence that an operator chooses.
    """

    status: Presence
    reason: NotRequired[str | None]


class PresenceOut(TypedDict):
    """
    How many operators of the queue are there.
    """

    on_shift: int
    free: int
    on_break: int


PriceProfile: TypeAlias = Literal['OPT', 'OPT1', 'OPT2']


class PromiseOut(TypedDict):
    """
    Another lead of the same client, parked until they are called again.
    """

    id: str
    kind: Kind
    until: str
    note: str | None


class RateOut(TypedDict):
    """
    The value of one unit of a currency in the queue's currency, and the day of the rate.
    """

    rate: float
    on: str


class ReasonOut(TypedDict):
    """
    The number of leads that ended for one reason.
    """

    outcome: Literal['lost', 'cancelled']
    name: str | None
    leads: int


class RecognitionOut(TypedDict):
    """
    The evidence by which cards were found, and which cards (A24).
    """

    by: list[Evidence]
    cards: list[str]
    rule: str


class ReleaseIn(TypedDict):
    """
    Give a lead back to the line.
    """

    token: str
    reason: NotRequired[str | None]


class RoutingOut(TypedDict):
    """
    The operators that may take a lead, and the rules that decide it.
    """

    owner: str | None
    owner_rule: str | None
    owner_rule_title: str | None
    skills: list[str]
    skills_rule: str | None
    skills_rule_title: str | None
    credited_to: str | None
    assigned_to: str | None
    declined_by: list[str]
    pinned: bool
    promised_by: NotRequired[str | None]


class SecondOut(TypedDict):
    """
    The lead that stood second when a lead was served, and how far behind it was.
    """

    lead_id: str
    rank: int
    stage: int
    score: float
    behind_by: str | None
    by: float
    rule: str
    title: str | None


Selection: TypeAlias = Literal['by_client', 'by_shop']


class SelectionOut(TypedDict):
    """
    A part that was selected for the client and offered (A28).
    """

    number: str
    name: str
    price: str | None
    at: str
    by: str


ServedVia: TypeAlias = Literal['line', 'storage', 'asked_for']


class SettleIn(TypedDict):
    """
    How a claim ends.
    """

    token: str
    outcome: Outcome
    reason: NotRequired[str | None]
    amount: NotRequired[str | float | None]
    note: NotRequired[str | None]
    until: NotRequired[str | None]
    buyer: NotRequired[Buyer | None]
    selection: NotRequired[Selection | None]
    currency: NotRequired[str | None]
    offered: NotRequired[str | None]
    cashless: NotRequired[bool]


class ShowIn(TypedDict):
    """
    A show that a client wants, as far as its details are known (B15).
    """

    date: NotRequired[str | None]
    place: NotRequired[str | None]
    guests: NotRequired[int | None]
    occasion: NotRequired[str | None]
    budget: NotRequired[str | float | None]
    wishes: NotRequired[str | None]


class ShowOut(TypedDict):
    """
    A show that the client wants (B15).
    """

    date: str | None
    place: str | None
    guests: int | None
    occasion: str | None
    budget: str | None
    wishes: str | None


State: TypeAlias = Literal['waiting', 'claimed', 'parked', 'settled', 'joined']


class StepOut(TypedDict):
    """
    A future change of place.
    """

    at: str
    stage: int
    score: float
    source: str
    rule: str
    title: str | None


class TargetOut(TypedDict):
    """
    A figure beside its target.
    """

    figure: Figure
    bound: Literal['at_most', 'at_least']
    target: float
    value: float | None
    met: bool | None


class TaskOut(TypedDict):
    """
    The call task of a lead (B14).
    """

    campaign: Campaign
    operator: str
    opened_at: str
    expires_at: str


class TextSignalOut(TypedDict):
    """
    A signal of the lexicon found in the text.
    """

    signal: str
    quantity: int
    rule: str
    title: str | None


class TiesOut(TypedDict):
    """
    Which lead goes first among equal scores.
    """

    value: str
    rule: str
    title: str | None


class TokenIn(TypedDict):
    """
    The token of the claim.
    """

    token: str


class TransferIn(TypedDict):
    """
    Hand a lead to another operator, to operators with a skill, or to another queue.
    """

    token: str
    operator: NotRequired[str | None]
    skill: NotRequired[str | None]
    queue: NotRequired[str | None]
    note: NotRequired[str | None]
    show: NotRequired[ShowIn | None]


class UnstaffedOut(TypedDict):
    """
    Skills that waiting leads need and nobody on shift has, nor is a head of sales there.
    """

    skills: list[str]
    rules: list[str]
    served_by: Literal['nobody', 'everybody']
    waiting: int


class VoteOut(TypedDict):
    """
    An intent guessed from all words together, because no signal names one.
    """

    intent: Intent
    certainty: float


class WarningOut(TypedDict):
    """
    A request that was carried out, but may not be what the caller meant.
    """

    field: str
    reason: str
    remedy: str


Car: TypeAlias = str


Phone: TypeAlias = str


class EventDataOut(TypedDict):
    """
    What happened, in ids and states. An event of a whole queue has fewer fields.
    """

    id: str
    lead_id: NotRequired[str | None]
    queue: NotRequired[str | None]
    kind: NotRequired[Kind | None]
    channel: NotRequired[Channel | None]
    source: NotRequired[str | None]
    external_id: NotRequired[str | None]
    state_before: NotRequired[State | None]
    state_after: NotRequired[State | None]
    actor: NotRequired[str | None]
    reason: NotRequired[str | None]
    details: NotRequired[dict[str, Any]]


class EventMessageOut(TypedDict):
    """
    The body of an event. More fields may be added.
    """

    type: str
    timestamp: str
    data: EventDataOut


class PlaceStageOut(TypedDict):
    """
    A stage without its reason.
    """

    value: int


class PlaceStepOut(TypedDict):
    """
    A future change of place, without its reason.
    """

    at: str
    stage: int
    score: float


class ProblemField(TypedDict):
    """
    One mistake in a request.
    """

    field: str
    reason: str
    remedy: str


class TaskIn(TypedDict):
    """
    A call task that arrives as a lead (B14).
    """

    campaign: Campaign
    operator: str
    opened_at: NotRequired[str | None]
    expires_at: str


class LeadOutAttributes(TypedDict):
    pass


OperatorOutCapacityByKind: TypeAlias = dict[Kind, int]


class OperatorOutShifts(TypedDict):
    pass


class CallTaskIn(TypedDict):
    """
    An operator's task to call the client (B14).
    """

    external_id: str
    campaign: Campaign
    operator: str
    opened_at: str
    expires_at: str
    closed_at: NotRequired[str | None]
    activated_at: NotRequired[str | None]


class CallTaskOut(TypedDict):
    """
    An operator's task to call the client.
    """

    external_id: str
    campaign: Campaign
    operator: str
    opened_at: str
    expires_at: str
    closed_at: str | None
    activated_at: str | None


class ConvertedMoneyOut(TypedDict):
    """
    Amounts in other currencies than the queue's. Without a rate for each, they are unknown.
    """

    of: Literal['stated', 'items']
    amounts: dict[str, str]
    rates: dict[str, RateOut]
    on: str | None


class DayOut(TypedDict):
    """
    The figures of the last 24 hours. Times to first answer are in seconds.
    """

    served: int
    won: int
    lost: int
    cancelled: int
    no_answer: int
    answered: int
    amount: str
    reasons: list[ReasonOut]
    first_answers_known: int
    first_answer_median_seconds: float | None
    first_answer_90_percent_seconds: float | None
    first_answer_95_percent_seconds: float | None


class DecisionOut(TypedDict):
    """
    Why a lead was served: its place then, the second lead, and the leads not eligible.
    """

    way: ServedVia
    rank: int
    stage: int
    score: float
    second: SecondOut | None
    guarantee: NotRequired[GuaranteeOut | None]
    not_eligible: list[NotEligibleOut]


class DepthOut(TypedDict):
    """
    How many leads of a kind and stage wait.
    """

    kind: Kind
    stage: int
    depth: int
    oldest_wait_seconds: float
    cost_per_minute: str


class EarlierLeadOut(TypedDict):
    """
    Another lead of the same client, and how it ended.
    """

    id: str
    kind: Kind
    state: State
    outcome: str | None
    amount: str | None
    note: str | None
    created_at: str
    settled_at: str | None
    settled_by: str | None


class HistoryOut(TypedDict):
    """
    A queue's history. A step without events of a kind has no point for it.
    """

    queue: str
    step: Literal['hour', 'day']
    time_zone: str
    currency: str
    points: list[PointOut]


MentionOut = TypedDict(
    'MentionOut',
    {
        'phone': NotRequired[str | None],
        'email': NotRequired[str | None],
        'from': MentionedIn,
    },
)


class OperatorOut(TypedDict):
    """
    An operator with their presence.
    """

    name: str
    queues: list[str]
    skills: list[str]
    capacity: int
    capacity_by_kind: OperatorOutCapacityByKind
    shifts: OperatorOutShifts | None
    presence: Presence
    reason: str | None
    seen_at: str | None


class OrderIn(TypedDict):
    """
    An order, and the operator who made it (B2).
    """

    number: str
    operator: NotRequired[str | None]
    opened_at: str
    state: NotRequired[OrderState]
    reserved_until: NotRequired[str | None]
    reason: NotRequired[str | None]
    amount: NotRequired[str | float | None]
    cashless: NotRequired[bool]
    invoiced_at: NotRequired[str | None]


class OrderOut(TypedDict):
    """
    An order of the client.
    """

    number: str
    operator: str | None
    opened_at: str
    state: OrderState
    reserved_until: str | None
    reason: str | None
    amount: str | None
    cashless: bool
    invoiced_at: str | None


class TextOut(TypedDict):
    """
    What was read from the text and from the names of articles.
    """

    signals: list[TextSignalOut]
    names: NotRequired[dict[str, dict[str, str]]]
    corrections: NotRequired[list[CorrectionOut]]
    decided_by_message: NotRequired[dict[str, int]]
    vote: NotRequired[VoteOut | None]
    notes: NotRequired[list[str]]
    skills: list[str]
    price: str | None
    price_is_guess: NotRequired[bool]
    needed_by: NotRequired[str | None]
    phones: list[str]
    vins: list[str]
    body_numbers: list[str]


class WaitingOut(TypedDict):
    """
    The leads that wait now.
    """

    depth: int
    oldest_wait_seconds: float | None
    cost_per_minute: str
    by_kind: list[DepthOut]


ContextIn = TypedDict(
    'ContextIn',
    {
        'class': NotRequired[ClientClass | None],
        'blocked_since': NotRequired[str | None],
        'call_on': NotRequired[str | None],
        'orders': NotRequired[list[OrderIn]],
        'tasks': NotRequired[list[CallTaskIn]],
        'contacts': NotRequired[list[ContactIn]],
        'cars': NotRequired[list[Car]],
        'notes': NotRequired[list[NoteIn]],
        'bought_before': NotRequired[bool],
    },
)


class CustomerIn(TypedDict):
    """
    The client, as far as the sender knows them.
    """

    external_id: NotRequired[str | None]
    name: NotRequired[str | None]
    phone: NotRequired[str | None]
    phones: NotRequired[list[Phone]]
    email: NotRequired[str | None]
    messengers: NotRequired[dict[str, str]]
    context: NotRequired[ContextIn | None]


class LeadIn(TypedDict):
    """
    One signal of a client: a call, a message, an order, a visit.
    """

    channel: Channel
    kind: NotRequired[Kind | None]
    queue: NotRequired[str]
    source: NotRequired[str | None]
    external_id: NotRequired[str | None]
    received_at: NotRequired[str | None]
    live: NotRequired[bool | None]
    customer: NotRequired[CustomerIn | None]
    text: NotRequired[str | None]
    items: NotRequired[list[ItemIn]]
    budget: NotRequired[str | float | None]
    currency: NotRequired[str | None]
    urgency: NotRequired[float | None]
    needed_by: NotRequired[str | None]
    vin: NotRequired[str | None]
    intent: NotRequired[Intent | None]
    paid: NotRequired[bool]
    attributes: NotRequired[dict[str, Any] | None]
    task: NotRequired[TaskIn | None]
    show: NotRequired[ShowIn | None]


class PlaceOut(TypedDict):
    """
    A lead's place without reasons, for a key that sent only a part of the lead.
    """

    kind: Kind
    score: float
    stage: PlaceStageOut
    rank: int
    policy_version: int
    next_steps: list[PlaceStepOut]


class Problem(TypedDict):
    """
    An error answer (RFC 9457).
    """

    type: str
    title: str
    status: int
    detail: str
    errors: NotRequired[list[ProblemField] | None]
    request_id: str


class BudgetOut(TypedDict):
    """
    What the order may be worth, in the queue's currency. Its source may be `converted`.
    """

    value: float | str
    source: str
    rule: str
    title: str | None
    conversion: NotRequired[ConvertedMoneyOut | None]


class CardIn(ContextIn):
    """
    A customer: their identity, and what the shop's own system knows of them.
    """

    name: NotRequired[str | None]
    phone: NotRequired[str | None]
    email: NotRequired[str | None]
    messengers: NotRequired[dict[str, str]]


ChangedCardOut = TypedDict(
    'ChangedCardOut',
    {
        'external_id': str,
        'name': str | None,
        'phone': str | None,
        'email': str | None,
        'messengers': dict[str, Any] | None,
        'class': ClientClass,
        'blocked_since': str | None,
        'call_on': str | None,
        'orders': list[OrderOut],
        'tasks': list[CallTaskOut],
        'contacts': list[ContactOut],
        'cars': list[str],
        'notes': list[NoteOut],
        'owner': OwnerOut | None,
        'selections': list[SelectionOut],
        'merged_into': str | None,
        'bought_before': bool,
        'changed_at': str,
        'rerouted': int,
    },
)


ClientOut = TypedDict(
    'ClientOut',
    {
        'external_id': str,
        'name': str | None,
        'phone': str | None,
        'email': str | None,
        'messengers': dict[str, Any] | None,
        'class': ClientClass,
        'blocked_since': str | None,
        'call_on': str | None,
        'orders': list[OrderOut],
        'tasks': list[CallTaskOut],
        'contacts': list[ContactOut],
        'cars': list[str],
        'notes': list[NoteOut],
        'owner': OwnerOut | None,
        'selections': list[SelectionOut],
        'merged_into': str | None,
        'bought_before': bool,
        'changed_at': str,
        'promised': list[PromiseOut],
        'earlier': list[EarlierLeadOut],
    },
)


class CustomerOut(TypedDict):
    """
    The client, as far as signals name them.
    """

    external_id: str | None
    name: str | None
    phone: str | None
    phones: list[str]
    email: str | None
    messengers: dict[str, Any] | None
    mentioned: list[MentionOut]
    recognised: RecognitionOut | None


class ExplanationOut(TypedDict):
    """
    Why a lead stands where it stands: each number, its source and its rule.
    """

    kind: Kind
    intent: Intent
    chance: FindingOut
    budget: BudgetOut
    urgency: FindingOut
    patience_minutes: float
    cost_per_minute: float
    index: NotRequired[IndexOut | None]
    mode: NotRequired[Mode]
    score: float
    stage: FindingOut
    first_of_stage: NotRequired[bool]
    ties: TiesOut
    rank: int
    lane: str
    routing: RoutingOut
    text: TextOut | None
    currency: str
    policy_version: int
    formula: FormulaOut
    next_steps: list[StepOut]


class LeadOut(TypedDict):
    """
    A lead: the data sent, its place, and its claim.
    """

    id: str
    state: State
    queue: str
    channel: Channel
    source: str
    external_id: str | None
    received_at: str
    live: bool
    customer: CustomerOut | None
    text: str | None
    items: list[ItemOut]
    budget: str | None
    currency: str | None
    urgency: float | None
    needed_by: str | None
    vin: str | None
    paid: bool
    attributes: LeadOutAttributes | None
    task: TaskOut | None
    show: ShowOut | None
    asked_at: str
    kind: Kind
    intent: Intent
    stage: int
    score: float
    cost_per_minute: str | None
    policy_version: int
    version: int
    claim: ClaimOut | None
    first_answer_at: str | None
    parked_until: str | None
    parked_for: ParkedFor | None
    parked_by: str | None
    outcome: str | None
    reason: str | None
    amount: str | None
    amount_currency: str | None
    note: str | None
    price_profile: PriceProfile | None
    created_at: str
    settled_at: str | None
    settled_by: str | None
    follows: str | None
    joined_into: str | None
    split_from: str | None
    possibly_same: list[PossiblySameOut]


class OnShiftOut(OperatorOut):
    """
    An operator after a change of presence.
    """

    held: list[LeadOut] | None


class StatsOut(TypedDict):
    """
    The present state of a queue.
    """

    queue: str
    at: str
    currency: str
    waiting: WaitingOut
    claimed: int
    parked: int
    late: int
    served_last_hour: int
    live: LiveOut
    presence: PresenceOut
    targets: list[TargetOut]
    last_24_hours: DayOut
    operators: list[HoldingOut]
    cutoff: CutoffOut | None
    unstaffed: list[UnstaffedOut]
    retention: list[KeptOut]


class ExplainedLeadOut(LeadOut):
    """
    A lead with the explanation of its place.
    """

    explanation: ExplanationOut


class LeadWithClientOut(LeadOut):
    """
    A lead that a signal joined, now or before.

    When others sent signals of it, too, a key that may not read sees only its place.
    """

    explanation: ExplanationOut | PlaceOut


class EndedLeadOut(LeadOut):
    """
    A lead whose claim has just ended.
    """

    warnings: list[WarningOut]


class ServedLeadOut(ExplainedLeadOut):
    """
    A claimed lead, why it was served, and its client's history.
    """

    decision: DecisionOut | None
    client: ClientOut | None
    details_only: bool
    hints: list[HintOut]
