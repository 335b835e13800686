"""The service as a process: started, interrupted, killed; nothing acknowledged is lost."""

import json
import os
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from running import KEY, Running, data_directory, nextlead, running_service, wait_until

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    with running_service() as service:
        for name in ("anna", "boris"):
            service.http.put(f"/v1/operators/{name}", json={}).raise_for_status()
        yield service


class Poster(threading.Thread):
    """A sender that keeps to the contract: what was not acknowledged is sent again."""

    def __init__(self, running: Running, batch: str, count: int) -> None:
        super().__init__()
        self.running, self.ids = running, [f"{batch}-{number}" for number in range(count)]
        self.acknowledged: dict[str, str] = {}

    def run(self) -> None:
        for external_id in self.ids:
            wait_until(lambda item=external_id: self.is_acknowledged(item))

    def is_acknowledged(self, external_id: str) -> bool:
        lead = {"channel": "whatsapp", "source": "poster", "external_id": external_id}
        try:
            answer = self.running.http.post("/v1/leads", json=lead)
        except httpx.TransportError:
            return False
        if answer.status_code not in (200, 201):
            assert answer.status_code == 503, answer.text
            return False
        self.acknowledged[external_id] = answer.json()["id"]
        return True


def drain(running: Running, count: int) -> list[dict[str, Any]]:
    """Two operators take and settle in turn until so many leads are done and none waits."""
    served: list[dict[str, Any]] = []

    def nothing_is_left() -> bool:
        leads = [lead for name in ("anna", "boris") if (lead := take(running, name)) is not None]
        for lead in leads:
            settle(running, lead)
        served.extend(leads)
        return not leads and len(served) >= count

    wait_until(nothing_is_left)
    return served


def take(running: Running, name: str) -> dict[str, Any] | None:
    answer = running.http.post(f"/v1/operators/{name}/next")
    return None if answer.status_code == 204 else answer.raise_for_status().json()


def settle(running: Running, lead: dict[str, Any]) -> None:
    ending = {"token": lead["claim"]["token"], "outcome": "won", "amount": "1", "note": "оплачен"}
    running.http.post(f"/v1/leads/{lead['id']}/settle", json=ending).raise_for_status()


def test_a_day_by_curl_alone_is_served_in_the_policys_order(running: Running) -> None:
    day = subprocess.run(
        [Path(__file__).parent / "curl_day.sh", str(running.http.base_url)],
        env={"PATH": os.environ["PATH"], "NEXTLEAD_KEY": KEY},
        capture_output=True,
        text=True,
        check=True,
    )
    _, *served, stats = day.stdout.splitlines()
    rows = [line.split() for line in served]
    assert len({row[-1] for row in rows}) == 10
    for operator in ("anna", "boris"):
        shift = [(int(row[2]), float(row[3])) for row in rows if row[1] == operator]
        assert shift == sorted(shift, reverse=True)
    assert json.loads(stats)["last_24_hours"]["won"] == 10


@pytest.mark.parametrize(
    "victim",
    ["service", *(pytest.param(name, marks=pytest.mark.more) for name in ("valkey", "postgres"))],
)
def test_kill_9_loses_nothing_that_was_acknowledged(running: Running, victim: str) -> None:
    poster = Poster(running, victim, 150)
    poster.start()
    wait_until(lambda: len(poster.acknowledged) > 50)
    held = take(running, "anna")
    if victim == "service":
        running.kill()
        running.start_again()
    else:
        running.kill_server(victim)
    poster.join()
    assert len(poster.acknowledged) == 150
    leads = drain(running, 150)
    served = {lead["id"]: lead for lead in leads}
    assert len(leads) == len(served), "a lead was served twice"
    assert set(poster.acknowledged.values()) == served.keys()
    wait_until(lambda: running.http.get("/readyz").json()["line"] == "ok")
    assert served[held["id"]]["claim"]["token"] == held["claim"]["token"]


