"""The Python client against the service itself."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import nextlead_client.calls as calls
import pytest
from driven_clock import DrivenClock
from flows.events.event_stories import send_all, subscribe
from generate import MODELS, models
from listening import SECRET, until
from nextlead_client import (
    AsyncClient,
    Client,
    Event,
    HeldLead,
    InvalidSignature,
    Refused,
    Unreachable,
    verify_webhook,
)
from outgoing.receiver import receiving

from service.adapters.standard.standard_signature import sign
from service.outgoing.guarded_client import open_guarded_client
from service.resources import Resources

WHSEC = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
OTHER = "whsec_" + "B" * 43 + "="
BODY = b'{"type":"lead.settled","timestamp":"2026-06-10T09:00:00Z","data":{"id":"lead-event-1"}}'
LEAD: Any = {"channel": "whatsapp", "text": "Тормозные колодки"}


class Lossy(httpx.HTTPTransport):
    """A network that loses the first answers, after the service has done what was asked."""

    def __init__(self, losses: int) -> None:
        super().__init__()
        self.losses = losses

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = super().handle_request(request)
        if self.losses:
            self.losses -= 1
            answer.close()
            raise httpx.ReadError("the answer was lost")
        return answer


def test_the_models_are_those_of_the_document() -> None:
    assert MODELS.read_text("utf-8") == models(), "run: make openapi"


async def test_leads_are_served_and_settled(sync_client: Client) -> None:
    def work() -> list[str]:
        posted = [sync_client.post_lead({**LEAD, "external_id": f"{n}"})["id"] for n in range(3)]
        served = []
        for lead in sync_client.serve("anna", wait=0):
            assert isinstance(lead, HeldLead)
            lead.settle("won", amount="700", note="paid")
            served.append(lead.id)
            if len(served) == len(posted):
                break
        assert sorted(served) == sorted(posted)
        return [sync_client.lead(item)["state"] for item in served]

    assert await asyncio.to_thread(work) == ["settled"] * 3


async def test_what_the_body_did_not_end_is_given_back(sync_client: Client) -> None:
    def work() -> str:
        posted = sync_client.post_lead(LEAD)
        for _ in sync_client.serve("anna", wait=0):
            break
        return sync_client.lead(posted["id"])["state"]

    assert await asyncio.to_thread(work) == "waiting"


async def test_a_body_that_fails_gives_the_lead_back(aclient: AsyncClient) -> None:
    posted = await aclient.post_lead(LEAD)
    serving = aclient.serve("anna", wait=0)
    await anext(serving)
    with pytest.raises(ZeroDivisionError):
        await serving.athrow(ZeroDivisionError)  # type: ignore[attr-defined]

    assert (await aclient.lead(posted["id"]))["state"] == "waiting"


async def test_a_lead_is_renewed_while_somebody_works(
    aclient: AsyncClient, clock: DrivenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calls, "renew_after", lambda lead: 0.02)
    await aclient.post_lead(LEAD)
    async for lead in aclient.serve("anna", wait=0):
        before = lead.data["claim"]["lease_until"]
        clock.moment += timedelta(seconds=100)

        async def is_renewed(lead: Any = lead, before: str = before) -> bool:
            now = await aclient.lead(lead.id)
            return bool(now["claim"]["lease_until"] > before)

        await until(is_renewed)
        await lead.settle("lost", reason="price", note="too dear")
        break


async def test_a_lead_that_was_taken_away_is_lost(
    aclient: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calls, "renew_after", lambda lead: 0.02)
    await aclient.post_lead(LEAD)
    async for lead in aclient.serve("anna", wait=0):
        await aclient.call("POST", f"/v1/leads/{lead.id}/take-away", json={"reason": "to boris"})
        await until(lambda lead=lead: lead.is_lost)
        with pytest.raises(Refused) as refused:
            await lead.settle("won", amount="1", note="late")
        assert refused.value.type == "claim-gone"
        break


async def test_a_lead_counts_once_though_its_answer_was_lost(
    address: str, resources: Resources
) -> None:
    def work() -> list[Any]:
        with Client(address, SECRET, transport=Lossy(2)) as client:
            client.post_lead({"channel": "email", "text": "Бампер"})
            return list(client.call("GET", "/v1/leads")["leads"])

    assert len(await asyncio.to_thread(work)) == 1


async def test_a_service_that_is_away_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "FIRST_PAUSE", 0.0)
    async with AsyncClient("http://127.0.0.1:1", SECRET, retries=2) as client:
        with pytest.raises(Unreachable):
            await client.stats("main")


async def test_a_refusal_says_what_to_do(aclient: AsyncClient) -> None:
    with pytest.raises(Refused) as refused:
        await aclient.post_lead({"channel": "fax"})  # type: ignore[typeddict-item]
    assert refused.value.status == 422
    assert refused.value.type == "invalid-request"
    assert refused.value.errors[0]["field"] == "channel"
    assert refused.value.request_id


async def test_cards_operators_presence_and_figures(aclient: AsyncClient) -> None:
    await aclient.put_operator("vera", {"queues": ["main"]})
    assert (await aclient.set_presence("vera", "online"))["presence"] == "online"
    await aclient.put_customer("1042", {"phone": "+79161234567"})
    await aclient.post_lead(LEAD)
    assert (await aclient.stats("main"))["waiting"]["depth"] == 1
    assert (await aclient.history("main", step="hour"))["step"] == "hour"


async def test_a_stream_goes_on_where_it_broke(aclient: AsyncClient, resources: Resources) -> None:
    posted: list[str] = []
    events: list[Event] = []
    async for event in aclient.listen(queue="main"):
        if event.type == "line.changed" and not posted:
            posted.append((await aclient.post_lead({**LEAD, "external_id": "1"}))["id"])
        if event.type == "lead.received":
            events.append(event)
            if len(events) == 3:
                break
            for listener in resources.listeners:  # as if the connection broke
                listener.mailbox.close()
            number = str(len(events) + 1)
            posted.append((await aclient.post_lead({**LEAD, "external_id": number}))["id"])

    assert [event.data["lead_id"] for event in events] == posted
    assert len({event.id for event in events}) == 3


async def test_a_stream_in_a_thread(sync_client: Client) -> None:
    def work() -> Event:
        sync_client.post_lead(LEAD)
        events: Iterator[Event] = sync_client.listen(operator="anna")
        return next(event for event in events if event.type == "claim.offered")

    offered = await asyncio.to_thread(work)
    assert offered.id is None
    assert offered.data["lead_id"]


async def test_a_stream_of_nobody_is_refused(aclient: AsyncClient) -> None:
    with pytest.raises(Refused):
        await anext(aclient.listen(operator="nobody"))
    with pytest.raises(TypeError):
        await anext(aclient.listen())


def signed(at: int = 1_780_000_000, secret: str = WHSEC) -> dict[str, str]:
    return {
        "Webhook-Id": "lead-event-1",
        "Webhook-Timestamp": f"{at}",
        "Webhook-Signature": sign([secret], "lead-event-1", at, BODY),
    }


def test_a_webhook_of_ours_is_taken() -> None:
    event = verify_webhook(WHSEC, signed(), BODY, now=1_780_000_000)
    assert event["type"] == "lead.settled"
    verify_webhook([OTHER, WHSEC], signed(), BODY, now=1_780_000_299)


@pytest.mark.parametrize(
    ("headers", "body", "now"),
    [
        (signed(), BODY + b" ", 1_780_000_000),
        (signed(secret=OTHER), BODY, 1_780_000_000),
        (signed(), BODY, 1_780_000_301),
        (signed(), BODY, 1_779_999_699),
        ({**signed(), "Webhook-Id": "lead-event-2"}, BODY, 1_780_000_000),
        ({**signed(), "Webhook-Id": ""}, BODY, 1_780_000_000),
        ({**signed(), "Webhook-Timestamp": "now"}, BODY, 1_780_000_000),
        ({**signed(), "Webhook-Timestamp": "٣"}, BODY, 1_780_000_000),
        ({**signed(), "Webhook-Signature": "v2,abc v1,ж"}, BODY, 1_780_000_000),
        ({}, BODY, 1_780_000_000),
    ],
)
def test_a_webhook_of_others_is_refused(headers: dict[str, str], body: bytes, now: int) -> None:
    with pytest.raises(InvalidSignature):
        verify_webhook(WHSEC, headers, body, now=now)


async def test_what_a_subscription_posts_is_taken(
    aclient: AsyncClient, resources: Resources
) -> None:
    async with receiving() as receiver, open_guarded_client(private=True) as outside:
        shop = replace(resources, outside=outside)
        secret = await subscribe(shop, receiver)
        lead = await aclient.post_lead(LEAD)
        await send_all(shop)
        (request,) = receiver.requests
        at = int(request.headers["webhook-timestamp"])
        event = verify_webhook(secret, request.headers, request.body, now=at)
        assert event["data"]["lead_id"] == lead["id"]
