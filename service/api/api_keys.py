"""API keys over HTTP: list, create, rotate and revoke them."""

from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import Path, Query, Response
from pydantic import AfterValidator, Field, StringConstraints

from service.api.dependencies import KeyOf, ResourcesOf, needs, strict_router
from service.api.leads.lead_answers import AnswerModel
from service.api.leads.lead_rendering import answer
from service.flows.upkeep.create_key import KeyWithSecret, WantedKey
from service.flows.upkeep.create_key import create_key as create
from service.flows.upkeep.revoke_key import revoke_key
from service.flows.upkeep.rotate_key import rotate_key as rotate
from service.flows.upkeep.view_keys import view_keys
from service.leads.binding import Binding
from service.leads.errors import KeyExists, KeyNotFound
from service.schemas.fields import WHOLE, Id, Moment, OperatorName, QueueName, Sent
from service.storage.api_keys import SCOPES, Key

router = strict_router("keys")

MAX_OVERLAP_HOURS = 720

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._@-]{1,64}$")]
InPath = Annotated[str, Path(min_length=1, max_length=200)]


def _is_scope(scope: str) -> str:
    if scope not in SCOPES:
        raise ValueError(f"it is none of {', '.join(SCOPES)}")
    return scope


Scope = Annotated[
    str, AfterValidator(_is_scope), Field(max_length=32, json_schema_extra={"enum": [*SCOPES]})
]


class KeyIn(Sent):
    """A key to create. Operator, queues and sources narrow what it may reach."""

    name: Name
    scopes: list[Scope] = Field(min_length=1, max_length=len(SCOPES))
    operator: OperatorName | None = Field(
        None,
        description="the operator it acts as; it may then have only `operate`, `read` and"
        " `personal`",
    )
    queues: Annotated[frozenset[QueueName], Field(min_length=1, max_length=100)] | None = Field(
        None, description="the only queues it reaches; unset: all, or those of its operator"
    )
    sources: Annotated[frozenset[Id], Field(min_length=1, max_length=100)] | None = Field(
        None, description="the only sources it sends leads for; it may then have only `intake`"
    )
    expires_at: Moment | None = Field(None, description="when it expires; unset: never")

    def to_wanted(self) -> WantedKey:
        """The key as the service's own type."""
        binding = Binding(self.operator, self.queues, self.sources, self.expires_at)
        return WantedKey(self.name, frozenset(self.scopes), binding)


class RotateKeyIn(Sent):
    """How to replace a key's secret."""

    overlap_hours: Annotated[int, Field(ge=0, le=MAX_OVERLAP_HOURS), WHOLE] = Field(
        24, description="how many hours the old secret stays valid"
    )


class KeyOut(AnswerModel):
    """A key without its secret."""

    name: str
    scopes: list[str]
    created_at: datetime
    revoked_at: datetime | None
    operator: str | None = Field(description="the operator it acts as")
    queues: list[str] | None = Field(
        description="the only queues it reaches; null: all, or those of its operator"
    )
    sources: list[str] | None = Field(description="the only sources it sends leads for; null: all")
    expires_at: datetime | None = Field(description="when it expires; null: never")
    used_at: datetime | None = Field(description="the last use, to the minute")
    previous_until: datetime | None = Field(
        description="until when the secret before the last rotation is valid; null: no longer"
    )


class SecretKeyOut(KeyOut):
    """A key with its secret. The secret is shown only in this answer."""

    secret: str


class KeysOut(AnswerModel):
    """Keys, sorted by name."""

    keys: list[KeyOut]
    next: str | None


@router.get("", response_model=KeysOut, openapi_extra=needs("admin"))
async def list_keys(
    resources: ResourcesOf,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """List all keys by name, including revoked keys."""
    found = await view_keys(resources, after=cursor, limit=limit)
    now = resources.clock.now()
    more = found[-1].name if len(found) == limit else None
    return answer({"keys": [_shown(key, now) for key in found], "next": more})


@router.post(
    "",
    response_model=SecretKeyOut,
    status_code=201,
    openapi_extra=needs("admin", raises=(KeyExists,)),
)
async def create_key(resources: ResourcesOf, key: KeyOf, sent: KeyIn) -> Response:
    """Create a key. Its secret is shown only this once. A key cannot grant scopes that it lacks."""
    made = await create(resources, sent.to_wanted(), by=key)
    return answer(_with_secret(made, resources.clock.now()), 201)


@router.delete("/{name}", status_code=204, openapi_extra=needs("admin", raises=(KeyNotFound,)))
async def delete_key(resources: ResourcesOf, key: KeyOf, name: InPath) -> Response:
    """Revoke a key. Within two seconds every process refuses it."""
    await revoke_key(resources, name, by=key)
    return Response(status_code=204)


@router.post(
    "/{name}/rotate",
    response_model=SecretKeyOut,
    openapi_extra=needs("admin", raises=(KeyNotFound,)),
)
async def rotate_key(
    resources: ResourcesOf, key: KeyOf, name: InPath, sent: RotateKeyIn
) -> Response:
    """Give a key a new secret, shown only in this answer.

    The old secret stays valid for `overlap_hours`. A key cannot rotate a key that has scopes which
    it lacks itself.
    """
    rotated = await rotate(resources, name, timedelta(hours=sent.overlap_hours), by=key)
    return answer(_with_secret(rotated, resources.clock.now()))


def _shown(key: Key, now: datetime) -> dict[str, Any]:
    until = key.previous_until
    return {
        "name": key.name,
        "scopes": sorted(key.scopes),
        "created_at": key.created_at,
        "revoked_at": key.revoked_at,
        "operator": key.binding.operator,
        "queues": None if key.binding.queues is None else sorted(key.binding.queues),
        "sources": None if key.binding.sources is None else sorted(key.binding.sources),
        "expires_at": key.binding.expires_at,
        "used_at": key.used_at,
        "previous_until": until if until is not None and now < until else None,
    }


def _with_secret(made: KeyWithSecret, now: datetime) -> dict[str, Any]:
    return {**_shown(made.key, now), "secret": made.secret}
