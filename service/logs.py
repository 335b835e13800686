"""Logs: events with fields, one JSON object in each line, or coloured lines on a terminal."""

import logging
import sys
import traceback
from collections.abc import Callable
from contextvars import ContextVar

import orjson
import structlog

from service.tracing.spans import traceparent

LEVELS = {"info": logging.INFO, "error": logging.ERROR}
_stamp = structlog.processors.TimeStamper(fmt="iso", utc=True)

# The id of the present request; set at the door and written with every event.
REQUEST_ID: ContextVar[str | None] = ContextVar("request id", default=None)


def configure_logs(level: str) -> None:
    """Write our events and those of libraries in one format, on standard error."""
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        _stamp,
        structlog.processors.StackInfoRenderer(),
        _of_request,
        _where_only,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=_rendering())
    )
    logging.root.handlers = [handler]
    logging.root.setLevel(level.upper())
    for chatty in ("alembic", "pymorphy3"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    server = logging.getLogger("uvicorn.error")
    server.setLevel(logging.INFO)
    server.filters = [_lines_of_a_server(logging.root.level)]


def _lines_of_a_server(level: int) -> Callable[[logging.LogRecord], bool]:
    """A filter for uvicorn: its warnings, and all lines of the process that watches workers.

    uvicorn logs the death of a worker at INFO; the filter makes it a warning.
    """

    def passes(record: logging.LogRecord) -> bool:
        is_of_the_watcher = record.module == "multiprocess"
        if is_of_the_watcher and str(record.msg).endswith(" died"):
            record.levelno, record.levelname = logging.WARNING, "WARNING"
        return record.levelno >= max(level, 0 if is_of_the_watcher else logging.WARNING)

    return passes


def write_line(event: str, *, level: str, **fields: object) -> None:
    """Write an event of every request, at a tenth of the cost of structlog."""
    number = LEVELS[level]
    if not logging.root.isEnabledFor(number):
        return
    if sys.stderr.isatty():
        structlog.get_logger(__name__).log(number, event, **fields)
        return
    line = _stamp(None, "", {**fields, "event": event, "level": level, "logger": __name__})
    sys.stderr.write(orjson.dumps(line).decode() + "\n")


def _of_request(
    _logger: object, _method: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    if (request_id := REQUEST_ID.get()) is not None:
        event.setdefault("request_id", request_id)
    if (parent := traceparent()) is not None:
        event.setdefault("trace_id", parent.split("-")[1])
    return event


def _where_only(
    _logger: object, _method: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """Log the type of an exception and where it was raised; its message may name a client."""
    info = event.pop("exc_info", None)
    error = sys.exc_info()[1] if info is True else info[1] if isinstance(info, tuple) else info
    if isinstance(error, BaseException):
        frames = "".join(traceback.format_tb(error.__traceback__))
        event["exception"] = f"{frames}{type(error).__name__}"
    return event


def _rendering() -> list[structlog.typing.Processor]:
    clean = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    if sys.stderr.isatty():
        return [clean, structlog.dev.ConsoleRenderer()]
    return [
        clean,
        structlog.processors.JSONRenderer(ensure_ascii=False),
    ]
