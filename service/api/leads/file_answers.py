"""The answer to an imported file of leads, and the media types of files."""

from dataclasses import asdict
from typing import Any

from pydantic import Field

from service.api.leads.lead_answers import AnswerModel
from service.flows.leads.import_leads import MAX_ERRORS, LineMistake, Report
from service.flows.leads.open_file import Format
from service.leads.errors import UnsupportedMediaType

NDJSON = "application/x-ndjson"
CSV = "text/csv"
MEDIA_TYPES = {
    **dict.fromkeys((NDJSON, "application/ndjson", "application/jsonl"), Format.NDJSON),
    # the last is the type that Windows gives a .csv file
    **dict.fromkeys((CSV, "application/csv", "application/vnd.ms-excel"), Format.CSV),
}
FILES = {name: {"schema": {"type": "string", "format": "binary"}} for name in (NDJSON, CSV)}


class LineMistakeOut(AnswerModel):
    """One mistake in a file."""

    line: int = Field(ge=1, description="the first line of the record; the header is line 1")
    field: str
    reason: str
    remedy: str


class ImportOut(AnswerModel):
    """What happened to the records of a file."""

    lines: int = Field(description="records; blank lines and the header do not count")
    created: int = Field(description="opened a new lead")
    joined: int = Field(description="joined an open lead of the same client")
    repeated: int = Field(description="were known already; nothing changed")
    failed: int = Field(description="had mistakes and were not taken")
    errors: list[LineMistakeOut] = Field(max_length=MAX_ERRORS)
    errors_left_out: int = Field(description="how many mistakes are not listed")


def report(of: Report) -> dict[str, Any]:
    """The answer about an imported file."""
    counted = {name: getattr(of, name) for name in ImportOut.model_fields}
    return {**counted, "errors": [_mistake(error) for error in of.errors]}


def format_of(content_type: str | None) -> Format:
    """The format of a Content-Type; raises UnsupportedMediaType."""
    essence = (content_type or "").split(";", 1)[0].strip().lower()
    if essence not in MEDIA_TYPES:
        sent = f"`{essence[:80]}` is not accepted" if essence else "No Content-Type was sent"
        raise UnsupportedMediaType(
            f"{sent}; send `{NDJSON}` or `{CSV}`, or set the parameter format."
        )
    return MEDIA_TYPES[essence]


def _mistake(line_mistake: LineMistake) -> dict[str, Any]:
    return {"line": line_mistake.line, **asdict(line_mistake.mistake)}
