"""The same client for asyncio."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from types import TracebackType
from typing import Any, Self, cast

import httpx
from httpx_sse import SSEError, aconnect_sse

from nextlead_client import calls
from nextlead_client.calls import Call
from nextlead_client.errors import NextleadError, Refused, Unreachable
from nextlead_client.events import SILENCE_SECONDS, Event, Place
from nextlead_client.models import (
    CustomerIn,
    CustomerOut,
    ExplainedLeadOut,
    HistoryOut,
    LeadIn,
    LeadOut,
    OnShiftOut,
    OperatorIn,
    OperatorOut,
    Outcome,
    Presence,
    ServedLeadOut,
    StatsOut,
)

HOLD_SECONDS = 3600.0


class AsyncClient:
    """Calls nextlead; one client serves all tasks of a program."""

    def __init__(
        self,
        url: str,
        key: str,
        *,
        retries: int = calls.RETRIES,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """`url` is where the service answers, `key` what it knows this program by."""
        headers = calls.headers_of(key)
        self._http = httpx.AsyncClient(base_url=url, headers=headers, transport=transport)
        self._retries = retries

    async def __aenter__(self) -> Self:
        """The client itself."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: object, trace: TracebackType | None
    ) -> None:
        """Hang up."""
        await self.close()

    async def close(self) -> None:
        """Hang up."""
        await self._http.aclose()

    async def call(
        self, method: str, path: str, *, json: Any = None, params: Mapping[str, Any] | None = None
    ) -> Any:
        """Any route: the body of its answer; raises Refused and Unreachable."""
        return await self._send(Call(method, path, json, params or {}))

    async def post_lead(
        self, lead: LeadIn, *, idempotency_key: str | None = None
    ) -> ExplainedLeadOut:
        """Send a lead; it is stored when this returns, once however often it was sent."""
        return cast(ExplainedLeadOut, await self._send(calls.post_lead(lead, idempotency_key)))

    async def lead(self, lead_id: str) -> ExplainedLeadOut:
        """A lead as it is now."""
        return cast(ExplainedLeadOut, await self.call("GET", f"/v1/leads/{lead_id}"))

    async def next(
        self, operator: str, *, wait: float = 25, on_top: bool = False
    ) -> ServedLeadOut | None:
        """The lead that is worth most for this operator to take now; None when none comes."""
        found = await self._send(calls.next_lead(operator, wait, on_top=on_top))
        return cast(ServedLeadOut | None, found)

    async def serve(
        self, operator: str, *, wait: float = 25, hold_seconds: float = HOLD_SECONDS
    ) -> AsyncIterator["AsyncHeldLead"]:
        """One lead after the other, for ever, each renewed while the loop's body works on it.

        What the body did not end is given back.
        """
        while True:
            found = await self.next(operator, wait=wait)
            if found is not None:
                async with AsyncHeldLead(self, found, hold_seconds) as held:
                    yield held

    async def renew(self, lead_id: str, token: str) -> LeadOut:
        """Go on holding a lead."""
        return cast(LeadOut, await self._send(calls.of_claim(lead_id, "renew", token)))

    async def settle(self, lead_id: str, token: str, outcome: Outcome, **more: Any) -> LeadOut:
        """End a claim: `amount`, `note`, `reason`, `until` and others as the outcome needs."""
        call = calls.of_claim(lead_id, "settle", token, outcome=outcome, **more)
        return cast(LeadOut, await self._send(call))

    async def release(self, lead_id: str, token: str, reason: str | None = None) -> LeadOut:
        """Give a lead back to the line."""
        return cast(
            LeadOut, await self._send(calls.of_claim(lead_id, "release", token, reason=reason))
        )

    async def decline(self, lead_id: str, token: str, reason: str) -> LeadOut:
        """Give a lead back, and not be offered it again."""
        return cast(
            LeadOut, await self._send(calls.of_claim(lead_id, "decline", token, reason=reason))
        )

    async def park(self, lead_id: str, token: str, until: str, note: str) -> LeadOut:
        """Put a lead aside until a time (RFC 3339)."""
        call = calls.of_claim(lead_id, "park", token, until=until, note=note)
        return cast(LeadOut, await self._send(call))

    async def transfer(self, lead_id: str, token: str, note: str, **to: str) -> LeadOut:
        """Hand a lead to another `operator`, to a `skill` or to a `queue`."""
        return cast(
            LeadOut, await self._send(calls.of_claim(lead_id, "transfer", token, note=note, **to))
        )

    async def put_operator(self, name: str, operator: OperatorIn) -> OperatorOut:
        """Make or change an operator."""
        return cast(OperatorOut, await self.call("PUT", f"/v1/operators/{name}", json=operator))

    async def set_presence(
        self, operator: str, status: Presence, reason: str | None = None
    ) -> OnShiftOut:
        """Say whether an operator is there."""
        body = calls.given({"status": status, "reason": reason})
        path = f"/v1/operators/{operator}/presence"
        return cast(OnShiftOut, await self.call("PUT", path, json=body))

    async def put_customer(self, external_id: str, customer: CustomerIn) -> CustomerOut:
        """Send a client's card."""
        return cast(
            CustomerOut, await self.call("PUT", f"/v1/customers/{external_id}", json=customer)
        )

    async def stats(self, queue: str) -> StatsOut:
        """How a queue stands."""
        return cast(StatsOut, await self.call("GET", f"/v1/queues/{queue}/stats"))

    async def history(
        self, queue: str, *, step: str = "day", since: str | None = None
    ) -> HistoryOut:
        """What a queue did, by hour or day."""
        params = calls.given({"step": step, "since": since})
        return cast(
            HistoryOut, await self.call("GET", f"/v1/queues/{queue}/history", params=params)
        )

    async def listen(
        self, *, operator: str | None = None, queue: str | None = None, last: str | None = None
    ) -> AsyncIterator[Event]:
        """What happens, for ever; `last` is the id of the last event that was taken before.

        Raises Refused when the stream is not given; a broken connection is made again.
        """
        path, place = calls.stream_path(operator, queue), Place(last)
        while True:
            with suppress(httpx.TransportError, SSEError):
                async for event in self._listen_once(path, place):
                    yield event
            await asyncio.sleep(place.seconds)

    async def _listen_once(self, path: str, place: Place) -> AsyncIterator[Event]:
        timeout = httpx.Timeout(calls.TIMEOUT, read=SILENCE_SECONDS)
        async with aconnect_sse(
            self._http, "GET", path, headers=place.headers, timeout=timeout
        ) as source:
            if source.response.status_code in calls.AGAIN:
                return
            if not source.response.is_success:
                await source.response.aread()
                calls.result(source.response)
            async for sent in source.aiter_sse():
                event = place.take(sent)
                if event is not None:
                    yield event

    async def _send(self, call: Call) -> Any:
        for tried in range(self._retries + 1):
            answer = None
            try:
                answer = await self._http.send(call.build(self._http))
            except calls.LOST as error:
                if tried == self._retries:
                    raise Unreachable(f"{type(error).__name__}: {error}") from error
            else:
                if answer.status_code not in calls.AGAIN or tried == self._retries:
                    return calls.result(answer)
            await asyncio.sleep(calls.pause(tried, answer))
        raise AssertionError("the last try returns or raises")


