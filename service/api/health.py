"""Health checks: whether the process lives and whether it can serve. They are open to everybody."""

from fastapi import APIRouter, Request, Response

from service.api.dependencies import resources_of
from service.api.leads import lead_rendering
from service.flows.upkeep.check_health import line_serves, storage_answers

router = APIRouter(tags=["health"])


@router.get("/healthz")
async def get_health() -> Response:
    """The process is alive."""
    return lead_rendering.answer({"status": "ok"})


@router.get("/readyz", responses={503: {"description": "The database cannot be reached."}})
async def get_readiness(request: Request) -> Response:
    """The service can take and serve leads. `line` is `degraded` while PostgreSQL serves them."""
    resources = resources_of(request)
    storage, line = await storage_answers(resources), await line_serves(resources)
    body = {
        "status": "ready" if storage else "away",
        "storage": "ok" if storage else "away",
        "line": "ok" if line else "degraded",
    }
    return lead_rendering.answer(body, 200 if storage else 503)
