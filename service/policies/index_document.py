"""The shape of a policy's index, guarantee and rush."""

from typing import Annotated

from pydantic import Field

from service.leads.lead import Kind
from service.policies.document_parts import Minutes, PolicyPart, Share, Stage
from service.rules.policy import Ties

MAX_STAYS = 3
LEAST_SHARE = 0.05  # so that waiting alone never brings a score to zero

Multiple = Annotated[float, Field(gt=0, le=1000, allow_inf_nan=False, strict=True)]
Remaining = Annotated[float, Field(ge=LEAST_SHARE, le=1, allow_inf_nan=False, strict=True)]
Work = Annotated[float, Field(gt=0, le=1440, allow_inf_nan=False, strict=True)]


class WorkPart(PolicyPart):
    """Minutes of an operator's work on one lead of a kind."""

    each: Work
    per_part: Annotated[float, Field(ge=0, le=1440, allow_inf_nan=False, strict=True)] = 0


class StayPart(PolicyPart):
    """The share of silent clients who are still there after `after` times their patience."""

    after: Multiple
    share: Remaining


class IndexPart(PolicyPart):
    """The general index p·B·s/(S·τ^weight). Parts left out have no effect."""

    weight: Share = 1.0
    minutes: dict[Kind, WorkPart] = Field({})
    patience: dict[Kind, Minutes] = Field({})
    stays: dict[Kind, Annotated[list[StayPart], Field(min_length=1, max_length=MAX_STAYS)]] = Field(
        {}
    )


class RushIndexPart(PolicyPart):
    """The parts of the index that differ in a rush. Parts left out are as in calm."""

    weight: Share | None = None
    minutes: dict[Kind, WorkPart] | None = None
    patience: dict[Kind, Minutes] | None = None
    stays: (
        dict[Kind, Annotated[list[StayPart], Field(min_length=1, max_length=MAX_STAYS)]] | None
    ) = None


class RushKindPart(PolicyPart):
    """The stage of a kind in a rush."""

    stage: Stage
    ties: Ties | None = None


class RushKindsPart(PolicyPart):
    """Kinds with another stage in a rush. Live clients keep their stage (A4)."""

    chat: RushKindPart | None = None
    self_order: RushKindPart | None = None
    offline: RushKindPart | None = None
    registration: RushKindPart | None = None
    task: RushKindPart | None = None


class RushPart(PolicyPart):
    """A second set of numbers, in force while there is more work than operators can do (A4)."""

    begins_minutes: Minutes = 20
    after_minutes: Annotated[float, Field(ge=0, le=1440, strict=True)] = 5
    ends_minutes: Minutes = 10
    kinds: RushKindsPart = RushKindsPart()
    index: RushIndexPart = RushIndexPart()


class GuaranteePart(PolicyPart):
    """One in `every` claims takes the lead that has been late the longest."""

    every: Annotated[int, Field(ge=2, le=1000, strict=True)]
