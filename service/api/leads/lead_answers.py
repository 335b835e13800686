"""The answers about leads, for openapi.yaml and for the renderers. Only here are fields listed."""

from datetime import date as Day
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from service.leads.context import Campaign
from service.leads.customer import MentionedIn
from service.leads.identity import Evidence
from service.leads.lead import Channel, Intent, Kind, ParkedFor, State
from service.leads.price_profile import PriceProfile
from service.rules.policy import Mode

TITLE = "what the rule says; null for a rule of the shop's own"
Sum = Annotated[str, Field(description="money, in the currency beside it", examples=["5000.00"])]


class AnswerModel(BaseModel):
    """An answer. Every field is present; an empty one is null."""

    model_config = ConfigDict(extra="forbid")


class ClaimOut(AnswerModel):
    """The operator who holds a lead, and the end of the lease."""

    operator: str
    token: str | None = Field(description="shown to keys with the scope `operate`")
    since: datetime
    lease_until: datetime
    on_top: bool = Field(
        description="whether it is a live client on top of other leads of the operator (A7)"
    )
    paused_since: datetime | None = Field(
        description="since when another lead is on top of it; its lease starts again when that lead"
        " ends"
    )


class MentionOut(BaseModel):
    """A telephone number or a mail address found in a text: one of the two."""

    model_config = ConfigDict(extra="forbid")

    phone: str | None = None
    email: str | None = None
    mentioned_in: MentionedIn = Field(alias="from")


class RecognitionOut(AnswerModel):
    """The evidence by which cards were found, and which cards (A24)."""

    by: list[Evidence]
    cards: list[str] = Field(description="the cards; several when all have the mark")
    rule: str = Field(description="A24: the only card; B2: the card with an order in work")


class CustomerOut(AnswerModel):
    """The client, as far as signals name them."""

    external_id: str | None
    name: str | None
    phone: str | None
    phones: list[str] = Field(description="the client's further numbers")
    email: str | None
    messengers: dict[str, str] | None
    mentioned: list[MentionOut] = Field(
        description="contacts found in words; they recognise nobody, but may be called"
    )
    recognised: RecognitionOut | None = Field(description="how the shop's card was found")


class ItemOut(AnswerModel):
    """An article that the client wants."""

    name: str
    quantity: str
    price: Sum | None
    currency: str | None = Field(description="currency of the price; null: the lead's")


class TaskOut(AnswerModel):
    """The call task of a lead (B14)."""

    campaign: Campaign
    operator: str
    opened_at: datetime
    expires_at: datetime


class PossiblySameOut(AnswerModel):
    """Another lead with an equal mark. Other marks differ, so the two stay apart."""

    lead: UUID
    evidence: list[str] = Field(description="the marks that both have")


class ShowOut(AnswerModel):
    """A show that the client wants (B15)."""

    date: Day | None
    place: str | None
    guests: int | None
    occasion: str | None
    budget: Sum | None
    wishes: str | None


class LeadOut(AnswerModel):
    """A lead: the data sent, its place, and its claim."""

    id: UUID
    state: State
    queue: str
    channel: Channel
    source: str
    external_id: str | None
    received_at: datetime
    live: bool
    customer: CustomerOut | None
    text: str | None
    items: list[ItemOut]
    budget: Sum | None
    currency: str | None = Field(
        description="currency of the budget and of prices without one, ISO 4217"
    )
    urgency: float | None
    needed_by: datetime | None
    vin: str | None
    paid: bool
    attributes: dict[str, Any] | None
    task: TaskOut | None
    show: ShowOut | None
    asked_at: datetime = Field(description="the client's last word")
    kind: Kind
    intent: Intent
    stage: int = Field(ge=0, le=900)
    score: float = Field(ge=0, le=100)
    cost_per_minute: Sum | None = Field(
        description="the cost of a minute of waiting; null for a key that may not read when others"
        " sent signals of the lead"
    )
    policy_version: int
    version: int
    claim: ClaimOut | None
    first_answer_at: datetime | None = Field(
        description="when the shop first answered; null when no sender reports it"
    )
    parked_until: datetime | None
    parked_for: ParkedFor | None = Field(description="why it was parked the last time")
    parked_by: str | None
    outcome: str | None
    reason: str | None
    amount: Sum | None
    amount_currency: str | None = Field(description="currency of the amount: the queue's")
    note: str | None
    price_profile: PriceProfile | None = Field(
        description="the price profile of a wholesale client (A21)"
    )
    created_at: datetime
    settled_at: datetime | None
    settled_by: str | None
    follows: UUID | None = Field(description="the client's ended lead before this one")
    joined_into: UUID | None = Field(description="the lead it was merged into")
    split_from: UUID | None = Field(description="the lead it was split from")
    possibly_same: list[PossiblySameOut] = Field(
        description="other leads that may be the same client's; POST /v1/customers/merge merges"
        " them"
    )


class FindingOut(AnswerModel):
    """A number, its source, and its rule."""

    value: float | str
    source: str
    rule: str
    title: str | None = Field(description=TITLE)


class RateOut(AnswerModel):
    """The value of one unit of a currency in the queue's currency, and the day of the rate."""

    rate: float
    on: Day


