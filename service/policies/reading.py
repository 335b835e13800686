"""Reads the policy that a shop manager wrote; reports all mistakes together."""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from service.hours.hours import Hours, around_the_clock
from service.hours.timetable_text import read_days, read_local_time, read_timetable
from service.leads.context import ClientClass
from service.leads.errors import FieldMistake, InvalidRequest
from service.leads.lead import Channel, Intent, Kind
from service.leads.mistakes import mistakes_of
from service.leads.settlement import Outcome
from service.matching.marks import shops_mark
from service.policies.checks import check_whole
from service.policies.document import (
    KIND,
    CutoffPart,
    EscalationPart,
    FollowUpsPart,
    HintPart,
    HoursPart,
    KindPart,
    OwnershipPart,
    PolicyDocument,
)
from service.policies.index_reading import index_of, with_rush
from service.policies.lexicon_reading import lexicon_of, named_days_of
from service.policies.yaml_text import read_yaml
from service.rules.hints import Hint
from service.rules.links import Link
from service.rules.ownership import OwnershipRules
from service.rules.policy import (
    CallTasks,
    ClientWeights,
    Cutoff,
    Duty,
    Escalation,
    FollowUps,
    KindPolicy,
    Learning,
    Policy,
    Rate,
    Returning,
    Trigger,
)
from service.rules.retention import Retention
from service.rules.staff import MENTORS, SUPER_VIP, AudienceRules
from service.rules.targets import Figure

MAX_MISTAKES = 100
FORMER_CALLBACKS = (Returning.PROMISED_CALLBACK, Returning.MISSED_CALL, Returning.VISIT_OVER)


class Shipped(StrEnum):
    """The policies in the package. `empty` has only the kinds and their order."""

    AUTO_PARTS = "auto_parts"
    FIREWORKS = "fireworks"
    EMPTY = "empty"


def shipped_text(shipped: Shipped) -> str:
    """The text of a policy in the package."""
    return files("service.policies").joinpath(f"{shipped}.yaml").read_text("utf-8")


def default_text() -> str:
    """The policy of a new queue that names none."""
    return shipped_text(Shipped.AUTO_PARTS)


def read_policy(text: str, version: int = 1) -> Policy:
    """The policy of a YAML text, with a version number.

    Raises InvalidRequest with every mistake: its path, its reason and its remedy.
    """
    return policy_of(read_yaml(text), version)


def policy_of(spec: Mapping[str, Any], version: int) -> Policy:
    """The policy of a mapping; raises InvalidRequest with every mistake."""
    document = _checked(spec)
    return with_rush(_compiled(document, version), document.rush)


def _checked(spec: Mapping[str, Any]) -> PolicyDocument:
    document, mistakes = None, []
    try:
        document = PolicyDocument.model_validate(spec)
    except ValidationError as error:
        mistakes = mistakes_of(error.errors(include_url=False), whole="policy")
    mistakes += check_whole(spec)
    if document is None or mistakes:
        raise InvalidRequest(_once_each(mistakes)[:MAX_MISTAKES])
    return document


def _once_each(mistakes: list[FieldMistake]) -> list[FieldMistake]:
    return list(dict.fromkeys(mistakes))


def _compiled(document: PolicyDocument, version: int) -> Policy:
    kinds, intents = document.kinds, document.intents
    return Policy(
        version=version,
        currency=document.currency,
        region=document.region,
        kinds={kind: _kind_policy(getattr(kinds, kind)) for kind in Kind},
        channels={channel: document.channels[channel] for channel in Channel},
        intents={
            Intent.SALE: intents.sale,
            Intent.ORDER_QUESTION: intents.order_question,
            Intent.RETURN: intents.return_,
            Intent.COMPLAINT: intents.complaint,
            Intent.OTHER: intents.other,
        },
        hours=_hours(document.hours, ZoneInfo(document.time_zone)),
        cutoff=_cutoff(document.cutoff),
        ownership=_ownership(document.ownership, ZoneInfo(document.time_zone)),
        audience=_audience(document),
        duty=Duty(frozenset(document.duty.channels), document.duty.left),
        hints=tuple(_hint(part) for part in document.hints),
        links=tuple(
            Link(part.title, part.address, frozenset(part.sources)) for part in document.links
        ),
        targets={
            Figure(name): float(target)
            for name, target in document.targets.model_dump(exclude_none=True).items()
        },
        most_open_tasks=document.ownership.most_open_tasks,
        owner_share=document.owner_share,
        returns=_returns(document),
        callback_after=timedelta(minutes=document.callback.default_minutes),
        farthest_callback=timedelta(days=document.callback.farthest_days),
        follow_ups=_follow_ups(document.follow_ups),
        call_tasks=CallTasks(
            document.call_tasks.after_sale,
            document.call_tasks.after_talk,
            timedelta(days=document.call_tasks.move_days),
        ),
        reasons={Outcome(name): dict(of) for name, of in document.reasons.items()},
        client=ClientWeights(**document.client.model_dump()),
        callback_late_minutes=document.callback.late_minutes,
        longest_patience_minutes=document.patience.longest_minutes,
        left_by_day=tuple(
            (timedelta(hours=part.hours), part.left) for part in document.patience.by_day
        ),
        smallest_cost=document.score.c0,
        greatest_cost=document.score.c1,
        lexicon=lexicon_of(document.lexicon, document.text),
        vin_chance_factor=document.vin.chance_factor,
        learning=Learning(document.learning.enabled, document.learning.prior_weight),
        lease=timedelta(seconds=document.lease_seconds),
        held_late=_duration(document.held_late_minutes),
        live_for={
            Kind.PHONE: timedelta(minutes=document.live_minutes.phone),
            Kind.OFFICE: timedelta(minutes=document.live_minutes.office),
        },
        talk_for=timedelta(minutes=document.talk_minutes),
        wrap_up=timedelta(minutes=document.wrap_up_minutes),
        reply_within=_duration(document.reply_minutes),
        late_again=_duration(document.late_again_minutes),
        declined_again_minutes=document.declined_again_minutes,
        no_answer_retries=tuple(
            timedelta(minutes=minute) for minute in document.no_answer_retry_minutes
        ),
        joins_by=frozenset(document.joining.by),
        index=index_of(document.index),
        guarantee_every=None if document.guarantee is None else document.guarantee.every,
        other_stage=document.other_stage,
        named_days=named_days_of(document.text),
        own_marks=frozenset(
            filter(None, (shops_mark(item, document.region) for item in document.own_marks))
        ),
        stated_budget_times=document.stated_budget_times,
        shared_mark_clients=document.shared_mark_clients,
        retention=Retention(**document.retention.model_dump()),
        rates={name: Rate(found.rate, found.on) for name, found in document.rates.items()},
    )


