"""Whether the process lives, and whether it can serve; open to everybody, says nothing else."""

from fastapi import APIRouter, Request, Response

from service.api import rendering
from service.api.dependencies import resources_of
from service.leads.errors import LineUnavailable, StorageUnavailable
from service.queue.in_step import ping
from service.resources import Resources

router = APIRouter(tags=["health"])


@router.get("/healthz")
async def healthz() -> Response:
    """The process lives."""
    return rendering.answer({"status": "ok"})


@router.get("/readyz", responses={503: {"description": "The database cannot be reached."}})
async def readyz(request: Request) -> Response:
    """Leads can be taken in and served; `line` says `degraded` while Postgres serves them."""
    resources = resources_of(request)
    storage, line = await _storage_answers(resources), await _line_answers(resources)
    body = {
        "status": "ready" if storage else "away",
        "storage": "ok" if storage else "away",
        "line": "ok" if line else "degraded",
    }
    return rendering.answer(body, 200 if storage else 503)


async def _storage_answers(resources: Resources) -> bool:
    try:
        await resources.stores.database.now()
    except StorageUnavailable:
        return False
    return True


async def _line_answers(resources: Resources) -> bool:
    try:
        await ping(resources.line)
    except LineUnavailable:
        return False
    return True
