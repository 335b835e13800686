"""The watch over the supplier's cut-off: when it hurries, and whom it lifts."""

import pytest
from cutoff_stories import (
    CUTOFF,
    WON,
    at,
    first_in_line,
    order,
    risks,
    rush_of,
    serve_until,
    stage,
    watch,
)
from driven_clock import DrivenClock
from stories import Receive, put_policy, take

from service.flows.claims.settle_claim import settle_claim
from service.flows.upkeep.keep_in_step import keep_in_step
from service.leads.lead import Channel, EarlyStart
from service.resources import Resources


async def test_orders_are_lifted_when_they_must_be_begun(
    shop: Resources, receive: Receive, clock: DrivenClock
) -> None:
    orders = await order(receive, shop, 20)
    chat = await receive(shop, received_at=at("08:00"))
    await watch(shop, clock, "09:53", "anna")
    assert (await first_in_line(shop)).id == chat.id
    assert await stage(shop, orders[0]) == 500
    await watch(shop, clock, "09:54", "anna")  # 20 orders of 6 minutes, and one more
    assert [await stage(shop, item) for item in orders] == [640] * 20
    assert (await first_in_line(shop)).id == orders[0].id
    assert (await take(shop, "anna")).id == orders[0].id
    assert (await order(receive, shop))[0].ranking.stage == 640


async def test_a_few_orders_wait_for_the_usual_lift(
    shop: Resources, receive: Receive, clock: DrivenClock
) -> None:
    (first, *_) = await order(receive, shop, 15)
    await watch(shop, clock, "10:29", "anna")
    assert (await stage(shop, first), await rush_of(shop)) == (500, None)
    await watch(shop, clock, "10:30", "anna")
    assert (await stage(shop, first), await rush_of(shop)) == (640, None)


@pytest.mark.more
async def test_none_is_missed_when_the_operators_work_as_fast_as_planned(
    shop: Resources, receive: Receive, clock: DrivenClock
) -> None:
    cutoff = {"at": "12:00", "handling_minutes": 12}
    await put_policy(shop, lease_seconds=3600, cutoff=cutoff)
    for _ in range(40):
        await receive(shop)
    orders = {item.id for item in await order(receive, shop, 20)}  # two hours for two
    done = await serve_until(shop, clock, CUTOFF, 12)
    ends = [at_last for at_last, lead in done if lead.id in orders]
    assert (len(ends), max(ends) <= CUTOFF) == (20, True)
    assert min(ends) > at("09:36"), "chats were served as long as there was time"
    assert await risks(shop) == []


async def test_after_the_cutoff_all_are_back_and_the_next_day_is_usual(
    shop: Resources, receive: Receive, clock: DrivenClock
) -> None:
    orders = await order(receive, shop, 20)
    await watch(shop, clock, "10:00", "anna")
    assert await stage(shop, orders[0]) == 640
    await watch(shop, clock, "11:30", "anna")
    assert await stage(shop, orders[0]) == 680
    clock.moment = at("12:00")
    chat = await receive(shop)
    assert (await take(shop, "boris")).id == chat.id
    await keep_in_step(shop)
    assert {await stage(shop, item) for item in orders} == {500}
    assert (await order(receive, shop))[0].ranking.stage == 500
    for text, stands in (("33:59", 500), ("34:30", 640)):
        await watch(shop, clock, text)
        assert await stage(shop, orders[-1]) == stands, text


async def test_once_begun_it_stays_so_until_the_cutoff(
    shop: Resources, receive: Receive, clock: DrivenClock
) -> None:
    orders = await order(receive, shop, 20)
    await watch(shop, clock, "09:54", "anna")
    first = await rush_of(shop)
    await watch(shop, clock, "09:55", "anna", "boris")
    taken = await take(shop, "anna")
    await settle_claim(shop, taken.id, taken.claim.token, WON)
    await order(receive, shop, 30)
    await watch(shop, clock, "10:10", "anna")
    assert await rush_of(shop) == first == EarlyStart(CUTOFF, 135)
    assert await stage(shop, orders[-1]) == 640


async def test_only_what_the_cutoff_lifts_is_hurried(
    shop: Resources, receive: Receive, clock: DrivenClock
) -> None:
    mails = [await receive(shop, channel=Channel.EMAIL) for _ in range(50)]
    (one,) = await order(receive, shop)
    await watch(shop, clock, "09:54", "anna")
    assert (await rush_of(shop), await stage(shop, mails[0])) == (None, 400)
    assert await stage(shop, one) == 500


async def test_a_cutoff_that_the_policy_moves_is_watched_anew(
    shop: Resources, receive: Receive, clock: DrivenClock
) -> None:
    orders = await order(receive, shop, 20)
    await watch(shop, clock, "09:54", "anna")
    await put_policy(shop, lease_seconds=3600, cutoff={"at": "15:00"})
    await watch(shop, clock, "10:00", "anna")
    assert {await stage(shop, item) for item in orders} == {500}
    await watch(shop, clock, "12:54", "anna")
    assert {await stage(shop, item) for item in orders} == {640}
