"""The shape of a scenario; its JSON Schema is what editors check against.

Times are minutes, money is in the scenario's own currency, shares are 0…1. A mean named
`minutes` belongs to the distribution that stands beside it.
"""

from typing import Annotated

from pydantic import Field, StrictBool, StringConstraints

from service.leads.lead import Channel, Kind
from service.policies.document_parts import Bill, Label, PolicyPart, Share, Spans

HOURS_OF_DAY = 24
DAYS_OF_WEEK = 7

Duration = Annotated[float, Field(gt=0, le=100_000, allow_inf_nan=False, strict=True)]
Spread = Annotated[float, Field(ge=0, le=3, allow_inf_nan=False, strict=True)]
Weight = Annotated[float, Field(ge=0, le=1000, allow_inf_nan=False, strict=True)]
Factor = Annotated[float, Field(gt=0, le=100, allow_inf_nan=False, strict=True)]
Words = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Clock = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,2}:[0-5][0-9]$")]


class BreakPart(PolicyPart):
    """A pause in everybody's shift; `apart` shifts it by so much from operator to operator."""

    at: Clock
    minutes: Duration
    apart: Annotated[float, Field(ge=0, le=240, strict=True)] = 0


class OperatorsPart(PolicyPart):
    """Operators who work alike."""

    count: Annotated[int, Field(ge=1, le=200, strict=True)]
    shifts: dict[str, Spans]
    breaks: Annotated[tuple[BreakPart, ...], Field(max_length=5)] = ()
    skills: Annotated[tuple[Label, ...], Field(max_length=20)] = ()
    pace: Factor = Field(1.0, description="minutes of work are multiplied by it")


class ClientPatiencePart(PolicyPart):
    """How long a client stays: Weibull with this mean; shape 1 is exponential.

    `by_need` multiplies the mean by how pressed the client is. `silent` is the share that leaves
    without a word and stands in the line still.
    """

    minutes: Duration
    shape: Annotated[float, Field(ge=0.3, le=5, strict=True)] = 1.0
    by_need: StrictBool = False
    silent: Share = 1.0


class HangupPart(PolicyPart):
    """Who hung up and can still be had by a call: which share, for how long, and at what worth."""

    share: Share
    minutes: Duration
    worth: Share


class ServicePart(PolicyPart):
    """Minutes of work: lognormal around `each`, and more for each part above two."""

    each: Duration
    per_part: Annotated[float, Field(ge=0, le=1000, strict=True)] = 0
    cv: Spread = 0.6


class CutoffLossPart(PolicyPart):
    """What is lost of an order not begun at the first, second … cut-off after it came (A15)."""

    at: Clock
    losses: Annotated[list[Share], Field(min_length=1, max_length=5)]


class AgainPart(PolicyPart):
    """The share that writes again while it waits, after a mean time."""

    share: Share
    minutes: Duration


class AnswerPart(PolicyPart):
    """Who does not answer a try though still interested; of who is gone, who says so."""

    no_answer: Share = 0.0
    gone_says: Share = 1.0


class SourcePart(PolicyPart):
    """One stream of clients, with the truth that no ranking sees."""

    channel: Channel
    kind: Kind = Field(description="what figures count it as")
    share: Share = Field(description="of all clients; all shares together are 1")
    hourly: Annotated[list[Weight], Field(min_length=HOURS_OF_DAY, max_length=HOURS_OF_DAY)]
    says: Annotated[str, StringConstraints(pattern="^(nothing|text|items)$")] = "text"
    chance: Share
    chance_cv: Spread = 0.35
    questions: Share = Field(0.0, description="the share that only asks about an order (A10)")
    vin: Share = 0.0
    patience: ClientPatiencePart
    callback: HangupPart | None = None
    service: ServicePart
    cutoff: CutoffLossPart | None = None
    again: AgainPart | None = None
    answer: AnswerPart = AnswerPart()
    owners: Share = Field(0.0, description="the share who have an operator already (A9, B2)")
    skills: dict[Label, Share] = Field({}, description="the share that demands a skill")


class GoodPart(PolicyPart):
    """An article as clients name it: its bill, how often it is wanted, how pressing it is."""

    words: Words
    bill: Bill
    weight: Weight = 1.0
    need: Factor = Field(1.0, description="patience is multiplied by it")


class PhrasePart(PolicyPart):
    """What a client says beside the goods, and what is true of who says it."""

    words: Words
    share: Share
    need: Factor = 1.0
    chance: Factor = 1.0


class WordsPart(PolicyPart):
    """What clients write."""

    greeting: Words
    goods: Annotated[list[GoodPart], Field(min_length=1, max_length=500)]
    parts: Annotated[list[Weight], Field(min_length=1, max_length=20)] = Field(
        description="weights of one, two, three … positions"
    )
    bill_cv: Spread = 0.5
    need_range: Annotated[list[Factor], Field(min_length=2, max_length=2)]
    unread: Share = Field(0.25, description="the share whose goods no lexicon reads")
    unread_words: Annotated[list[Words], Field(min_length=1, max_length=50)]
    phrases: Annotated[tuple[PhrasePart, ...], Field(max_length=100)] = ()
    written: Share = Field(1.0, description="how many of the phrases are really written")


class WeekPart(PolicyPart):
    """Days that warm up, are measured, and cool down; each week begins with an empty line."""

    warm_up: Annotated[int, Field(ge=0, le=30, strict=True)] = 1
    measured: Annotated[int, Field(ge=1, le=60, strict=True)] = 5
    cool_down: Annotated[int, Field(ge=0, le=30, strict=True)] = 1


class OnTopPart(PolicyPart):
    """Calls that a busy operator takes on top of what they hold (A7): their share and price."""

    share: Share = 0.0
    switch_minutes: Annotated[float, Field(ge=0, le=60, strict=True)] = 1.0


class Scenario(PolicyPart):
    """A shop, its clients, and what is true of them."""

    title: Words
    policy: Annotated[str, StringConstraints(pattern="^(auto_parts|fireworks)$")] = Field(
        description="the shipped policy that is simulated unless others are"
    )
    time_zone: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    begins: Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
    hours: dict[str, Spans]
    week: WeekPart = WeekPart()
    day_cv: Spread = Field(0.2, description="how far whole days differ, lognormal")
    weekdays: Annotated[list[Weight], Field(min_length=DAYS_OF_WEEK, max_length=DAYS_OF_WEEK)] = (
        Field([1.0] * DAYS_OF_WEEK, description="how busy Monday … Sunday are")
    )
    closed_wear: Share = Field(0.3, description="how much patience a closed minute wears")
    try_minutes: Duration = Field(1.5, description="what a try costs that reaches nobody")
    on_top: OnTopPart = OnTopPart()
    operators: Annotated[list[OperatorsPart], Field(min_length=1, max_length=50)]
    sources: Annotated[dict[Label, SourcePart], Field(min_length=1, max_length=50)]
    words: WordsPart
