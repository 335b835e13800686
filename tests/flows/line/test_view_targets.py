"""A queue's figures beside the targets of its policy, and today beside earlier days."""

from datetime import datetime, timedelta

import pytest
from driven_clock import DrivenClock
from stories import Receive, on_shift, put_policy, settle, take

from service.flows.line.view_queues import view_stats
from service.flows.line.view_trends import view_trends
from service.leads.lead import Channel, Kind
from service.leads.settlement import Outcome, Settlement
from service.resources import Resources
from service.rules.targets import Figure
from service.storage.queues.history import HourFigures, claim_hour, put_hour

EVERY = {
    **{"live_seconds": 15.0, "late": 0, "late_share": 0.1, "waiting": 1, "longest_minutes": 5.0},
    **{"cost_per_minute": 0.01, "free": 1, "first_answer_median_minutes": 3.0},
    **{"first_answer_90_percent_minutes": 3.0, "served_per_hour": 1.0, "conversion": 0.5},
}
WON = Settlement(Outcome.WON, amount=9000)
SHORT = {"hours": {"weekly": {"mon-sun": "09:00-13:00"}}}


async def met(resources: Resources) -> dict[str, bool | None]:
    found = (await view_stats(resources, "main")).targets
    return {item.figure.value: item.met for item in found}


async def test_an_empty_shop_meets_what_can_be_judged(
    resources: Resources, clock: DrivenClock
) -> None:
    await put_policy(resources, targets=EVERY)
    await on_shift(resources, "anna")
    assert await met(resources) == {
        **{figure.value: True for figure in Figure},
        **dict.fromkeys(("first_answer_median_minutes", "first_answer_90_percent_minutes")),
        **{"conversion": None, "served_per_hour": False},
    }


async def test_each_figure_can_miss_its_target(
    resources: Resources, clock: DrivenClock, receive: Receive
) -> None:
    await put_policy(
        resources, targets={**EVERY, "served_per_hour": 3.0, "first_answer_median_minutes": 1.0}
    )
    await on_shift(resources, "anna")
    await receive(channel=Channel.EMAIL)
    clock.pass_by(minutes=6)
    lead = await take(resources, "anna")
    await settle(resources, lead)  # lost
    for _ in range(3):
        await receive(channel=Channel.PHONE, live=True)
    await take(resources, "anna")
    clock.pass_by(minutes=6)
    missed = await met(resources)
    assert missed.pop("free") is False
    assert set(missed.values()) == {False}


async def test_a_sale_counts_for_the_conversion(
    resources: Resources, clock: DrivenClock, receive: Receive
) -> None:
    await put_policy(resources, targets=EVERY)
    await on_shift(resources, "anna")
    for settlement in (WON, None):
        await receive(channel=Channel.EMAIL)
        lead = await take(resources, "anna")
        await (settle(resources, lead, settlement) if settlement else settle(resources, lead))
    found = {item.figure: item for item in (await view_stats(resources, "main")).targets}
    assert (found[Figure.CONVERSION].value, found[Figure.CONVERSION].met) == (0.5, True)
    assert found[Figure.SERVED_PER_HOUR].value == 2


async def test_nobody_has_to_be_free_at_night(resources: Resources, clock: DrivenClock) -> None:
    await put_policy(resources, targets=EVERY, **SHORT)
    clock.pass_by(hours=2)
    judged = await met(resources)
    assert (judged["free"], judged["served_per_hour"]) == (None, None)
    clock.pass_by(hours=19, minutes=30)  # half past nine in the morning
    judged = await met(resources)
    assert (judged["free"], judged["served_per_hour"]) == (False, None)


async def test_closed_hours_are_no_wait(
    resources: Resources, clock: DrivenClock, receive: Receive
) -> None:
    await put_policy(resources, targets={"longest_minutes": 40.0}, **SHORT)
    clock.pass_by(hours=2)
    await receive(channel=Channel.EMAIL)
    clock.pass_by(hours=19, minutes=30)
    assert await met(resources) == {"longest_minutes": True}
    clock.pass_by(minutes=11)
    assert await met(resources) == {"longest_minutes": False}


async def test_a_policy_without_targets_judges_nothing(
    resources: Resources, clock: DrivenClock
) -> None:
    await put_policy(resources, targets={})
    assert await met(resources) == {}


@pytest.fixture
async def worked(resources: Resources, clock: DrivenClock) -> Resources:
    """Ten chats from eight to nine on such days, thirty on other days; then something else."""
    at_eight = clock.now() - timedelta(hours=4)
    for back in range(1, 29):
        count = 10 if back % 7 == 0 else 30
        await _hour(resources, at_eight - timedelta(days=back), received=count, served=count)
        await _hour(resources, at_eight + timedelta(hours=10, days=-back), received=500)
    return resources


async def _hour(resources: Resources, at: datetime, **counts: int) -> None:
    database, now = resources.stores.database, resources.clock.now()
    await claim_hour(database, "main", at, now, None)
    async with database.transaction() as connection:
        await put_hour(connection, "main", at, [HourFigures(at, Kind.CHAT, **counts)])


async def test_today_stands_beside_the_same_hours(
    worked: Resources, clock: DrivenClock, receive: Receive
) -> None:
    clock.pass_by(hours=-1)
    await receive(channel=Channel.EMAIL)
    clock.pass_by(hours=1)
    await receive(channel=Channel.PHONE)  # in the hour that is not over
    found = await view_trends(worked, "main")
    assert found is not None
    assert (found.until.hour, found.today.received) == (12, 1)
    assert found.yesterday is not None
    assert found.yesterday.received == 30
    assert found.usual is not None
    assert (found.usual.received, found.usual_days) == (10, 4)
    assert found.today_hours == [*[0] * 11, 1]
    assert (found.usual_hours[8], found.usual_hours[18]) == (10, 500)


async def test_days_without_anything_are_no_usual_days(
    resources: Resources, clock: DrivenClock
) -> None:
    await _hour(resources, clock.now() - timedelta(days=14, hours=1), received=8, won=2, lost=2)
    found = await view_trends(resources, "main")
    assert found is not None
    assert found.yesterday is None
    assert found.usual is not None
    assert (found.usual.received, found.usual_days, found.usual.conversion) == (8, 1, 0.5)
    assert found.today.conversion is None


async def test_the_first_hour_of_a_day_has_no_trend(
    resources: Resources, clock: DrivenClock
) -> None:
    assert await view_trends(resources, "main") is None  # nothing came in on any day
    await _hour(resources, clock.now(), received=8)
    clock.pass_by(hours=12, minutes=59)
    assert await view_trends(resources, "main") is None
    clock.pass_by(minutes=1)
    assert await view_trends(resources, "main") is not None


async def test_earlier_hours_are_read_at_most_twice_a_minute(
    resources: Resources, clock: DrivenClock
) -> None:
    at = clock.now() - timedelta(days=7, hours=1)
    await _hour(resources, at, received=8)
    first = await view_trends(resources, "main")
    await _hour(resources, at, received=9)
    second = await view_trends(resources, "main")
    clock.pass_by(seconds=30)
    third = await view_trends(resources, "main")
    found = [item.usual.received for item in (first, second, third) if item and item.usual]
    assert found == [8, 8, 9]
