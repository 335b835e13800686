"""Converts rows of the leads table to leads, and back."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Protocol
from uuid import UUID

import orjson

from service.leads.context import NO_FACTS, Campaign, ClientFacts, TaskTerms
from service.leads.lead import (
    Channel,
    Claim,
    EarlyStart,
    Intent,
    Item,
    Kind,
    Lead,
    Outcomes,
    ParkedFor,
    PossiblySame,
    Ranking,
    RankingInput,
    Signal,
    State,
    Step,
)
from service.leads.price_profile import PriceProfile
from service.leads.routing import Routing
from service.leads.show import show_of
from service.storage.customer_columns import customer_column, customer_of
from service.storage.json_rows import as_json

LINE_FLAGS = {"protected": 1, "behind": 2, "guaranteed": 4}


class Row(Protocol):
    """A row of either driver; columns are read by name."""

    def __getitem__(self, name: str, /) -> Any:
        """The value of a column."""
        ...


def lead_of(row: Row) -> Lead:
    """The lead in a row."""
    return Lead(
        id=row["id"],
        version=row["version"],
        state=State(row["state"]),
        situation=_situation_of(row),
        ranking=_ranking_of(row),
        created_at=row["created_at"],
        claim=_claim_of(row),
        parked_until=row["parked_until"],
        unanswered_calls=row["unanswered_calls"],
        outcome=row["outcome"],
        reason=row["reason"],
        amount=row["amount"],
        note=row["note"],
        price_profile=None if row["price_profile"] is None else PriceProfile(row["price_profile"]),
        settled_at=row["settled_at"],
        settled_by=row["settled_by"],
        counted=row["counted"],
        offer_again_at=row["offer_again_at"],
        brought_by=row["created_by"],
        follows=row["follows"],
        joined_into=row["joined_into"],
        split_from=row["split_from"],
        first_answer_at=row["first_answer_at"],
        first_claimed_at=row["first_claimed_at"],
        possibly_same=possibly_same_of(row["possibly_same"]),
    )


def possibly_same_of(spec: list[dict[str, Any]] | None) -> tuple[PossiblySame, ...]:
    """The leads that are possibly of the same client, from their column."""
    return tuple(PossiblySame(UUID(item["lead"]), tuple(item["evidence"])) for item in spec or ())


def possibly_same_column(items: Iterable[PossiblySame]) -> list[dict[str, Any]] | None:
    """The leads that are possibly of the same client, as JSON; None for none."""
    return [{"lead": str(item.lead), "evidence": list(item.evidence)} for item in items] or None


def _situation_of(row: Row) -> RankingInput:
    rushed = row["rush_minutes"] is not None
    return RankingInput(
        signal=signal_of(row),
        asked_at=row["asked_at"],
        callback_due=row["callback_due"],
        rush=EarlyStart(row["rush_cutoff_at"], row["rush_minutes"]) if rushed else None,
        routing=routing_of(row),
        promised_at=row["parked_until"] or row["promised_at"],
        parked_for=None if row["parked_for"] is None else ParkedFor(row["parked_for"]),
        parked_by=row["parked_by"],
        talked_at=row["talked_at"],
        own_answer_at=row["own_answer_at"],
        unanswered_since=row["unanswered_since"],
        client=facts_of_client(row["client_facts"]),
    )


def facts_of_client(spec: dict[str, Any] | None) -> ClientFacts:
    """The client's facts in a column."""
    if not spec:
        return NO_FACTS
    running_sum = spec["running_sum"]
    return ClientFacts(
        **{**spec, "running_sum": None if running_sum is None else Decimal(running_sum)}
    )


def routing_of(row: Row) -> Routing:
    """The routing in a row."""
    return Routing(
        owner=row["owner"],
        owner_rule=row["owner_rule"],
        skills=frozenset(row["demanded_skills"]),
        skills_rule=row["skills_rule"],
        credited_to=row["credited_to"],
        assigned_to=row["assigned_to"],
        declined_by=tuple(row["declined_by"]),
        pinned_at=row["pinned_at"],
        asked_skills=frozenset(row["asked_skills"]),
    )


