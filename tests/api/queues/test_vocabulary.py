"""What the policy does not understand is listed by the word, with messages for admins only."""

import httpx
from doors import Newcomer, post_lead
from driven_clock import DrivenClock

from service.flows.upkeep.count_vocabulary import count_vocabulary
from service.resources import Resources

VOCABULARY = "/v1/queues/main/vocabulary"


async def counted(clock: DrivenClock, resources: Resources) -> int:
    """Count an hour after the application did by itself."""
    clock.pass_by(hours=1, minutes=1)
    return await count_vocabulary(resources)


async def wrote(client: httpx.AsyncClient, *texts: str) -> None:
    for text in texts:
        await post_lead(client, text=text)


async def test_a_word_that_five_clients_wrote_is_listed_with_messages(
    client: httpx.AsyncClient, clock: DrivenClock, resources: Resources
) -> None:
    await wrote(client, *[f"нужна хреновина, срочно, {number}" for number in range(5)])
    await wrote(client, *["нужна фиговина"] * 4, "колодки")
    assert await counted(clock, resources) >= 1
    found = (await client.get(VOCABULARY)).json()
    (word,) = found["words"]
    assert (word["word"], word["clients"]) == ("хреновина", 5)
    assert word["samples"] == [f"нужна хреновина, срочно, {number}" for number in (4, 3, 2)]
    assert found["messages"] == 10
    assert "brake_pads" not in found["never_matched"]
    assert "bumper" in found["never_matched"]


async def test_who_is_no_admin_sees_no_messages(
    client: httpx.AsyncClient, newcomer: Newcomer, clock: DrivenClock, resources: Resources
) -> None:
    await wrote(client, *["нужна хреновина"] * 5)
    await counted(clock, resources)
    reader = await newcomer("read")
    (word,) = (await reader.get(VOCABULARY)).json()["words"]
    assert word["samples"] is None
    assert (await (await newcomer("operate")).get(VOCABULARY)).status_code == 403


async def test_a_day_is_counted_again_after_an_hour_and_once(
    client: httpx.AsyncClient, clock: DrivenClock, resources: Resources
) -> None:
    await wrote(client, *["нужна хреновина"] * 4)
    await counted(clock, resources)
    await wrote(client, "и мне хреновина")
    assert await count_vocabulary(resources) == 0
    assert (await client.get(VOCABULARY)).json()["words"] == []
    assert await counted(clock, resources) == 1
    (word,) = (await client.get(VOCABULARY)).json()["words"]
    assert word["clients"] == 5


async def test_a_word_that_the_policy_has_learnt_is_left_out(
    client: httpx.AsyncClient, clock: DrivenClock, resources: Resources
) -> None:
    await wrote(client, *["нужна хреновина"] * 5)
    await counted(clock, resources)
    policy = (await client.get("/v1/queues/main/policy")).json()["policy"]
    policy["lexicon"].append(
        {"signal": "thing", "phrases": ["хреновина"], "bill": 900, "rule": "A6"}
    )
    headers = {"If-Match": '"1"'}
    assert (await client.put("/v1/queues/main/policy", json=policy, headers=headers)).is_success
    assert (await client.get(VOCABULARY)).json()["words"] == []


async def test_bounds_of_the_request(client: httpx.AsyncClient) -> None:
    for query in ("days=0", "days=32", "limit=0", "limit=501", "day=1"):
        assert (await client.get(f"{VOCABULARY}?{query}")).status_code == 422
    assert (await client.get("/v1/queues/nowhere/vocabulary")).status_code == 404
    found = (await client.get(VOCABULARY)).json()
    assert (found["messages"], found["words"], found["never_matched"]) == (0, [], [])
