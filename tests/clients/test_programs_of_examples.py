"""Each example runs against the service."""

import asyncio
import csv
import importlib.util
import io
import json
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest
from driven_clock import DrivenClock
from listening import SECRET
from nextlead_client import AsyncClient, Client

from service.adapters.standard.standard_signature import sign
from service.resources import Resources

EXAMPLES = Path(__file__).parents[2] / "examples"
WHSEC = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
CALL = re.compile(r"^// ВЫЗОВ ([\d,]+) (\w+) (\S+) (\{.*\})$", re.MULTILINE)
CALLED = """\
agi_request: asterisk_agi.py
agi_uniqueid: 1780000000.7
agi_callerid: +79161234567
agi_arg_1: main

200 result=1
200 result=1
200 result=1
"""


def example(name: str) -> ModuleType:
    """An example as a module."""
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@contextmanager
def served(server: ThreadingHTTPServer) -> Iterator[str]:
    """A server of an example, beside the test."""
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


def set_by(output: str) -> dict[str, str]:
    """The variables that an AGI program set."""
    return dict(re.findall(r'SET VARIABLE NEXTLEAD_(\w+) "(.*)"', output))


async def test_a_call_in_asterisk_becomes_a_live_lead(
    address: str,
    aclient: AsyncClient,
) -> None:
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, str(EXAMPLES / "asterisk_agi.py")],
        input=CALLED,
        env={
            "NEXTLEAD_URL": address,
            "NEXTLEAD_KEY": SECRET,
            "PYTHONPATH": str(EXAMPLES.parent / "clients" / "python"),
        },
        capture_output=True,
        text=True,
        check=True,
    )
    found = set_by(done.stdout)
    lead = await aclient.lead(found["LEAD"])
    assert lead["live"]
    assert (lead["stage"], lead["customer"]["phone"]) == (int(found["STAGE"]), "+79161234567")


async def test_a_call_goes_on_though_the_service_is_away() -> None:
    output = io.StringIO()
    agi = example("asterisk_agi")
    await asyncio.to_thread(agi.main, io.StringIO(CALLED), output, "http://127.0.0.1:1", "key")
    assert set_by(output.getvalue()) == {"LEAD": "", "STAGE": "", "SCORE": ""}


class Telegram(BaseHTTPRequestHandler):
    """A stand-in for Telegram's servers: gives what was typed, and takes what is answered."""

    typed: list[dict[str, Any]]
    answers: list[str]

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        result: Any = True
        if self.path.endswith("/getUpdates"):
            result = [update for update in self.typed if update["update_id"] >= body["offset"]]
        else:
            self.answers.append(body["text"])
        sent = json.dumps({"ok": True, "result": result}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(sent)))
        self.end_headers()
        self.wfile.write(sent)

    def log_message(self, format: str, *args: object) -> None:
        pass


async def test_an_operator_works_in_telegram(sync_client: Client) -> None:
    words = ["/next", "/next", "/dance", "/won 5200 paid by card", "/won 1", "/next"]
    typed = [
        {"update_id": n, "message": {"from": {"id": 111}, "chat": {"id": 5}, "text": text}}
        for n, text in enumerate(words)
    ]
    stranger = {"from": {"id": 999}, "chat": {"id": 6}, "text": "/next"}
    typed.append({"update_id": 9, "message": stranger})
    fields = {"typed": typed, "answers": []}
    handler = type("TelegramOfTest", (Telegram,), fields)

    def work() -> None:
        sync_client.post_lead(
            {"channel": "whatsapp", "text": "Колодки", "customer": {"name": "Ира"}}
        )
        with served(ThreadingHTTPServer(("127.0.0.1", 0), handler)) as url:
            telegram = httpx.Client(base_url=f"{url}/bot1:token/")
            bot = example("telegram_bot").Bot(sync_client, telegram, {111: "anna"})
            assert bot.answer_once() == len(typed)
            assert bot.answer_once() == 0
            telegram.close()

    await asyncio.to_thread(work)
    first, again, unknown, won, none_held, none_waits, nobody = fields["answers"]
    assert first == again == "chat: Ира\nКолодки"
    assert unknown.startswith("/next · ")
    assert won.startswith("Done.")
    assert none_held.startswith("You hold no lead.")
    assert none_waits == "Nobody waits."
    assert nobody == "I do not know you."


