"""The demo looks the same at night and on holidays: its shop is open."""

from datetime import datetime

from service.demo.open_shop import open_shop
from service.flows.operators.change_queue import QueueRequest, change_queue
from service.flows.policies.change_policy import Revision, change_policy
from service.flows.policies.view_policy import view_policy
from service.policies.reading import read_policy
from service.resources import Resources

NIGHTS = ("2026-11-30T01:20:00+03:00", "2026-12-31T23:10:00+03:00", "2026-01-03T04:00:00+03:00")


async def open_nights(resources: Resources, queue: str) -> list[str]:
    hours = read_policy((await view_policy(resources, queue)).text).hours
    return [at for at in NIGHTS if hours.is_open(datetime.fromisoformat(at))]


async def test_a_new_queue_is_opened_for_the_demo(resources: Resources) -> None:
    await change_queue(resources, QueueRequest("showroom"), "dev")  # with the shipped hours
    assert await open_nights(resources, "showroom") == []
    await open_shop(resources, "showroom", "demo")
    assert await open_nights(resources, "showroom") == list(NIGHTS)


async def test_hours_that_somebody_chose_stay(resources: Resources) -> None:
    await change_queue(resources, QueueRequest("showroom"), "dev")
    text = (await view_policy(resources, "showroom")).text.replace("20:00", "21:00")
    await change_policy(resources, Revision("showroom", "vera", follows=1), text)
    await open_shop(resources, "showroom", "demo")
    assert (await view_policy(resources, "showroom")).text == text
