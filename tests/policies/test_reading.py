"""What is written arrives in the policy, number by number."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
import yaml
from open_always import open_always
from policy_builders import (
    FULL,
    LEFT_OUT,
    NUMBERS,
    PADS,
    RETURNS,
    SAID,
    WHOLE_NUMBERS,
    said_with,
    with_room_for,
)

from service.hours.hours import PublicHolidays, Span
from service.leads.context import Campaign
from service.leads.errors import InvalidRequest
from service.leads.lead import Channel, Intent, Kind
from service.policies.reading import policy_of, read_policy
from service.policies.yaml_text import read_yaml
from service.rules.policy import (
    Cutoff,
    Escalation,
    Learning,
    Policy,
    Returning,
    Ties,
    Trigger,
)
from service.rules.targets import Figure
from service.text.lexicon import TextReading

Read = Callable[[Policy], object]


def entry(policy: Policy) -> Any:
    return words(policy, "колодки тормозные, тормозные колодки").matches[0].entry


def words(policy: Policy, text: str) -> TextReading:
    return policy.lexicon.read(text)


def escalation(kind: Kind) -> Read:
    return lambda policy: policy.kinds[kind].escalations[0].minutes


def minutes(time: timedelta) -> float:
    return time / timedelta(minutes=1)


def days(time: timedelta) -> float:
    return time / timedelta(days=1)


def returned(cause: str) -> Read:
    return lambda policy: policy.returns[Returning(cause)]


def target_of(figure: Figure) -> Read:
    return lambda policy: policy.targets[figure]


ARRIVES: dict[str, Read] = {
    "callback.default_minutes": lambda policy: minutes(policy.callback_after),
    "callback.farthest_days": lambda policy: days(policy.farthest_callback),
    "callback.late_minutes": lambda policy: policy.callback_late_minutes,
    "live_minutes.phone": lambda policy: minutes(policy.live_for[Kind.PHONE]),
    "live_minutes.office": lambda policy: minutes(policy.live_for[Kind.OFFICE]),
    "talk_minutes": lambda policy: minutes(policy.talk_for),
    "wrap_up_minutes": lambda policy: minutes(policy.wrap_up),
    "reply_minutes": lambda policy: policy.reply_within and minutes(policy.reply_within),
    "late_again_minutes": lambda policy: policy.late_again and minutes(policy.late_again),
    "client.bought_before": lambda policy: policy.client.bought_before,
    "client.vip": lambda policy: policy.client.vip,
    "client.blocked": lambda policy: policy.client.blocked,
    "client.unpaid_day": lambda policy: policy.client.unpaid_day,
    "client.refusal_urgency": lambda policy: policy.client.refusal_urgency,
    "follow_ups.cashless_payment_days": lambda policy: days(policy.follow_ups.cashless_payment),
    "owner_share": lambda policy: policy.owner_share,
    **{f"returns.{cause}": returned(cause) for cause in RETURNS},
    "cutoff.handling_minutes": lambda policy: policy.cutoff and policy.cutoff.handling_minutes,
    "follow_ups.archive_after_years": lambda policy: policy.follow_ups.archive_after_years,
    "follow_ups.awaiting_payment_days": lambda policy: days(policy.follow_ups.awaiting_payment),
    "follow_ups.extension_asked_days": lambda policy: days(policy.follow_ups.extension_asked),
    "follow_ups.order_in_work_days": lambda policy: days(policy.follow_ups.order_in_work),
    "follow_ups.wholesale_check_days": lambda policy: days(policy.follow_ups.wholesale_check),
    "declined_again_minutes": lambda policy: policy.declined_again_minutes,
    "call_tasks.move_days": lambda policy: days(policy.call_tasks.moved_by),
    **{f"targets.{figure}": target_of(figure) for figure in Figure},
    "held_late_minutes": lambda policy: policy.held_late and minutes(policy.held_late),
    "intents.complaint": lambda policy: policy.intents[Intent.COMPLAINT],
    "intents.other": lambda policy: policy.intents[Intent.OTHER],
    **{
        f"text.votes.{intent}": lambda policy, intent=intent: policy.lexicon.votes.at_least[intent]
        for intent in (Intent.ORDER_QUESTION, Intent.RETURN, Intent.COMPLAINT, Intent.OTHER)
    },
    "intents.order_question": lambda policy: policy.intents[Intent.ORDER_QUESTION],
    "intents.return": lambda policy: policy.intents[Intent.RETURN],
    "intents.sale": lambda policy: policy.intents[Intent.SALE],
    "kinds.chat.chance": lambda policy: policy.kinds[Kind.CHAT].chance,
    "kinds.chat.escalations.0.after_minutes": escalation(Kind.CHAT),
    "kinds.chat.escalations.0.stage": lambda policy: policy.kinds[Kind.CHAT].escalations[0].stage,
    "kinds.chat.late_minutes": lambda policy: policy.kinds[Kind.CHAT].late_minutes,
    "kinds.chat.owner_minutes": lambda policy: policy.kinds[Kind.CHAT].owner_minutes,
    "kinds.chat.stage": lambda policy: policy.kinds[Kind.CHAT].stage,
    "kinds.chat.unnamed_bill": lambda policy: policy.kinds[Kind.CHAT].unnamed_bill,
    "kinds.chat.urgency": lambda policy: policy.kinds[Kind.CHAT].urgency,
    "kinds.chat.usual_bill": lambda policy: policy.kinds[Kind.CHAT].usual_bill,
    "kinds.registration.escalations.0.before_closing_minutes": escalation(Kind.REGISTRATION),
    "kinds.self_order.escalations.0.before_cutoff_minutes": escalation(Kind.SELF_ORDER),
    "learning.prior_weight": lambda policy: policy.learning.prior_weight,
    "lease_seconds": lambda policy: policy.lease.total_seconds(),
    "lexicon.0.bill": lambda policy: entry(policy).bill,
    "lexicon.0.chance_factor": lambda policy: entry(policy).chance_factor,
    "lexicon.0.max_pieces": lambda policy: entry(policy).max_pieces,
    "lexicon.0.urgency": lambda policy: entry(policy).urgency,
    "lexicon.0.urgency_at_most": lambda policy: entry(policy).urgency_at_most,
    "no_answer_retry_minutes.0": lambda policy: minutes(policy.no_answer_retries[0]),
    "other_stage": lambda policy: policy.other_stage,
    "stated_budget_times": lambda policy: policy.stated_budget_times,
    "ownership.most_open_tasks": lambda policy: policy.most_open_tasks,
    "ownership.stage_of_campaign.birthday": lambda policy: policy.ownership.stage_of_campaign[
        Campaign.BIRTHDAY
    ],
    "ownership.stage_of_campaign.new_year": lambda policy: policy.ownership.stage_of_campaign[
        Campaign.NEW_YEAR
    ],
    "ownership.recent_contact_days": lambda policy: policy.ownership.recent_contact_days,
    "patience.by_day.0.hours": lambda policy: policy.left_by_day[0][0] / timedelta(hours=1),
    "patience.by_day.0.left": lambda policy: policy.left_by_day[0][1],
    "patience.longest_minutes": lambda policy: policy.longest_patience_minutes,
    "score.c0": lambda policy: policy.smallest_cost,
    "score.c1": lambda policy: policy.greatest_cost,
    "text.most_bill": lambda policy: words(policy, "тормозные колодки 900 шт").bill.value,  # type: ignore[union-attr]
    "text.most_quantity": lambda policy: (
        words(policy, "тормозные колодки 900 шт").matches[0].quantity
    ),
    "vin.chance_factor": lambda policy: policy.vin_chance_factor,
}


def number_paths(sent: Any, path: str = "") -> Iterator[str]:
    """Where a policy says numbers; of many alike, the first, and of kinds those tested here."""
    if isinstance(sent, dict | list):
        parts = sent.items() if isinstance(sent, dict) else enumerate(sent[:1])
        for name, part in parts:
            yield from number_paths(part, f"{path}.{name}".lstrip("."))
    elif isinstance(sent, int | float) and not isinstance(sent, bool):
        yield path


def comparable(policy: Policy) -> tuple[object, ...]:
    """A policy without what knows no equality, and with what makes it up."""
    plain = replace(policy, hours=None, lexicon=None)  # type: ignore[arg-type]
    sent = [phrase for item in read_yaml(open_always())["lexicon"] for phrase in item["phrases"]]
    return plain, policy.hours.timetable, [words(policy, phrase) for phrase in sent]


def test_every_number_that_can_be_said_is_tested_here() -> None:
    assert set(ARRIVES) == {*NUMBERS, *WHOLE_NUMBERS}
    tested = {path for path in ARRIVES if not path.startswith("kinds.")}
    assert {path for path in number_paths(FULL) if not path.startswith("kinds.")} == tested
    of_chats = {path for path in ARRIVES if path.startswith("kinds.chat.")}
    assert {path for path in number_paths(FULL) if path.startswith("kinds.chat.")} == of_chats


@pytest.mark.parametrize("path", ARRIVES)
def test_every_number_arrives_as_it_was_said(path: str) -> None:
    least, limit = {**NUMBERS, **WHOLE_NUMBERS}[path]
    for number in {max(least, min(limit, wanted)) for wanted in (0.5, 3, 7, 610)}:
        wanted = int(number) if path in WHOLE_NUMBERS else number
        policy = policy_of(said_with(path, wanted, with_room_for(path)), 1)
        assert ARRIVES[path](policy) == pytest.approx(wanted)


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_gets_its_own_numbers(kind: Kind) -> None:
    sent = said_with(f"kinds.{kind}.usual_bill", 123.25)
    policy = policy_of(said_with(f"kinds.{kind}.ties", "oldest", sent), 1)
    assert [item for item in Kind if policy.kinds[item].usual_bill == 123.25] == [kind]
    assert policy.kinds[kind].ties is Ties.OLDEST


def test_the_default_policy_reads() -> None:
    policy = read_policy(open_always(), version=5)
    assert policy.version == 5
    assert set(policy.kinds) == set(Kind)
    assert set(policy.channels) == set(Channel)
    assert set(policy.intents) == set(Intent)


def test_the_same_document_as_json_or_written_again_reads_the_same() -> None:
    expected, sent = read_policy(open_always()), read_yaml(open_always())
    again = [
        policy_of(sent, 1),
        read_policy(json.dumps(sent)),
        read_policy(json.dumps(sent, ensure_ascii=False, indent=2)),
        read_policy(yaml.safe_dump(sent, allow_unicode=True)),
        policy_of(json.loads(json.dumps(sent)), 1),
    ]
    assert [comparable(item) for item in again] == [comparable(expected)] * len(again)


def test_words_and_times_arrive() -> None:
    policy = policy_of(FULL, 3)
    assert (policy.version, policy.currency, policy.region) == (3, "RUB", "RU")
    assert policy.cutoff == Cutoff(720, frozenset(range(5)), 6, "A15")
    assert policy.learning == Learning(enabled=True, prior_weight=100)
    assert policy.kinds[Kind.CHAT].escalations == (Escalation(Trigger.AFTER, 5, 620, "A6"),)
    found = entry(policy)
    assert (found.signal, found.intent, found.skill) == ("pads", Intent.SALE, "brakes")


def test_business_hours_arrive() -> None:
    timetable = policy_of(FULL, 1).hours.timetable
    workday, saturday = (Span(540, 1140),), (Span(600, 840), Span(900, 1080))
    assert timetable.zone.key == "Europe/Moscow"
    assert timetable.weekly == {**dict.fromkeys(range(5), workday), 5: saturday}
    assert timetable.holidays == PublicHolidays("RU")
    assert timetable.exceptions == {date(2026, 12, 31): (Span(540, 900),)}


def test_a_channel_may_bring_another_kind() -> None:
    policy = policy_of(said_with("channels.vk", "offline"), 1)
    assert policy.channels[Channel.VK] is Kind.OFFLINE
    assert policy.channels[Channel.TELEGRAM] is Kind.CHAT


def test_what_is_left_out_does_nothing() -> None:
    sent = SAID
    for part in ("vin", "learning", "no_answer_retry_minutes", "lexicon", "text", "region"):
        sent = said_with(part, LEFT_OUT, sent)
    policy = policy_of(said_with("kinds.self_order.escalations", LEFT_OUT, sent), 1)
    assert (policy.vin_chance_factor, policy.learning.enabled) == (1, False)
    assert (policy.no_answer_retries, policy.region) == ((), "ZZ")
    assert policy.kinds[Kind.SELF_ORDER].escalations == ()
    assert words(policy, "тормозные колодки").matches == ()
    assert policy.hours.timetable.never_closes()


def test_stages_are_whole_numbers() -> None:
    policy = policy_of(FULL, 1)
    returns = [stage for stage in policy.returns.values() if stage is not None]
    stages = [*returns, *(kind.stage for kind in policy.kinds.values())]
    assert {type(stage) for stage in stages} == {int}


def test_a_mistake_in_a_text_is_told_as_one_in_a_mapping() -> None:
    sent = {**SAID, "lexicon": [PADS, PADS]}
    with pytest.raises(InvalidRequest) as of_text:
        read_policy(json.dumps(sent))
    with pytest.raises(InvalidRequest) as of_mapping:
        policy_of(sent, 1)
    assert of_text.value.mistakes == of_mapping.value.mistakes
