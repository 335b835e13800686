"""CloudEvents 1.0 over HTTP: one in the body, a batch, or one in headers (cloudevents.io).

The proof is the signature of Standard Webhooks. It covers the body only, so for an event in headers
only the data are proved.
"""

import base64
import re
from collections.abc import Sequence
from typing import Annotated, Any, Literal
from urllib.parse import unquote_to_bytes

from pydantic import BaseModel, ConfigDict, Field

from service.adapters.bodies import json_of, json_value
from service.adapters.delivery import JSON, Delivery
from service.adapters.ignored import Ignored, IgnoredReason, PutAside, ignored, read_each
from service.adapters.signatures import hash_of
from service.adapters.standard.standard_payload import SHAPES, StandardEvent, checked
from service.leads.errors import Unreadable
from service.schemas.fields import Moment

ANY_FORMAT = "application/cloudevents"
STRUCTURED = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
REQUIRED = frozenset({"ce-specversion", "ce-id", "ce-source", "ce-type"})
HEADERS = REQUIRED | {"ce-time"}
MAX_EVENTS = 100
MAX_ID = 200
VISIBLE = re.compile(r"[ -~]*")
BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")

Event = StandardEvent | Ignored | PutAside
Text = Annotated[str, Field(min_length=1, max_length=1000, pattern=r"^[^\x00-\x1f\x7f]*$")]
Reference = Annotated[str, Field(min_length=1, max_length=1000, pattern=r"^[^\s\x00-\x1f\x7f]*$")]


class Attributes(BaseModel):
    """The attributes of an event. Unused attributes are ignored."""

    model_config = ConfigDict(frozen=True)

    specversion: Literal["1.0"]
    id: Text
    source: Reference
    type: Text
    time: Moment | None = None
    datacontenttype: Text | None = None

    @property
    def name(self) -> str:
        """The source and the id. They are the same in each repetition of an event."""
        both = f"{self.source} {self.id}"
        return both if len(both) <= MAX_ID else f"sha256:{hash_of(both)}"


def is_cloud_event(delivery: Delivery) -> bool:
    """Whether a delivery holds a CloudEvent, in its body or in its headers."""
    names = {name for name, _ in delivery.headers}
    return delivery.media_type.startswith(ANY_FORMAT) or bool(names & REQUIRED)


def cloud_events_of(delivery: Delivery) -> Sequence[Event]:
    """The events in their order, with other types as ignored events; raises Unreadable."""
    if delivery.media_type == STRUCTURED:
        return _events([json_of(delivery)], [""])
    if delivery.media_type == BATCH:
        batch = json_of(delivery)
        if not isinstance(batch, list) or len(batch) > MAX_EVENTS:
            raise Unreadable(f"The body is no list of at most {MAX_EVENTS} events.")
        return _events(batch, [str(number) for number in range(len(batch))])
    if delivery.media_type.startswith(ANY_FORMAT):
        raise Unreadable(f"Of the formats of events only JSON is read: {STRUCTURED}, {BATCH}.")
    return _in_headers(delivery)


def header_text(value: str) -> str:
    """The value of an attribute from a header, where it may be quoted and percent-encoded.

    Raises Unreadable for non-ASCII text, a broken escape, and bytes that are not UTF-8.
    """
    plain = value.strip()
    if len(plain) > 1 and plain.startswith('"') and plain.endswith('"'):
        plain = re.sub(r"\\(.)", r"\1", plain[1:-1])
    if not VISIBLE.fullmatch(plain) or BROKEN_ESCAPE.search(plain):
        raise Unreadable("An attribute in a header is not percent-encoded.")
    try:
        return unquote_to_bytes(plain).decode()
    except UnicodeDecodeError:
        raise Unreadable("An attribute in a header is not UTF-8.") from None


def _events(values: Sequence[Any], places: Sequence[str]) -> Sequence[Event]:
    pairs = [*zip(values, places, strict=True)]
    return read_each(pairs, lambda pair: _in_body(*pair))


def _in_body(value: Any, place: str) -> Sequence[StandardEvent | Ignored]:
    about = checked(Attributes, value, place)
    if about.type not in SHAPES:
        return ignored(IgnoredReason.OTHER_EVENT, about.type)
    _check_json((about.datacontenttype or "").split(";", 1)[0].strip().lower())
    data_place = f"{place}.data".lstrip(".")
    return [StandardEvent(about.type, about.name, about.time, _data(value), data_place)]


def _data(value: dict[str, Any]) -> object:
    encoded = value.get("data_base64")
    if encoded is None:
        return value.get("data")
    try:
        return json_value(base64.b64decode(encoded, validate=True))
    except (ValueError, TypeError):
        raise Unreadable("data_base64 is not base64.") from None


def _in_headers(delivery: Delivery) -> Sequence[Event]:
    values = {name.removeprefix("ce-"): delivery.header(name) for name in HEADERS}
    raw = {name: header_text(value) for name, value in values.items() if value is not None}
    about = checked(Attributes, raw, "ce")
    if about.type not in SHAPES:
        return ignored(IgnoredReason.OTHER_EVENT, about.type)
    _check_json(delivery.media_type)
    return [StandardEvent(about.type, about.name, about.time, json_of(delivery), "body")]


def _check_json(media_type: str) -> None:
    if media_type not in ("", JSON) and not media_type.endswith("+json"):
        raise Unreadable("The data of the event is not JSON.")
