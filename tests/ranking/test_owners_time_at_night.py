"""B2, B3: whoever is on the line waits by the clock, whatever the hours say."""

from dataclasses import replace
from datetime import timedelta

import pytest
from ranking_builders import a_policy, a_situation, moscow

from service.leads.lead import Channel
from service.leads.routing import Routing
from service.ranking.rank import rank_lead

HOURS = {"weekly": {"mon-sun": "09:00-19:00"}}
NIGHT = moscow("2026-06-10 22:30")
MORNING = moscow("2026-06-11 09:00")


def owners_lane_ends(routing: Routing, *, live: bool) -> timedelta:
    """How long a lead that comes at night waits for its own people."""
    policy = a_policy(hours=HOURS)
    situation = a_situation(received_at=NIGHT, channel=Channel.PHONE, live=live)
    situation = replace(situation, routing=routing)
    ranking = rank_lead(situation, policy, NIGHT)
    return next(step.at for step in ranking.timeline if step.lane != ranking.lane) - NIGHT


@pytest.mark.parametrize(
    "routing",
    [Routing(owner="anna", owner_rule="B2"), Routing(skills=frozenset({"super_vip"}))],
)
def test_a_call_at_night_is_passed_on_after_the_grace(routing: Routing) -> None:
    assert owners_lane_ends(routing, live=True) <= timedelta(seconds=15)


def test_who_is_not_on_the_line_waits_for_the_owner_until_the_shop_opens() -> None:
    passed_on = owners_lane_ends(Routing(owner="anna", owner_rule="B2"), live=False)
    assert passed_on > MORNING - NIGHT
