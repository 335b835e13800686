"""Import a file of leads: every record is handled as if it was posted by itself.

Many records are handled at a time, and the file is read no faster than they are stored. A record is
stored whole or not at all, and stays stored when the file breaks off. A record without an id gets
one from its content, so the same file sent again opens no lead twice.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

import orjson
from pydantic import ValidationError

from service.flows.leads.receive_signal import IntakeResult, receive_signal
from service.interchange.record import FileRecord, Reader
from service.leads.errors import (
    BodyTooLarge,
    FieldMistake,
    ImportStopped,
    InvalidRequest,
    LineUnavailable,
    MalformedBody,
    NextleadError,
    Overloaded,
    StorageUnavailable,
)
from service.leads.lead import Channel, Kind, Signal
from service.leads.mistakes import mistakes_of
from service.resources import Resources
from service.schemas.leads import LeadIn
from service.storage.leads.duplicate_signals import DuplicateSignals
from service.storage.leads.duplicates import Sender

MAX_LINES = 1_000_000
MAX_ERRORS = 1000
IN_FLIGHT = 64  # two batches of the intake
AWAY = (StorageUnavailable, LineUnavailable, Overloaded)


@dataclass(frozen=True, slots=True)
class Terms:
    """The sender of a file, and the values for records that do not state their own.

    `given` holds fields of `LeadIn` for all records: channel, kind, received_at.
    """

    sender: Sender
    queue: str
    source: str
    given: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LineMistake:
    """A mistake, and the line of the file where its record begins."""

    line: int
    mistake: FieldMistake


@dataclass(slots=True)
class Report:
    """The results of a file's records; at most 1 000 mistakes are kept."""

    lines: int = 0
    created: int = 0
    joined: int = 0
    repeated: int = 0
    failed: int = 0
    errors: list[LineMistake] = field(default_factory=list)
    errors_left_out: int = 0

    @property
    def taken(self) -> int:
        """How many records are leads now, or were before."""
        return self.created + self.joined + self.repeated


async def import_leads(
    resources: Resources, chunks: AsyncIterator[bytes], reader: Reader, terms: Terms
) -> Report:
    """Import a file to its end.

    Raises InvalidRequest when the file has another format, MalformedBody when it breaks off,
    BodyTooLarge when it is too long, and ImportStopped when a store became unavailable. The last
    three say how many records were stored.
    """
    course = _Course(resources, terms)
    stopped: NextleadError | None = None
    async with asyncio.TaskGroup() as group:
        try:
            async for record in _records(chunks, reader):
                await course.take(record, group)
        except NextleadError as error:  # records in flight finish before the error is raised
            stopped = error
    report = course.report
    report.errors.sort(key=lambda item: item.line)
    if stopped := course.away or stopped:
        raise _shown(stopped, report) from stopped
    return report


async def _records(chunks: AsyncIterator[bytes], reader: Reader) -> AsyncIterator[FileRecord]:
    async for chunk in chunks:
        for record in reader.read(chunk):
            yield record
    for record in reader.end():
        yield record


