"""Operators: who they are, what they hold, and the line as they would be served it."""

from typing import Annotated

from fastapi import Header, Path, Query, Response

from service.api import rendering
from service.api.answers import LeadsOut, OperatorOut
from service.api.dependencies import KeyOf, ResourcesOf, may_see_tokens, needs, strict_router
from service.api.fields import OperatorName
from service.api.preconditions import names
from service.api.schemas import OperatorIn
from service.flows.change_operator import change_operator
from service.flows.look_at_leads import look_at_held
from service.flows.look_at_line import look_at_line
from service.leads.errors import FieldMistake, InvalidRequest

router = strict_router("operators")

InPath = Annotated[OperatorName, Path()]


@router.put(
    "/{operator}",
    response_model=OperatorOut,
    responses={201: {"model": OperatorOut, "description": "The operator is new."}},
    openapi_extra=needs("supervise"),
)
async def put_operator(resources: ResourcesOf, operator: InPath, sent: OperatorIn) -> Response:
    """Make or change an operator."""
    if sent.name not in (None, operator):
        remedy = f"Send `{operator}`, or leave the name out."
        raise InvalidRequest([FieldMistake("name", "it is not the name in the path", remedy)])
    changed = sent.to_operator(operator)
    created = await change_operator(resources, changed)
    return rendering.answer(rendering.operator(changed), 201 if created else 200)


@router.get("/{operator}", response_model=OperatorOut, openapi_extra=needs("operate"))
async def get_operator(resources: ResourcesOf, operator: InPath) -> Response:
    """One operator."""
    found = await resources.stores.directory.operator(operator)
    return rendering.answer(rendering.operator(found))


@router.get(
    "/{operator}/queue",
    response_model=LeadsOut,
    responses={304: {"description": "Nothing of it has changed since the ETag sent."}},
    openapi_extra=needs("operate"),
)
async def get_operator_queue(
    resources: ResourcesOf,
    operator: InPath,
    limit: Annotated[int, Query(ge=1, le=200)] = 20,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """The line as this operator would be served it, the next lead first; nothing moves."""
    view = await look_at_line(resources, operator, limit)
    headers = {"ETag": view.etag, **rendering.line_header(from_line=view.from_line)}
    if names(if_none_match, view.etag):
        return Response(status_code=304, headers=headers)
    leads = [rendering.lead(one, tokens=False) for one in view.leads]
    return rendering.answer({"leads": leads, "next": None}, headers=headers)


@router.get("/{operator}/leads", response_model=LeadsOut, openapi_extra=needs("operate"))
async def list_operator_leads(resources: ResourcesOf, key: KeyOf, operator: InPath) -> Response:
    """The leads that an operator holds, with their tokens, the longest held first."""
    held = await look_at_held(resources, operator)
    leads = [rendering.lead(one, tokens=may_see_tokens(key)) for one in held]
    return rendering.answer({"leads": leads, "next": None})
