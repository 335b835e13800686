"""Sources of webhooks, and the adapters that read them."""

from typing import Annotated

from fastapi import Path, Request, Response

from service.api.dependencies import KeyOf, ResourcesOf, needs, strict_router
from service.api.leads.lead_rendering import answer
from service.api.senders import source_answers as given
from service.api.senders.source_answers import (
    AdapterOut,
    AdaptersOut,
    ReplayedOut,
    SourceOut,
    SourcesOut,
)
from service.api.senders.source_body import RotateIn, SettingName, SourceChangeIn, SourceIn
from service.flows.senders.change_source import change_source, remove_source, rotate_source
from service.flows.senders.open_source import region_of
from service.flows.senders.replay_deliveries import replay_source
from service.flows.senders.view_sources import (
    view_adapter,
    view_adapters,
    view_source,
    view_sources,
)
from service.leads.errors import AdapterNotFound, SecretKeyMissing, SourceInUse, SourceNotFound

router = strict_router("webhooks", below="")

InPath = Annotated[SettingName, Path()]


@router.get("/adapters", response_model=AdaptersOut, openapi_extra=needs("read"))
async def list_adapters() -> Response:
    """List the senders that can be connected."""
    existing = [{"name": adapter.name, "title": adapter.title} for adapter in view_adapters()]
    return answer({"adapters": existing})


@router.get(
    "/adapters/{adapter}",
    response_model=AdapterOut,
    openapi_extra=needs("read", raises=(AdapterNotFound,)),
)
async def get_adapter(adapter: InPath) -> Response:
    """How to connect one sender, and the secrets and options of its sources."""
    return answer(given.adapter(view_adapter(adapter)))


@router.get("/sources", response_model=SourcesOut, openapi_extra=needs("read"))
async def list_sources(request: Request, resources: ResourcesOf) -> Response:
    """List sources, each with the time of its last delivery: a long silence may mean a fault."""
    found = await view_sources(resources)
    return answer({"sources": [given.source(request, item) for item in found]})


@router.get(
    "/sources/{source}",
    response_model=SourceOut,
    openapi_extra=needs("read", raises=(SourceNotFound,)),
)
async def get_source(request: Request, resources: ResourcesOf, source: InPath) -> Response:
    """Read one source. Its secrets are named, without their values."""
    return answer(given.source(request, await view_source(resources, source)))


@router.put(
    "/sources/{source}",
    response_model=SourceOut,
    responses={201: {"model": SourceOut, "description": "The source is new."}},
    openapi_extra=needs("admin", raises=(SecretKeyMissing,)),
)
async def put_source(
    request: Request, resources: ResourcesOf, key: KeyOf, source: InPath, sent: SourceIn
) -> Response:
    """Create or replace a source. Secrets are stored encrypted and never shown again."""
    region = await region_of(resources, sent.queue)
    changed = await change_source(resources, sent.to_source(source, region), key.name)
    ranking = await view_source(resources, source)
    shown = given.source(request, ranking, changed.token)
    return answer(shown, 201 if changed.created else 200)


@router.patch(
    "/sources/{source}",
    response_model=SourceOut,
    openapi_extra=needs("admin", raises=(SourceNotFound,)),
)
async def update_source(
    request: Request, resources: ResourcesOf, key: KeyOf, source: InPath, sent: SourceChangeIn
) -> Response:
    """Change some fields of a source. Fields left out stay.

    `options` and `operators` are replaced as a whole.
    """
    existing = await view_source(resources, source)
    before = existing.stored.spec
    region = await region_of(resources, sent.queue or before.queue)
    changed = await change_source(resources, sent.over(before, region), key.name)
    stored = await view_source(resources, source)
    return answer(given.source(request, stored, changed.token))


@router.delete(
    "/sources/{source}",
    status_code=204,
    openapi_extra=needs("admin", raises=(SourceInUse, SourceNotFound)),
)
async def delete_source(resources: ResourcesOf, key: KeyOf, source: InPath) -> Response:
    """Delete a source and its deliveries. Its leads stay."""
    await remove_source(resources, source, key.name)
    return Response(status_code=204)


@router.post(
    "/sources/{source}/rotate",
    response_model=SourceOut,
    openapi_extra=needs("admin", raises=(SourceNotFound,)),
)
async def rotate_source_secrets(
    request: Request, resources: ResourcesOf, key: KeyOf, source: InPath, sent: RotateIn
) -> Response:
    """Give a source new secrets or a new address. The old ones stay valid for some hours."""
    changed = await rotate_source(
        resources,
        source,
        sent.secrets,
        address=sent.address,
        overlap=sent.overlap,
        author=key.name,
    )
    ranking = await view_source(resources, source)
    return answer(given.source(request, ranking, changed.token))


@router.post(
    "/sources/{source}/replay",
    response_model=ReplayedOut,
    openapi_extra=needs("admin", raises=(SourceNotFound,)),
)
async def replay_source_deliveries(resources: ResourcesOf, key: KeyOf, source: InPath) -> Response:
    """Read a source's quarantined deliveries again, the oldest first, at most 10 000 at a time."""
    return answer({"deliveries": await replay_source(resources, source, key.name)})
