"""Leads: reading them, and the actions on one of them."""

from dataclasses import replace
from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from service.api.dependencies import KeyOf, ResourcesOf, needs, sees_token, sender_of, strict_router
from service.api.leads import lead_rendering
from service.api.leads.explanation_answers import ServedLeadOut, WholeExplanationOut
from service.api.leads.lead_answers import EventsOut, LeadOut, LeadsOut
from service.api.leads.lead_query import LeadQuery, lead_filter
from service.api.leads.redaction import redact_for
from service.api.rule_titles import LanguageOf, titled, titled_explanation, titled_lead
from service.api.schemas import ClaimIn, LeadChangeIn, ReleaseIn, TokenIn
from service.flows.claims.claim_lead import Override
from service.flows.claims.claim_lead import claim_lead as claim_by_id
from service.flows.claims.release_claim import release_claim
from service.flows.claims.renew_claim import renew_claim
from service.flows.customers.learn_client import learn_client
from service.flows.customers.view_client import view_client, view_hints
from service.flows.leads.move_queue import move_lead
from service.flows.leads.update_lead import update_lead
from service.flows.leads.view_leads import (
    view_explanation,
    view_lead,
    view_lead_events,
    view_leads,
)
from service.leads.errors import (
    AtCapacity,
    ClaimGone,
    LeadNotFound,
    MoveNotAllowed,
    NotEligible,
    OperatorNotFound,
    QueueNotFound,
    ScopeMissing,
)
from service.leads.lead import Lead
from service.storage.api_keys import Key

router = strict_router("leads")

Limit = Annotated[int, Query(ge=1, le=200)]


@router.get(
    "", response_model=LeadsOut, openapi_extra=needs("read", raises=(QueueNotFound,), dear="lists")
)
async def list_leads(
    resources: ResourcesOf,
    key: KeyOf,
    wanted: Annotated[LeadQuery, Query()],
) -> Response:
    """List leads, the newest first.

    Filters are combined. A page may hold fewer leads than `limit` and still have a `next`: a filter
    without an index is applied to 10 000 leads at a time.
    """
    page = await view_leads(resources, await lead_filter(resources, wanted), wanted.limit)

    def shown(lead: Lead) -> object:
        return lead_rendering.lead(lead, tokens=sees_token(key, lead))

    rendered = await lead_rendering.each(shown, page.leads)
    return lead_rendering.answer({"leads": rendered, "next": page.next})


@router.get(
    "/{lead_id}", response_model=LeadOut, openapi_extra=needs("read", raises=(LeadNotFound,))
)
async def get_lead(resources: ResourcesOf, key: KeyOf, lead_id: UUID) -> Response:
    """One lead as it is now."""
    lead = await view_lead(resources, lead_id)
    return lead_rendering.answer(lead_rendering.lead(lead, tokens=sees_token(key, lead)))


@router.patch(
    "/{lead_id}",
    name="update_lead",
    response_model=LeadOut,
    openapi_extra=needs("intake", "supervise", "operate", raises=(LeadNotFound, MoveNotAllowed)),
)
async def change_lead(
    resources: ResourcesOf, key: KeyOf, lead_id: UUID, sent: LeadChangeIn
) -> Response:
    """Update facts of a lead and rank it again. A client who writes again is present again.

    Updates of a merged lead go to the lead that it was merged into, and that lead is answered.
    `queue` moves a waiting lead (B18) and needs the scope `supervise`. `customer` needs `intake`,
    or `operate` for a held lead (A20). All other fields need `intake`.
    """
    check_scopes_of_change(key, sent)
    if sent.queue is not None:
        moved = await move_lead(resources, lead_id, sent.queue, key.name)
        if sent.model_fields_set == {"queue"}:
            return lead_rendering.answer(await redact_for(resources, moved, key))
    may_change = "intake" in key.scopes
    sender = sender_of(key)
    sender = replace(sender, may_read=not may_change or sender.may_read)
    if sent.named_client is not None:
        lead = await learn_client(
            resources, lead_id, sent.named_client, sender, held_only=not may_change
        )
    facts = sent.to_facts(sender)
    if sent.named_client is None or facts.fields:
        lead = await update_lead(resources, lead_id, facts)
    return lead_rendering.answer(await redact_for(resources, lead, key))


