"""The shape of a policy's targets for the board, and of its links on the card."""

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from service.policies.document_parts import Bill, Label, Minutes, PolicyPart, Share
from service.rules.links import PLACES, is_safe, places_of

MAX_LINKS = 20
Count = Annotated[int, Field(ge=0, le=1_000_000, strict=True)]


def _address(value: str) -> str:
    if unknown := [place for place in places_of(value) if place not in PLACES]:
        known = ", ".join(f"{{{place}}}" for place in PLACES)
        reason = f"`{{{unknown[0]}}}` is not known"
        raise PydanticCustomError("link_place", "{reason}", {"reason": reason, "remedy": known})
    if not is_safe(value):
        remedy = "Send https://… or http://… with a fixed name of the server."
        raise PydanticCustomError("link_address", "it is no safe address", {"remedy": remedy})
    return value


class TargetsPart(PolicyPart):
    """What the figures on the board should be; those left out have no target."""

    live_seconds: Annotated[float, Field(gt=0, le=86_400, strict=True)] | None = None
    late: Count | None = None
    late_share: Share | None = None
    waiting: Count | None = None
    longest_minutes: Minutes | None = None
    cost_per_minute: Bill | None = None
    free: Count | None = None
    first_answer_median_minutes: Minutes | None = None
    first_answer_90_percent_minutes: Minutes | None = None
    served_per_hour: Annotated[float, Field(gt=0, le=1_000_000, strict=True)] | None = None
    conversion: Share | None = None


class LinkPart(PolicyPart):
    """A button on the card that opens the client, the order or the car in another system."""

    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
    address: Annotated[
        str, StringConstraints(min_length=8, max_length=500), AfterValidator(_address)
    ] = Field(examples=["https://crm.shop.example/orders/{order}"])
    sources: Annotated[list[Label], Field(max_length=100)] = []