async def test_a_form_that_is_sent_twice_is_one_lead(sync_client: Client) -> None:
    def work() -> list[int]:
        with served(example("site_form").serve(sync_client, 0)) as url:
            once = re.search(r'name="once" value="(\w+)"', httpx.get(url).text)
            assert once is not None
            typed = {"once": once[1], "name": "Ира", "phone": "+79161234567", "text": "Бампер"}
            sent = [httpx.post(url, data=typed).status_code for _ in range(2)]
            refused = httpx.post(url, data={**typed, "once": "x" * 1000})
            return [*sent, refused.status_code]

    assert await asyncio.to_thread(work) == [200, 200, 400]
    listed = await asyncio.to_thread(sync_client.call, "GET", "/v1/leads")
    (lead,) = listed["leads"]
    assert (lead["channel"], lead["text"]) == ("landing_form", "Бампер")


async def test_what_the_module_of_1c_sends_is_taken(aclient: AsyncClient) -> None:
    text = (EXAMPLES / "1c_module.bsl").read_text("utf-8")
    calls, lead = CALL.findall(text), ""
    assert len(calls) == text.count("// ВЫЗОВ ") == text.count("Экспорт")
    for statuses, method, path, body in calls:
        answer = await aclient._http.request(
            method, path.replace("{lead}", lead), json=json.loads(body)
        )
        assert str(answer.status_code) in statuses.split(","), answer.text
        if path == "/v1/leads":
            lead = answer.json()["id"]
            assert answer.json()["kind"] == "self_order"
    assert (await aclient.lead(lead))["paid"]


async def test_a_wallboard_is_drawn_anew_when_the_line_changes(
    sync_client: Client, clock: DrivenClock
) -> None:
    screen = io.StringIO()

    class Screen(io.StringIO):
        """Posts a lead as soon as the first picture is there."""

        def flush(self) -> None:
            if screen.tell() == 0:
                screen.write("drawn")
                clock.moment += timedelta(seconds=2)  # figures are counted once a second
                sync_client.post_lead({"channel": "whatsapp"})

    drawn = Screen()
    await asyncio.to_thread(example("wallboard").main, sync_client, "main", drawn, 2)
    first, second = drawn.getvalue().split("\x1b[2J\x1b[H")[1:]
    assert first.startswith("main: 0 wait")
    assert second.startswith("main: 1 wait")
    assert re.search(r"^chat +1 ", second, re.MULTILINE)
    assert len((EXAMPLES / "wallboard.py").read_text("utf-8").splitlines()) <= 40


async def test_a_load_that_is_repeated_loads_nothing_twice(
    aclient: AsyncClient,
) -> None:
    rows = [{"external_id": f"{n}", "channel": "email", "text": f"письмо {n}"} for n in range(40)]
    rows.append({"external_id": "bad", "channel": "fax", "text": ""})
    file = io.StringIO()
    writer = csv.DictWriter(file, ["external_id", "channel", "text"])
    writer.writeheader()
    writer.writerows(rows)
    for _ in range(2):
        errors = io.StringIO()
        read = csv.DictReader(io.StringIO(file.getvalue()))
        counts = await example("bulk_loader").load(aclient, read, errors)
        assert counts == {"loaded": 40, "refused": 1}
        assert errors.getvalue().startswith("line 42: channel: ")
    assert (await aclient.stats("main"))["waiting"]["depth"] == 40


async def test_an_event_is_taken_once_and_one_that_failed_again(tmp_path: Path) -> None:
    taken: list[str] = []

    def work(event: Any) -> None:
        taken.append(event["data"]["id"])
        if len(taken) == 1:
            raise ConnectionError("the shop's own system is away")

    def post(url: str, number: str, secret: str) -> int:
        body = json.dumps(
            {"type": "lead.settled", "timestamp": "", "data": {"id": number}}
        ).encode()
        at = int(time.time())  # noqa: TID251  as the receiver asks
        signature = sign([secret], number, at, body)
        headers = {"webhook-id": number, "webhook-timestamp": f"{at}"}
        try:
            answer = httpx.post(
                url, content=body, headers={**headers, "webhook-signature": signature}
            )
        except httpx.TransportError:
            return 0
        return answer.status_code

    def both() -> list[int]:
        receiver = example("event_receiver")
        server = receiver.serve(WHSEC, str(tmp_path / "taken.db"), 0, work)
        server.handle_error = lambda *_: None
        with served(server) as url:
            return [post(url, "lead-event-1", WHSEC) for _ in range(3)] + [
                post(url, "lead-event-2", "whsec_" + "B" * 43 + "=")
            ]

    assert await asyncio.to_thread(both) == [0, 204, 204, 401]
    assert taken == ["lead-event-1", "lead-event-1"]


@pytest.mark.parametrize("name", sorted(path.name for path in EXAMPLES.iterdir()))
def test_every_example_is_named_in_the_readme(name: str, resources: Resources) -> None:
    if name not in ("README.md", "__pycache__"):
        assert f"]({name})" in (EXAMPLES / "README.md").read_text("utf-8")