def routing_columns(routing: Routing) -> dict[str, Any]:
    """The columns of a routing."""
    return {
        "owner": routing.owner,
        "owner_rule": routing.owner_rule,
        "demanded_skills": sorted(routing.skills),
        "skills_rule": routing.skills_rule,
        "credited_to": routing.credited_to,
        "assigned_to": routing.assigned_to,
        "declined_by": list(routing.declined_by),
        "pinned_at": routing.pinned_at,
        "asked_skills": sorted(routing.asked_skills),
    }


def signal_of(row: Row) -> Signal:
    """The signal in a row."""
    customer, kind, intent = row["customer"], row["stated_kind"], row["stated_intent"]
    return Signal(
        queue=row["queue"],
        channel=Channel(row["channel"]),
        received_at=row["received_at"],
        kind=Kind(kind) if kind else None,
        source=row["source"],
        external_id=row["external_id"],
        live=row["live"],
        customer=customer_of(customer),
        text=row["text"],
        items=tuple(_item_of(item) for item in row["items"] or ()),
        budget=row["budget"],
        budget_is_limited=row["budget_is_limited"],
        currency=row["currency"],
        urgency=row["urgency"],
        needed_by=row["needed_by"],
        vin=row["vin"],
        intent=Intent(intent) if intent else None,
        paid=row["paid"],
        attributes=row["attributes"],
        task=_task_of(row),
        show=show_of(row["show"]),
    )


def _task_of(row: Row) -> TaskTerms | None:
    if row["task_campaign"] is None:
        return None
    return TaskTerms(
        campaign=Campaign(row["task_campaign"]),
        operator=row["task_operator"],
        opened_at=row["task_opened_at"],
        expires_at=row["task_expires_at"],
    )


def _item_of(spec: dict[str, Any]) -> Item:
    price = spec["price"]
    amount = None if price is None else Decimal(price)
    quantity, is_limited = Decimal(spec["quantity"]), spec.get("is_limited", False)
    return Item(spec["name"], quantity, amount, spec.get("currency"), is_limited)


def _ranking_of(row: Row) -> Ranking:
    won, lost = row["observed_won"], row["observed_lost"]
    return Ranking(
        kind=Kind(row["kind"]),
        stage=row["stage"],
        score=row["score"],
        cost_per_minute=row["cost_per_minute"],
        rank=row["rank"],
        lane=row["lane"],
        policy_version=row["policy_version"],
        explanation=row["explanation"],
        intent=Intent(row["intent"]),
        chance=row["chance"],
        observed=None if won is None else Outcomes(won, lost),
        timeline=tuple(_step_of(item) for item in row["timeline"]),
        late_at=row["late_at"],
        **_flags_of(row["line_flags"]),
        work_minutes=row["work_minutes"],
        rush_number=row["rush_number"],
        reading=row["reading"],
    )


def _flags_of(flags: int) -> dict[str, bool]:
    return {name: bool(flags & bit) for name, bit in LINE_FLAGS.items()}


def _step_of(spec: dict[str, Any]) -> Step:
    return Step(
        at=datetime.fromtimestamp(spec["at"] / 1000, UTC),
        stage=spec["stage"],
        score=Decimal(spec["score"]),
        rank=spec["rank"],
        lane=spec["lane"],
        source=spec["source"],
        rule=spec["rule"],
        protected=spec.get("protected", False),
        behind=spec.get("behind", False),
    )


def _step_column(step: Step) -> dict[str, Any]:
    return {
        "at": round(step.at.timestamp() * 1000),
        "stage": step.stage,
        "score": str(step.score),
        "rank": step.rank,
        "lane": step.lane,
        "source": step.source,
        "rule": step.rule,
        **{name: True for name in ("protected", "behind") if getattr(step, name)},
    }


def _claim_of(row: Row) -> Claim | None:
    if row["claimed_by"] is None:
        return None
    return Claim(
        operator=row["claimed_by"],
        token=row["claim_token"],
        since=row["claimed_since"],
        lease_until=row["lease_until"],
        on_top=row["on_top"],
        paused_since=row["paused_since"],
        talking_since=row["talking_since"],
    )