class _Course:
    """Records in flight, a bounded number at a time."""

    def __init__(self, resources: Resources, terms: Terms) -> None:
        self._resources, self._terms = resources, terms
        self._existing = DuplicateSignals(resources.stores.database)
        self._room = asyncio.Semaphore(IN_FLIGHT)
        self.report = Report()
        self.away: NextleadError | None = None

    async def take(self, record: FileRecord, group: asyncio.TaskGroup) -> None:
        """Start a record as soon as there is room."""
        await self._room.acquire()
        if self.away is not None:
            raise self.away
        if self.report.lines == MAX_LINES:
            raise BodyTooLarge(f"At most {MAX_LINES} lines are taken at once.")
        self.report.lines += 1
        group.create_task(self._fly(record))

    async def _fly(self, record: FileRecord) -> None:
        try:
            await self._store(record)
        except AWAY as error:
            self.away = error
        except InvalidRequest as error:
            self._fail(record, error.mistakes)
        except NextleadError as error:
            self._fail(record, [_mistake(error)])
        finally:
            self._room.release()

    async def _store(self, record: FileRecord) -> None:
        if record.spec is None:
            raise InvalidRequest([*record.mistakes])
        sent = _lead_in(record, self._terms)
        if sent.source != self._terms.source:
            await check_source_name(self._resources, sent.source)
        match await self._via_of(sent):
            case IntakeResult.OPENED:
                self.report.created += 1
            case IntakeResult.JOINED:
                self.report.joined += 1
            case IntakeResult.REPEATED:
                self.report.repeated += 1

    async def _via_of(self, sent: LeadIn) -> IntakeResult:
        signal = sent.to_signal(self._resources.clock.now(), self._terms.source)
        with suppress(*AWAY):  # try once more after a deadlock or a lost connection
            if await self._is_repeated(signal):
                return IntakeResult.REPEATED
            return await self._receive(sent, signal)
        # even if known: the first try may have failed between the lead and the client's card
        return await self._receive(sent, signal)

    async def _is_repeated(self, signal: Signal) -> bool:
        """Whether the record is known; this check costs a tenth of receiving it again."""
        assert signal.external_id is not None, "every line has one by now"
        sender = self._terms.sender
        teller = await self._existing.teller(signal.source, signal.external_id)
        return teller is not None and (sender.may_read or teller == sender.name)

    async def _receive(self, sent: LeadIn, signal: Signal) -> IntakeResult:
        sender = self._terms.sender
        received = await receive_signal(self._resources, signal, sender, sent.to_context())
        return received.way

    def _fail(self, record: FileRecord, mistakes: list[FieldMistake]) -> None:
        self.report.failed += 1
        room = MAX_ERRORS - len(self.report.errors)
        self.report.errors += [LineMistake(record.line, mistake) for mistake in mistakes[:room]]
        self.report.errors_left_out += len(mistakes[room:])


def given_for_all(
    channel: Channel | None, kind: Kind | None, received_at: datetime | None
) -> dict[str, object]:
    """Values for all records of a file, in the form in which a record states them."""
    moment = None if received_at is None else received_at.isoformat()
    given = {"channel": channel, "kind": kind, "received_at": moment}
    return {name: value for name, value in given.items() if value is not None}


def source_of_file(name: str | None) -> str:
    """The source of a file's records that do not name one."""
    return f"import:{name}" if name else "import"


async def check_source_name(resources: Resources, name: str | None) -> None:
    """Raise InvalidRequest for the name of a webhook source; only its sender uses its ids."""
    if name is not None and await resources.stores.sources.find(name) is not None:
        remedy = "Give the file a name of its own, or leave it out."
        reason = f"`{name}` is a source of webhooks"
        raise InvalidRequest([FieldMistake("source", reason, remedy)])


def _lead_in(record: FileRecord, terms: Terms) -> LeadIn:
    """Read a record as a posted lead; raises InvalidRequest."""
    requested = {**(record.spec or {})}
    for name, unset in {"queue": terms.queue, "source": terms.source, **terms.given}.items():
        if requested.get(name) is None:
            requested[name] = unset
    try:
        sent = LeadIn.model_validate(requested)
    except ValidationError as error:
        raise InvalidRequest(mistakes_of(error.errors(include_url=False), whole="line")) from None
    return sent if sent.external_id else sent.model_copy(update={"external_id": _id_of(sent)})


def _id_of(sent: LeadIn) -> str:
    """An id made from everything in the record."""
    requested = sent.model_dump(mode="json", exclude_defaults=True)
    digest = hashlib.sha256(orjson.dumps(requested, option=orjson.OPT_SORT_KEYS))
    return f"line:{digest.hexdigest()[:32]}"


def _mistake(error: NextleadError) -> FieldMistake:
    """An error of the intake that concerns no single field, as a mistake of the line."""
    return FieldMistake("line", str(error).rstrip("."), "Send this one by itself.")


def _shown(error: NextleadError, report: Report) -> NextleadError:
    """The error that stopped the import, with the results up to that point."""
    if isinstance(error, InvalidRequest) and not report.taken:
        return error
    reported = (
        f"{report.taken} lines were taken ({report.created} new, {report.joined} joined,"
        f" {report.repeated} repeated), {report.failed} had mistakes. Send the whole file again:"
        " nothing is taken twice."
    )
    if isinstance(error, MalformedBody | BodyTooLarge):
        return type(error)(f"{error} {reported}")
    return ImportStopped(reported)
