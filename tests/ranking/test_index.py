"""The general index: minutes of work, the weight of patience, and who is still there."""

from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from builders import NOON
from hypothesis import given
from hypothesis import strategies as st
from ranking_builders import DEFAULT, a_need, a_policy, steady

from service.leads.lead import Channel, Item, Kind, RankingInput
from service.policies.reading import Shipped, read_policy, shipped_text
from service.ranking.index import IndexTerms, patience_of, shares_of, work_minutes
from service.ranking.rank import rank_lead
from service.rules.policy import Mode, Policy

MINUTES = {kind.value: {"each": 4.0, "per_part": 2.0} for kind in Kind}
STAYS = [{"after": 0.5, "share": 0.7}, {"after": 1.0, "share": 0.4}, {"after": 2.0, "share": 0.1}]
SHIPPED = {name: read_policy(shipped_text(name)) for name in Shipped}
IN_EVERY_MODE = [
    pytest.param(policy.in_mode(mode), id=f"{name} {mode}")
    for name, policy in SHIPPED.items()
    for mode in Mode
]


def indexed(**parts) -> Policy:
    return a_policy(index=parts)


def ranked(policy: Policy, *, after: float = 0, **sent):
    """A chat's place so many minutes after its only word."""
    need = a_need(policy, **{"channel": Channel.WHATSAPP, **sent})
    return rank_lead(need.situation, policy, NOON + timedelta(minutes=after))


def terms(policy: Policy, **sent):
    return ranked(policy, **sent).explanation["index"]


@steady
@given(st.floats(0, 1), st.floats(0, 1e9), st.floats(0.1, 10_080))
def test_without_minutes_weight_and_stays_it_is_the_cost_of_waiting(chance, bill, patience):
    assert IndexTerms(patience, 1.0, 1.0, 1.0).of(chance, bill) == chance * bill / patience


def test_a_policy_without_an_index_compares_what_waiting_costs():
    found = ranked(DEFAULT, budget=Decimal(5000), urgency=0.9)
    assert found.explanation["index"]["value"] == found.cost_per_minute
    assert found.explanation["mode"] == "calm"


def test_minutes_of_work_divide_and_only_positions_above_two_count():
    policy = indexed(minutes=MINUTES)
    for count, minutes in ((0, 4.0), (1, 4.0), (2, 4.0), (3, 6.0), (7, 14.0)):
        items = tuple(Item(f"part {n}", Decimal(9), Decimal(100)) for n in range(count))
        assert work_minutes(a_need(policy, items=items), policy) == minutes
    assert terms(policy, urgency=0.5, budget=Decimal(4000))["value"] == pytest.approx(
        terms(DEFAULT, urgency=0.5, budget=Decimal(1000))["value"]
    )


def test_goods_that_a_text_names_are_positions_whatever_their_number():
    policy = indexed(minutes=MINUTES)
    text = "нужны 20 колодок, стартер и генератор"
    assert work_minutes(a_need(policy, text=text), policy) == 6.0
    assert work_minutes(a_need(policy, text="нужны 20 колодок"), policy) == 4.0


def test_the_weight_lessens_what_patience_does_and_nothing_else():
    pads, body = {"urgency": 0.9}, {"urgency": 0.2}
    ratios = []
    for weight in (0.0, 0.53, 1.0):
        policy = indexed(weight=weight)
        values = [terms(policy, budget=Decimal(1000), **one)["value"] for one in (pads, body)]
        ratios.append(values[0] / values[1])
    assert ratios[0] == 1
    assert ratios == sorted(ratios)
    assert ratios[2] == pytest.approx(10_080**0.7)


def test_the_cost_that_people_see_stays_that_of_waiting():
    policy = indexed(weight=0.5, minutes=MINUTES)
    sent = {"urgency": 0.5, "budget": Decimal(1000)}
    assert ranked(policy, **sent).cost_per_minute == ranked(DEFAULT, **sent).cost_per_minute
    assert ranked(policy, **sent).score != ranked(DEFAULT, **sent).score


def test_patience_of_a_kind_is_that_of_its_own_urgency_and_moves_with_it():
    policy = indexed(patience={"chat": 12.0})
    chat = a_need(policy, channel=Channel.WHATSAPP)
    assert patience_of(chat, 0.5, policy) == 12.0
    assert patience_of(chat, 0.4, policy) == pytest.approx(12 * 10_080**0.1)
    assert patience_of(chat, 1.0, policy) == pytest.approx(12 * 10_080**-0.5)
    order = a_need(policy, channel=Channel.SITE_ORDER)
    assert patience_of(order, 0.5, policy) == 10_080**0.5


def test_patience_stays_between_a_tenth_of_a_minute_and_the_longest():
    policy = indexed(patience={"chat": 0.2, "offline": 10_000.0})
    assert patience_of(a_need(policy, channel=Channel.WHATSAPP), 1.0, policy) == 0.1
    assert patience_of(a_need(policy, channel=Channel.EMAIL), 0.0, policy) == 10_080


def test_the_time_by_which_it_is_needed_moves_patience_too():
    policy = indexed(patience={"chat": 12.0})
    soon = ranked(policy, needed_by=NOON + timedelta(minutes=10))
    later = ranked(policy, needed_by=NOON + timedelta(hours=10))
    assert soon.explanation["patience_minutes"] < later.explanation["patience_minutes"]
    assert soon.score > later.score


