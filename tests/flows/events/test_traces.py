"""One trace from a sender's request to the event that goes out; batches are linked to it."""

from collections.abc import Iterator

import httpx
import pytest
from flows.events.event_stories import send_all, subscribe
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from outgoing.receiver import Receiver
from webhook_stories import a_chat, all_read, put_source, signed

from service.resources import Resources
from service.tracing.recording import SpanRecorder
from service.tracing.spans import recording

TRACE, CALLER = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
HEADER = f"00-{TRACE}-{CALLER}-01"
PLACES = {
    "request",
    "delivery.read",
    "lead.receive",
    "line.show",
    "lead.claim",
    "lead.settle",
    "event.send",
}


@pytest.fixture
def recorded() -> Iterator[InMemorySpanExporter]:
    """What is recorded while the test runs."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    recording.recorder = SpanRecorder(provider.get_tracer("tests"))
    yield exporter
    recording.recorder = None
    provider.shutdown()


def of_trace(recorded: InMemorySpanExporter, trace: str = TRACE) -> list[ReadableSpan]:
    return [item for item in recorded.get_finished_spans() if trace_of(item) == trace]


def trace_of(item: ReadableSpan) -> str:
    return f"{item.context.trace_id:032x}"


async def way_of_a_lead(
    client: httpx.AsyncClient, shop: Resources, receiver: Receiver, header: str = HEADER
) -> str:
    """A chat comes by webhook, is claimed and settled, and others hear of it; the lead's id."""
    await put_source(client)
    await subscribe(shop, receiver, "*")
    body, parent = a_chat(), {"traceparent": header}
    answer = await client.post(
        "/webhooks/tawk/shop", content=body, headers={**signed(body), **parent}
    )
    assert answer.status_code == 200
    await all_read(shop)
    lead = (await client.post("/v1/operators/anna/next", headers=parent)).json()
    end = {"token": lead["claim"]["token"], "outcome": "won", "amount": "100", "note": "paid"}
    answer = await client.post(f"/v1/leads/{lead['id']}/settle", json=end, headers=parent)
    assert answer.status_code == 200, answer.text
    await send_all(shop)
    found: str = lead["id"]
    return found


async def test_the_seven_places_are_of_one_trace(
    client: httpx.AsyncClient, shop: Resources, receiver: Receiver, recorded: InMemorySpanExporter
) -> None:
    lead = await way_of_a_lead(client, shop, receiver)
    spans = of_trace(recorded)
    assert {item.name for item in spans} == PLACES
    named = [item for item in spans if item.name in ("lead.claim", "lead.receive", "lead.settle")]
    assert {(item.attributes or {})["nextlead.lead_id"] for item in named} == {lead}
    requests = [item for item in spans if item.name == "request"]
    assert all(item.parent and f"{item.parent.span_id:016x}" == CALLER for item in requests)
    routes = {(item.attributes or {})["http.route"] for item in requests}
    assert "/v1/leads/{lead_id}/settle" in routes
    words = " ".join(str(item.attributes) for item in recorded.get_finished_spans())
    for personal in ("Ирина", "колодки", "@example.com"):
        assert personal not in words


async def test_events_out_carry_the_trace_of_what_made_them_happen(
    client: httpx.AsyncClient, shop: Resources, receiver: Receiver, recorded: InMemorySpanExporter
) -> None:
    await way_of_a_lead(client, shop, receiver)
    sent = [request.headers["traceparent"] for request in receiver.requests]
    assert len(sent) == 3
    assert {item.split("-")[1] for item in sent} == {TRACE}
    ids = {
        f"{item.context.span_id:016x}" for item in of_trace(recorded) if item.name == "event.send"
    }
    assert {item.split("-")[2] for item in sent} == ids


async def test_batches_are_linked_to_the_spans_that_share_them(
    client: httpx.AsyncClient, shop: Resources, receiver: Receiver, recorded: InMemorySpanExporter
) -> None:
    await way_of_a_lead(client, shop, receiver)
    batches = [item for item in recorded.get_finished_spans() if item.name == "batch"]
    assert all(item.parent is None for item in batches)
    linked = {
        str((item.attributes or {})["nextlead.batch"])
        for item in batches
        for link in item.links
        if f"{link.context.trace_id:032x}" == TRACE
    }
    assert {"intake", "claims", "line", "deliveries"} <= linked


async def test_without_recording_the_header_is_passed_on_as_it_came(
    client: httpx.AsyncClient, shop: Resources, receiver: Receiver
) -> None:
    await way_of_a_lead(client, shop, receiver)
    assert [request.headers["traceparent"] for request in receiver.requests] == [HEADER] * 3


async def test_without_a_header_or_with_a_wrong_one_none_is_sent(
    client: httpx.AsyncClient, shop: Resources, receiver: Receiver
) -> None:
    await way_of_a_lead(client, shop, receiver, "00-everything-is-wrong-01")
    assert [request.headers.get("traceparent") for request in receiver.requests] == [None] * 3


async def test_an_error_is_noted_by_its_type_alone(
    client: httpx.AsyncClient, recorded: InMemorySpanExporter
) -> None:
    await client.post("/v1/operators/nobody-of-this-name/next", headers={"traceparent": HEADER})
    (claim,) = [item for item in of_trace(recorded) if item.name == "lead.claim"]
    assert claim.status.description == "OperatorNotFound"
    assert claim.events == ()
