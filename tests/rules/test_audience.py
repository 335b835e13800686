"""Who is served from which lane: names of lanes, the table of rules, and what holds for all."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ranking_builders import steady

from service.leads.lead import EVERYBODY
from service.leads.operator import Operator
from service.rules.audience import (
    LaneIndex,
    is_declined_by_all,
    may_serve,
    why_not_by_id,
    why_not_eligible,
)
from service.rules.lane_names import Lane, lane_of
from service.rules.staff import HEAD_OF_SALES, AudienceRules, StaffOnShift, is_unstaffed

VIP, MENTORS = "super_vip", "mentors"


def an_operator(name: str, *skills: str) -> Operator:
    return Operator(name, ("main",), frozenset(skills))


ANNA, BORIS = an_operator("anna"), an_operator("boris")
VERA, MARIA = an_operator("vera", VIP), an_operator("maria", MENTORS)
VICTOR, HEAD = an_operator("victor", VIP), an_operator("head", HEAD_OF_SALES)
ALL = (ANNA, BORIS, VERA, MARIA, VICTOR, HEAD)


def by_name(*operators: Operator) -> Mapping[str, Operator]:
    return {operator.name: operator for operator in operators}


def a_staff(*at_work: Operator, away: tuple[Operator, ...] = ()) -> StaffOnShift:
    return StaffOnShift(by_name(*at_work), by_name(*at_work, *away))


def a_lane(
    owner: str | None = None, skills: str = "", declined: str = "", *, head_too: bool = False
) -> Lane:
    """Skills and who declined as words."""
    return Lane(owner, frozenset(skills.split()), frozenset(declined.split()), head_too)


names = st.from_regex(r"\A[A-Za-z0-9._@-]{1,64}\Z")
skills = st.from_regex(r"\A[a-z0-9][a-z0-9_-]{0,63}\Z") | st.just(EVERYBODY)
any_lanes = st.builds(
    Lane,
    owner=st.none() | names | st.just(EVERYBODY),
    skills=st.frozensets(skills, max_size=4),
    declined_by=st.frozensets(names, max_size=4),
    head_too=st.booleans(),
)


@given(any_lanes)
@steady
def test_a_lane_is_known_by_its_name(lane: Lane) -> None:
    assert lane_of(lane.name) == lane


@given(any_lanes)
@steady
def test_a_name_can_be_written_wherever_the_line_writes_it(lane: Lane) -> None:
    assert not set(lane.name) & set(" ;|{}\n")


@given(st.lists(skills, max_size=4), st.lists(names, max_size=4), st.data())
@steady
def test_equal_sets_make_equal_names(
    skills: list[str], declined: list[str], data: st.DataObject
) -> None:
    others = (data.draw(st.permutations(skills)), data.draw(st.permutations(declined)))
    one, other = (
        Lane("anna", frozenset(some), frozenset(who)) for some, who in ((skills, declined), others)
    )
    assert one.name == other.name


@pytest.mark.parametrize(
    ("lane", "name"),
    [
        (a_lane(), "everybody"),
        (a_lane("anna"), "anna>everybody"),
        (a_lane(skills="super_vip mentors"), "mentors+super_vip"),
        (a_lane("anna", "shows", "vera boris"), "anna>shows!boris!vera"),
        (a_lane(declined="boris"), "everybody!boris"),
        (a_lane("anna", "mentors", "vera", head_too=True), "anna>mentors^!vera"),
        (a_lane(skills="everybody"), "+everybody"),
        (a_lane("everybody"), "everybody>everybody"),
    ],
)
def test_names_are_as_the_line_has_always_had_them(lane: Lane, name: str) -> None:
    assert lane.name == name
    assert lane_of(name) == lane


@pytest.mark.parametrize(
    ("who", "lane", "staff", "rule"),
    [
        (ANNA, a_lane(), a_staff(ANNA), None),
        (ANNA, a_lane(declined="anna"), a_staff(ANNA, BORIS), "declined"),
        (ANNA, a_lane(declined="boris"), a_staff(ANNA, BORIS), None),
        # An owner: while he is there, nobody else (B2); skills are not asked of him.
        (ANNA, a_lane("anna"), a_staff(ANNA, BORIS), None),
        (BORIS, a_lane("anna"), a_staff(ANNA, BORIS), "B2"),
        (HEAD, a_lane("anna"), a_staff(ANNA, HEAD), "B2"),
        (BORIS, a_lane("anna"), a_staff(BORIS, away=(ANNA,)), None),
        (BORIS, a_lane("nobody"), a_staff(BORIS), None),
        (ANNA, a_lane("anna", "wholesale"), a_staff(ANNA, HEAD), None),
        (ANNA, a_lane("anna", "wholesale"), a_staff(HEAD, away=(ANNA,)), None),
        (BORIS, a_lane("anna", VIP), a_staff(BORIS, away=(ANNA, HEAD)), "B3"),
        (BORIS, a_lane("anna", "wholesale"), a_staff(BORIS, HEAD, away=(ANNA,)), "A21"),
        # An owner who declined keeps nobody out.
        (ANNA, a_lane("anna", declined="anna"), a_staff(ANNA, BORIS), "declined"),
        (BORIS, a_lane("anna", declined="anna"), a_staff(ANNA, BORIS), None),
        # Skills: those who have them all.
        (VERA, a_lane(skills=VIP), a_staff(ANNA, VERA, HEAD), None),
        (ANNA, a_lane(skills=VIP), a_staff(ANNA, VERA, HEAD), "B3"),
        (HEAD, a_lane(skills=VIP), a_staff(ANNA, VERA, HEAD), "B3"),
        (VERA, a_lane(skills=MENTORS), a_staff(VERA, MARIA), "B4"),
        (VERA, a_lane(skills="shows"), a_staff(VERA, HEAD), "B15"),
        (VERA, a_lane(skills="wholesale"), a_staff(VERA, HEAD), "A21"),
        (VERA, a_lane(skills="tyres"), a_staff(VERA, HEAD), "skills"),
        (ANNA, a_lane(skills="super_vip mentors"), a_staff(ANNA, HEAD), "B3, B4"),
        (VERA, a_lane(skills="super_vip mentors"), a_staff(VERA, HEAD), "B4"),
        # With none of them at work, or all of those unwilling: the head of sales (B3, B4).
        (HEAD, a_lane(skills=VIP), a_staff(ANNA, HEAD, away=(VERA,)), None),
        (HEAD, a_lane(skills=VIP), a_staff(ANNA, HEAD), None),
        (ANNA, a_lane(skills=VIP), a_staff(ANNA, HEAD), "B3"),
        (HEAD, a_lane(skills=VIP, declined="vera"), a_staff(VERA, HEAD), None),
        (HEAD, a_lane(skills=VIP, declined="vera"), a_staff(VERA, VICTOR, HEAD), "B3"),
        (VICTOR, a_lane(skills=VIP, declined="vera"), a_staff(VERA, VICTOR, HEAD), None),
        (HEAD, a_lane(skills="super_vip mentors"), a_staff(VERA, MARIA, HEAD), None),
        # With him away too, it waits for one of them.
        (ANNA, a_lane(skills=VIP), a_staff(ANNA, away=(VERA,)), "B3"),
        (ANNA, a_lane(skills=VIP), a_staff(ANNA, away=(HEAD,)), "B3"),
        (ANNA, a_lane(skills=VIP, declined="vera"), a_staff(ANNA, VERA), "B3"),
        # Who asks though he is not known to be at work is served by what he can do.
        (VERA, a_lane(skills=VIP), a_staff(ANNA, away=(VERA,)), None),
        # So it does though nobody of the queue ever had the skill, or is head of sales (S11, S19).
        (ANNA, a_lane(skills=VIP), a_staff(ANNA, BORIS), "B3"),
        (ANNA, a_lane(skills=MENTORS), a_staff(ANNA, VERA), "B4"),
        # Shows and wholesale are everybody's then, and what no rule names (B15, A21, B1).
        (ANNA, a_lane(skills="shows"), a_staff(ANNA, BORIS), None),
        (ANNA, a_lane(skills="wholesale"), a_staff(ANNA, away=(HEAD,)), None),
        (ANNA, a_lane(skills="tyres"), a_staff(ANNA), None),
        # Of several skills those are asked that are waited for; one is enough where nobody ever
        # has them all.
        (ANNA, a_lane(skills="mentors wholesale"), a_staff(ANNA, MARIA), "A21, B4"),
        (MARIA, a_lane(skills="mentors wholesale"), a_staff(ANNA, MARIA), None),
        (ANNA, a_lane(skills="super_vip mentors"), a_staff(ANNA, MARIA), "B3, B4"),
        (MARIA, a_lane(skills="super_vip mentors"), a_staff(ANNA, MARIA), None),
        (MARIA, a_lane(skills="super_vip mentors"), a_staff(MARIA, VERA), None),
        (ANNA, a_lane(skills="super_vip mentors"), a_staff(ANNA, away=(MARIA,)), "B3, B4"),
    ],
)
def test_what_keeps_an_operator_out(
    who: Operator, lane: Lane, staff: StaffOnShift, rule: str | None
) -> None:
    assert why_not_eligible(who, lane, staff) == rule
    assert may_serve(who, lane, staff) is (rule is None)


def test_the_head_of_sales_is_served_complaints_beside_mentors_who_hold_enough() -> None:
    complaints, staff = a_lane(skills=MENTORS), a_staff(ANNA, MARIA, HEAD)
    assert why_not_eligible(HEAD, complaints, staff) == "B4"
    full = replace(staff, full=frozenset({"maria", "anna"}))
    assert why_not_eligible(HEAD, complaints, full) is None
    assert why_not_eligible(MARIA, complaints, full) is None
    assert why_not_eligible(ANNA, complaints, full) == "B4"
    another = replace(full, at_work=by_name(MARIA, HEAD, an_operator("mila", MENTORS)))
    assert why_not_eligible(HEAD, complaints, another) == "B4"


def test_super_vips_wait_for_their_staff_however_much_it_holds() -> None:
    full = replace(a_staff(VERA, HEAD), full=frozenset({"vera"}))
    assert why_not_eligible(HEAD, a_lane(skills=VIP), full) == "B3"
    assert why_not_eligible(HEAD, a_lane(skills=VIP, head_too=True), full) is None


def test_a_policy_says_who_waits_for_staff_that_is_not_on_shift() -> None:
    nobody = AudienceRules(held=frozenset())
    assert may_serve(ANNA, a_lane(skills=VIP), replace(a_staff(ANNA), rules=nobody))
    everybody = AudienceRules(held=frozenset(), opened=frozenset({"shows"}), hold_others=True)
    staff = replace(a_staff(ANNA), rules=everybody)
    assert not may_serve(ANNA, a_lane(skills="tyres"), staff)
    assert may_serve(ANNA, a_lane(skills="shows"), staff)


def test_the_duty_operator_is_asked_while_there_is_one() -> None:
    mila = an_operator("mila", "duty")
    mail = a_lane(skills="duty")
    assert why_not_eligible(ANNA, mail, a_staff(ANNA, mila, HEAD)) == "B20"
    assert may_serve(mila, mail, a_staff(ANNA, mila, HEAD))
    assert may_serve(ANNA, mail, a_staff(ANNA, HEAD, away=(mila,)))
    assert may_serve(ANNA, replace(mail, declined_by=frozenset({"mila"})), a_staff(ANNA, mila))
    assert not may_serve(ANNA, a_lane(skills="duty mentors"), a_staff(ANNA, MARIA))


@pytest.mark.parametrize(
    ("lane", "staff", "unstaffed"),
    [
        (a_lane(skills=VIP), a_staff(ANNA), True),
        (a_lane(skills=VIP), a_staff(ANNA, away=(VERA, HEAD)), True),
        (a_lane(skills=VIP), a_staff(VERA), False),
        (a_lane(skills=VIP, declined="vera"), a_staff(VERA), False),
        (a_lane(skills=VIP), a_staff(HEAD), False),
        (a_lane("anna", VIP), a_staff(ANNA), False),
        (a_lane(skills="shows"), a_staff(ANNA), True),
        (a_lane(skills="duty"), a_staff(ANNA), False),
        (a_lane(), a_staff(), False),
    ],
)
def test_a_lane_is_unstaffed_without_its_skills_and_the_head_on_shift(
    lane: Lane, staff: StaffOnShift, unstaffed: bool
) -> None:
    assert is_unstaffed(lane, staff) is unstaffed


def test_who_declined_may_ask_for_it_by_its_id_but_nobody_else_who_may_not() -> None:
    staff = a_staff(ANNA, BORIS, VERA)
    assert why_not_by_id(ANNA, a_lane(declined="anna"), staff) is None
    assert why_not_by_id(ANNA, a_lane(skills=VIP, declined="anna"), staff) == "B3"
    assert why_not_by_id(BORIS, a_lane("anna"), staff) == "B2"


@pytest.mark.parametrize(
    ("lane", "staff", "by_all"),
    [
        (a_lane(declined="anna boris"), a_staff(ANNA, BORIS), True),
        (a_lane(declined="anna"), a_staff(ANNA, BORIS), False),
        (a_lane(declined="anna"), a_staff(ANNA, away=(BORIS,)), True),
        (a_lane(declined="anna"), a_staff(away=(ANNA, BORIS)), False),
        (a_lane(skills=VIP, declined="vera"), a_staff(ANNA, VERA), True),
        (a_lane(skills=VIP, declined="vera"), a_staff(VERA, HEAD), False),
        (a_lane(skills=VIP), a_staff(ANNA), False),
    ],
)
def test_a_lead_is_declined_by_all_who_are_on_shift_and_could_take_it(
    lane: Lane, staff: StaffOnShift, by_all: bool
) -> None:
    assert is_declined_by_all(lane, staff) is by_all


def test_lanes_are_served_in_order_after_everybodys() -> None:
    lanes = ["super_vip", "boris>everybody", "zoe>everybody", "anna>everybody", EVERYBODY]
    staff = a_staff(ANNA, BORIS, VERA)
    assert LaneIndex(lanes, staff).served_by(ANNA) == (EVERYBODY, "anna>everybody", "zoe>everybody")
    assert LaneIndex(lanes, staff).served_by(VERA) == (EVERYBODY, "super_vip", "zoe>everybody")


def test_everybodys_lane_is_served_unnamed_and_each_lane_once() -> None:
    assert LaneIndex([], a_staff(ANNA)).served_by(ANNA) == (EVERYBODY,)
    away = a_staff(BORIS, away=(ANNA,))
    assert LaneIndex(["anna>everybody"] * 2, away).served_by(ANNA) == (EVERYBODY, "anna>everybody")


lanes = st.builds(
    Lane,
    owner=st.sampled_from([None, None, *by_name(*ALL), "left"]),
    skills=st.frozensets(st.sampled_from([VIP, MENTORS, "shows"])),
    declined_by=st.frozensets(st.sampled_from([*by_name(*ALL)])),
)
parts = st.sets(st.sampled_from(ALL))
staffs = st.builds(
    lambda at_work, away: StaffOnShift(by_name(*at_work), by_name(*at_work, *away)), parts, parts
)


@given(st.lists(lanes, max_size=12), staffs, st.sampled_from(ALL))
@steady
def test_the_index_knows_what_looking_at_every_lane_finds(
    lanes: list[Lane], staff: StaffOnShift, operator: Operator
) -> None:
    served = {lane.name for lane in lanes if may_serve(operator, lane, staff)}
    found = LaneIndex([lane.name for lane in lanes], staff).served_by(operator)
    assert found == (EVERYBODY, *sorted(served - {EVERYBODY}))


@given(lanes, staffs)
@steady
def test_a_lane_that_nobody_at_work_serves_waits_for_who_is_away_or_declined(
    lane: Lane, staff: StaffOnShift
) -> None:
    """Or it is unstaffed, and waits for staff that was never made, which is told."""
    asked = [item for item in staff.at_work.values() if item.name not in lane.declined_by]
    if any(may_serve(item, lane, staff) for item in asked):
        return
    # Whom the rules name for it: all its skills, one of them at least, or the head of sales.
    called = [
        item
        for item in staff.everybody.values()
        if item.skills & (lane.skills | {HEAD_OF_SALES})
        and (item.name not in staff.at_work or item.name in lane.declined_by)
    ]
    assert not asked or called or is_unstaffed(lane, staff)


@given(lanes, parts)
@steady
def test_with_all_at_work_and_willing_every_lane_is_served(
    lane: Lane, at_work: set[Operator]
) -> None:
    lane, staff = replace(lane, declined_by=frozenset()), a_staff(*at_work)
    served = any(may_serve(item, lane, staff) for item in at_work)
    assert not at_work or served or is_unstaffed(lane, staff)


@given(lanes, staffs)
@steady
def test_of_those_at_work_a_present_owner_is_served_alone(lane: Lane, staff: StaffOnShift) -> None:
    if lane.owner in staff.at_work and lane.owner not in lane.declined_by:
        served = [who for who, item in staff.at_work.items() if may_serve(item, lane, staff)]
        assert served == [lane.owner]


@given(lanes, staffs)
@steady
def test_who_declined_is_never_asked_again(lane: Lane, staff: StaffOnShift) -> None:
    assert not any(may_serve(item, lane, staff) for item in ALL if item.name in lane.declined_by)


@pytest.mark.parametrize("skill", [VIP, MENTORS])
@pytest.mark.parametrize("present", [True, False])
def test_where_staff_is_designated_nobody_else_is_served(skill: str, present: bool) -> None:
    """Rules B3 and B4, whoever else is at work: only theirs, or the head of sales."""
    theirs = [item for item in ALL if skill in item.skills]
    others = [item for item in ALL if skill not in item.skills]
    staff = a_staff(*others, *(theirs if present else ()), away=tuple(theirs))
    served = [
        item for item in staff.at_work.values() if may_serve(item, a_lane(skills=skill), staff)
    ]
    assert served == (theirs if present else [HEAD])
