"""The shape of a mapping. Its JSON Schema serves editors."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from service.adapters.ignored import IgnoredReason
from service.adapters.mapping.fields import (
    HeaderName,
    Label,
    MappingPart,
    PathText,
    Value,
    When,
    mistake,
)
from service.adapters.mapping.proofs import Proof, Title

DIALECT = "https://json-schema.org/draft/2020-12/schema"
MAX_ATTRIBUTES = 16

Body = Literal["json", "form", "nested_form"]
What = Literal[
    "word",
    "addition",
    "correction",
    "edit",
    "deletion",
    "answer",
    "call",
    "call_news",
    "left",
    "nothing",
]
Attribute = Annotated[str, StringConstraints(min_length=1, max_length=64)]


class ReplyPart(MappingPart):
    """The answer to the sender. It never repeats anything that they sent."""

    status: Annotated[int, Field(ge=200, le=299, strict=True)] = 200
    type: Literal["text/plain; charset=utf-8", "application/json", "text/html; charset=utf-8"] = (
        "text/plain; charset=utf-8"
    )
    text: Annotated[str, StringConstraints(max_length=4000)] = ""


class GreetPart(MappingPart):
    """A handshake or a test of the connection. It is answered and not stored."""

    when: When
    reply: ReplyPart = ReplyPart()
    authentic: bool = Field(True, description="true: the proof is checked before the answer")


class OncePart(MappingPart):
    """The name of a delivery that the sender may repeat."""

    header: HeaderName | None = None
    path: PathText | None = None

    @model_validator(mode="after")
    def _stands_in_one_place(self) -> Self:
        if (self.header is None) == (self.path is None):
            raise mistake("it needs exactly one place", "Give header, or path.")
        return self


class ItemsPart(MappingPart):
    """The wanted articles. In their values, `@` is one article."""

    each: PathText
    name: Value
    quantity: Value | None = None
    price: Value | None = Field(None, description="price of one piece")
    currency: Value | None = Field(None, description="currency of the price")


class LeadPart(MappingPart):
    """The fields of a lead, each with the place of its value in the request."""

    id: Value | None = Field(
        None, description="the sender's id; unset: an id made of the body and the day"
    )
    channel: Value | None = None
    kind: Value | None = Field(None, description="the kind; unset: the channel's")
    at: Value | None = Field(None, description="the time of the event; unset: the time of arrival")
    name: Value | None = None
    phone: Value | None = None
    country: Value | None = Field(None, description="the country of numbers without a country code")
    email: Value | None = None
    customer_id: Value | None = Field(
        None, description="the client's number in the shop's own system"
    )
    messengers: dict[Label, Value] = Field({}, description="messenger → the client's id there")
    text: Value | None = None
    items: ItemsPart | None = None
    budget: Value | None = None
    currency: Value | None = Field(
        None, description="currency of the budget and of prices without one"
    )
    needed_by: Value | None = None
    vin: Value | None = None
    intent: Value | None = None
    paid: Value | None = Field(None, description="paid when true, yes, да or 1")
    taken_by: Value | None = Field(
        None, description="the extension or agent who already works on it at the sender"
    )
    phase: Value | None = Field(None, description="the phase of a call")
    began: Value | None = Field(None, description="when the call came, if known")
    order: Value | None = Field(None, description="the sender's sequence number within a call")
    extension: Value | None = Field(None, description="the extension that answered the call")
    messenger: Value | None = Field(
        None, description="the messenger of the conversation that the client left"
    )
    client: Value | None = Field(None, description="the client who left, by their id there")
    attributes: dict[Attribute, Value] = Field({}, max_length=MAX_ATTRIBUTES)


class EventPart(MappingPart):
    """A sort of event: how it is recognised, and which fields of a lead it gives.

    An `addition` only adds to an open lead. A `correction` replaces the earlier signal with the
    same id. An `edit` has the new words of the message with its `id`. A `deletion` removes that
    message. An `answer` is what a person of the shop wrote to the client. `call_news` updates a
    call that is already known. `nothing` is ignored for a `reason`; an `unknown_type` is counted by
    `name`.
    """

    when: When | None = Field(
        None, description="the condition; unset: always; a list: any of these"
    )
    each: PathText | None = Field(None, description="the place of several events in one request")
    what: What
    reason: IgnoredReason | None = Field(None, description="for `nothing`; unset: mapping")
    name: Value | None = Field(None, description="for `nothing`: the sender's name of its type")
    lead: LeadPart = LeadPart()


class MappingDocument(MappingPart):
    """How to read the requests of one sender."""

    title: Title
    body: Body
    auth: Proof
    greet: list[GreetPart] = Field([], max_length=10)
    reply: ReplyPart = ReplyPart()
    once: OncePart | None = None
    events: list[EventPart] = Field(
        min_length=1,
        max_length=50,
        description="of the events with the same `each`, the first that fits is taken",
    )
    otherwise: Literal["nothing", "unreadable"] = Field(
        "nothing", description="the result for a request that fits no event"
    )


def mapping_schema() -> dict[str, Any]:
    """The JSON Schema of a mapping (draft 2020-12)."""
    return {"$schema": DIALECT, **MappingDocument.model_json_schema(by_alias=True)}
