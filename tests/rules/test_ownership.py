"""Whose a client is: every class, intent, order, task and talk together, each line by its rule."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from builders import NOON
from ranking_builders import MOSCOW, moscow

from service.leads.context import (
    CallTask,
    Campaign,
    ClientClass,
    Contact,
    CustomerContext,
    OrderInWork,
    OrderState,
    OwnerByHand,
)
from service.leads.lead import Intent
from service.leads.routing import Routing
from service.rules.ownership import OwnershipRules, find_routing

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
RULES = OwnershipRules(
    recent_contact_days=14,
    season=(date(2026, 11, 1), date(2026, 12, 31)),
    skill_of_class={ClientClass.SUPER_VIP: "super_vip", ClientClass.WHOLESALE: "wholesale"},
    skill_of_intent={Intent.COMPLAINT: "mentors"},
    zone=MOSCOW,
)
OFF_SEASON, SEASON = NOON, moscow("2026-12-10 12:00")


def an_order(operator: str | None = "maker", **sent: Any) -> OrderInWork:
    return OrderInWork(**{"number": "1", "operator": operator, "opened_at": NOON - DAY, **sent})


def a_task(operator: str = "caller", *, now: datetime = NOON, **sent: Any) -> CallTask:
    existing = {"external_id": "1", "campaign": Campaign.BIRTHDAY, "operator": operator}
    dates = {"opened_at": now - DAY, "expires_at": now + DAY}
    return CallTask(**{**existing, **dates, **sent})


def a_talk(operator: str = "talker", days_ago: float = 1) -> Contact:
    return Contact(operator, NOON - timedelta(days=days_ago))


def routing(
    intent: Intent = Intent.SALE,
    now: datetime = NOON,
    rules: OwnershipRules = RULES,
    **existing: Any,
) -> Routing:
    return find_routing(CustomerContext(**existing), intent, rules, now)


ORDERS = {
    "no order": (),
    "order in work": (an_order(),),
    "order done": (an_order(state=OrderState.DONE),),
}
TASKS = {"no task": (), "open task": (a_task(),)}
TALKS = {"no talk": (), "talk lately": (a_talk(),), "talk long ago": (a_talk(days_ago=15),)}
ANY = ""

# The first line that fits: class, intent, order, task, talk → owner, rule.
OWNERS = [
    (("super_vip", ANY, ANY, ANY, ANY), (None, "")),  # B3
    ((ANY, "complaint", ANY, ANY, ANY), (None, "")),  # B4
    ((ANY, "sale", "order in work", ANY, ANY), ("maker", "B2")),
    ((ANY, "other", "order in work", ANY, ANY), ("maker", "B2")),
    ((ANY, ANY, "order in work", ANY, ANY), ("maker", "A10")),
    ((ANY, "order_question", "order done", ANY, ANY), ("maker", "A10")),
    ((ANY, "return", "order done", ANY, ANY), ("maker", "A10")),
    ((ANY, "return", ANY, ANY, "talk lately"), ("talker", "A10")),
    ((ANY, "return", ANY, ANY, "talk long ago"), ("talker", "A10")),
    ((ANY, ANY, ANY, "open task", ANY), ("caller", "B14")),
    ((ANY, ANY, ANY, ANY, "talk lately"), ("talker", "A9")),
    ((ANY, ANY, ANY, ANY, ANY), (None, "")),
]
# The same for who is credited: intent, order, task → operator, whoever serves (B2, B14).
CREDITED = [
    ((ANY, "order in work", ANY), "maker"),
    (("order_question", "order done", ANY), "maker"),
    (("return", "order done", ANY), "maker"),
    ((ANY, ANY, "open task"), "caller"),
    ((ANY, ANY, ANY), None),
]
# Class, intent → skills, rules.
SKILLS = [
    (("super_vip", "complaint"), ({"super_vip", "mentors"}, "B3, B4")),
    (("wholesale", "complaint"), ({"wholesale", "mentors"}, "A21, B4")),
    (("super_vip", ANY), ({"super_vip"}, "B3")),
    (("wholesale", ANY), ({"wholesale"}, "A21")),
    ((ANY, "complaint"), ({"mentors"}, "B4")),
    ((ANY, ANY), (set(), "")),
]
CASES = list(product(ClientClass, Intent, ORDERS, TASKS, TALKS))


def line_for(table: list[Any], *case: str) -> int:
    """The number of the first line of a table that fits a case."""
    return next(
        number
        for number, (line, _) in enumerate(table)
        if all(wanted in (ANY, given) for wanted, given in zip(line, case, strict=True))
    )


@pytest.mark.parametrize(("client_class", "intent", "order", "task", "talk"), CASES)
def test_every_case_follows_the_first_rule_that_fits(
    client_class: ClientClass, intent: Intent, order: str, task: str, talk: str
) -> None:
    found = routing(
        intent,
        client_class=client_class,
        orders=ORDERS[order],
        tasks=TASKS[task],
        contacts=TALKS[talk],
    )
    _, owner = OWNERS[line_for(OWNERS, client_class, intent, order, task, talk)]
    _, credited = CREDITED[line_for(CREDITED, intent, order, task)]
    _, skills = SKILLS[line_for(SKILLS, client_class, intent)]
    assert (found.owner, found.owner_rule) == owner
    assert found.credited_to == credited
    assert (set(found.skills), found.skills_rule) == skills


def test_no_line_of_the_tables_is_idle() -> None:
    assert {line_for(OWNERS, *case) for case in CASES} == set(range(len(OWNERS)))
    assert {line_for(CREDITED, *case[1:4]) for case in CASES} == set(range(len(CREDITED)))
    assert {line_for(SKILLS, *case[:2]) for case in CASES} == set(range(len(SKILLS)))


# Campaign, open or closed, in date or expired → whether it binds off season, and in season (B14).
BINDING = {
    ("birthday", "open", "in date"): (True, True),
    ("birthday", "open", "expired"): (False, False),
    ("birthday", "closed", "in date"): (True, False),
    ("birthday", "closed", "expired"): (False, False),
    ("new_year", "open", "in date"): (True, True),
    ("new_year", "open", "expired"): (False, False),
    ("new_year", "closed", "in date"): (False, False),
    ("new_year", "closed", "expired"): (False, False),
    ("other", "open", "in date"): (True, True),
    ("other", "open", "expired"): (False, False),
    ("other", "closed", "in date"): (False, False),
    ("other", "closed", "expired"): (False, False),
}


@pytest.mark.parametrize("now", [OFF_SEASON, SEASON])
@pytest.mark.parametrize(("campaign", "end", "date"), BINDING)
def test_a_task_binds_by_campaign_end_date_and_season(
    campaign: str, end: str, date: str, now: datetime
) -> None:
    task = a_task(
        campaign=Campaign(campaign),
        closed_at=now - SECOND if end == "closed" else None,
        opened_at=now - 2 * DAY,
        expires_at=now + DAY if date == "in date" else now - DAY,
    )
    binds = BINDING[campaign, end, date][now == SEASON]
    found = routing(now=now, tasks=(task,))
    assert (found.owner, found.owner_rule) == (("caller", "B14") if binds else (None, ""))
    assert found.credited_to == found.owner


@pytest.mark.parametrize(
    ("now", "on"),
    [
        (moscow("2026-10-31 23:59:59"), False),
        (moscow("2026-11-01 00:00"), True),
        (moscow("2026-12-31 23:59:59"), True),
        (moscow("2027-01-01 00:00"), False),
    ],
)
def test_the_season_begins_and_ends_by_the_shops_calendar(now: datetime, on: bool) -> None:
    assert RULES.in_season(now) is on
    closed = a_task(now=now, closed_at=now)
    assert (routing(now=now, tasks=(closed,)).owner is None) is on


def test_without_an_announced_season_it_is_always_off_season() -> None:
    unannounced = replace(RULES, season=None)
    closed = a_task(now=SEASON, closed_at=SEASON)
    assert routing(now=SEASON, rules=unannounced, tasks=(closed,)).owner == "caller"


@pytest.mark.parametrize("now", [OFF_SEASON, SEASON])
def test_birthday_tasks_come_before_new_year_tasks_and_these_before_others(now: datetime) -> None:
    other, new_year, birthday = (
        a_task(campaign.value, campaign=campaign, now=now, opened_at=now - age * DAY)
        for campaign, age in zip(reversed(Campaign), (1, 2, 3), strict=True)
    )
    assert routing(now=now, tasks=(other, new_year, birthday)).owner == "birthday"
    assert routing(now=now, tasks=(other, new_year)).owner == "new_year"


def test_a_closed_birthday_task_comes_after_an_open_one_and_before_a_new_year_task() -> None:
    closed = a_task("closer", closed_at=NOON, opened_at=NOON - SECOND)
    new_year = a_task("greeter", campaign=Campaign.NEW_YEAR)
    assert routing(tasks=(closed, a_task("caller"), new_year)).owner == "caller"
    assert routing(tasks=(closed, new_year)).owner == "closer"
    season = {"now": SEASON, "tasks": (a_task(now=SEASON, closed_at=SEASON),)}
    assert routing(**season).owner is None


def test_of_several_tasks_the_newest_binds() -> None:
    older, newer = a_task("older"), a_task("newer", opened_at=NOON - SECOND)
    assert routing(tasks=(newer, older)).owner == "newer"


def test_a_task_is_in_date_until_it_expires() -> None:
    assert routing(tasks=(a_task(expires_at=NOON + SECOND),)).owner == "caller"
    assert routing(tasks=(a_task(expires_at=NOON),)).owner is None


# Who has an order in this state when the client wants this (B2, A10).
@pytest.mark.parametrize("intent", [item for item in Intent if item is not Intent.COMPLAINT])
@pytest.mark.parametrize("state", OrderState)
def test_an_order_binds_while_in_work_and_for_questions_when_done(
    state: OrderState, intent: Intent
) -> None:
    asks = intent not in (Intent.SALE, Intent.OTHER)
    binds = state is not OrderState.DONE or asks
    found = routing(intent, orders=(an_order(state=state),))
    rule = "A10" if asks else "B2"
    assert (found.owner, found.owner_rule) == (("maker", rule) if binds else (None, ""))


@pytest.mark.parametrize("intent", [Intent.SALE, Intent.ORDER_QUESTION, Intent.RETURN])
def test_of_several_orders_the_newest_in_work_binds(intent: Intent) -> None:
    done = an_order("done", state=OrderState.DONE, opened_at=NOON)
    older, newer = an_order("older"), an_order("newer", opened_at=NOON - SECOND)
    assert routing(intent, orders=(newer, done, older)).owner == "newer"
    assert routing(intent, orders=(done, older)).owner == "older"


@pytest.mark.parametrize("intent", [Intent.SALE, Intent.ORDER_QUESTION, Intent.RETURN])
def test_an_order_that_nobody_has_taken_binds_to_nobody(intent: Intent) -> None:
    alone = an_order(None, opened_at=NOON)
    assert routing(intent, orders=(alone,)) == Routing()
    assert routing(intent, orders=(alone, an_order())).owner == "maker"


def test_of_several_talks_the_latest_binds() -> None:
    assert routing(contacts=(a_talk("later", 1), a_talk("earlier", 2))).owner == "later"


@pytest.mark.parametrize(
    ("ago", "days", "binds"),
    [
        (14 * DAY - SECOND, 14, True),
        (14 * DAY, 14, False),
        (timedelta(0), 14, True),
        (-SECOND, 14, True),  # the shop's clock is ahead
        (timedelta(hours=11), 0.5, True),
        (timedelta(hours=12), 0.5, False),
        (SECOND, 0, False),
        (timedelta(0), 0, False),
        (-SECOND, 0, False),
    ],
)
def test_a_talk_binds_for_some_days(ago: timedelta, days: float, binds: bool) -> None:
    rules = replace(RULES, recent_contact_days=days)
    found = routing(rules=rules, contacts=(Contact("talker", NOON - ago),))
    assert (found.owner, found.owner_rule) == (("talker", "A9") if binds else (None, ""))
    assert found.credited_to is None


def test_of_an_unknown_client_only_the_intent_counts() -> None:
    assert find_routing(None, Intent.SALE, RULES, NOON) == Routing()
    complaint = find_routing(None, Intent.COMPLAINT, RULES, NOON)
    assert complaint == Routing(skills=frozenset({"mentors"}), skills_rule="B4")


def test_what_people_decided_stays_and_what_the_rules_say_is_said_anew() -> None:
    decided = Routing(assigned_to="anna", declined_by=frozenset({"boris"}), pinned_at=NOON)
    stale = replace(decided, owner="maker", owner_rule="B2", credited_to="maker")
    mentors = replace(stale, skills=frozenset({"mentors"}), skills_rule="B4")
    assert find_routing(None, Intent.SALE, RULES, NOON, mentors) == decided


def test_a_shop_may_demand_skills_by_rules_of_its_own() -> None:
    rules = replace(
        RULES,
        skill_of_class={ClientClass.VIP: "seniors"},
        skill_of_intent={Intent.RETURN: "returns"},
    )
    found = routing(
        Intent.RETURN, rules=rules, client_class=ClientClass.VIP, orders=ORDERS["order in work"]
    )
    assert (found.skills, found.skills_rule) == ({"seniors", "returns"}, "B1")
    assert (found.owner, found.owner_rule) == ("maker", "A10")


@pytest.mark.parametrize("client_class", [ClientClass.SUPER_VIP, ClientClass.ORDINARY])
def test_super_vips_and_complaints_have_no_owner_where_no_skill_is_named(
    client_class: ClientClass,
) -> None:
    unnamed = replace(RULES, skill_of_class={}, skill_of_intent={})
    existing = {"client_class": client_class, "orders": ORDERS["order in work"]}
    found = routing(Intent.COMPLAINT, rules=unnamed, **existing)
    assert found == Routing(credited_to="maker")


def test_who_was_given_by_hand_goes_before_every_rule_but_the_designated_staff() -> None:
    hand = OwnerByHand("given", "a friend", "vera", NOON - DAY)
    known = {"owner": hand, "orders": (an_order(),), "contacts": (a_talk(),)}
    assert (routing(**known).owner, routing(**known).owner_rule) == ("given", "B19")
    vip = routing(**known, client_class=ClientClass.SUPER_VIP)
    assert (vip.owner, vip.skills, vip.skills_rule) == (None, {"super_vip"}, "B3")
    complaint = routing(Intent.COMPLAINT, **known)
    assert (complaint.owner, complaint.skills, complaint.skills_rule) == (None, {"mentors"}, "B4")
