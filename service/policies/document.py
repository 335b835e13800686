"""The shape of a policy. Its JSON Schema serves editors."""

from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    Field,
    StrictBool,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError

from service.leads.context import Campaign, ClientClass
from service.leads.identity import Evidence
from service.leads.lead import Channel, Intent, Kind
from service.policies.board_document import MAX_LINKS, LinkPart, TargetsPart
from service.policies.document_parts import (
    Bill,
    Days,
    Factor,
    Label,
    Minutes,
    Phrase,
    PolicyPart,
    Rule,
    Share,
    ShortDays,
    Spans,
    Stage,
)
from service.policies.index_document import GuaranteePart, IndexPart, RushPart
from service.policies.property_words import add_words
from service.policies.text_document import (
    MAX_ENTRIES,
    MAX_EXAMPLES,
    EntryPart,
    ExamplePart,
    ExamplesPolicy,
    TextPart,
)
from service.rules.policy import TasksAfter, Ties

DIALECT = "https://json-schema.org/draft/2020-12/schema"
MAX_STAGE = 900
KIND = "kind"


def _stage_or_kind(value: Any) -> int | str:
    whole = isinstance(value, int) and not isinstance(value, bool)
    if value == KIND or (whole and 0 <= value <= MAX_STAGE):
        return value  # type: ignore[no-any-return]
    remedy = {"remedy": f"Send a stage from 0 to {MAX_STAGE}, or `{KIND}` for that of the kind."}
    raise PydanticCustomError("stage_or_kind", "it is no stage", remedy)


ReturnStage = Annotated[
    Any,
    AfterValidator(_stage_or_kind),
    WithJsonSchema({"anyOf": [{"type": "integer", "minimum": 0, "maximum": 900}, {"const": KIND}]}),
]


class EscalationPart(PolicyPart):
    """A higher stage after a long wait or before a deadline; one of the three times is given."""

    after_minutes: Minutes | None = None
    before_cutoff_minutes: Minutes | None = None
    before_closing_minutes: Minutes | None = None
    stage: Stage
    rule: Rule

    @model_validator(mode="after")
    def _has_one_time(self) -> Self:
        times = (self.after_minutes, self.before_cutoff_minutes, self.before_closing_minutes)
        if sum(time is not None for time in times) != 1:
            raise PydanticCustomError(
                "one_time",
                "it needs exactly one time",
                {"remedy": "Send after_minutes, before_cutoff_minutes or before_closing_minutes."},
            )
        return self


class KindPart(PolicyPart):
    """The numbers that follow from a lead's kind alone."""

    chance: Share
    urgency: Share
    usual_bill: Bill
    unnamed_bill: Bill | None = None
    stage: Stage
    ties: Ties
    escalations: Annotated[list[EscalationPart], Field(max_length=10)] = Field([])
    owner_minutes: Annotated[float, Field(ge=0, le=525_600, strict=True)] = 0
    late_minutes: Minutes | None = None


class KindsPart(PolicyPart):
    """All kinds of leads, in the handbook's order (A2)."""

    office: KindPart
    phone: KindPart
    chat: KindPart
    self_order: KindPart
    offline: KindPart
    registration: KindPart
    task: KindPart


class IntentsPart(PolicyPart):
    """The share of a kind's chance that is left when the client does not want to buy (A10)."""

    sale: Share
    order_question: Share
    return_: Share = Field(alias="return")
    complaint: Share
    other: Share = 0.01


class HolidaysPart(PolicyPart):
    """The public holidays of a country or of a part of it."""

    country: str
    subdivision: str | None = None
    hours: Spans = "closed"


class HoursPart(PolicyPart):
    """Business hours. Without them the shop is open around the clock."""

    weekly: dict[str, Spans] = Field(examples=[{"mon-fri": "09:00-19:00", "sat": "closed"}])
    holidays: HolidaysPart | None = None
    exceptions: Annotated[dict[str, Spans], Field(max_length=400)] = Field(
        {}, examples=[{"2026-12-31": "09:00-15:00"}]
    )
    short_days: ShortDays = Field(None, examples=["09:00-18:00"])


class CutoffPart(PolicyPart):
    """The time by which the supplier takes orders, and the time to check one order."""

    at: str = Field(examples=["12:00"])
    days: str = Field("mon-sun", examples=["mon-fri"])
    handling_minutes: Annotated[float, Field(gt=0, le=480, strict=True)] = 6
    rule: Rule = "A15"


