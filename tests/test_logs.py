"""Logs tell where something failed, and nothing of what a client said."""

import io
import logging
import sys

import pytest
import structlog

from service.logs import configure_logs


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
