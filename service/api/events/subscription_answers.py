"""Requests and answers about subscriptions, and how the answers are written."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from service.api.leads.lead_answers import AnswerModel
from service.flows.events.view_subscriptions import SubscriptionStatus
from service.leads.lead import Channel, Kind
from service.leads.lead import State as LeadState
from service.leads.outgoing_event import TYPE
from service.schemas.fields import Flag, QueueName, Sent
from service.storage.events.event_replay import EventDelivery, State
from service.storage.events.subscriptions import SubscriptionSpec

EventType = Annotated[str, StringConstraints(pattern=f"^({TYPE.pattern})$", max_length=64)]
Url = Annotated[str, StringConstraints(min_length=1, max_length=2000)]


class SubscriptionIn(Sent):
    """A receiver of events, and the types of events it gets."""

    url: Url = Field(
        description="the address to post to, https://…", examples=["https://crm.example.com/hooks"]
    )
    types: Annotated[list[EventType], Field(min_length=1, max_length=50)] = Field(
        description="types of events; `lead.*` for all of one group, `*` for all",
        examples=[["lead.received", "lead.settled", "message.due"]],
    )
    queue: QueueName | None = Field(None, description="only events of this queue")
    active: Flag = Field(True, description="false: nothing is sent, nor kept for later")
    personal: Flag = Field(
        False, description="true: events of leads contain the client's name, contacts and words"
    )

    def to_wanted(self, name: str) -> SubscriptionSpec:
        """The subscription as the service's own type."""
        types = tuple(dict.fromkeys(self.types))
        return SubscriptionSpec(name, self.url, types, self.queue, self.active, self.personal)


class SubscriptionChangeIn(Sent):
    """Some fields of a subscription. Fields left out stay as they are."""

    url: Url | None = None
    types: Annotated[list[EventType], Field(min_length=1, max_length=50)] | None = None
    queue: QueueName | None = None
    active: Flag | None = None
    personal: Flag | None = Field(
        None, description="whether events contain the client's name, contacts and words"
    )

    def over(self, existing: SubscriptionSpec) -> SubscriptionSpec:
        """The subscription with these changes. A `queue` of null means all queues."""
        sent = {name: getattr(self, name) for name in self.model_fields_set}
        values = {name: value for name, value in sent.items() if value is not None}
        if "types" in values:
            values["types"] = tuple(dict.fromkeys(values["types"]))
        if "queue" in sent:
            values["queue"] = sent["queue"]
        return replace(existing, **values)


class SubscriptionOut(AnswerModel):
    """A subscription and the state of its deliveries."""

    name: str
    url: str = Field(description="the address; without its path for keys without the scope `admin`")
    types: list[str]
    queue: str | None
    active: bool
    personal: bool = Field(
        description="whether its events contain clients' names, contacts and words"
    )
    disabled_for: str | None = Field(description="why the receiver ended it")
    paused_until: datetime | None = Field(
        description="the end of a pause that the receiver asked for"
    )
    both_sign_until: datetime | None = Field(description="until when the old secret signs, too")
    pending: int = Field(description="events not delivered yet")
    dead: int = Field(description="events given up after a day")
    last_success_at: datetime | None
    last_failure_at: datetime | None
    last_failure: str | None
    created_at: datetime
    changed_at: datetime


class SecretSubscriptionOut(SubscriptionOut):
    """A subscription. It has its secret only in the answer that creates or rotates it."""

    secret: str | None = Field(description="the secret that signs each event (Standard Webhooks)")


class SubscriptionsOut(AnswerModel):
    """Every subscription."""

    subscriptions: list[SubscriptionOut]


class TestedOut(AnswerModel):
    """The receiver's answer to a test event."""

    delivered: bool
    status: int | None = Field(description="the HTTP status of the answer; null without an answer")
    error: str | None


class EventDeliveryOut(AnswerModel):
    """The delivery of one event."""

    id: int
    event: str = Field(description="its `webhook-id`, the same in every try")
    type: str
    lead_id: UUID | None
    queue: str | None = Field(description="the queue, for an event of a whole queue")
    state: State
    attempts: int
    created_at: datetime
    last_tried_at: datetime | None
    next_try_at: datetime | None = Field(
        description="when it is tried again; null while an earlier event of the same lead is being"
        " delivered"
    )
    last_status: int | None
    last_error: str | None
    ended_at: datetime | None


class EventDeliveriesOut(AnswerModel):
    """A page of deliveries, the newest first."""

    deliveries: list[EventDeliveryOut]
    next: str | None


class EventDataOut(BaseModel):
    """What happened, in ids and states. An event of a whole queue has fewer fields."""

    id: str = Field(description="the event's id, as in `webhook-id`")
    lead_id: UUID | None = Field(None, description="the lead; GET /v1/leads/{lead_id} has the rest")
    queue: str | None = None
    kind: Kind | None = None
    channel: Channel | None = None
    source: str | None = None
    external_id: str | None = None
    state_before: LeadState | None = None
    state_after: LeadState | None = None
    actor: str | None = Field(None, description="an operator, a key's name, or `nextlead`")
    reason: str | None = None
    details: dict[str, Any] = Field({}, description="details, by the type of event")


class EventMessageOut(BaseModel):
    """The body of an event. More fields may be added."""

    type: str = Field(examples=["lead.settled"])
    timestamp: datetime = Field(description="when it happened")
    data: EventDataOut


class SentAnewOut(AnswerModel):
    """How many events are sent again."""

    deliveries: int


def subscription(of: SubscriptionStatus, *, whole: bool) -> dict[str, Any]:
    """A subscription. Only with `whole` is the path of its address shown: it may be secret."""
    one, wanted = of.subscription, of.subscription.wanted
    names = ("disabled_for", "paused_until", "created_at", "changed_at")
    tried = ("last_success_at", "last_failure_at", "last_failure")
    return {
        "name": wanted.name,
        "url": wanted.url if whole else _host(wanted.url),
        "types": wanted.types,
        "queue": wanted.queue,
        "active": wanted.active,
        "personal": wanted.personal,
        "both_sign_until": one.before_until,
        "pending": of.backlog.pending,
        "dead": of.backlog.dead,
        **{name: getattr(one, name) for name in (*names, *tried)},
    }


def delivery(event_delivery: EventDelivery) -> dict[str, Any]:
    """A delivery."""
    names = ("id", "event", "type", "state", "attempts", "created_at", "last_tried_at")
    rest = ("next_try_at", "last_status", "last_error", "ended_at")
    return {
        **{name: getattr(event_delivery, name) for name in (*names, *rest)},
        "lead_id": event_delivery.about if event_delivery.log == "lead" else None,
        "queue": event_delivery.about if event_delivery.log == "queue" else None,
    }


def _host(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/…"
