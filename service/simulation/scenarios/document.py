"""The shape of a scenario. Its JSON Schema serves editors.

Times are minutes, money is in the scenario's currency, and shares are 0…1. A mean named `minutes`
belongs to the distribution in the same part.
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
    """A pause in everybody's shift; `apart` minutes separate the pauses of two operators."""

    at: Clock
    minutes: Duration
    apart: Annotated[float, Field(ge=0, le=240, strict=True)] = 0


class OperatorsPart(PolicyPart):
    """Operators with the same shifts, skills and pace."""

    count: Annotated[int, Field(ge=1, le=200, strict=True)]
    shifts: dict[str, Spans]
    breaks: Annotated[tuple[BreakPart, ...], Field(max_length=5)] = ()
    skills: Annotated[tuple[Label, ...], Field(max_length=20)] = ()
    pace: Factor = Field(1.0, description="a factor of the minutes of work")


class ClientPatiencePart(PolicyPart):
    """How long a client stays: Weibull with this mean; shape 1 is exponential.

    With `by_need` the mean depends on the client's need. `silent` is the share that leaves without
    a word, so that the lead stays in the line.
    """

    minutes: Duration
    shape: Annotated[float, Field(ge=0.3, le=5, strict=True)] = 1.0
    by_need: StrictBool = False
    silent: Share = 1.0


class HangupPart(PolicyPart):
    """Clients who hung up and can be reached by a call: their share, time and worth."""

    share: Share
    minutes: Duration
    worth: Share


class ServicePart(PolicyPart):
    """Minutes of work: lognormal around `each`, with more for each part above two."""

    each: Duration
    per_part: Annotated[float, Field(ge=0, le=1000, strict=True)] = 0
    cv: Spread = 0.6


class CutoffLossPart(PolicyPart):
    """The loss on an order not begun at the first, second … cut-off after it came (A15)."""

    at: Clock
    losses: Annotated[list[Share], Field(min_length=1, max_length=5)]


class AgainPart(PolicyPart):
    """The share of clients that write again while they wait, after a mean time."""

    share: Share
    minutes: Duration


class AnswerPart(PolicyPart):
    """Interested clients who do not answer a try, and gone clients who say so, as shares."""

    no_answer: Share = 0.0
    gone_says: Share = 1.0


class SourcePart(PolicyPart):
    """One stream of clients, with the truth that no ranking knows."""

    channel: Channel
    kind: Kind = Field(description="the kind in the figures")
    share: Share = Field(description="the share of all clients; all shares add up to 1")
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
    owners: Share = Field(
        0.0, description="the share of clients who already have an operator (A9, B2)"
    )
    skills: dict[Label, Share] = Field({}, description="the share of clients that needs each skill")


class GoodPart(PolicyPart):
    """An article as clients name it: its bill, its frequency, and its urgency."""

    words: Words
    bill: Bill
    weight: Weight = 1.0
    need: Factor = Field(1.0, description="a factor of patience")


class PhrasePart(PolicyPart):
    """A phrase of clients beside the goods, and the truth about clients who use it."""

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
    written: Share = Field(1.0, description="the share of the phrases that is really written")


class WeekPart(PolicyPart):
    """Days to warm up, to measure, and to cool down. Each week begins with an empty line."""

    warm_up: Annotated[int, Field(ge=0, le=30, strict=True)] = 1
    measured: Annotated[int, Field(ge=1, le=60, strict=True)] = 5
    cool_down: Annotated[int, Field(ge=0, le=30, strict=True)] = 1


class OnTopPart(PolicyPart):
    """Calls that a busy operator takes on top of their lead (A7): their share and their cost."""

    share: Share = 0.0
    switch_minutes: Annotated[float, Field(ge=0, le=60, strict=True)] = 1.0


class Scenario(PolicyPart):
    """A shop, its clients, and the truth about them."""

    title: Words
    policy: Annotated[str, StringConstraints(pattern="^(auto_parts|fireworks)$")] = Field(
        description="the shipped policy to simulate when no other is given"
    )
    time_zone: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    begins: Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
    hours: dict[str, Spans]
    week: WeekPart = WeekPart()
    day_cv: Spread = Field(0.2, description="how much whole days differ, lognormal")
    weekdays: Annotated[list[Weight], Field(min_length=DAYS_OF_WEEK, max_length=DAYS_OF_WEEK)] = (
        Field([1.0] * DAYS_OF_WEEK, description="how busy Monday to Sunday are")
    )
    closed_wear: Share = Field(0.3, description="how much patience a closed minute wears")
    try_minutes: Duration = Field(1.5, description="the minutes of a try that reaches nobody")
    on_top: OnTopPart = OnTopPart()
    operators: Annotated[list[OperatorsPart], Field(min_length=1, max_length=50)]
    sources: Annotated[dict[Label, SourcePart], Field(min_length=1, max_length=50)]
    words: WordsPart