class ConvertedMoneyOut(AnswerModel):
    """Amounts in other currencies than the queue's. Without a rate for each, they are unknown."""

    of: Literal["stated", "items"]
    amounts: dict[str, str]
    rates: dict[str, RateOut]
    on: Day | None = Field(description="the day of the oldest rate")


class BudgetOut(FindingOut):
    """What the order may be worth, in the queue's currency. Its source may be `converted`."""

    conversion: ConvertedMoneyOut | None = None


class TiesOut(AnswerModel):
    """Which lead goes first among equal scores."""

    value: str
    rule: str
    title: str | None = Field(description=TITLE)


class TextSignalOut(AnswerModel):
    """A signal of the lexicon found in the text."""

    signal: str
    quantity: int
    rule: str
    title: str | None = Field(description=TITLE)


class CorrectionOut(AnswerModel):
    """A word of the text, as written and as read."""

    written: str
    read_as: str


class VoteOut(AnswerModel):
    """An intent guessed from all words together, because no signal names one."""

    intent: Intent
    certainty: float = Field(description="certainty that this is no plain sale, 0 to 1")


class TextOut(AnswerModel):
    """What was read from the text and from the names of articles."""

    signals: list[TextSignalOut]
    names: dict[str, dict[str, str]] = Field({}, description="names of the signals, by language")
    corrections: list[CorrectionOut] = Field(
        [], description="corrected words: slips, the other keyboard, Latin letters"
    )
    decided_by_message: dict[str, int] = Field(
        {}, description="the message that decided urgency or intent, counted from 1"
    )
    vote: VoteOut | None = Field(None, description="null when the intent was stated or signalled")
    notes: list[str] = Field([], description="notes of the policy for the operator")
    skills: list[str]
    price: Sum | None
    price_is_guess: bool = Field(
        False, description="true: the price had no unit or no word for money"
    )
    needed_by: datetime | None = Field(None, description="the day named in the words")
    phones: list[str]
    vins: list[str]
    body_numbers: list[str]


class StepOut(AnswerModel):
    """A future change of place."""

    at: datetime
    stage: int
    score: float
    source: str
    rule: str
    title: str | None = Field(description=TITLE)


class RoutingOut(AnswerModel):
    """The operators that may take a lead, and the rules that decide it."""

    owner: str | None
    owner_rule: str | None
    owner_rule_title: str | None = Field(description=TITLE)
    skills: list[str]
    skills_rule: str | None
    skills_rule_title: str | None = Field(description=TITLE)
    credited_to: str | None
    assigned_to: str | None
    declined_by: list[str]
    pinned: bool
    promised_by: str | None = Field(
        None, description="the operator who parked it and is to go on with it (A11, A31)"
    )


class FormulaOut(AnswerModel):
    """The constants of the score, from the policy."""

    c0: float
    c1: float
    longest_patience_minutes: float


class IndexOut(AnswerModel):
    """The value behind the score: chance · budget · share / (work_minutes · patience^weight).

    It explains why the order of two leads may differ from the order of their costs of waiting.
    """

    value: float = Field(description="money saved per minute of work")
    work_minutes: float
    weight_of_patience: float = Field(description="0: patience is left out; 1: it counts in full")
    share_still_there: float = Field(
        description="share of clients still there after so long a silence"
    )


class ExplanationOut(AnswerModel):
    """Why a lead stands where it stands: each number, its source and its rule."""

    kind: Kind
    intent: Intent
    chance: FindingOut
    budget: BudgetOut
    urgency: FindingOut
    patience_minutes: float
    cost_per_minute: float
    index: IndexOut | None = Field(
        None, description="null in explanations stored before the index existed"
    )
    mode: Mode = Field(Mode.CALM, description="the mode in force: calm or rush")
    score: float
    stage: FindingOut
    first_of_stage: bool = Field(
        False, description="true: a callback promised for closed hours, due at the opening (A11)"
    )
    ties: TiesOut
    rank: int
    lane: str
    routing: RoutingOut
    text: TextOut | None
    currency: str
    policy_version: int
    formula: FormulaOut
    next_steps: list[StepOut]


class WarningOut(AnswerModel):
    """A request that was carried out, but may not be what the caller meant."""

    field: str
    reason: str
    remedy: str


class EndedLeadOut(LeadOut):
    """A lead whose claim has just ended."""

    warnings: list[WarningOut] = Field(max_length=10)


class ExplainedLeadOut(LeadOut):
    """A lead with the explanation of its place."""

    explanation: ExplanationOut


class LeadsOut(AnswerModel):
    """A page of leads."""

    leads: list[LeadOut]
    next: str | None = None


class EventOut(AnswerModel):
    """Something that happened to a lead."""

    id: int
    at: datetime
    type: str = Field(examples=["lead.claimed"])
    actor: str
    reason: str | None
    before: State | None
    after: State
    details: dict[str, Any] | None


class EventsOut(AnswerModel):
    """A page of events, the oldest first."""

    events: list[EventOut]
    next: str | None


class ProblemField(AnswerModel):
    """One mistake in a request."""

    field: str
    reason: str
    remedy: str


class Problem(BaseModel):
    """An error answer (RFC 9457)."""

    type: str = Field(examples=["urn:nextlead:problem:invalid-request"])
    title: str
    status: int
    detail: str
    errors: list[ProblemField] | None = None
    request_id: str = Field(description="the id in the header `X-Request-Id` and in the log")
