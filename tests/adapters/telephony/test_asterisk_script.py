"""The script for Asterisk, run as it stands in the document, against our own verifier."""

import os
import re
import subprocess
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from builders import a_caller
from webhooks.deliveries import a_delivery, a_source, flipped

import service.adapters
from service.adapters.delivery import Delivery
from service.adapters.inbound_event import CallPhase, CallUpdate
from service.adapters.registry import ADAPTERS
from service.leads.errors import NotAuthentic

DOCUMENT = Path(service.adapters.__file__).parent / "connecting" / "asterisk.md"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
SOURCE = a_source("standard", secrets={"secret": SECRET})
STANDARD = ADAPTERS["standard"]


class Exchange:
    """Runs the script, and hears what it posts."""

    def __init__(self, folder: Path) -> None:
        self.inbound: list[Delivery] = []
        self.status = 202
        self.script = folder / "call-news"
        [text] = re.findall(r"```bash\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
        self.script.write_text(text)
        self.conf = folder / "nextlead.conf"

    def listen(self, server: ThreadingHTTPServer) -> None:
        port = server.server_address[1]
        self.conf.write_text(f"ADDRESS=http://127.0.0.1:{port}/webhooks/standard/asterisk\n")
        with self.conf.open("a") as conf:
            conf.write(f"SECRET={SECRET}\n")

    def run(self, *arguments: str) -> int:
        return subprocess.run(
            ["bash", self.script, *arguments],
            env={"PATH": os.environ["PATH"], "NEXTLEAD_CONF": str(self.conf)},
            cwd=self.script.parent,
            capture_output=True,
            check=False,
            timeout=30,
        ).returncode

    def report(self, *arguments: str) -> CallUpdate:
        assert self.run(*arguments) == 0
        delivery = self.inbound[-1]
        STANDARD.verify(delivery, SOURCE)
        [inbound] = STANDARD.read(delivery, SOURCE)
        assert isinstance(inbound, CallUpdate)
        return inbound


@pytest.fixture
def exchange(tmp_path: Path) -> Iterator[Exchange]:
    exchange = Exchange(tmp_path)

    class Hears(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            sent_at = datetime.fromtimestamp(int(self.headers["webhook-timestamp"]), UTC)
            exchange.inbound.append(a_delivery(body, dict(self.headers), received_at=sent_at))
            self.send_response(exchange.status)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Hears) as server:
        exchange.listen(server)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield exchange
        server.shutdown()
        thread.join()


def test_a_call_rings_is_answered_and_ends(exchange: Exchange):
    rang = exchange.report("ringing", "1400609726.3", "+79161234567")
    answered = exchange.report("answered", "1400609726.3", "+79161234567", "29")
    ended = exchange.report("ended", "1400609726.3", "+79161234567", "08")
    phases = [CallPhase.RINGING, CallPhase.ANSWERED, CallPhase.TALKED]
    assert [item.phase for item in (rang, answered, ended)] == phases
    assert {item.signal.external_id for item in (rang, answered, ended)} == {"call:1400609726.3"}
    assert [rang.extension, answered.extension] == [None, "29"]
    assert rang.signal.customer == a_caller("+79161234567")
    assert (rang.at, rang.order) < (answered.at, answered.order) < (ended.at, ended.order)


def test_a_call_that_nobody_answered_is_missed(exchange: Exchange):
    assert exchange.report("missed", "1400609726.3", "79161234567").phase is CallPhase.MISSED


def test_a_hidden_number_is_none(exchange: Exchange):
    assert exchange.report("ringing", "1400609726.3", "").signal.customer is None


def test_the_same_news_has_the_same_id_and_other_news_another(exchange: Exchange):
    exchange.report("answered", "1400609726.3", "+79161234567", "29")
    exchange.report("answered", "1400609726.3", "+79161234567", "29")
    exchange.report("answered", "1400609726.3", "+79161234567", "30")
    first, again, other = (STANDARD.once(item, SOURCE) for item in exchange.inbound)
    assert first == again != other


def test_the_signature_is_of_these_bytes(exchange: Exchange):
    exchange.report("ringing", "1400609726.3", "+79161234567")
    [sent] = exchange.inbound
    changed = a_delivery(flipped(sent.body, 40), dict(sent.headers), received_at=sent.received_at)
    with pytest.raises(NotAuthentic):
        STANDARD.verify(changed, SOURCE)


def test_nothing_that_a_caller_sends_is_run_or_said(exchange: Exchange):
    evil = '+7916123$(touch run)`touch run`";touch run;"4567","x":"y'
    inbound = exchange.report("answered", '1.2","x":"y$(touch run)', evil, '29","x":"$(touch run)')
    assert inbound.signal.customer == a_caller("+79161234567")
    assert not (exchange.script.parent / "run").exists()


def test_a_refusal_is_seen_by_the_exchange(exchange: Exchange):
    exchange.status = 401
    assert exchange.run("ringing", "1400609726.3", "+79161234567") != 0