def test_the_score_falls_in_steps_while_a_silent_client_leaves():
    policy = indexed(patience={"chat": 10.0}, stays={"chat": STAYS})
    fresh = ranked(policy)
    assert [step.at - NOON for step in fresh.timeline] == [
        timedelta(minutes=minutes) for minutes in (5, 10, 20)
    ]
    scores = [fresh.score, *(step.score for step in fresh.timeline)]
    assert all(one > other for one, other in pairwise(scores))
    assert scores[-1] > 0
    for step in fresh.timeline:  # whoever ranks anew at a step comes to the same place
        again = ranked(policy, after=(step.at - NOON) / timedelta(minutes=1))
        assert (again.rank, again.behind) == (step.rank, step.behind)
    assert [step.behind for step in fresh.timeline] == [False, False, True]
    assert ranked(policy, after=30).timeline == ()


def test_the_shares_are_those_of_the_policy():
    policy = indexed(patience={"chat": 10.0}, stays={"chat": STAYS})
    shares = [
        ranked(policy, after=minutes).explanation["index"]["share_still_there"]
        for minutes in (0, 4.9, 5, 10, 19, 20, 500)
    ]
    assert shares == [1, 1, 0.7, 0.4, 0.4, 0.1, 0.1]


def test_a_new_word_begins_anew():
    policy = indexed(patience={"chat": 10.0}, stays={"chat": STAYS})
    need = a_need(policy, channel=Channel.WHATSAPP)
    again = RankingInput(need.signal, asked_at=NOON + timedelta(minutes=15))
    at = NOON + timedelta(minutes=16)
    silent = rank_lead(need.situation, policy, at)
    assert rank_lead(again, policy, at).score > silent.score
    assert rank_lead(again, policy, at).explanation["index"]["share_still_there"] == 1


def test_only_business_minutes_of_silence_count():
    policy = a_policy(
        index={"patience": {"offline": 60.0}, "stays": {"offline": STAYS}},
        hours={"weekly": {"mon-sun": "09:00-19:00"}},
    )
    need = a_need(policy, channel=Channel.EMAIL, received_at=NOON + timedelta(hours=12))
    shares = shares_of(need, policy)
    opens = NOON.replace(hour=6) + timedelta(days=1)  # nine o'clock in Moscow
    assert [at - opens for at, _ in shares] == [timedelta(minutes=m) for m in (30, 60, 120)]


@pytest.mark.parametrize(
    "sent",
    [
        {"channel": Channel.PHONE, "live": True},
        {"needed_by": NOON + timedelta(hours=1)},
        {"needed_by": NOON + timedelta(hours=1), "urgency": 0.5},
    ],
)
def test_nobody_is_missed_who_is_there_or_said_when_they_need_it(sent):
    policy = indexed(stays={kind.value: STAYS for kind in Kind})
    assert shares_of(a_need(policy, **sent), policy) == ()


def test_nobody_is_missed_who_was_promised_a_call():
    policy = indexed(stays={"chat": STAYS})
    signal = a_need(policy, channel=Channel.WHATSAPP).signal
    due = RankingInput(signal, NOON, callback_due=True, promised_at=NOON)
    found = rank_lead(due, policy, NOON + timedelta(hours=5))
    assert found.explanation["index"]["share_still_there"] == 1
    assert found.protected


def test_who_is_protected_is_found_with_the_rank():
    policy = DEFAULT
    live = ranked(policy, channel=Channel.PHONE, live=True)
    missed = ranked(policy, channel=Channel.PHONE, live=False)
    chat = ranked(policy)
    assert (live.protected, missed.protected, chat.protected) == (True, True, False)


def test_an_order_is_protected_while_the_cut_off_lifts_it():
    before = NOON.replace(hour=6)  # nine in Moscow: three hours before the cut-off
    need = a_need(DEFAULT, channel=Channel.SITE_ORDER, received_at=before)
    found = rank_lead(need.situation, DEFAULT, before)
    assert not found.protected
    assert [(step.stage, step.protected) for step in found.timeline[:3]] == [
        (640, True),
        (680, True),
        (500, False),
    ]


@pytest.mark.parametrize("policy", IN_EVERY_MODE)
@pytest.mark.parametrize("waited", [0, 1, 5, 30, 240])
def test_brake_pads_go_before_a_front_end_in_every_shipped_policy(policy, waited):
    """A5, at equal waits and with equal minutes."""
    pads = ranked(policy, after=waited, budget=Decimal(5000), urgency=0.9)
    body = ranked(policy, after=waited, budget=Decimal(150_000), urgency=0.2)
    assert pads.rank > body.rank


@pytest.mark.parametrize("policy", IN_EVERY_MODE)
@pytest.mark.parametrize("waited", [0, 1, 5, 30, 240])
def test_the_larger_bill_goes_first_in_every_shipped_policy(policy, waited):
    """A6: struts all round before a clip, at equal urgency and equal waits."""
    struts = ranked(policy, after=waited, budget=Decimal(24_000), urgency=0.4)
    clip = ranked(policy, after=waited, budget=Decimal(100), urgency=0.4)
    assert struts.rank > clip.rank


@pytest.mark.parametrize("policy", IN_EVERY_MODE)
def test_of_equal_chats_the_freshest_goes_first_in_every_shipped_policy(policy):
    fresh = ranked(policy, after=3, received_at=NOON + timedelta(minutes=2))
    stale = ranked(policy, after=3)
    assert fresh.rank > stale.rank


def test_equal_waits_take_the_same_share_whatever_the_urgency():
    policy = indexed(patience={"chat": 10.0}, stays={"chat": STAYS})
    shares = [
        terms(policy, after=12, urgency=urgency)["share_still_there"] for urgency in (0.1, 0.5, 0.9)
    ]
    assert shares == [0.4, 0.4, 0.4]
