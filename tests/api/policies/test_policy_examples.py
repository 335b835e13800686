"""Examples of a policy are tried when it is put or previewed, and tell what a change breaks."""

import httpx
import pytest
from policy_doors import MAIN, put_text, text_in_force

EXAMPLES = """
examples:
- {before: тормозные колодки, after: бампер}
- {text: тормозные колодки, urgency: [0, 0.2]}
"""


async def with_examples(client: httpx.AsyncClient, more: str = "") -> str:
    head, rest = (await text_in_force(client)).split("\nexamples:")
    return f"{head}{EXAMPLES}{more}\n{rest[rest.index('# What a text says') :]}"


async def test_a_change_answers_which_examples_it_breaks(client: httpx.AsyncClient) -> None:
    answer = await put_text(client, await with_examples(client))
    assert answer.status_code == 200
    (miss,) = answer.json()["examples"]
    assert miss["field"] == "examples.1.urgency"
    assert miss["reason"] == "the urgency is 0.9, not 0 to 0.2"
    assert any("brake pads" in sentence for sentence in miss["why"])


async def test_the_reasons_are_in_the_readers_language(client: httpx.AsyncClient) -> None:
    russian = {"Accept-Language": "ru"}
    answer = await put_text(client, await with_examples(client), headers=russian)
    (miss,) = answer.json()["examples"]
    assert any("тормозные колодки" in sentence for sentence in miss["why"])


async def test_a_policy_may_refuse_itself_for_its_examples(client: httpx.AsyncClient) -> None:
    answer = await put_text(client, await with_examples(client, "examples_policy: refuse"))
    assert answer.status_code == 422
    (mistake,) = answer.json()["errors"]
    assert mistake["field"] == "examples.1.urgency"
    assert (await client.get(MAIN)).json()["version"] == 1


@pytest.mark.parametrize("more", ["", "examples_policy: refuse"])
async def test_a_preview_tells_them_and_never_refuses(client: httpx.AsyncClient, more: str) -> None:
    text = await with_examples(client, more)
    headers = {"Content-Type": "application/yaml"}
    answer = await client.post(f"{MAIN}/preview", content=text.encode(), headers=headers)
    assert answer.status_code == 200
    assert [miss["field"] for miss in answer.json()["examples"]] == ["examples.1.urgency"]
