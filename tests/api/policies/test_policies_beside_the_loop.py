"""Policies that somebody sends are checked in another process: junk never meets the loop's own."""

import httpx
import pytest
from doors import problem_in, wrong_fields

from service.flows.policies import check_text, trial, try_examples
from service.policies import reading
from service.policies.reading import default_text

PATH = "/v1/queues/main/policy"
JUNK = "currency: [" + "x, " * 60_000 + "]\n"


@pytest.fixture
def never_here(client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of this process reads a policy."""

    def refuse(*_arguments: object) -> None:
        raise AssertionError("it was read in the process of the loop")

    for module in (check_text, trial, try_examples, reading):
        monkeypatch.setattr(module, "read_policy", refuse)


@pytest.mark.usefixtures("never_here")
async def test_junk_is_refused_with_its_mistakes_and_never_read_here(
    client: httpx.AsyncClient,
) -> None:
    headers = {"If-Match": '"1"'}
    assert "currency" in wrong_fields(await client.put(PATH, content=JUNK, headers=headers))
    assert "currency" in wrong_fields(await client.post(f"{PATH}/preview", content=JUNK))
    broken = await client.put(PATH, content="currency: [", headers=headers)
    assert "not YAML" in problem_in(broken, 422, "invalid-request")["detail"]


async def test_a_good_policy_is_previewed_and_put_in_force(client: httpx.AsyncClient) -> None:
    text = f"{default_text()}\n# once more\n"
    assert (await client.get(PATH)).status_code == 200
    assert (await client.post(f"{PATH}/preview", content=text)).status_code == 200
    put = await client.put(PATH, content=text, headers={"If-Match": '"1"'})
    assert put.status_code == 200
