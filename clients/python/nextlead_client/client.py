"""The client that waits for each answer."""

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from types import TracebackType
from typing import Any, Self, cast

import httpx
from httpx_sse import SSEError, connect_sse

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


class Client:
    """Calls nextlead; one client serves all threads of a program."""

    def __init__(
        self,
        url: str,
        key: str,
        *,
        retries: int = calls.RETRIES,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """`url` is where the service answers, `key` what it knows this program by."""
        headers = calls.headers_of(key)
        self._http = httpx.Client(base_url=url, headers=headers, transport=transport)
        self._retries = retries

    def __enter__(self) -> Self:
        """The client itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: object, trace: TracebackType | None
    ) -> None:
        """Hang up."""
        self.close()

    def close(self) -> None:
        """Hang up."""
        self._http.close()

    def call(
        self, method: str, path: str, *, json: Any = None, params: Mapping[str, Any] | None = None
    ) -> Any:
        """Any route: the body of its answer; raises Refused and Unreachable."""
        return self._send(Call(method, path, json, params or {}))

    def post_lead(self, lead: LeadIn, *, idempotency_key: str | None = None) -> ExplainedLeadOut:
        """Send a lead; it is stored when this returns, once however often it was sent."""
        return cast(ExplainedLeadOut, self._send(calls.post_lead(lead, idempotency_key)))

    def lead(self, lead_id: str) -> ExplainedLeadOut:
        """A lead as it is now."""
        return cast(ExplainedLeadOut, self.call("GET", f"/v1/leads/{lead_id}"))

    def next(
        self, operator: str, *, wait: float = 25, on_top: bool = False
    ) -> ServedLeadOut | None:
        """The lead that is worth most for this operator to take now; None when none comes."""
        found = self._send(calls.next_lead(operator, wait, on_top=on_top))
        return cast(ServedLeadOut | None, found)

    def serve(
        self, operator: str, *, wait: float = 25, hold_seconds: float = HOLD_SECONDS
    ) -> Iterator["HeldLead"]:
        """One lead after the other, for ever, each renewed while the loop's body works on it.

        What the body did not end is given back.
        """
        while True:
            found = self.next(operator, wait=wait)
            if found is not None:
                with HeldLead(self, found, hold_seconds) as held:
                    yield held

    def renew(self, lead_id: str, token: str) -> LeadOut:
        """Go on holding a lead."""
        return cast(LeadOut, self._send(calls.of_claim(lead_id, "renew", token)))

    def settle(self, lead_id: str, token: str, outcome: Outcome, **more: Any) -> LeadOut:
        """End a claim: `amount`, `note`, `reason`, `until` and others as the outcome needs."""
        call = calls.of_claim(lead_id, "settle", token, outcome=outcome, **more)
        return cast(LeadOut, self._send(call))

    def release(self, lead_id: str, token: str, reason: str | None = None) -> LeadOut:
        """Give a lead back to the line."""
        return cast(LeadOut, self._send(calls.of_claim(lead_id, "release", token, reason=reason)))

    def decline(self, lead_id: str, token: str, reason: str) -> LeadOut:
        """Give a lead back, and not be offered it again."""
        return cast(LeadOut, self._send(calls.of_claim(lead_id, "decline", token, reason=reason)))

    def park(self, lead_id: str, token: str, until: str, note: str) -> LeadOut:
        """Put a lead aside until a time (RFC 3339)."""
        call = calls.of_claim(lead_id, "park", token, until=until, note=note)
        return cast(LeadOut, self._send(call))

    def transfer(self, lead_id: str, token: str, note: str, **to: str) -> LeadOut:
        """Hand a lead to another `operator`, to a `skill` or to a `queue`."""
        return cast(
            LeadOut, self._send(calls.of_claim(lead_id, "transfer", token, note=note, **to))
        )

    def put_operator(self, name: str, operator: OperatorIn) -> OperatorOut:
        """Make or change an operator."""
        return cast(OperatorOut, self.call("PUT", f"/v1/operators/{name}", json=operator))

    def set_presence(
        self, operator: str, status: Presence, reason: str | None = None
    ) -> OnShiftOut:
        """Say whether an operator is there."""
        body = calls.given({"status": status, "reason": reason})
        path = f"/v1/operators/{operator}/presence"
        return cast(OnShiftOut, self.call("PUT", path, json=body))

    def put_customer(self, external_id: str, customer: CustomerIn) -> CustomerOut:
        """Send a client's card."""
        return cast(CustomerOut, self.call("PUT", f"/v1/customers/{external_id}", json=customer))

    def stats(self, queue: str) -> StatsOut:
        """How a queue stands."""
        return cast(StatsOut, self.call("GET", f"/v1/queues/{queue}/stats"))

    def history(self, queue: str, *, step: str = "day", since: str | None = None) -> HistoryOut:
        """What a queue did, by hour or day."""
        params = calls.given({"step": step, "since": since})
        return cast(HistoryOut, self.call("GET", f"/v1/queues/{queue}/history", params=params))

    def listen(
        self, *, operator: str | None = None, queue: str | None = None, last: str | None = None
    ) -> Iterator[Event]:
        """What happens, for ever; `last` is the id of the last event that was taken before.

        Raises Refused when the stream is not given; a broken connection is made again.
        """
        path, place = calls.stream_path(operator, queue), Place(last)
        while True:
            with suppress(httpx.TransportError, SSEError):
                yield from self._listen_once(path, place)
            time.sleep(place.seconds)

    def _listen_once(self, path: str, place: Place) -> Iterator[Event]:
        timeout = httpx.Timeout(calls.TIMEOUT, read=SILENCE_SECONDS)
        with connect_sse(self._http, "GET", path, headers=place.headers, timeout=timeout) as source:
            if source.response.status_code in calls.AGAIN:
                return
            if not source.response.is_success:
                source.response.read()
                calls.result(source.response)
            for sent in source.iter_sse():
                event = place.take(sent)
                if event is not None:
                    yield event

    def _send(self, call: Call) -> Any:
        for tried in range(self._retries + 1):
            answer = None
            try:
                answer = self._http.send(call.build(self._http))
            except calls.LOST as error:
                if tried == self._retries:
                    raise Unreachable(f"{type(error).__name__}: {error}") from error
            else:
                if answer.status_code not in calls.AGAIN or tried == self._retries:
                    return calls.result(answer)
            time.sleep(calls.pause(tried, answer))
        raise AssertionError("the last try returns or raises")


class HeldLead:
    """A lead in somebody's hands, renewed by a thread until it is ended."""

    def __init__(self, client: Client, lead: ServedLeadOut, hold_seconds: float) -> None:
        assert lead["claim"] is not None, "it was served just now"
        self.data, self.id = lead, lead["id"]
        self.token = str(lead["claim"]["token"])
        self.is_lost = self.is_ended = False
        self._client, self._until = client, time.monotonic() + hold_seconds
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._renew, daemon=True)

    def __enter__(self) -> Self:
        """Begin to renew."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: object, trace: TracebackType | None
    ) -> None:
        """Stop renewing; a lead that was not ended is given back."""
        self._over.set()
        self._thread.join()
        if not self.is_ended and not self.is_lost:
            with suppress(Refused):  # it may have been taken away meanwhile
                self.release("not finished")

    def settle(self, outcome: Outcome, **more: Any) -> LeadOut:
        """End it: `amount`, `note`, `reason`, `until` and others as the outcome needs."""
        return self._ended(self._client.settle(self.id, self.token, outcome, **more))

    def release(self, reason: str | None = None) -> LeadOut:
        """Give it back to the line."""
        return self._ended(self._client.release(self.id, self.token, reason))

    def decline(self, reason: str) -> LeadOut:
        """Give it back, and not be offered it again."""
        return self._ended(self._client.decline(self.id, self.token, reason))

    def park(self, until: str, note: str) -> LeadOut:
        """Put it aside until a time (RFC 3339)."""
        return self._ended(self._client.park(self.id, self.token, until, note))

    def transfer(self, note: str, **to: str) -> LeadOut:
        """Hand it to another `operator`, to a `skill` or to a `queue`."""
        return self._ended(self._client.transfer(self.id, self.token, note, **to))

    def _ended(self, lead: LeadOut) -> LeadOut:
        self.is_ended = True
        self._over.set()
        return lead

    def _renew(self) -> None:
        seconds = calls.renew_after(cast(Mapping[str, Any], self.data))
        while not self._over.wait(seconds) and time.monotonic() < self._until:
            try:
                self._client.renew(self.id, self.token)
            except Refused:
                self.is_lost = not self.is_ended
                return
            except NextleadError:
                continue  # the lease may outlast the outage
