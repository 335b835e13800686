"""The answers about sources and adapters, and how they are written."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from fastapi import Request
from pydantic import Field

from service.adapters.adapter import Adapter, Setting
from service.adapters.mapping.adapter import ADAPTER as MAPPING
from service.adapters.mapping.document import mapping_schema
from service.adapters.mapping.reading import SHIPPED
from service.adapters.standard.standard_schema import payload_schema
from service.adapters.standard.standard_webhooks import ADAPTER as STANDARD
from service.api.dependencies import resources_of
from service.api.leads.lead_answers import AnswerModel
from service.flows.senders.view_sources import SourceStatus, connecting_text
from service.storage.senders.sources import COUNTED, PLACES, Proof, StoredSource


class SecretOut(AnswerModel):
    """A secret that is set; its value is never shown."""

    since: datetime
    previous_until: datetime | None = Field(description="until when the old value is valid, too")


class DeliveriesOut(AnswerModel):
    """The state of a source's deliveries."""

    waiting: int = Field(description="deliveries not read yet")
    read: int
    ignored: int = Field(description="read and ignored: echoes, statuses, tests")
    ignored_reasons: dict[str, int] = Field(
        description="ignored events by reason (see IgnoredReason)"
    )
    unknown_types: dict[str, int] = Field(
        description="ignored events by the sender's name of their type, the most frequent first"
    )
    quarantined: int = Field(description="not understood; see /v1/deliveries?state=quarantined")
    refused: int = Field(description="requests without a valid proof of their sender")
    last_at: datetime | None
    last_refused_at: datetime | None


class QueueByOut(AnswerModel):
    """The signals that go to other queues (B18)."""

    field: str
    map: dict[str, str]
    otherwise: str | None = Field(alias="else")


class SourceOut(AnswerModel):
    """A source: one account of a sender of webhooks."""

    name: str
    adapter: str
    queue: str
    address: str | None = Field(
        description="the address to give to the sender; a secret one appears only in the answer"
        " that creates it"
    )
    secret_address: SecretOut | None
    secrets: dict[str, SecretOut]
    options: dict[str, str]
    operators: dict[str, str]
    default_operator: str | None
    time_zone: str = Field(description="the source's, else its queue's")
    region: str = Field(description="the source's, else its queue's")
    currency: str | None = Field(description="the source's; null: its queue's")
    of_queue: list[str] = Field(description="which of these three come from its queue")
    extensions: list[str]
    learnt_extensions: list[str] = Field(
        description="extensions that the exchange named; used when none are set"
    )
    silent_since: datetime | None = Field(
        description="since when nothing comes although it should (source.silent)"
    )
    mapping: str | None
    own_marks: list[str]
    lines: list[str] = Field(
        description="the shop's own numbers, learnt because clients called them; they recognise"
        " nobody"
    )
    queue_by: QueueByOut | None
    deliveries: DeliveriesOut
    created_at: datetime
    changed_at: datetime


class SourcesOut(AnswerModel):
    """All sources, sorted by name."""

    sources: list[SourceOut]


class SettingOut(AnswerModel):
    """A secret or an option of an adapter's sources."""

    about: str
    required: bool
    default: str
    choices: list[str]


class AdapterOut(AnswerModel):
    """An adapter: how one sender is connected, and the settings of its sources."""

    name: str
    title: str
    methods: list[str]
    secret_address: bool = Field(description="the address is the sender's only proof")
    max_bytes: int
    secrets: dict[str, SettingOut]
    options: dict[str, SettingOut]
    connecting: str = Field(description="how to connect it, in Markdown")
    payload_schema: dict[str, Any] | None = Field(
        description="for the adapter `standard`: the JSON Schema of a request"
    )
    mapping_schema: dict[str, Any] | None = Field(
        description="for the adapter `mapping`: the JSON Schema of a mapping"
    )
    shipped: dict[str, str] = Field(
        description="for the adapter `mapping`: shipped mappings, and how to connect each"
    )


class AdapterNameOut(AnswerModel):
    """An adapter by name and title."""

    name: str
    title: str


class AdaptersOut(AnswerModel):
    """All adapters, sorted by name."""

    adapters: list[AdapterNameOut]


class ReplayedOut(AnswerModel):
    """How many deliveries are being read again."""

    deliveries: int


def source(request: Request, of: SourceStatus, token: str | None = None) -> dict[str, Any]:
    """A source. `token` is the secret part of its address, when it was just created."""
    stored, sent = of.stored, of.stored.spec
    return {
        **{name: getattr(sent, name) for name in ("name", "adapter", "queue")},
        "address": _address(request, stored, token),
        "secret_address": _secret(stored.tokens) if stored.tokens else None,
        "secrets": {name: _secret(stored.secrets[name]) for name in sorted(stored.secrets)},
        **{name: getattr(sent, name) for name in ("options", "operators", "default_operator")},
        **{name: getattr(of.placed, name) for name in ("time_zone", "region", "mapping")},
        "currency": sent.places.currency,
        "of_queue": [name for name in PLACES if getattr(sent.places, name) is None],
        "extensions": sent.extensions,
        "learnt_extensions": sorted(sent.learnt_extensions, key=lambda item: (len(item), item)),
        "silent_since": of.silent_since,
        "own_marks": sorted(item.partition(":")[2] for item in sent.own_marks),
        "lines": of.lines,
        "queue_by": None if sent.queue_by is None else sent.queue_by.written,
        "deliveries": {
            **{name: getattr(of.deliveries, name) for name in COUNTED},
            "ignored_reasons": of.ignored.reasons,
            "unknown_types": of.ignored.unknown_types,
        },
        "created_at": stored.created_at,
        "changed_at": stored.changed_at,
    }


def adapter(of: Adapter) -> dict[str, Any]:
    """An adapter with all its details."""
    return {
        "name": of.name,
        "title": of.title,
        "methods": sorted(of.methods),
        "secret_address": of.secret_address,
        "max_bytes": of.max_bytes,
        "secrets": _settings(of.secrets),
        "options": _settings(of.options),
        "connecting": connecting_text(of.name),
        "payload_schema": payload_schema() if of is STANDARD else None,
        "mapping_schema": mapping_schema() if of is MAPPING else None,
        "shipped": {item: connecting_text(item) for item in SHIPPED} if of is MAPPING else {},
    }


def _settings(of: Mapping[str, Setting]) -> dict[str, Any]:
    names = list(SettingOut.model_fields)
    return {name: {item: getattr(setting, item) for item in names} for name, setting in of.items()}


def _secret(proofs: tuple[Proof, ...]) -> dict[str, Any]:
    previous = proofs[1].until if len(proofs) > 1 else None
    return {"since": proofs[0].since, "previous_until": previous}


def _address(request: Request, stored: StoredSource, token: str | None) -> str | None:
    if stored.tokens and token is None:
        return None
    base = resources_of(request).public_url or str(request.base_url).rstrip("/")
    address = f"{base}/webhooks/{stored.spec.adapter}/{stored.name}"
    return address if token is None else f"{address}/{token}"