def check_scopes_of_change(key: Key, sent: LeadChangeIn) -> None:
    """Raise ScopeMissing unless the key may change every field that was sent."""
    needed = {"supervise"} if sent.queue is not None else set()
    if sent.model_fields_set - {"queue", "customer"}:
        needed.add("intake")
    if sent.customer is not None and "operate" not in key.scopes:
        needed.add("intake")
    for scope in sorted(needed - key.scopes):
        raise ScopeMissing(f"The key `{key.name}` lacks the scope `{scope}`.")


@router.get(
    "/{lead_id}/explanation",
    response_model=WholeExplanationOut,
    openapi_extra=needs("read", raises=(LeadNotFound,)),
)
async def get_explanation(resources: ResourcesOf, lead_id: UUID, language: LanguageOf) -> Response:
    """Why a lead stands where it stands and why it was served, with the rules."""
    found = await view_explanation(resources, lead_id)
    whole = lead_rendering.whole_explanation(found)
    decision = titled(whole["decision"], language)
    return lead_rendering.answer({**titled_explanation(whole, language), "decision": decision})


@router.get(
    "/{lead_id}/events",
    response_model=EventsOut,
    openapi_extra=needs("read", raises=(LeadNotFound,)),
)
async def list_lead_events(
    resources: ResourcesOf,
    lead_id: UUID,
    language: LanguageOf,
    limit: Limit = 50,
    cursor: Annotated[int, Query(ge=0, le=2**63 - 1)] = 0,
) -> Response:
    """The history of a lead: each event, its actor, time and reason, and the states around it."""
    records = await view_lead_events(resources, lead_id, after=cursor, limit=limit)
    more = str(records[-1].id) if len(records) == limit else None
    events = [
        {**shown, "details": shown["details"] and titled_lead(shown["details"], language)}
        for shown in map(lead_rendering.event, records)
    ]
    return lead_rendering.answer({"events": events, "next": more})


@router.post(
    "/{lead_id}/claim",
    response_model=ServedLeadOut,
    openapi_extra=needs(
        "operate", raises=(AtCapacity, LeadNotFound, MoveNotAllowed, NotEligible, OperatorNotFound)
    ),
)
async def claim_lead(
    resources: ResourcesOf, key: KeyOf, lead_id: UUID, sent: ClaimIn, language: LanguageOf
) -> Response:
    """Claim a particular waiting lead, past the order of the line.

    Skills, queues and owners count as in the line (B2, B3, B4, B18), else 409 `not-eligible`. A key
    with the scope `supervise` may override them with a `reason`, which the event records.
    """
    may_override = sent.reason is not None and "supervise" in key.scopes
    override = Override(key.name, sent.reason or "") if may_override else None
    lead, decision = await claim_by_id(resources, lead_id, sent.operator, override)
    client, hints = await view_client(resources, lead), await view_hints(resources, lead)
    body = lead_rendering.served(lead, decision, client, hints)
    return lead_rendering.answer(titled_lead(body, language))


@router.post(
    "/{lead_id}/renew",
    response_model=LeadOut,
    openapi_extra=needs("operate", raises=(ClaimGone, LeadNotFound)),
)
async def renew_lead(resources: ResourcesOf, lead_id: UUID, sent: TokenIn) -> Response:
    """Renew a claim. Its lease starts again."""
    lead = await renew_claim(resources, lead_id, sent.token)
    return lead_rendering.answer(lead_rendering.lead(lead, tokens=True))


@router.post(
    "/{lead_id}/release",
    response_model=LeadOut,
    openapi_extra=needs("operate", raises=(ClaimGone, LeadNotFound)),
)
async def release_lead(resources: ResourcesOf, lead_id: UUID, sent: ReleaseIn) -> Response:
    """Give a lead back. It waits again in its old place."""
    lead = await release_claim(resources, lead_id, sent.token, sent.reason)
    return lead_rendering.answer(lead_rendering.lead(lead, tokens=False))
