"""Prepare the import of a file: check its queue, and find the zone for times without an offset."""

from enum import StrEnum

from service.flows.leads.import_leads import Terms, check_source_name
from service.interchange.csv_columns import Unknown
from service.interchange.csv_reading import CsvReader
from service.interchange.ndjson import NdjsonReader
from service.interchange.record import Reader
from service.leads.errors import FieldMistake, InvalidRequest, QueueNotFound
from service.resources import Resources


class Format(StrEnum):
    """The format of a file of leads."""

    NDJSON = "ndjson"
    CSV = "csv"


async def open_file(
    resources: Resources, written: Format, terms: Terms, unknown: Unknown = "refuse"
) -> Reader:
    """Return a reader for one file.

    Raises InvalidRequest when the queue is unknown, or the name belongs to a webhook source.
    """
    await check_queue(resources, terms.queue)
    await check_source_name(resources, terms.source)
    if written is Format.NDJSON:
        return NdjsonReader()
    bases = await resources.stores.bases.all()
    zones = {name: basis.policy.hours.timetable.zone for name, basis in bases.items()}
    return CsvReader(zones, terms.queue, unknown, [*terms.given])


async def check_queue(resources: Resources, queue: str) -> None:
    """Raise InvalidRequest unless the queue exists."""
    try:
        await resources.stores.directory.queue(queue)
    except QueueNotFound as error:
        remedy = "Leave it out, or name one of GET /v1/queues."
        raise InvalidRequest([FieldMistake("queue", str(error), remedy)]) from error