class ReturnsPart(PolicyPart):
    """The stage of a lead that comes back, or `kind` for the stage of its kind."""

    promised_callback: ReturnStage = 750
    missed_call: ReturnStage = 750
    visit_over: ReturnStage = 750
    no_answer: ReturnStage = "kind"
    payment: ReturnStage = 400
    wholesale_check: ReturnStage = 300
    later: ReturnStage = "kind"


class LiveMinutesPart(PolicyPart):
    """When an unanswered live client counts as gone, if no sender reports their end (A8)."""

    phone: Minutes = 10
    office: Minutes = 60


class CallbackPart(PolicyPart):
    """The rules of a promised callback (A11)."""

    stage: Stage | None = Field(None, json_schema_extra={"deprecated": True})
    default_minutes: Minutes
    late_minutes: Minutes | None = None
    farthest_days: Days = 366


class FollowUpsPart(PolicyPart):
    """Times of follow-ups: payments, wholesale and blocked clients, orders (A14, A21, B5, B9)."""

    awaiting_payment_days: Days = 3
    wholesale_check_days: Days = 1
    archive_after_years: Annotated[int, Field(ge=1, le=100, strict=True)] = 2
    order_in_work_days: Days = 7
    extension_asked_days: Days = 1
    cashless_payment_days: Days = 7


class ClientPart(PolicyPart):
    """What is known of a client and their order, as factors of the chance."""

    bought_before: Factor = 1.0
    vip: Factor = 1.0
    blocked: Factor = 1.0
    unpaid_day: Share = 1.0
    refusal_urgency: Share | None = None


class CallTasksPart(PolicyPart):
    """What happens to a client's other call tasks after they buy or talk (B14)."""

    after_sale: TasksAfter = TasksAfter.END
    after_talk: TasksAfter = TasksAfter.MOVE
    move_days: Days = 1


class DutyPart(PolicyPart):
    """What operators with the skill `duty` take while one of them is on shift (B20)."""

    channels: Annotated[list[Channel], Field(max_length=len(Channel))] = Field([])
    left: StrictBool = True


class HintPart(PolicyPart):
    """A text for the operator who takes such a lead (A12, B13)."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=500)]
    rule: Rule
    kinds: Annotated[list[Kind], Field(max_length=len(Kind))] = []
    intents: Annotated[list[Intent], Field(max_length=len(Intent))] = []
    live: StrictBool | None = None


class DayPart(PolicyPart):
    """The share of the goods' urgency left when the client names a day at most so far away."""

    hours: Annotated[float, Field(gt=0, le=8_760, strict=True)]
    left: Share


class PatiencePart(PolicyPart):
    """How long a client of urgency 0 waits, and how a named day changes the goods' urgency."""

    longest_minutes: Annotated[float, Field(ge=2, le=525_600, strict=True)]
    by_day: Annotated[list[DayPart], Field(max_length=20)] = [
        DayPart(hours=12, left=1.0),
        DayPart(hours=36, left=0.8),
        DayPart(hours=168, left=0.6),
    ]


class ScorePart(PolicyPart):
    """The scale of the score, in costs of waiting (money per minute)."""

    c0: Annotated[float, Field(ge=1e-6, le=1e6, allow_inf_nan=False, strict=True)]
    c1: Annotated[float, Field(ge=1e-3, le=1e12, allow_inf_nan=False, strict=True)]


class VinPart(PolicyPart):
    """How a VIN or body number changes the chance."""

    chance_factor: Factor


class LearningPart(PolicyPart):
    """Whether outcomes correct the chances, and how much the policy's own chances weigh."""

    enabled: StrictBool
    prior_weight: Annotated[float, Field(ge=1, le=1e6, strict=True)] = 100


class SeasonPart(PolicyPart):
    """The season of call tasks; both days belong to it (B14)."""

    begins: date
    ends: date


class OwnershipPart(PolicyPart):
    """Who owns a client, and which skills the client needs (A9, A21, B2, B3, B4, B14)."""

    recent_contact_days: Annotated[float, Field(ge=0, le=366, strict=True)] = 14
    season: SeasonPart | None = None
    most_open_tasks: Annotated[int, Field(ge=0, le=1_000_000, strict=True)] = 500
    stage_of_campaign: dict[Campaign, Stage] = Field({})
    skill_of_class: dict[ClientClass, Label] = Field({})
    skill_of_intent: dict[Intent, Label] = Field({})


OwnMark = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=254)]
Unstaffed = Literal["hold", "everybody"]
Reasons = Annotated[dict[Label, Phrase], Field(max_length=100)]


