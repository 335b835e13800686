"""Our own format, for any program that can sign a request (standardwebhooks.com).

A request is signed as Standard Webhooks are. It holds one event, `{type, timestamp, data}`, or
CloudEvents with the same types and data. Leads are `lead.request.created`, `lead.message.received`,
`lead.order.created` and `lead.order.changed`, which replaces the order. Calls are
`lead.call.ringing`, `answered`, `missed` and `ended`. Other types are ignored. Data are read
strictly: an unknown field is a mistake.
"""

from collections.abc import Mapping, Sequence

from pydantic import BaseModel, ConfigDict

from service.adapters.adapter import Adapter, Setting
from service.adapters.bodies import json_object
from service.adapters.delivery import Delivery, Reply
from service.adapters.ignored import Ignored, IgnoredReason, PutAside, ignored, read_each
from service.adapters.inbound_event import InboundEvent
from service.adapters.source import Source
from service.adapters.standard import standard_signature
from service.adapters.standard.cloud_events import HEADERS, cloud_events_of, is_cloud_event
from service.adapters.standard.standard_payload import (
    SHAPES,
    StandardEvent,
    checked,
    events_of_payload,
)
from service.leads.errors import FieldMistake, InvalidRequest, NotAuthentic, Unreadable
from service.schemas.fields import Moment

SECRET = "secret"  # noqa: S105 - the name of one


class Envelope(BaseModel):
    """The fields around the data of an event, without its type."""

    model_config = ConfigDict(frozen=True)

    timestamp: Moment | None = None


def verify(delivery: Delivery, source: Source) -> None:
    """Check the signature; raises NotAuthentic."""
    standard_signature.verify(delivery, source.secret(SECRET))


def read(delivery: Delivery, source: Source) -> Sequence[InboundEvent]:
    """The inbound events of a delivery. A wrong event of a batch is put aside alone.

    Raises Unreadable when none can be read.
    """
    events = cloud_events_of(delivery) if is_cloud_event(delivery) else _events_of(delivery)
    return read_each(events, lambda event: _read_event(event, delivery, source))


def _read_event(
    event: StandardEvent | Ignored | PutAside, delivery: Delivery, source: Source
) -> Sequence[InboundEvent]:
    if isinstance(event, StandardEvent):
        return [events_of_payload(event, delivery, source)]
    return [event]


def greet(delivery: Delivery, _source: Source) -> Reply | None:
    """Allow a sender of CloudEvents to post, as its handshake asks. Its posts are still signed."""
    if delivery.method != "OPTIONS":
        return None
    if not delivery.header("webhook-request-origin"):
        raise NotAuthentic("OPTIONS without WebHook-Request-Origin is no handshake.")
    allowed = {"Allow": "POST", "WebHook-Allowed-Origin": "*", "WebHook-Allowed-Rate": "*"}
    return Reply(headers=allowed)


def once(delivery: Delivery, _source: Source) -> str | None:
    """The id of the message, the same in its repetitions."""
    return standard_signature.message_id(delivery)


def check_secrets(secrets: Mapping[str, str]) -> Sequence[FieldMistake]:
    """The mistakes in a new shared secret or public key."""
    if SECRET not in secrets:
        return []
    try:
        standard_signature.check_key(secrets[SECRET], SECRET)
    except InvalidRequest as error:
        return error.mistakes
    return []


def _events_of(delivery: Delivery) -> Sequence[StandardEvent | Ignored]:
    body = json_object(delivery)
    given_type = body.get("type")
    if not isinstance(given_type, str):
        raise Unreadable("type: it is not said what happened. Send the type of the event.")
    if given_type not in SHAPES:
        return ignored(IgnoredReason.OTHER_EVENT, given_type)
    name = standard_signature.message_id(delivery)
    if name is None:
        raise Unreadable("The message has no id.")
    at = checked(Envelope, body).timestamp
    return [StandardEvent(given_type, name, at, body.get("data"))]


ADAPTER = Adapter(
    name="standard",
    title="Signed webhooks (Standard Webhooks, CloudEvents)",
    verify=verify,
    read=read,
    greet=greet,
    once=once,
    check_secrets=check_secrets,
    secrets={
        SECRET: Setting(
            "The secret that both sides share, whsec_ and base64; or the sender's public key, "
            "whpk_ and base64.",
            required=True,
        )
    },
    stored_headers=standard_signature.HEADERS | HEADERS,
    methods=frozenset({"POST", "OPTIONS"}),
)
