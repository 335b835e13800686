"""Request bodies about sources, and how they become the service's own types."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from service.adapters.queue_by import QueueBy
from service.adapters.registry import ADAPTERS
from service.adapters.source import Places, Source
from service.flows.senders.check_source import SourceSpec
from service.flows.senders.check_source_bounds import (
    MAX_MAPPING,
    MAX_OPERATORS,
    MAX_OPTION,
    MAX_OPTIONS,
    MAX_SECRET,
    MAX_SECRETS,
    MAX_THEIRS,
    NAME,
    ON_ONE_LINE,
)
from service.leads.errors import FieldMistake, InvalidRequest
from service.matching.marks import shops_mark
from service.schemas.fields import WHOLE, Flag, OperatorName, QueueName, Sent

MAX_HOURS = 30 * 24
MAX_EXTENSIONS = 200
PLACES = ("region", "time_zone", "currency")
MAY_BE_NONE = {"default_operator", "mapping"}


def _plain(text: str) -> str:
    if not text.isprintable():
        remedy = {"remedy": ON_ONE_LINE}
        raise PydanticCustomError("secret_text", "it has control characters", remedy)
    return text


SettingName = Annotated[str, StringConstraints(pattern=f"^{NAME.pattern}$")]
Secret = Annotated[
    str, StringConstraints(min_length=1, max_length=MAX_SECRET), AfterValidator(_plain)
]
Option = Annotated[str, StringConstraints(max_length=MAX_OPTION), AfterValidator(_plain)]
Theirs = Annotated[str, StringConstraints(min_length=1, max_length=MAX_THEIRS)]
Region = Annotated[str, StringConstraints(pattern="^[A-Z]{2}$")]
CurrencyCode = Annotated[str, StringConstraints(pattern="^[A-Z]{3}$")]
Extension = Annotated[str, StringConstraints(pattern=r"^\d{1,8}(-\d{1,8})?$")]
Extensions = Annotated[tuple[Extension, ...], Field(max_length=MAX_EXTENSIONS)]
ZoneName = Annotated[str, StringConstraints(min_length=1, max_length=64)]


OwnMark = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=254)]
OwnMarks = Annotated[tuple[OwnMark, ...], Field(max_length=200)]


def shops_marks(written: Iterable[str], region: str) -> frozenset[str]:
    """The shop's own marks; raises InvalidRequest when one is no number, address or domain."""
    marks = {item: shops_mark(item, region) for item in written}
    if wrong := [item for item, mark in marks.items() if mark is None]:
        remedy = "Send valid numbers, addresses, and domains such as @shop.ru."
        raise InvalidRequest(
            [FieldMistake("own_marks", f"`{wrong[0]}` is no number, address or domain", remedy)]
        )
    return frozenset(mark for mark in marks.values() if mark is not None)


class QueueByIn(Sent):
    """The attribute that chooses the queue of a signal, and the queue for each value (B18)."""

    field: Annotated[str, StringConstraints(min_length=1, max_length=64)] = Field(
        description="`line`: the number that was dialled; else the name of an attribute"
    )
    map: Annotated[dict[Theirs, QueueName], Field(min_length=1, max_length=1000)]
    otherwise: QueueName | None = Field(
        None, alias="else", description="the queue of all other values; unset: the source's `queue`"
    )

    def to_queue_by(self) -> QueueBy:
        """The choice as the service's own type."""
        return QueueBy(self.field, self.map, self.otherwise)


