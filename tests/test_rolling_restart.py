"""A rolling restart under load: no request is lost, and none is answered with a bare 500."""

import signal
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from itertools import count, cycle
from pathlib import Path
from typing import Any

import httpx
import pytest
from replicas import Replica, replica
from running import KEY, Running, running_service, wait_until

pytestmark = [pytest.mark.timeout(600), pytest.mark.more]

PROBLEM = "application/problem+json"
OPERATORS = ("anna", "boris", "vera")
NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout)


class Caller(threading.Thread):
    """A program that asks either replica in turn, and repeats what was not answered."""

    def __init__(self, replicas: Sequence[Replica], name: str) -> None:
        super().__init__(name=name)
        self._places = cycle([f"http://127.0.0.1:{item.port}" for item in replicas])
        self.http = httpx.Client(headers={"Authorization": f"Bearer {KEY}"}, timeout=60)
        self.ended = threading.Event()
        self.answers: Counter[int] = Counter()
        self.cut: list[str] = []
        self.wrong: list[str] = []

    def ask(self, path: str, body: dict[str, Any] | None = None) -> httpx.Response | None:
        """An answer that is final; None when the other replica is to be asked."""
        try:
            answer = self.http.post(f"{next(self._places)}{path}", json=body)
        except NEVER_SENT:
            return None
        except httpx.TransportError as error:
            self.cut.append(f"{path}: {error!r}")
            return None
        self.answers[answer.status_code] += 1
        if answer.status_code < 500:
            return answer
        is_said = answer.status_code == 503 and answer.headers.get("retry-after")
        if not is_said or answer.headers["content-type"] != PROBLEM:
            self.wrong.append(f"{path}: {answer.status_code} {answer.text[:200]}")
        return None

    def insist(self, path: str, body: dict[str, Any] | None = None) -> httpx.Response:
        """Ask until there is an answer, as a sender must."""
        found: list[httpx.Response] = []

        def is_answered() -> bool:
            answer = self.ask(path, body)
            found.extend([answer] if answer is not None else [])
            return bool(found)

        wait_until(is_answered)
        return found[-1]


class Sender(Caller):
    """Posts leads without a pause."""

    def run(self) -> None:
        self.acknowledged: dict[str, str] = {}
        for number in count():
            if self.ended.is_set():
                return
            own = f"{self.name}-{number}"
            lead = {"channel": "whatsapp", "source": "rollout", "external_id": own}
            self.acknowledged[own] = self.insist("/v1/leads", lead).json()["id"]


class Operator(Caller):
    """Waits for leads, and settles each."""

    def run(self) -> None:
        self.settled: list[str] = []
        idle = 0
        while not (self.ended.is_set() and idle > 3):
            wait = 1 if self.ended.is_set() else 25
            answer = self.ask(f"/v1/operators/{self.name}/next?wait={wait}")
            if answer is None or answer.status_code == 204:
                idle += 1
                continue
            idle, lead = 0, answer.raise_for_status().json()
            end = {"token": lead["claim"]["token"], "outcome": "won", "amount": "1", "note": "x"}
            self.insist(f"/v1/leads/{lead['id']}/settle", end).raise_for_status()
            self.settled.append(lead["id"])


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    with running_service() as service:
        for name in OPERATORS:
            service.http.put(f"/v1/operators/{name}", json={}).raise_for_status()
        yield service


def test_a_rolling_restart_under_load_loses_nothing(running: Running, tmp_path: Path) -> None:
    with ExitStack() as stack:
        replicas = [stack.enter_context(replica(running, tmp_path)) for _ in range(2)]
        senders = [Sender(replicas, f"sender-{number}") for number in range(3)]
        operators = [Operator(replicas, name) for name in OPERATORS]
        callers: list[Caller] = [*senders, *operators]
        for caller in callers:
            stack.enter_context(closing(caller.http))
            caller.start()
        wait_until(lambda: all(sender.answers[201] > 5 for sender in senders))
        statuses = [each.restart() for each in replicas]
        before = [sender.answers[201] for sender in senders]
        wait_until(
            lambda: all(
                sender.answers[201] > had + 5 for sender, had in zip(senders, before, strict=True)
            )
        )
        for caller in callers:
            caller.ended.set()
        for caller in callers:
            caller.join()
    assert {*statuses} <= {0, -signal.SIGTERM}
    assert [item for caller in callers for item in caller.wrong] == []
    assert [item for caller in callers for item in caller.cut] == []
    acknowledged = [lead for sender in senders for lead in sender.acknowledged.values()]
    settled = Counter(lead for operator in operators for lead in operator.settled)
    assert settled == Counter(acknowledged), "each was served and settled, and once"
