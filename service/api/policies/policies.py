"""Policies of queues: read, replace, restore and preview them."""

import asyncio
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import Header, Path, Query, Response

from service.api.dependencies import KeyOf, ResourcesOf, needs, strict_router
from service.api.document.headers import with_headers
from service.api.leads import lead_rendering
from service.api.policies import policy_rendering
from service.api.policies.policy_answers import (
    ChangedPolicyOut,
    PolicyOut,
    PreviewOut,
    VersionsOut,
)
from service.api.policies.policy_body import BODY, YAML, PolicyText, prefers_yaml, yaml_answer
from service.api.preconditions import IF_MATCH, VersionToReplace, etag_of, names
from service.api.rule_titles import LanguageOf, titled
from service.flows.policies.change_policy import Revision, change_policy, restore_policy
from service.flows.policies.preview_policy import preview_policy
from service.flows.policies.try_examples import examples_of_candidate, try_examples
from service.flows.policies.view_policy import view_policy, view_policy_versions
from service.leads.errors import PolicyChanged, PolicyNotFound, PreconditionMissing, QueueNotFound
from service.policies.examples import Miss
from service.schemas.fields import QueueName
from service.storage.policies.policies import Version

router = strict_router("policies", below="")

SCHEMA = "application/schema+json"
NEWEST = 2**31 - 1

InPath = Annotated[QueueName, Path()]
Number = Annotated[int, Path(ge=1, le=NEWEST)]
Note = Annotated[
    str | None, Query(max_length=500, description="the reason, shown in the list of versions")
]
Accept = Annotated[str | None, Header(include_in_schema=False)]
IfNoneMatch = Annotated[str | None, Header()]

ETAG = with_headers("ETag")
LOOKED_AT: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The policy; for `Accept: application/yaml` as its author wrote it.",
        **ETAG,
        "content": {YAML: {"schema": {"type": "string"}}},
    },
    304: {"description": "The version is still that of the ETag sent.", **ETAG},
}
REPLACED: dict[int | str, dict[str, Any]] = {200: {**ETAG}}
MISSED = (PolicyChanged, PolicyNotFound, PreconditionMissing, QueueNotFound)
REPLACING = {**needs("admin", raises=MISSED), "parameters": [IF_MATCH]}


@router.get(
    "/queues/{queue}/policy",
    response_model=PolicyOut,
    responses=LOOKED_AT,
    openapi_extra=needs("read", raises=(QueueNotFound,)),
)
async def get_policy(
    resources: ResourcesOf,
    queue: InPath,
    accept: Accept = None,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """The policy in force. Send its ETag as `If-Match` to replace it."""
    return await _shown(await view_policy(resources, queue), accept, if_none_match)


@router.put(
    "/queues/{queue}/policy",
    response_model=ChangedPolicyOut,
    responses=REPLACED,
    openapi_extra={**REPLACING, **BODY},
)
async def put_policy(
    resources: ResourcesOf,
    key: KeyOf,
    queue: InPath,
    follows: VersionToReplace,
    text: PolicyText,
    language: LanguageOf,
    note: Note = None,
) -> Response:
    """Put a policy in force, whole or not at all. Waiting leads are ranked by it within seconds.

    The text already in force makes no new version. Its `examples` that fail are listed in the
    answer, each with the reason. The policy is refused instead when it says `examples_policy:
    refuse`.
    """
    misses = await try_examples(resources, text, language)
    revision = Revision(queue, key.name, follows, note)
    return await _replaced(await change_policy(resources, revision, text), misses)


@router.get(
    "/queues/{queue}/policy/versions",
    response_model=VersionsOut,
    openapi_extra=needs("read", raises=(QueueNotFound,)),
)
async def list_policy_versions(
    resources: ResourcesOf,
    queue: InPath,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    cursor: Annotated[int, Query(ge=1, le=NEWEST)] = NEWEST,
) -> Response:
    """List the versions of a queue's policy, the newest first. A version never changes."""
    found = await view_policy_versions(resources, queue, before=cursor, limit=limit)
    more = str(found[-1].version) if len(found) == limit else None
    versions = [policy_rendering.version_row(item) for item in found]
    return lead_rendering.answer({"versions": versions, "next": more})


@router.get(
    "/queues/{queue}/policy/versions/{version}",
    response_model=PolicyOut,
    responses=LOOKED_AT,
    openapi_extra=needs("read", raises=(PolicyNotFound, QueueNotFound)),
)
async def get_policy_version(
    resources: ResourcesOf,
    queue: InPath,
    version: Number,
    accept: Accept = None,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """One version of a queue's policy."""
    return await _shown(await view_policy(resources, queue, version), accept, if_none_match)


@router.post(
    "/queues/{queue}/policy/versions/{version}/restore",
    response_model=PolicyOut,
    responses=REPLACED,
    openapi_extra=REPLACING,
)
async def restore_policy_version(
    resources: ResourcesOf,
    key: KeyOf,
    queue: InPath,
    version: Number,
    follows: VersionToReplace,
    note: Note = None,
) -> Response:
    """Roll back: the text of an earlier version becomes the newest version."""
    revision = Revision(queue, key.name, follows, note)
    return await _replaced(await restore_policy(resources, revision, version))


@router.post(
    "/queues/{queue}/policy/preview",
    name="preview_policy",
    response_model=PreviewOut,
    openapi_extra={**needs("admin", raises=(QueueNotFound,), dear="preview"), **BODY},
)
async def preview_candidate_policy(
    resources: ResourcesOf, queue: InPath, text: PolicyText, language: LanguageOf
) -> Response:
    """Show how a candidate would reorder the present line: which leads would move, and why.

    Nothing is written and nothing moves. Only waiting leads are compared.
    """
    misses = await examples_of_candidate(resources, text, language)
    made = policy_rendering.preview(await preview_policy(resources, queue, text))
    found = {"top": titled(made["top"], language), "examples": policy_rendering.examples(misses)}
    return lead_rendering.answer({**made, **found})


@router.get(
    "/policy/schema",
    response_class=Response,
    responses={200: {"content": {SCHEMA: {"schema": {"type": "object"}}}}},
    openapi_extra=needs("read"),
)
async def get_policy_schema(language: LanguageOf) -> Response:
    """The JSON Schema of a policy (draft 2020-12), for editors.

    Titles and descriptions are in one language; `x-words` of each property has both, with units.
    """
    written = await asyncio.to_thread(policy_rendering.schema, language)
    return Response(written, media_type=SCHEMA)


async def _shown(found: Version, accept: str | None, if_none_match: str | None) -> Response:
    headers = {"ETag": etag_of(found.version), "Vary": "Accept"}
    if names(if_none_match, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    if prefers_yaml(accept):
        return yaml_answer(found.text, headers)
    return lead_rendering.answer(await policy_rendering.policy(found), headers=headers)


async def _replaced(newest: Version, misses: Sequence[Miss] | None = None) -> Response:
    headers = {"ETag": etag_of(newest.version)}
    shown = await policy_rendering.policy(newest)
    if misses is not None:
        shown["examples"] = policy_rendering.examples(misses)
    return lead_rendering.answer(shown, headers=headers)
