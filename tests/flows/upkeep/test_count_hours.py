"""What queues did is counted by the hour of their own zone, again while it may change."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from driven_clock import NOON, DrivenClock
from stories import Receive

from service.flows.claims.claim_next import claim_next
from service.flows.claims.settle_claim import settle_claim
from service.flows.line.view_history import view_history
from service.flows.upkeep.count_hours import _count, count_hours
from service.leads.lead import Channel
from service.leads.settlement import Outcome, Settlement
from service.resources import Resources
from service.storage.queues.history import KEPT, HourFigures

HOUR = timedelta(hours=1)


async def hours(resources: Resources) -> list[HourFigures]:
    return list((await view_history(resources, "main", "hour", None)).points)


async def test_leads_count_in_the_hours_in_which_things_happened_to_them(
    resources: Resources, receive: Receive, clock: DrivenClock
) -> None:
    await receive(channel=Channel.WHATSAPP)
    clock.moment += timedelta(minutes=70)
    served = await claim_next(resources, "anna")
    assert served.lead is not None
    assert served.lead.claim is not None
    clock.moment += timedelta(minutes=1)
    ended = Settlement(Outcome.WON, amount=Decimal(700), note="paid")
    await settle_claim(resources, served.lead.id, served.lead.claim.token, ended)
    await count_hours(resources)

    first, second = await hours(resources)
    assert (first.received, first.served, first.settled) == (1, 0, 0)
    assert (second.received, second.served, second.won) == (0, 1, 1)
    assert second.amount == Decimal(700)
    assert second.hour - first.hour == HOUR
    assert sum(second.waits) == 1


async def test_kinds_are_told_apart(resources: Resources, receive: Receive) -> None:
    await receive(channel=Channel.WHATSAPP)
    await receive(channel=Channel.EMAIL, external_id="2")
    await count_hours(resources)

    assert {(one.kind, one.received) for one in await hours(resources)} == {
        ("chat", 1),
        ("offline", 1),
    }


async def test_an_hour_is_counted_when_it_is_over_and_once_more_a_day_later(
    resources: Resources, receive: Receive, clock: DrivenClock
) -> None:
    await count_hours(resources)
    await receive()
    clock.moment += timedelta(minutes=59)
    assert await count_hours(resources) == 0
    assert [one.received for one in await hours(resources)] == [1], "the present one, as it is"

    clock.moment = NOON + HOUR
    assert await count_hours(resources) == 2  # and the one that ended 24 hours ago
    assert await count_hours(resources) == 0
    clock.moment = NOON + timedelta(hours=24, minutes=59)
    await count_hours(resources)
    async with resources.stores.database.pool.acquire() as raw:
        await raw.execute("UPDATE leads SET kind = 'phone'")  # as if it was corrected
    assert [one.kind for one in await hours(resources)] == ["chat"]
    clock.moment = NOON + timedelta(hours=25)
    assert await count_hours(resources) == 2
    assert await count_hours(resources) == 0
    assert [one.kind for one in await hours(resources)] == ["phone"]


async def test_an_hour_is_counted_by_one_replica(resources: Resources) -> None:

    assert await _count(resources, "main", NOON, None)
    assert not await _count(resources, "main", NOON, None)


async def test_days_are_those_of_the_queues_zone(
    resources: Resources, receive: Receive, clock: DrivenClock
) -> None:
    zone = (await resources.stores.directory.queue("main")).time_zone
    assert zone == "Europe/Moscow"
    clock.moment = datetime(2026, 6, 10, 20, 30, tzinfo=UTC)  # 23:30 there
    await receive()
    clock.moment += HOUR
    await receive(external_id="after midnight")
    await count_hours(resources)

    points = (await view_history(resources, "main", "day", None)).points
    assert [one.hour.isoformat() for one in points] == [
        "2026-06-10T00:00:00+03:00",
        "2026-06-11T00:00:00+03:00",
    ]


async def test_a_year_is_kept(resources: Resources, receive: Receive, clock: DrivenClock) -> None:
    await receive()
    clock.moment += HOUR
    await count_hours(resources)
    clock.moment = NOON + KEPT - HOUR
    await count_hours(resources)
    assert (await view_history(resources, "main", "day", clock.now() - KEPT)).points

    clock.moment += timedelta(hours=2)
    await count_hours(resources)
    assert not (await view_history(resources, "main", "day", clock.now() - KEPT)).points
