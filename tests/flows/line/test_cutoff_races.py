"""Crashes, races and several processes: whoever is to be lifted before the cut-off is."""

import asyncio
import math
from datetime import timedelta
from typing import Any

import pytest
from cutoff_stories import CUTOFF, at, order, risks, rush_of, stage, watch
from driven_clock import DrivenClock
from stories import Receive, another_process, on_shift, take

from service.flows.claims.release_claim import release_claim
from service.flows.line import watch_cutoffs as watching
from service.flows.line.watch_cutoffs import watch_cutoffs
from service.flows.upkeep.keep_in_step import keep_in_step
from service.leads.lead import EarlyStart
from service.resources import Resources
from service.storage.leads.cutoffs import set_early_start


async def test_what_a_crash_left_behind_is_lifted(
    shop: Resources, receive: Receive, clock: DrivenClock
) -> None:
    orders = await order(receive, shop, 20)
    await set_early_start(shop.stores.database, "main", EarlyStart(CUTOFF, 135))
    shop.stores.bases.forget()
    await watch(shop, clock, "09:54", "anna")
    assert {await stage(shop, item) for item in orders} == {640}


async def test_an_order_that_another_process_took_in_unknowing_is_lifted(
    shop: Resources, receive: Receive, clock: DrivenClock
) -> None:
    await order(receive, shop, 20)
    behind = another_process(shop)
    await behind.stores.bases.all()
    behind.stores.bases._present._stale_at = math.inf  # however slow the machine is
    await watch(shop, clock, "09:54", "anna")
    (late,) = await order(receive, behind)
    assert late.ranking.stage == 500
    await keep_in_step(shop)
    assert await stage(shop, late) == 640


async def test_an_order_that_changes_at_that_moment_is_lifted_in_the_next_round(
    shop: Resources,
    receive: Receive,
    clock: DrivenClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    orders = await order(receive, shop, 20)
    rerank_line, taken = watching.rerank_line, []

    async def take_one_first(*arguments: Any) -> int:
        if not taken:
            taken.append(await take(shop, "boris"))
        return await rerank_line(*arguments)

    monkeypatch.setattr(watching, "rerank_line", take_one_first)
    await watch(shop, clock, "09:54", "anna")
    await keep_in_step(shop)
    await release_claim(shop, taken[0].id, taken[0].claim.token, None)
    assert {await stage(shop, item) for item in orders} == {640}


async def test_two_processes_that_watch_at_once_hurry_and_tell_once(
    shop: Resources, receive: Receive, clock: DrivenClock
) -> None:
    orders = await order(receive, shop, 40)
    clock.moment = at("10:15")
    await on_shift(shop, "anna")
    processes = [another_process(shop) for _ in range(4)]
    for process in processes:
        await process.stores.bases.all()
    await asyncio.gather(*(watch_cutoffs(process) for process in processes))
    assert [risk["will_miss"] for risk in await risks(shop)] == [23]
    assert await rush_of(shop) == EarlyStart(CUTOFF, 105)
    assert {await stage(shop, item) for item in orders} == {640}


async def test_a_process_that_is_behind_does_not_take_a_rush_back(shop: Resources) -> None:
    for minutes, stands in ((120, 120), (105, 120), (135, 135)):
        await set_early_start(shop.stores.database, "main", EarlyStart(CUTOFF, minutes))
        assert await rush_of(shop) == EarlyStart(CUTOFF, stands)
    tomorrow = EarlyStart(CUTOFF + timedelta(days=1), 105)
    await set_early_start(shop.stores.database, "main", tomorrow)
    assert await rush_of(shop) == tomorrow
