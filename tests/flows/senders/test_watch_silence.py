"""A source that falls silent is reported once, and so is that it is back."""

from typing import Any

import httpx
import pytest
from driven_clock import DrivenClock
from webhook_stories import a_chat, deliver, put_source

from service.flows.senders.watch_silence import watch_silence
from service.resources import Resources

USUAL_MINUTES = 12


async def noted(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    """The queue's events of silence, the oldest first."""
    events = (await client.get("/v1/queues/main/events")).json()["events"]
    return [event for event in events if event["type"].startswith("source.")]


async def watch(resources: Resources, clock: DrivenClock, minutes: int) -> None:
    """Let time pass, and look as the background does, once a minute."""
    for _ in range(minutes):
        clock.pass_by(minutes=1)
        await watch_silence(resources)


async def post_regularly(client: httpx.AsyncClient, clock: DrivenClock, count: int) -> None:
    for number in range(count):
        assert (await deliver(client, a_chat(f"c{number}"))).status_code == 200
        clock.pass_by(minutes=USUAL_MINUTES)


async def test_silence_of_three_usual_pauses_is_reported_once_and_its_end_too(
    client: httpx.AsyncClient, resources: Resources, clock: DrivenClock
) -> None:
    await put_source(client)
    await post_regularly(client, clock, 12)
    await watch(resources, clock, 2 * USUAL_MINUTES - 1)
    assert await noted(client) == []
    await watch(resources, clock, 20)
    (silent,) = await noted(client)
    assert (silent["type"], silent["details"]["source"]) == ("source.silent", "shop")
    assert silent["details"]["usual_minutes"] == USUAL_MINUTES

    assert (await deliver(client, a_chat("again"))).status_code == 200
    await watch(resources, clock, 1)
    _, back = await noted(client)
    assert back["type"] == "source.back"
    assert back["details"]["from"] == silent["details"]["since"]
    assert back["details"]["to"] > back["details"]["from"]


@pytest.mark.parametrize("count", [0, 3])
async def test_a_source_of_which_little_ever_came_is_not_called_silent(
    client: httpx.AsyncClient, resources: Resources, clock: DrivenClock, count: int
) -> None:
    await put_source(client)
    await post_regularly(client, clock, count)
    await watch(resources, clock, 120)
    assert await noted(client) == []
