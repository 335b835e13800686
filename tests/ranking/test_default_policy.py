"""The default policy carries the numbers of the handbooks."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from ranking_builders import DEFAULT, MOSCOW

from service.leads.lead import Channel, Intent, Kind
from service.rules.policy import (
    Cutoff,
    Escalation,
    KindPolicy,
    Learning,
    Returning,
    Ties,
    Trigger,
)

WAITED, BEFORE_CUTOFF, BEFORE_CLOSING = Trigger
ESCALATIONS = {
    "chat": (Escalation(WAITED, 5, 620, "A6"),),
    "self_order": (
        Escalation(BEFORE_CUTOFF, 90, 640, "A15"),
        Escalation(BEFORE_CUTOFF, 30, 680, "A15"),
    ),
    "offline": (Escalation(WAITED, 120, 590, "A2"), Escalation(WAITED, 480, 650, "A2")),
    "registration": (Escalation(BEFORE_CLOSING, 120, 450, "A18"),),
}
KINDS = {
    "office": KindPolicy(0.90, 0.50, 9_000, 900, Ties.OLDEST, (), 0.25, 5),
    "phone": KindPolicy(0.40, 1.00, 6_000, 800, Ties.OLDEST, (), 0.25, 1),
    "chat": KindPolicy(0.45, 0.50, 7_000, 600, Ties.NEWEST, (), 10, 10, 400),
    "self_order": KindPolicy(0.98, 0.50, 6_500, 500, Ties.OLDEST, (), 30, 60),
    "offline": KindPolicy(0.30, 0.35, 12_000, 400, Ties.OLDEST, (), 60, 480, 1_500),
    "registration": KindPolicy(0.10, 0.10, 5_000, 300, Ties.OLDEST, (), 240, 1440),
    "task": KindPolicy(0.10, 0.10, 5_000, 200, Ties.OLDEST, (), 1440),
}
HANDBOOK_ORDER = ["office", "phone", "chat", "self_order", "offline", "registration", "task"]


@pytest.mark.parametrize("kind", Kind)
def test_a_kind_has_the_numbers_of_the_handbook(kind: Kind) -> None:
    assert replace(DEFAULT.kinds[kind], escalations=()) == KINDS[kind]


@pytest.mark.parametrize("kind", Kind)
def test_who_has_waited_long_is_lifted_as_the_design_says(kind: Kind) -> None:
    assert DEFAULT.kinds[kind].escalations == ESCALATIONS.get(kind, ())


def test_nobody_is_lifted_above_a_callback() -> None:
    stages = [
        escalation.stage for kind in DEFAULT.kinds.values() for escalation in kind.escalations
    ]
    assert max(stages) <= (DEFAULT.returns[Returning.MISSED_CALL] or 0)


def test_orders_are_started_before_noon_of_every_day() -> None:
    assert DEFAULT.cutoff == Cutoff(12 * 60, frozenset(range(7)), 6, "A15")


def test_the_shop_is_open_around_the_clock_unless_a_policy_says_otherwise() -> None:
    assert DEFAULT.hours.timetable.never_closes()
    assert DEFAULT.hours.timetable.zone == MOSCOW


def test_outcomes_correct_the_chances_slowly() -> None:
    assert DEFAULT.learning == Learning(enabled=True, prior_weight=100)


def test_a_car_that_is_known_makes_an_order_likelier() -> None:
    assert DEFAULT.vin_chance_factor == 1.2


def test_the_stages_follow_the_handbooks_order() -> None:
    stages = [DEFAULT.kinds[Kind(kind)].stage for kind in HANDBOOK_ORDER]
    assert all(before > after for before, after in pairwise(stages))


def test_a_callback_goes_before_every_chat_and_after_every_call() -> None:
    phone, chat = DEFAULT.kinds[Kind.PHONE].stage, DEFAULT.kinds[Kind.CHAT].stage
    assert phone > 750 > chat
    assert {cause: stage for cause, stage in DEFAULT.returns.items() if stage == 750}.keys() == {
        Returning.PROMISED_CALLBACK,
        Returning.MISSED_CALL,
        Returning.VISIT_OVER,
    }


def test_what_is_no_promise_goes_behind_every_chat() -> None:
    others = [stage for stage in DEFAULT.returns.values() if stage not in (750, None)]
    assert others == [400, 300]
    assert max(others) < DEFAULT.kinds[Kind.CHAT].stage


def test_a_callback_is_promised_within_half_an_hour() -> None:
    assert DEFAULT.callback_after == timedelta(minutes=30)


def test_every_channel_has_a_kind() -> None:
    assert set(DEFAULT.channels) == set(Channel)


def test_a_sale_counts_in_full_and_any_other_intent_in_part() -> None:
    assert set(DEFAULT.intents) == set(Intent)
    assert [intent for intent, factor in DEFAULT.intents.items() if factor == 1] == [Intent.SALE]


def test_the_scale_of_the_score_is_that_of_the_design() -> None:
    assert DEFAULT.currency == "RUB"
    assert (DEFAULT.smallest_cost, DEFAULT.greatest_cost) == (0.1, 100_000)
    assert timedelta(minutes=DEFAULT.longest_patience_minutes) == timedelta(weeks=1)


def test_who_does_not_answer_is_tried_again_ever_later() -> None:
    retries = DEFAULT.no_answer_retries
    assert retries
    assert all(before < after for before, after in pairwise(retries))
