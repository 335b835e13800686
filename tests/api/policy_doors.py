"""Short ways to look at a queue's policy and to change it."""

from typing import Any

import httpx
from open_always import open_always

YAML = "application/yaml"
MAIN = "/v1/queues/main/policy"
CHATS_FIRST = open_always().replace("usual_bill: 7000, stage: 600", "usual_bill: 7000, stage: 700")
CALLS_LATE = open_always().replace("usual_bill: 6000, stage: 800", "usual_bill: 6000, stage: 10")


async def put_text(
    client: httpx.AsyncClient, text: str | bytes, follows: int = 1, **more: Any
) -> httpx.Response:
    """Put a policy in YAML in place of a version."""
    headers = {"Content-Type": YAML, "If-Match": f'"{follows}"', **more.pop("headers", {})}
    path = f"/v1/queues/{more.pop('queue', 'main')}/policy"
    return await client.put(path, content=text, headers=headers, **more)


async def put_next(client: httpx.AsyncClient, text: str, version: int) -> None:
    """Bring a policy into force as the version of that number."""
    answer = await put_text(client, text, version - 1)
    assert answer.status_code == 200, answer.text
    assert answer.json()["version"] == version


async def in_force(client: httpx.AsyncClient, queue: str = "main") -> dict[str, Any]:
    """The policy in force."""
    answer = await client.get(f"/v1/queues/{queue}/policy")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    assert answer.headers["etag"] == f'"{found["version"]}"'
    return found


async def text_in_force(client: httpx.AsyncClient) -> str:
    """The text of the policy in force, as it was written."""
    answer = await client.get(MAIN, headers={"Accept": YAML})
    assert answer.headers["content-type"] == YAML
    return answer.text