class SourceIn(Sent):
    """A source: one account of a sender of webhooks."""

    adapter: SettingName = Field(
        description="the adapter that reads the sender; see /v1/adapters",
        json_schema_extra={"enum": [*ADAPTERS]},
    )
    queue: QueueName = "main"
    secrets: Annotated[dict[SettingName, Secret | None], Field(max_length=MAX_SECRETS)] = Field(
        {},
        description="secrets by name. Those left out stay, null removes one. They are never shown"
        " again",
    )
    secret_address: Flag | None = Field(
        None,
        description="true: the address ends with a secret token, shown only in the answer that"
        " creates it; left out: unchanged",
    )
    options: Annotated[dict[SettingName, Option], Field(max_length=MAX_OPTIONS)] = Field(
        {}, description="the adapter's options; see /v1/adapters/{adapter}"
    )
    operators: Annotated[dict[Theirs, OperatorName], Field(max_length=MAX_OPERATORS)] = Field(
        {}, description="the sender's extension or agent → our operator", examples=[{"29": "anna"}]
    )
    default_operator: OperatorName | None = Field(
        None, description="the operator of all other extensions and agents"
    )
    time_zone: ZoneName | None = Field(
        None, description="the zone of the sender's times without one; unset: the queue's"
    )
    region: Region | None = Field(
        None,
        description="the country of telephone numbers without a country code; unset: the queue's",
    )
    currency: CurrencyCode | None = Field(
        None, description="the currency of amounts without one; unset: the queue's"
    )
    extensions: Extensions = Field(
        (),
        description="the exchange's own numbers, such as 29 or 100-199; their calls are internal."
        " Unset: those that the exchange named",
    )
    mapping: Annotated[str, StringConstraints(min_length=1, max_length=MAX_MAPPING)] | None = Field(
        None, description="for the adapter `mapping`: the mapping in YAML"
    )
    queue_by: QueueByIn | None = Field(
        None, description="signals that go to other queues, by one of their attributes (B18)"
    )

    own_marks: OwnMarks = Field(
        (),
        description="the shop's own numbers, addresses and domains (@shop.ru); they recognise no"
        " client",
    )

    def to_source(self, name: str, queues_region: str) -> SourceSpec:
        """The source as the service's own type."""
        sent = Source(
            name=name,
            adapter=self.adapter,
            queue=self.queue,
            options=self.options,
            operators=self.operators,
            default_operator=self.default_operator,
            places=Places(self.region, self.time_zone, self.currency),
            extensions=self.extensions,
            mapping=self.mapping,
            queue_by=self.queue_by.to_queue_by() if self.queue_by else None,
            own_marks=shops_marks(self.own_marks, self.region or queues_region),
        )
        return SourceSpec(sent, self.secrets, self.secret_address)


class SourceChangeIn(Sent):
    """Some fields of a source. Fields left out stay as they are."""

    queue: QueueName | None = None
    secrets: Annotated[dict[SettingName, Secret | None], Field(max_length=MAX_SECRETS)] = Field(
        {}, description="those left out stay, null removes one"
    )
    secret_address: Flag | None = None
    options: Annotated[dict[SettingName, Option], Field(max_length=MAX_OPTIONS)] | None = None
    operators: Annotated[dict[Theirs, OperatorName], Field(max_length=MAX_OPERATORS)] | None = None
    default_operator: OperatorName | None = None
    time_zone: ZoneName | None = Field(None, description="null: the queue's")
    region: Region | None = Field(None, description="null: the queue's")
    currency: CurrencyCode | None = Field(None, description="null: the queue's")
    extensions: Extensions | None = None
    mapping: Annotated[str, StringConstraints(min_length=1, max_length=MAX_MAPPING)] | None = None
    queue_by: QueueByIn | None = None
    own_marks: OwnMarks | None = None

    def over(self, existing: Source, queues_region: str) -> SourceSpec:
        """The source with the fields that were sent. All other fields stay.

        Null removes a field that may be empty.
        """
        apart = {"secrets", "secret_address", "queue_by", "own_marks", *PLACES}
        sent = self.model_fields_set - apart
        values = {name: getattr(self, name) for name in sent}
        kept = {name for name, value in values.items() if value is None} - MAY_BE_NONE
        changes = {name: value for name, value in values.items() if name not in kept}
        named = {name: getattr(self, name) for name in PLACES if name in self.model_fields_set}
        changes["places"] = replace(existing.places, **named)
        if "queue_by" in self.model_fields_set:
            changes["queue_by"] = self.queue_by.to_queue_by() if self.queue_by else None
        if "own_marks" in self.model_fields_set:
            region = changes["places"].region or queues_region
            changes["own_marks"] = shops_marks(self.own_marks or (), region)
        return SourceSpec(replace(existing, **changes), self.secrets, self.secret_address)


class RotateIn(Sent):
    """New secrets of a source. The old ones stay valid for some hours."""

    secrets: Annotated[dict[SettingName, Secret], Field(max_length=MAX_SECRETS)] = Field(
        {}, description="the new secrets by name; all others stay"
    )
    address: Flag = Field(
        False, description="true: make a new secret address, shown only in this answer"
    )
    overlap_hours: Annotated[int, Field(ge=0, le=MAX_HOURS), WHOLE] = 24

    @property
    def overlap(self) -> timedelta:
        """How long the old secrets stay valid."""
        return timedelta(hours=self.overlap_hours)
