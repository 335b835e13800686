"""Logs tell where something failed, and nothing of what a client said."""

import io
import json
import logging
import sys

import pytest
import structlog

from service.logs import REQUEST_ID, configure_logs


@pytest.fixture(autouse=True)
def loggers_as_at_a_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """Programs and servers that earlier tests ran gave loggers handlers, or switched them off."""
    for logger in logging.root.manager.loggerDict.values():
        if isinstance(logger, logging.Logger):
            monkeypatch.setattr(logger, "disabled", False)
            monkeypatch.setattr(logger, "handlers", [])
            monkeypatch.setattr(logger, "propagate", True)


def test_an_event_has_the_id_of_the_request_that_made_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    written = io.StringIO()
    monkeypatch.setattr(sys, "stderr", written)
    handlers, level = logging.root.handlers, logging.root.level
    configure_logs("info")
    before = REQUEST_ID.set("call-1")
    try:
        logging.getLogger("uvicorn").warning("ours or not")
        structlog.get_logger("service").info("lead.lease_ended")
        REQUEST_ID.reset(before)
        structlog.get_logger("service").info("of nobody")
    finally:
        logging.root.handlers = handlers
        logging.root.setLevel(level)
        structlog.reset_defaults()
    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    assert [line.get("request_id") for line in lines] == ["call-1", "call-1", None]


def test_the_message_of_an_exception_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    written, phone = io.StringIO(), "+79161234567"
    monkeypatch.setattr(sys, "stderr", written)
    handlers, level = logging.root.handlers, logging.root.level
    configure_logs("info")
    try:
        raise ValueError(phone)
    except ValueError:
        logging.getLogger("uvicorn").exception("request failed")
        structlog.get_logger("service").exception("chore.failed")
    finally:
        logging.root.handlers = handlers
        logging.root.setLevel(level)
        structlog.reset_defaults()
    assert phone not in written.getvalue()
    assert written.getvalue().count('\\nValueError"}') == 2
    assert written.getvalue().count("test_the_message_of_an_exception_is_left_out") == 2