def test_no_log_has_clients_or_secrets(running: Running) -> None:
    phone, name, words = "+79165550199", "Agrafena", "grinding noise"
    mail, link = "agrafena@example.org", "secret-link-4711"
    client = {"external_id": "c-4711", "name": name, "phone": phone, "email": mail}
    http = running.http
    sent = {"channel": "vk", "customer": client, "text": words, "attributes": {"x": words}}
    http.post("/v1/leads", json=sent).raise_for_status()
    http.post("/v1/leads", json={**sent, "channel": words})
    http.put("/v1/customers/c-4711", json={**client, "external_id": phone})
    http.put(f"/v1/customers/{name}", json={"name": name, "phone": phone})
    http.get("/v1/customers", params={"phone": phone})
    http.post("/v1/customers/find", json={"name": name})
    http.get("/v1/leads", params={"phone": phone, "key": KEY, "text": words})
    http.get(f"/v1/leads/{phone}")
    http.post("/v1/leads/import", content=f'{{"channel":"vk","text":"{words}","x":"{mail}"}}')
    http.get(f"/webhooks/mango/{link}", params={"phone": phone})
    http.get(f"/signin/link/{link}")
    http.post("/signin", data={"key": link})
    lead = take(running, "anna")
    token = lead["claim"]["token"]
    of_lead = f"/v1/leads/{lead['id']}"
    http.post(f"{of_lead}/settle", json={"token": token, "outcome": "won", "note": words})
    end = {"token": token, "outcome": "lost", "reason": words, "note": words}
    http.post(f"{of_lead}/settle", json=end).raise_for_status()
    made = http.post("/v1/keys", json={"name": "secret", "scopes": ["read"]}).json()["secret"]
    http.delete("/v1/keys/secret")
    logs = [running.log, *(path for path in (running.data_dir / "logs").iterdir())]
    texts = {path.name: path.read_bytes().decode(errors="replace") for path in logs}
    assert '"route":"/v1/leads/{lead_id}/settle"' in texts["service.log"]
    secrets = (phone, phone[1:], name, words, mail, link, token, KEY, made)
    assert [(log, item) for log, text in texts.items() for item in secrets if item in text] == []


def test_ctrl_c_stops_everything_and_keeps_the_data(running: Running) -> None:
    lead = running.http.post("/v1/leads", json={"channel": "vk"}).json()
    running.interrupt()
    assert running.servers("postgres") == []
    assert running.servers("valkey") == []
    running.start_again()
    assert running.http.get(f"/v1/leads/{lead['id']}").json()["state"] == "waiting"
    assert take(running, "anna")["id"] == lead["id"]


def test_commands_work_beside_a_running_service(running: Running) -> None:
    beside = {"NEXTLEAD_DATA_DIR": str(running.data_dir)}
    made = nextlead("keys", "create", "dashboard", "--scope", "read", **beside)
    secret = made.stdout.strip()
    assert made.returncode == 0, made.stderr
    headers = {"Authorization": f"Bearer {secret}"}
    assert running.http.get("/v1/leads", headers=headers).status_code == 200
    assert running.http.post("/v1/leads", headers=headers, json={}).status_code == 403
    assert "dashboard  read" in nextlead("keys", "list", **beside).stdout
    assert nextlead("keys", "revoke", "dashboard", **beside).returncode == 0
    wait_until(lambda: running.http.get("/v1/leads", headers=headers).status_code == 401)
    assert nextlead("rebuild", **beside).stdout.startswith("main: ")
    assert KEY not in nextlead("keys", "list", **beside).stdout


def test_a_wrong_setting_is_named() -> None:
    wrong = nextlead("serve", NEXTLEAD_DATABASE_URL="mysql://localhost/shop")
    assert wrong.returncode != 0
    assert "NEXTLEAD_DATABASE_URL" in wrong.stderr
    assert "postgresql://" in wrong.stderr
    unset = nextlead("serve")
    assert unset.returncode != 0
    assert "NEXTLEAD_REDIS_URL" in unset.stderr


def test_a_database_that_never_comes_is_named() -> None:
    with data_directory() as empty:
        away = nextlead(
            "serve",
            NEXTLEAD_DATABASE_URL=f"postgresql://nextlead@/nextlead?host={empty}",
            NEXTLEAD_REDIS_URL="redis://127.0.0.1:1",
            NEXTLEAD_START_SECONDS="1.5",
        )
    assert away.returncode != 0
    assert "database.waiting" in away.stderr
    assert "The database cannot be reached" in away.stderr
    assert "Traceback" not in away.stderr