def _returns(document: PolicyDocument) -> dict[Returning, int | None]:
    """The stage of each cause; None for the stage of the lead itself."""
    written = document.returns.model_dump(exclude_unset=True)
    former = document.callback.stage
    if former is not None:  # the field that policies had before `returns`
        written = {**dict.fromkeys(FORMER_CALLBACKS, former), **written}
    stages = {**document.returns.model_dump(), **written}
    return {cause: None if stages[cause] == KIND else stages[cause] for cause in Returning}


def _duration(minutes: float | None) -> timedelta | None:
    return None if minutes is None else timedelta(minutes=minutes)


def _kind_policy(part: KindPart) -> KindPolicy:
    escalations = tuple(_escalation(escalation) for escalation in part.escalations)
    return KindPolicy(
        part.chance,
        part.urgency,
        part.usual_bill,
        part.stage,
        part.ties,
        escalations,
        part.owner_minutes,
        part.late_minutes,
        part.unnamed_bill,
    )


def _escalation(part: EscalationPart) -> Escalation:
    if part.after_minutes is not None:
        return Escalation(Trigger.AFTER, part.after_minutes, part.stage, part.rule)
    if part.before_cutoff_minutes is not None:
        minutes = part.before_cutoff_minutes
        return Escalation(Trigger.BEFORE_CUTOFF, minutes, part.stage, part.rule)
    assert part.before_closing_minutes is not None
    return Escalation(Trigger.BEFORE_CLOSING, part.before_closing_minutes, part.stage, part.rule)


def _hours(part: HoursPart | None, zone: ZoneInfo) -> Hours:
    if part is None:
        return around_the_clock(zone)
    return Hours(read_timetable(part.model_dump(exclude_none=True), zone))


def _cutoff(part: CutoffPart | None) -> Cutoff | None:
    if part is None:
        return None
    minutes, days = read_local_time(part.at), read_days(part.days)
    return Cutoff(minutes, days, part.handling_minutes, part.rule)


def _follow_ups(part: FollowUpsPart) -> FollowUps:
    return FollowUps(
        awaiting_payment=timedelta(days=part.awaiting_payment_days),
        wholesale_check=timedelta(days=part.wholesale_check_days),
        archive_after_years=part.archive_after_years,
        order_in_work=timedelta(days=part.order_in_work_days),
        extension_asked=timedelta(days=part.extension_asked_days),
        cashless_payment=timedelta(days=part.cashless_payment_days),
    )


def _ownership(part: OwnershipPart, zone: ZoneInfo) -> OwnershipRules:
    return OwnershipRules(
        recent_contact_days=part.recent_contact_days,
        season=None if part.season is None else (part.season.begins, part.season.ends),
        skill_of_class=dict(part.skill_of_class),
        skill_of_intent=dict(part.skill_of_intent),
        zone=zone,
        stage_of_campaign=dict(part.stage_of_campaign),
    )


def _hint(part: HintPart) -> Hint:
    return Hint(part.text, part.rule, frozenset(part.kinds), frozenset(part.intents), part.live)


def _audience(document: PolicyDocument) -> AudienceRules:
    """Super VIPs and complaints wait for their staff, unless the policy opens them (B3, B4)."""
    classes, intents = document.ownership.skill_of_class, document.ownership.skill_of_intent
    complaints = {intents.get(Intent.COMPLAINT, MENTORS)}
    complaints |= {item.skill for item in document.lexicon if item.skill and item.rule == "B4"}
    usual = complaints | {classes.get(ClientClass.SUPER_VIP, SUPER_VIP)}
    given = document.unstaffed
    if isinstance(given, str):
        return AudienceRules(frozenset(), frozenset(), given == "hold", frozenset(complaints))
    opened = {skill for skill, what in given.items() if what == "everybody"}
    held = (usual | {*given}) - opened
    return AudienceRules(frozenset(held), frozenset(opened), shared=frozenset(complaints))
