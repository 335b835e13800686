"""No call holds the event loop for long: what one step does is counted, in calls of functions.

A call of a function takes a tenth to half of a microsecond, so that a step of the limit takes ten
to forty milliseconds. What takes long in one call of C stays off the loop by other tests.
"""

import json
from typing import Any

import httpx
import pytest
from doors import Newcomer
from listening import SECRET as KEY
from steps import counted_steps
from webhooks.signing import SECRET, signed

from service.policies.reading import default_text
from service.slices import ROWS

MOST_CALLS = 80_000
YAML = {"content-type": "application/yaml"}
POLICY = "/v1/queues/main/policy"
TEXT = "Здравствуйте, нужны колодки на приору, машина на подъёмнике, +7 900 1234567"
LEADS = 10 * ROWS + 5


def a_row(number: int) -> dict[str, Any]:
    return {
        **{"channel": "whatsapp", "external_id": f"step-{number}", "text": TEXT},
        "customer": {"name": "Иван Петров", "phone": f"+7900{number:07}"},
        "items": [{"name": "Колодки тормозные", "quantity": 2, "price": "2300.50"}],
        "attributes": {"page": "/vin"},
    }


FILE = "\n".join(json.dumps(a_row(number)) for number in range(LEADS))
LONG = {
    **{"channel": "email", "text": ("Нужны колодки и фильтр на приору. " * 300)[:8000]},
    "items": [{"name": f"Колодки тормозные передние {number}"} for number in range(200)],
}
ERASED = {"phone": "+79000000001", "reason": "asked"}
CALLS = {
    "import": ("POST", "/v1/leads/import?format=ndjson", {"content": FILE}),
    "list": ("GET", "/v1/leads?limit=200", {}),
    "late leads": ("GET", "/v1/queues/main/late?limit=200", {}),
    "export": ("GET", "/v1/leads/export", {}),
    "export as CSV": ("GET", "/v1/leads/export?format=csv", {}),
    "preview": ("POST", f"{POLICY}/preview", {"content": default_text() + "#\n", "headers": YAML}),
    "policy": ("GET", POLICY, {}),
    "schema of policies": ("GET", "/v1/policy/schema", {}),
    "vocabulary": ("GET", "/v1/queues/main/vocabulary", {}),
    "figures": ("GET", "/v1/queues/main/stats", {}),
    "longest lead": ("POST", "/v1/leads", {"json": LONG}),
    "clients": ("POST", "/v1/customers/find", {"json": {"phone": "+79000000001"}}),
    "erasure": (
        "POST",
        "/v1/customers/erase",
        {"json": {"phone": "+79000000001", "reason": "asked"}},
    ),
}


@pytest.fixture
async def line(client: httpx.AsyncClient) -> httpx.AsyncClient:
    """A program, and a line of leads."""
    await client.put("/v1/operators/anna", json={"queues": ["main"]})
    answer = await client.post("/v1/leads/import?format=ndjson", content=FILE)
    assert answer.json()["created"] == LEADS
    return client


@pytest.mark.parametrize("call", CALLS)
async def test_no_step_of_a_call_is_long(line: httpx.AsyncClient, call: str) -> None:
    method, path, sent = CALLS[call]
    with counted_steps() as longest:
        answer = await line.request(method, path, **sent)
    assert answer.status_code < 300, answer.text
    assert longest.calls < MOST_CALLS, str(longest)


@pytest.mark.parametrize("call", ["list", "late leads", "export", "export as CSV"])
async def test_no_step_is_long_for_a_key_whose_answers_are_masked(
    line: httpx.AsyncClient, newcomer: Newcomer, call: str
) -> None:
    method, path, sent = CALLS[call]
    masked = await newcomer("read")
    with counted_steps() as longest:
        answer = await masked.request(method, path, **sent)
    assert answer.status_code == 200
    assert "Петров" not in answer.text
    assert longest.calls < MOST_CALLS, str(longest)


async def test_no_step_is_long_when_a_policy_is_put_in_force(line: httpx.AsyncClient) -> None:
    headers = {**YAML, "If-Match": (await line.get(POLICY)).headers["etag"]}
    with counted_steps() as longest:
        answer = await line.put(POLICY, content=default_text() + "# new\n", headers=headers)
    assert answer.status_code == 200, answer.text
    assert longest.calls < MOST_CALLS, str(longest)


WIDE = "[" + "[1]," * 250_000 + "[1]]"


@pytest.mark.parametrize(
    "body", [WIDE, json.dumps({"data": "x" * 1_000_000})], ids=["values", "one text"]
)
async def test_no_step_is_long_for_a_webhook_of_the_largest_size(
    client: httpx.AsyncClient, body: str
) -> None:
    sent = {"adapter": "standard", "secrets": {"secret": SECRET}}
    assert (await client.put("/v1/sources/steps", json=sent)).status_code == 201
    delivery = signed(body.encode())
    with counted_steps() as longest:
        answer = await client.post(
            "/webhooks/standard/steps", content=delivery.body, headers=dict(delivery.headers)
        )
    assert answer.status_code == 200, answer.text
    assert longest.calls < MOST_CALLS, str(longest)


@pytest.mark.parametrize("page", ["/board", "/board/leads", "/board/wall"])
async def test_no_step_is_long_for_a_page(line: httpx.AsyncClient, page: str) -> None:
    headers = {"Sec-Fetch-Site": "same-origin"}
    assert (await line.post("/signin", data={"key": KEY}, headers=headers)).status_code == 303
    await line.get(page)  # templates are read once in a process
    with counted_steps() as longest:
        answer = await line.get(page)
    assert answer.status_code == 200
    assert longest.calls < MOST_CALLS, str(longest)