def ranking_columns(ranking: Ranking) -> dict[str, Any]:
    """The columns of a ranking."""
    observed, timeline = ranking.observed, ranking.timeline
    return {
        "kind": ranking.kind.value,
        "intent": ranking.intent.value,
        "chance": ranking.chance,
        "observed_won": observed.won if observed else None,
        "observed_lost": observed.lost if observed else None,
        "stage": ranking.stage,
        "score": ranking.score,
        "cost_per_minute": ranking.cost_per_minute,
        "rank": ranking.rank,
        "lane": ranking.lane,
        "policy_version": ranking.policy_version,
        "explanation": ranking.explanation,
        "timeline": [_step_column(item) for item in timeline],
        "next_step_at": timeline[0].at if timeline else None,
        "late_at": ranking.late_at,
        "work_minutes": ranking.work_minutes,
        "rush_number": ranking.rush_number,
        "reading": ranking.reading,
        "line_flags": sum(bit for name, bit in LINE_FLAGS.items() if getattr(ranking, name)),
    }


def input_columns(situation: RankingInput) -> dict[str, Any]:
    """The columns of a ranking input."""
    rush = situation.rush
    return {
        **signal_columns(situation.signal),
        "asked_at": situation.asked_at,
        "callback_due": situation.callback_due,
        "rush_cutoff_at": rush.cutoff_at if rush else None,
        "rush_minutes": rush.minutes if rush else None,
        **routing_columns(situation.routing),
        "promised_at": situation.promised_at,
        "parked_for": None if situation.parked_for is None else situation.parked_for.value,
        "parked_by": situation.parked_by,
        "talked_at": situation.talked_at,
        "own_answer_at": situation.own_answer_at,
        "unanswered_since": situation.unanswered_since,
        "client_facts": client_column(situation.client),
    }


def client_column(facts: ClientFacts) -> dict[str, Any] | None:
    """The column of the client's facts; None when there are none."""
    if facts == NO_FACTS:
        return None
    running_sum = None if facts.running_sum is None else str(facts.running_sum)
    return {**asdict(facts), "running_sum": running_sum}


def facts_before(before: RankingInput, after: RankingInput) -> dict[str, Any]:
    """The earlier values of the columns that `after` changes; a JSON value."""
    was, becomes = input_columns(before), input_columns(after)
    changed = {name: value for name, value in was.items() if value != becomes[name]}
    existing: dict[str, Any] = orjson.loads(as_json(changed))
    return existing


def signal_columns(signal: Signal) -> dict[str, Any]:
    """The columns of a signal."""
    customer = signal.customer
    return {
        "queue": signal.queue,
        "channel": signal.channel.value,
        "received_at": signal.received_at,
        "stated_kind": signal.kind.value if signal.kind else None,
        "source": signal.source,
        "external_id": signal.external_id,
        "live": signal.live,
        "customer_id": customer.external_id if customer else None,
        "customer": customer_column(customer),
        "text": signal.text,
        "items": [_item_column(item) for item in signal.items] or None,
        "budget": signal.budget,
        "budget_is_limited": signal.budget_is_limited,
        "currency": signal.currency,
        "urgency": signal.urgency,
        "needed_by": signal.needed_by,
        "vin": signal.vin,
        "stated_intent": signal.intent.value if signal.intent else None,
        "paid": signal.paid,
        "attributes": signal.attributes,
        "show": signal.show.written if signal.show else None,
        **task_columns(signal.task),
    }


def task_columns(task: TaskTerms | None) -> dict[str, Any]:
    """The columns of a call task; all None for other leads."""
    return {
        "task_campaign": task.campaign.value if task else None,
        "task_operator": task.operator if task else None,
        "task_opened_at": task.opened_at if task else None,
        "task_expires_at": task.expires_at if task else None,
    }


def _item_column(item: Item) -> dict[str, Any]:
    price = None if item.price is None else str(item.price)
    column = {"name": item.name, "quantity": str(item.quantity), "price": price}
    column |= {"currency": item.currency} if item.currency else {}
    return column | ({"is_limited": True} if item.is_limited else {})


def new_row(lead: Lead, *, created_by: str, changed_at: datetime) -> dict[str, Any]:
    """The whole row of a new lead."""
    return {
        "id": lead.id,
        "version": lead.version,
        "state": lead.state.value,
        "created_at": lead.created_at,
        "created_by": created_by,
        "changed_at": changed_at,
        "unanswered_calls": lead.unanswered_calls,
        "split_from": lead.split_from,
        "possibly_same": possibly_same_column(lead.possibly_same),
        **input_columns(lead.situation),
        **ranking_columns(lead.ranking),
    }
