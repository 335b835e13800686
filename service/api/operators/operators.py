"""Operators: who they are, which leads they hold, and the line as they would be served it."""

from functools import partial
from typing import Annotated

from fastapi import Header, Path, Query, Response

from service.api.dependencies import (
    KeyOf,
    ReachOf,
    ResourcesOf,
    may_see_tokens,
    needs,
    strict_router,
)
from service.api.document.headers import with_headers
from service.api.leads import lead_rendering
from service.api.leads.lead_answers import LeadsOut
from service.api.operators import operator_answers as given
from service.api.operators.operator_answers import OnShiftOut, OperatorOut, OperatorsOut
from service.api.operators.operator_body import OperatorIn, PresenceIn
from service.api.preconditions import names
from service.flows.claims.view_line import view_line
from service.flows.leads.view_leads import view_held
from service.flows.operators.change_operator import change_operator
from service.flows.operators.change_presence import change_presence
from service.flows.operators.remove_operator import remove_operator
from service.flows.operators.view_operators import (
    show_presence,
    view_operator,
    view_operators,
)
from service.leads.errors import FieldMistake, InvalidRequest, OperatorNotFound
from service.schemas.fields import OperatorName

router = strict_router("operators")

InPath = Annotated[OperatorName, Path()]


@router.get("", response_model=OperatorsOut, openapi_extra=needs("read"))
async def list_operators(resources: ResourcesOf, reach: ReachOf) -> Response:
    """List operators, with presence and the number of leads that each holds."""
    everybody = await view_operators(resources)
    shown = [item for item in everybody if reach.has_any(item.operator.queues)]
    return lead_rendering.answer(given.operators(shown))


@router.put(
    "/{operator}",
    response_model=OperatorOut,
    responses={201: {"model": OperatorOut, "description": "The operator is new."}},
    openapi_extra=needs("supervise"),
)
async def put_operator(resources: ResourcesOf, operator: InPath, sent: OperatorIn) -> Response:
    """Create an operator or replace all their settings."""
    _check_name(operator, sent)
    changed = sent.to_operator(operator)
    created = await change_operator(resources, changed)
    existing = await view_operator(resources, operator)
    return lead_rendering.answer(given.operator(existing), 201 if created else 200)


@router.patch(
    "/{operator}",
    response_model=OperatorOut,
    openapi_extra=needs("supervise", raises=(OperatorNotFound,)),
)
async def update_operator(resources: ResourcesOf, operator: InPath, sent: OperatorIn) -> Response:
    """Change some fields of an operator. Fields left out stay."""
    _check_name(operator, sent)
    existing = (await view_operator(resources, operator)).operator
    await change_operator(resources, sent.over(existing))
    return lead_rendering.answer(given.operator(await view_operator(resources, operator)))


@router.delete(
    "/{operator}", status_code=204, openapi_extra=needs("supervise", raises=(OperatorNotFound,))
)
async def delete_operator(resources: ResourcesOf, key: KeyOf, operator: InPath) -> Response:
    """Delete an operator. Leads they hold wait again, and clients they own become everybody's.

    Events and statistics keep the name.
    """
    await remove_operator(resources, operator, key.name)
    return Response(status_code=204)


@router.get(
    "/{operator}",
    response_model=OperatorOut,
    openapi_extra=needs("operate", raises=(OperatorNotFound,)),
)
async def get_operator(resources: ResourcesOf, operator: InPath) -> Response:
    """Read one operator."""
    return lead_rendering.answer(given.operator(await view_operator(resources, operator)))


@router.put(
    "/{operator}/presence",
    response_model=OnShiftOut,
    openapi_extra=needs("operate", raises=(OperatorNotFound,)),
)
async def put_presence(
    resources: ResourcesOf, key: KeyOf, operator: InPath, sent: PresenceIn
) -> Response:
    """Set an operator's presence. Off shift, their own leads are open to everybody.

    On `break`, and in `wrap_up` after a talk, nothing is offered. Leads held stay with the
    operator.
    """
    now = await change_presence(resources, operator, sent.status, sent.reason)
    existing = await show_presence(resources, now.operator)
    shown = given.on_shift(existing, now.held, tokens=may_see_tokens(key))
    return lead_rendering.answer(shown)


@router.get(
    "/{operator}/queue",
    response_model=LeadsOut,
    responses={
        200: with_headers("ETag", "Nextlead-Line"),
        304: {
            "description": "Nothing of it has changed since the ETag sent.",
            **with_headers("ETag", "Nextlead-Line"),
        },
    },
    openapi_extra=needs("operate", raises=(OperatorNotFound,)),
)
async def get_operator_queue(
    resources: ResourcesOf,
    operator: InPath,
    limit: Annotated[int, Query(ge=1, le=200)] = 20,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """The line as this operator would be served it, the next lead first. Nothing is claimed."""
    is_seen = partial(names, if_none_match) if if_none_match else None
    view = await view_line(resources, operator, limit, is_seen)
    headers = {"ETag": view.etag, **lead_rendering.line_header(from_line=view.from_line)}
    if view.is_known or names(if_none_match, view.etag):
        return Response(status_code=304, headers=headers)
    leads = [lead_rendering.lead(lead, tokens=False) for lead in view.leads]
    return lead_rendering.answer({"leads": leads, "next": None}, headers=headers)


@router.get(
    "/{operator}/leads",
    response_model=LeadsOut,
    openapi_extra=needs("operate", raises=(OperatorNotFound,)),
)
async def list_operator_leads(resources: ResourcesOf, key: KeyOf, operator: InPath) -> Response:
    """List the leads that an operator holds, with their tokens, the longest held first."""
    held = await view_held(resources, operator)
    leads = [lead_rendering.lead(item, tokens=may_see_tokens(key)) for item in held]
    return lead_rendering.answer({"leads": leads, "next": None})


def _check_name(operator: str, sent: OperatorIn) -> None:
    if sent.name not in (None, operator):
        remedy = f"Send `{operator}`, or leave the name out."
        raise InvalidRequest([FieldMistake("name", "it is not the name in the path", remedy)])