class RatePart(PolicyPart):
    """The value of one unit of another currency in the queue's, and the day of the rate."""

    rate: Annotated[float, Field(gt=0, le=1e9, allow_inf_nan=False, strict=True)]
    on: date


class JoiningPart(PolicyPart):
    """The evidence by which a signal joins an open lead of the same client (A20)."""

    by: Annotated[list[Evidence], Field(max_length=4)] = Field(list(Evidence))


class RetentionPart(PolicyPart):
    """How long clients' data are kept, in days."""

    settled_days: Annotated[int, Field(ge=31, le=36_500, strict=True)] = 730
    events_days: Annotated[int, Field(ge=31, le=36_500, strict=True)] = 730
    texts_days: Annotated[int, Field(ge=1, le=36_500, strict=True)] = 365
    deliveries_days: Annotated[int, Field(ge=1, le=365, strict=True)] | None = None


class PolicyDocument(PolicyPart):
    """The written policy of a queue (B1)."""

    currency: Annotated[str, StringConstraints(pattern="^[A-Z]{3}$")]
    rates: Annotated[
        dict[Annotated[str, StringConstraints(pattern="^[A-Z]{3}$")], RatePart],
        Field(max_length=200),
    ] = Field({}, examples=[{"USD": {"rate": 80.5, "on": "2026-11-28"}}])
    time_zone: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    region: Annotated[str, StringConstraints(pattern="^[A-Z]{2}$")] = "ZZ"
    kinds: KindsPart
    channels: dict[Channel, Kind]
    hours: HoursPart | None = None
    cutoff: CutoffPart | None = None
    callback: CallbackPart
    returns: ReturnsPart = ReturnsPart()
    follow_ups: FollowUpsPart = FollowUpsPart()
    duty: DutyPart = DutyPart()
    hints: Annotated[list[HintPart], Field(max_length=100)] = []
    links: Annotated[list[LinkPart], Field(max_length=MAX_LINKS)] = []
    targets: TargetsPart = TargetsPart()
    call_tasks: CallTasksPart = CallTasksPart()
    reasons: dict[Literal["lost", "cancelled"], Reasons] = Field({})
    client: ClientPart = ClientPart()
    ownership: OwnershipPart = OwnershipPart()
    owner_share: Annotated[float, Field(ge=0, le=1, strict=True)] = 0.25
    unstaffed: Unstaffed | Annotated[dict[Label, Unstaffed], Field(max_length=100)] = Field({})
    joining: JoiningPart = JoiningPart()
    own_marks: Annotated[list[OwnMark], Field(max_length=200)] = Field([])
    stated_budget_times: Annotated[float, Field(ge=1, le=1e6, strict=True)] = 20
    shared_mark_clients: Annotated[int, Field(ge=1, le=100, strict=True)] = 3
    intents: IntentsPart
    other_stage: Stage = 100
    patience: PatiencePart
    score: ScorePart
    index: IndexPart = IndexPart()
    guarantee: GuaranteePart | None = None
    rush: RushPart | None = None
    vin: VinPart = VinPart(chance_factor=1.0)
    learning: LearningPart = LearningPart(enabled=False)
    lease_seconds: Annotated[float, Field(ge=5, le=86_400, strict=True)]
    held_late_minutes: Minutes | None = None
    live_minutes: LiveMinutesPart = LiveMinutesPart()
    talk_minutes: Minutes = 60
    wrap_up_minutes: Annotated[float, Field(ge=0, le=60, strict=True)] = 2
    reply_minutes: Annotated[float, Field(gt=1, le=1440, strict=True)] | None = None
    late_again_minutes: Minutes | None = None
    declined_again_minutes: Minutes = 30
    no_answer_retry_minutes: Annotated[list[Minutes], Field(max_length=20)] = []
    retention: RetentionPart = RetentionPart()
    text: TextPart = TextPart()
    lexicon: Annotated[list[EntryPart], Field(max_length=MAX_ENTRIES)] = Field([])
    examples: Annotated[list[ExamplePart], Field(max_length=MAX_EXAMPLES)] = Field([])
    examples_policy: ExamplesPolicy | None = None


def policy_schema(language: str = "en") -> dict[str, Any]:
    """The JSON Schema of a policy (draft 2020-12), with titles and texts in a language."""
    schema = PolicyDocument.model_json_schema(by_alias=True)
    for name, part in ((PolicyDocument.__name__, schema), *schema["$defs"].items()):
        add_words(part, name, language)
    return {"$schema": DIALECT, **schema}
