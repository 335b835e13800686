"""Import and export of leads as files, in one request each and in little memory."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Any

import structlog
from fastapi import Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import StringConstraints
from starlette.requests import ClientDisconnect

from service.api.dependencies import KeyOf, ResourcesOf, needs, sender_of, strict_router
from service.api.leads import lead_rendering
from service.api.leads.file_answers import CSV, FILES, NDJSON, ImportOut, format_of, report
from service.api.leads.file_rendering import Writer, writer_of
from service.api.masking import is_masked
from service.flows.leads.export_leads import export_leads
from service.flows.leads.import_leads import (
    Terms,
    given_for_all,
    import_leads,
    source_of_file,
)
from service.flows.leads.open_file import Format, open_file
from service.interchange.csv_columns import Unknown
from service.leads.errors import BodyTooLarge, ImportStopped, MalformedBody, UnsupportedMediaType
from service.leads.lead import Channel, Kind, Lead, State
from service.leads.masking import masked_lead
from service.schemas.fields import Id, Moment, QueueName
from service.slices import ROWS, TURNS
from service.storage.leads.exports import ExportFilter

FileName = Annotated[str, StringConstraints(min_length=1, max_length=150)]
router = strict_router("leads")
log = structlog.get_logger()

MAX_BYTES = 1024**3
SILENT_SECONDS = 60

SENT = {
    **needs("intake", raises=(ImportStopped,), dear="import"),
    "requestBody": {"required": False, "content": FILES},
}
EXPORTED: dict[int | str, dict[str, Any]] = {
    200: {"description": "As they are now, the oldest first.", "content": FILES}
}


@router.post("/import", response_model=ImportOut, openapi_extra=SENT)
async def import_file(
    request: Request,
    resources: ResourcesOf,
    key: KeyOf,
    queue: Annotated[
        QueueName | None,
        Query(description="the queue of lines without one; unset: `main`, or the key's only queue"),
    ] = None,
    source: Annotated[
        Id | None,
        Query(
            description="the source of lines without one, not the name of a webhook source; unset:"
            " `import:<file>`, or `import` without a file name"
        ),
    ] = None,
    file: Annotated[FileName | None, Query(description="the file's name")] = None,
    channel: Annotated[Channel | None, Query(description="of lines that name none")] = None,
    kind: Annotated[Kind | None, Query(description="of lines that name none")] = None,
    received_at: Annotated[Moment | None, Query(description="of lines that name none")] = None,
    format: Annotated[
        Format | None, Query(description="unset: the format of the Content-Type")
    ] = None,
    unknown: Annotated[
        Unknown, Query(description="what to do with unknown columns of CSV")
    ] = "refuse",
) -> Response:
    """Import a file of leads. Each line counts as one posted lead, and good lines stay.

    NDJSON: each line is a body of `POST /v1/leads`. CSV: a header with the dotted names of its
    fields or usual Russian names; `,`, `;` or tab; UTF-8, cp1251 or x-mac-cyrillic. Sent again, no
    line opens a second lead: a line without `external_id` gets an id from its content.
    """
    sent = request.headers
    written = format or format_of(sent.get("content-type"))
    if sent.get("content-encoding", "identity").lower() != "identity":
        raise UnsupportedMediaType("A compressed file is not accepted; send it uncompressed.")
    given = given_for_all(channel, kind, received_at)
    sender = sender_of(key)
    source = source or key.binding.only_source() or source_of_file(file)
    terms = Terms(sender, queue or key.binding.only_queue() or "main", source, given)
    reader = await open_file(resources, written, terms, unknown)
    done = await import_leads(resources, _chunks(request), reader, terms)
    log.info("leads.imported", lines=done.lines, created=done.created, failed=done.failed)
    return lead_rendering.answer(report(done))


@router.get(
    "/export",
    response_class=StreamingResponse,
    responses=EXPORTED,
    openapi_extra=needs("read", dear="export"),
)
async def export_file(
    resources: ResourcesOf,
    format: Format = Format.NDJSON,
    queue: QueueName | None = None,
    state: State | None = None,
    since: Annotated[Moment | None, Query(description="created then or later")] = None,
    until: Annotated[Moment | None, Query(description="created before")] = None,
    excel: Annotated[
        bool, Query(description="CSV for a Russian Excel: `;`, decimal comma")
    ] = False,
) -> Response:
    """Export leads, the oldest first, as `GET` shows them or as rows of a table.

    The file can be imported elsewhere.
    """
    pages = export_leads(resources, ExportFilter(queue, state, since, until))
    first = await anext(pages)  # an error on the first page is still answered as a problem
    media_type = NDJSON if format is Format.NDJSON else CSV
    written = _written(first, pages, writer_of(format, excel=excel))
    return StreamingResponse(written, media_type=media_type)


async def _chunks(request: Request) -> AsyncIterator[bytes]:
    """The body as it arrives; raises BodyTooLarge, or MalformedBody when it breaks off."""
    stream, size = request.stream(), 0
    try:
        while True:
            async with asyncio.timeout(SILENT_SECONDS):
                chunk = await anext(stream, None)
            if chunk is None:
                return
            size += len(chunk)
            if size > MAX_BYTES:
                raise BodyTooLarge(
                    f"At most {MAX_BYTES} bytes are accepted at once; send several files."
                )
            yield chunk
    except ClientDisconnect:
        raise MalformedBody(
            "The connection ended before the file was complete; send it again."
        ) from None
    except TimeoutError:
        raise MalformedBody(
            f"Nothing arrived for {SILENT_SECONDS} seconds; send the file again."
        ) from None


async def _written(
    first: Sequence[Lead], pages: AsyncIterator[Sequence[Lead]], writer: Writer
) -> AsyncIterator[bytes]:
    yield writer.header()
    async for row in _rows(first, writer):
        yield row
    async for page in pages:
        async for row in _rows(page, writer):
            yield row


async def _rows(page: Sequence[Lead], writer: Writer) -> AsyncIterator[bytes]:
    for begin in range(0, len(page), ROWS):
        yield writer.rows(_visible(page[begin : begin + ROWS]))
        await TURNS.take()


def _visible(leads: Sequence[Lead]) -> Sequence[Lead]:
    """The leads, masked if the key may not see personal data."""
    return [masked_lead(lead) for lead in leads] if is_masked() else leads
