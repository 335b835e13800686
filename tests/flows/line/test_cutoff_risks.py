"""What the watch over the cut-off tells, and of whom it expects anything."""

from datetime import timedelta

from cutoff_stories import CUTOFF, SHOP, at, order, risks, rush_of, stage, watch
from driven_clock import DrivenClock
from stories import Receive, on_shift, put_policy, take

from service.flows.upkeep.keep_in_step import keep_in_step
from service.resources import Resources


async def test_what_cannot_be_done_is_told_once_and_again_when_it_grows(
    shop: Resources, receive: Receive, clock: DrivenClock
) -> None:
    await order(receive, shop, 22)
    await watch(shop, clock, "11:00", "anna", "boris")
    reported = {
        "cutoff_at": "2026-06-11T09:00:00Z",
        **{"will_miss": 2, "waiting": 22, "operators": 2, "left_minutes": 60},
    }
    assert await risks(shop) == [reported]
    for _ in range(3):
        await watch(shop, clock, "11:00", "anna", "boris")
    assert await risks(shop) == [reported]
    await order(receive, shop)
    await watch(shop, clock, "11:00")
    assert [risk["will_miss"] for risk in await risks(shop)] == [2, 3]
    await watch(shop, clock, "11:06", "anna", "boris")
    assert [risk["will_miss"] for risk in await risks(shop)] == [2, 3, 5]
    clock.pass_by(days=1)
    await on_shift(shop, "anna")
    await keep_in_step(shop)
    assert [risk["will_miss"] for risk in await risks(shop)] == [2, 3, 5, 14]


async def test_what_is_in_hand_is_told_of_nobody_who_waits(
    shop: Resources, receive: Receive, clock: DrivenClock
) -> None:
    await order(receive, shop, 11)
    clock.moment = at("11:00")
    await take(shop, "anna")
    for text in ("11:00", "11:01", "11:05"):
        await watch(shop, clock, text)
        assert [risk["will_miss"] for risk in await risks(shop)] == [1]


async def test_with_nobody_there_nothing_hurries_and_it_is_told_when_one_would_be_too_late(
    shop: Resources, receive: Receive, clock: DrivenClock
) -> None:
    orders = await order(receive, shop, 20)
    await watch(shop, clock, "09:55")
    assert (await rush_of(shop), await risks(shop)) == (None, [])
    await watch(shop, clock, "10:00")
    assert await risks(shop) == []
    await watch(shop, clock, "10:01")
    assert [(risk["will_miss"], risk["operators"]) for risk in await risks(shop)] == [(20, 0)]
    await watch(shop, clock, "10:02", "anna")
    assert await stage(shop, orders[0]) == 640


async def test_a_quarter_of_an_hour_after_the_last_sign_of_life_an_operator_is_gone(
    shop: Resources, receive: Receive, clock: DrivenClock
) -> None:
    await order(receive, shop, 20)
    await watch(shop, clock, "09:39", "anna")
    await watch(shop, clock, "09:54")
    assert await rush_of(shop) is None
    await watch(shop, clock, "09:55", "boris")
    assert await rush_of(shop) is not None


async def test_nothing_is_told_of_the_morning_at_night(
    shop: Resources, receive: Receive, clock: DrivenClock
) -> None:
    await put_policy(shop, hours=SHOP)
    clock.moment = at("09:00") - timedelta(hours=13)
    await order(receive, shop, 40)
    await keep_in_step(shop)
    assert await risks(shop) == []
    await watch(shop, clock, "09:00")
    assert [risk["will_miss"] for risk in await risks(shop)] == [40]


async def test_work_before_a_holiday_is_done_by_the_cutoff_after_it(
    shop: Resources, receive: Receive, clock: DrivenClock
) -> None:
    closed = {"2026-06-12": "closed"}
    await put_policy(shop, hours={**SHOP, "exceptions": closed}, lease_seconds=3600)
    (first, *_) = await order(receive, shop, 40)
    clock.moment = CUTOFF + timedelta(hours=23)
    await keep_in_step(shop)
    assert (await stage(shop, first), await rush_of(shop), await risks(shop)) == (500, None, [])
    monday = CUTOFF + timedelta(days=4)
    clock.moment = monday - timedelta(hours=3)
    await on_shift(shop, "anna")
    await keep_in_step(shop)
    assert await stage(shop, first) == 640
    assert [(risk["will_miss"], risk["cutoff_at"]) for risk in await risks(shop)] == [
        (10, "2026-06-15T09:00:00Z")
    ]