class AsyncHeldLead:
    """A lead in somebody's hands, renewed by a task until it is ended."""

    def __init__(self, client: AsyncClient, lead: ServedLeadOut, hold_seconds: float) -> None:
        assert lead["claim"] is not None, "it was served just now"
        self.data, self.id = lead, lead["id"]
        self.token = str(lead["claim"]["token"])
        self.is_lost = self.is_ended = False
        self._client, self._until = client, time.monotonic() + hold_seconds
        self._renewing: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Begin to renew."""
        self._renewing = asyncio.create_task(self._renew())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: object, trace: TracebackType | None
    ) -> None:
        """Stop renewing; a lead that was not ended is given back."""
        self._stop()
        if not self.is_ended and not self.is_lost:
            with suppress(Refused):  # it may have been taken away meanwhile
                await self.release("not finished")

    async def settle(self, outcome: Outcome, **more: Any) -> LeadOut:
        """End it: `amount`, `note`, `reason`, `until` and others as the outcome needs."""
        return self._ended(await self._client.settle(self.id, self.token, outcome, **more))

    async def release(self, reason: str | None = None) -> LeadOut:
        """Give it back to the line."""
        return self._ended(await self._client.release(self.id, self.token, reason))

    async def decline(self, reason: str) -> LeadOut:
        """Give it back, and not be offered it again."""
        return self._ended(await self._client.decline(self.id, self.token, reason))

    async def park(self, until: str, note: str) -> LeadOut:
        """Put it aside until a time (RFC 3339)."""
        return self._ended(await self._client.park(self.id, self.token, until, note))

    async def transfer(self, note: str, **to: str) -> LeadOut:
        """Hand it to another `operator`, to a `skill` or to a `queue`."""
        return self._ended(await self._client.transfer(self.id, self.token, note, **to))

    def _ended(self, lead: LeadOut) -> LeadOut:
        self.is_ended = True
        self._stop()
        return lead

    def _stop(self) -> None:
        if self._renewing is not None:
            self._renewing.cancel()

    async def _renew(self) -> None:
        seconds = calls.renew_after(cast(Mapping[str, Any], self.data))
        while time.monotonic() + seconds < self._until:
            await asyncio.sleep(seconds)
            try:
                await self._client.renew(self.id, self.token)
            except Refused:
                self.is_lost = not self.is_ended
                return
            except NextleadError:
                continue  # the lease may outlast the outage
