"""The shape of a policy's part on texts: its lexicon, and the examples that test it."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, StrictBool, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from service.leads.lead import Intent
from service.policies.document_parts import Bill, Factor, Label, PolicyPart, Rule, Share

MAX_ENTRIES = 2000
MAX_PHRASES = 400
MAX_TOGETHER = 200
MAX_EXAMPLES = 2000
MAX_EXAMPLE = 500  # characters
MAX_NAMED_DAYS = 50

Phrase = Annotated[str, StringConstraints(min_length=1, max_length=100)]
Word = Annotated[str, StringConstraints(min_length=1, max_length=40)]
Message = Annotated[str, StringConstraints(min_length=1, max_length=MAX_EXAMPLE)]
DayOfYear = Annotated[str, StringConstraints(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$")]


class VerbForm(StrEnum):
    """The form of verbs that an entry's phrases match, whatever form they are written in."""

    PAST = "past"
    INFINITIVE = "infinitive"
    IMPERATIVE = "imperative"
    FIRST = "first"
    SECOND = "second"
    THIRD = "third"
    ANY = "any"


class ExamplesPolicy(StrEnum):
    """What happens to a policy when one of its examples fails."""

    REFUSE = "refuse"
    WARN = "warn"


class VotesPart(PolicyPart):
    """How certain a vote must be for each intent; unset: there is no vote for it."""

    order_question: Share | None = None
    return_: Share | None = Field(None, alias="return")
    complaint: Share | None = None
    other: Share | None = None


class TextPart(PolicyPart):
    """Bounds of reading a text, and the days that the trade has names for."""

    most_quantity: Annotated[int, Field(ge=1, le=1000, strict=True)] = 20
    most_bill: Bill = 1_000_000
    days: Annotated[dict[Phrase, DayOfYear], Field(max_length=MAX_NAMED_DAYS)] = Field(
        {}, examples=[{"новый год": "12-31"}]
    )
    votes: VotesPart | None = None


class NamePart(PolicyPart):
    """The name of a signal in sentences for people."""

    ru: Annotated[str, StringConstraints(min_length=1, max_length=60)] | None = None
    en: Annotated[str, StringConstraints(min_length=1, max_length=60)] | None = None


class EntryPart(PolicyPart):
    """Words of a client, in all their forms, and what they mean for the lead."""

    signal: Label
    name: NamePart = NamePart()
    phrases: Annotated[list[Phrase], Field(min_length=1, max_length=MAX_PHRASES)]
    form: VerbForm | None = None
    urgency: Share | None = None
    urgency_at_most: Share | None = None
    bill: Bill | None = None
    max_pieces: Annotated[int, Field(ge=1, le=1000, strict=True)] | None = None
    assembly: StrictBool = False
    describes: StrictBool = False
    together: Annotated[list[Word], Field(max_length=MAX_TOGETHER)] = Field([])
    apart: Annotated[list[Word], Field(max_length=MAX_TOGETHER)] = Field([])
    intent: Intent | None = None
    chance_factor: Factor = 1.0
    skill: Label | None = None
    note: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = None
    rule: Rule


class ExamplePart(PolicyPart):
    """A message and its expected reading, or two messages of which `before` must go first."""

    before: Message | None = None
    after: Message | None = None
    text: Message | None = None
    intent: Intent | None = None
    goods: Annotated[list[Label], Field(max_length=50)] | None = None
    sum: Bill | None = None
    urgency: tuple[Share, Share] | None = None

    @model_validator(mode="after")
    def _is_one_or_two(self) -> Self:
        is_pair = self.before is not None and self.after is not None
        labels = (self.intent, self.goods, self.sum, self.urgency)
        is_single = self.text is not None and any(label is not None for label in labels)
        alone = self.text is None and all(label is None for label in labels)
        if (is_pair and alone) or (is_single and self.before is None and self.after is None):
            return self
        raise PydanticCustomError(
            "example",
            "it is neither a pair nor a message with an expected reading",
            {"remedy": "Give `before` and `after`, or `text` with intent, goods, sum or urgency."},
        )
