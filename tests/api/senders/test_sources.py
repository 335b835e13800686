"""Sources of webhooks over HTTP: what is said of them, and what is never said again."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from doors import Newcomer, problem_in, wrong_fields
from driven_clock import DrivenClock
from webhook_stories import SECRET, a_chat, all_read, deliver, path_of, put_source

import service.adapters
from service.adapters.registry import ADAPTERS
from service.leads.errors import SecretLost
from service.resources import Resources
from service.sealing import Sealer, new_key
from service.settings import Settings
from service.storage.senders.source_cache import SourceCache

NOON = "2026-06-10T09:00:00Z"
NO_DELIVERIES = {
    **{"waiting": 0, "read": 0, "ignored": 0, "quarantined": 0, "refused": 0},
    **{"last_at": None, "last_refused_at": None},
    **{"ignored_reasons": {}, "unknown_types": {}},
}


async def test_a_source_is_made_looked_at_changed_and_removed(client: httpx.AsyncClient) -> None:
    sent = {
        **{"adapter": "mango", "secrets": {"vpbx_api_key": "key", "salt": "salt"}},
        **{"operators": {"29": "anna"}, "default_operator": "boris"},
        **{"time_zone": "Asia/Yekaterinburg", "region": "KZ"},
    }
    made = await client.put("/v1/sources/line", json=sent)
    assert made.status_code == 201
    set_at_noon = {"since": NOON, "previous_until": None}
    assert made.json() == {
        **{"name": "line", "adapter": "mango", "queue": "main"},
        **{"address": "http://nextlead/webhooks/mango/line", "secret_address": None},
        "secrets": {"salt": set_at_noon, "vpbx_api_key": set_at_noon},
        **{"options": {}, "operators": {"29": "anna"}, "default_operator": "boris"},
        **{"time_zone": "Asia/Yekaterinburg", "region": "KZ", "mapping": None},
        **{"currency": None, "of_queue": ["currency"], "silent_since": None},
        **{"extensions": [], "learnt_extensions": []},
        **{"own_marks": [], "lines": [], "queue_by": None},
        **{"deliveries": NO_DELIVERIES, "created_at": NOON, "changed_at": NOON},
    }
    assert (await client.get("/v1/sources/line")).json() == made.json()
    assert (await client.get("/v1/sources")).json() == {"sources": [made.json()]}
    changed = await client.put("/v1/sources/line", json={"adapter": "mango"})
    assert changed.status_code == 200
    assert (changed.json()["operators"], changed.json()["region"]) == ({}, "RU")
    assert changed.json()["of_queue"] == ["region", "time_zone", "currency"]
    assert changed.json()["secrets"] == made.json()["secrets"]
    assert (await client.delete("/v1/sources/line")).status_code == 204
    for answer in (await client.get("/v1/sources/line"), await client.delete("/v1/sources/line")):
        problem_in(answer, 404, "source-not-found")


MANGO = {"adapter": "mango", "secrets": {"vpbx_api_key": "key", "salt": "salt"}}


@pytest.mark.parametrize(
    ("stated", "fields"),
    [
        ({"adapter": "nobody"}, ["adapter"]),
        ({"secrets": {"salt": "x"}}, ["secrets.vpbx_api_key"]),
        ({"secrets": {"salt": None, "vpbx_api_key": "x"}}, ["secrets.salt"]),
        ({"secrets": {**MANGO["secrets"], "sault": "x"}}, ["secrets.sault"]),
        ({"secrets": {**MANGO["secrets"], "salt": ""}}, ["secrets.salt"]),
        ({"secrets": {**MANGO["secrets"], "salt": "two\nlines"}}, ["secrets.salt"]),
        ({"secrets": {**MANGO["secrets"], "salt": "x" * 4097}}, ["secrets.salt"]),
        ({"options": {"colour": "red"}}, ["options.colour"]),
        ({"queue": "nowhere"}, ["queue"]),
        ({"operators": {"1": "zoe", "2": "anna"}}, ["operators.1"]),
        ({"default_operator": "zoe"}, ["default_operator"]),
        ({"time_zone": "Mars/Olympus"}, ["time_zone"]),
        ({"time_zone": "../../etc/passwd"}, ["time_zone"]),
        ({"region": "XX"}, ["region"]),
        ({"region": "rus"}, ["region"]),
        ({"mapping": "title: A"}, ["mapping"]),
        ({"token": "x"}, ["token"]),
        ({"region": "XX", "queue": "nowhere"}, ["region", "queue"]),
    ],
)
async def test_every_mistake_is_named_and_nothing_is_written(
    client: httpx.AsyncClient, stated: dict[str, Any], fields: list[str]
) -> None:
    answer = await client.put("/v1/sources/line", json={**MANGO, **stated})
    assert wrong_fields(answer) == fields
    assert (await client.get("/v1/sources")).json() == {"sources": []}


@pytest.mark.parametrize("name", ["Line", "a.b", "-a", "a" * 65, "%20", "линия"])
async def test_a_name_is_plain_enough_for_an_address(client: httpx.AsyncClient, name: str) -> None:
    assert wrong_fields(await client.put(f"/v1/sources/{name}", json=MANGO)) == ["source"]


async def test_mistakes_of_a_mapping_are_named_by_their_places(client: httpx.AsyncClient) -> None:
    text = "title: A\nbody: form\nauth: {scheme: address}\nevents: [{what: sing}]\n"
    answer = await client.put("/v1/sources/form", json={"adapter": "mapping", "mapping": text})
    assert [field.split(".")[:2] for field in wrong_fields(answer)] == [["mapping", "events"]]
    answer = await client.put("/v1/sources/form", json={"adapter": "mapping"})
    assert wrong_fields(answer) == ["mapping"]
    shipped = {"adapter": "mapping", "options": {"shipped": "nobody"}}
    assert wrong_fields(await client.put("/v1/sources/form", json=shipped)) == ["options.shipped"]


async def test_new_secrets_are_checked_by_the_adapter(client: httpx.AsyncClient) -> None:
    sent = {"adapter": "standard", "secrets": {"secret": "no key of that form"}}
    assert wrong_fields(await client.put("/v1/sources/site", json=sent)) == ["secrets.secret"]


@pytest.mark.parametrize(
    ("adapter", "secret"), [("chatwoot", "secret"), ("sendgrid", "public_key")]
)
async def test_whoever_may_not_sign_says_so_or_has_a_secret(
    client: httpx.AsyncClient, adapter: str, secret: str
) -> None:
    neither = await client.put("/v1/sources/site", json={"adapter": adapter})
    assert wrong_fields(neither) == [f"secrets.{secret}"]
    unsigned = {"adapter": adapter, "options": {"unsigned": "yes"}}
    assert (await client.put("/v1/sources/site", json=unsigned)).json()["secret_address"]


async def test_a_secret_is_in_no_answer(client: httpx.AsyncClient, resources: Resources) -> None:
    await put_source(client)
    answers = [
        await client.get("/v1/sources"),
        await client.put("/v1/sources/shop", json={"adapter": "tawk"}),
        await client.post("/v1/sources/shop/rotate", json={"secrets": {"secret": "the next"}}),
    ]
    for answer in answers:
        assert answer.status_code == 200
        assert SECRET not in answer.text
        assert "the next" not in answer.text


async def test_an_address_with_a_token_is_told_by_the_answer_that_makes_it_alone(
    client: httpx.AsyncClient,
) -> None:
    made = await put_source(client, "chat", adapter="jivo")
    assert made["address"].startswith("http://nextlead/webhooks/jivo/chat/")
    assert made["secret_address"] == {"since": NOON, "previous_until": None}
    again = await put_source(client, "chat", adapter="jivo", secret_address=False)
    assert (again["address"], again["secret_address"]) == (None, made["secret_address"])
    assert (await client.post(path_of(made), content=b"{}")).status_code == 200


async def test_rotation_says_until_when_what_was_before_is_valid(
    client: httpx.AsyncClient, clock: DrivenClock
) -> None:
    await put_source(client)
    clock.pass_by(hours=1)
    sent = {"secrets": {"secret": "the next"}, "overlap_hours": 48}
    rotated = (await client.post("/v1/sources/shop/rotate", json=sent)).json()
    assert rotated["secrets"]["secret"] == {
        "since": "2026-06-10T10:00:00Z",
        "previous_until": "2026-06-12T10:00:00Z",
    }


@pytest.mark.parametrize(
    ("stated", "fields"),
    [
        ({}, ["body"]),
        ({"address": True}, ["address"]),
        ({"secrets": {"sault": "x"}}, ["secrets.sault"]),
        ({"secrets": {"secret": None}}, ["secrets.secret"]),
        ({"secrets": {"secret": "x"}, "overlap_hours": -1}, ["overlap_hours"]),
        ({"secrets": {"secret": "x"}, "overlap_hours": 721}, ["overlap_hours"]),
    ],
)
async def test_a_rotation_with_mistakes_changes_nothing(
    client: httpx.AsyncClient, stated: dict[str, Any], fields: list[str]
) -> None:
    before = await put_source(client)
    assert wrong_fields(await client.post("/v1/sources/shop/rotate", json=stated)) == fields
    assert (await client.get("/v1/sources/shop")).json() == before
    problem_in(
        await client.post("/v1/sources/nobody/rotate", json={"address": True}),
        *(404, "source-not-found"),
    )


async def test_secrets_go_when_they_are_taken_away_or_the_adapter_changes(
    client: httpx.AsyncClient,
) -> None:
    await put_source(client, adapter="chatwoot", secrets={"secret": "x"}, secret_address=True)
    emptied = {"adapter": "chatwoot", "secrets": {"secret": None}, "options": {"unsigned": "yes"}}
    assert (await put_source(client, **emptied))["secrets"] == {}
    await put_source(client, adapter="tawk", secrets={"secret": SECRET})
    answer = await client.put("/v1/sources/shop", json={"adapter": "viber"})
    assert answer.status_code == 422


async def test_a_source_with_something_unread_is_not_removed(
    client: httpx.AsyncClient, resources: Resources
) -> None:
    await put_source(client)
    await deliver(client, a_chat())
    await all_read(resources)
    unread = "UPDATE deliveries SET state = 'received', next_try_at = 'infinity', reason = 'away'"
    await resources.stores.database.fetch(unread)
    problem_in(await client.delete("/v1/sources/shop"), 409, "source-in-use")
    await resources.stores.database.fetch("UPDATE deliveries SET state = 'quarantined'")
    assert (await client.delete("/v1/sources/shop")).status_code == 204
    assert (await client.get("/v1/deliveries")).json()["deliveries"] == []
    problem_in(await deliver(client, a_chat()), 404, "source-not-found")


async def test_without_a_key_to_seal_with_no_source_is_made(
    client: httpx.AsyncClient, resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resources.sealer, "_fernet", None)
    sent = {"adapter": "tawk", "secrets": {"secret": SECRET}}
    answer = await client.put("/v1/sources/shop", json=sent)
    assert "nextlead keys seal" in problem_in(answer, 409, "secret-key-missing")["detail"]


async def test_secrets_outlive_a_new_key_put_before_the_old_one_and_no_other(
    client: httpx.AsyncClient, resources: Resources, settings: Settings
) -> None:
    await put_source(client)
    database, (old,) = resources.stores.database, settings.sealing_keys()
    stored = await resources.stores.sources.find("shop")
    assert stored is not None
    now = resources.clock.now()
    opened = SourceCache(database, Sealer([new_key(), old])).opened(stored, {}, now)
    assert opened.secret("secret") == (SECRET,)
    with pytest.raises(SecretLost):
        SourceCache(database, Sealer([new_key()])).opened(stored, {}, now)


async def test_adapters_say_how_they_are_connected(client: httpx.AsyncClient) -> None:
    listed = (await client.get("/v1/adapters")).json()["adapters"]
    assert [item["name"] for item in listed] == sorted(ADAPTERS)
    mango = (await client.get("/v1/adapters/mango")).json()
    assert mango["secrets"]["salt"]["required"]
    assert "nextlead source add" in mango["connecting"]
    assert (mango["methods"], mango["mapping_schema"]) == (["POST"], None)
    mapping = (await client.get("/v1/adapters/mapping")).json()
    assert mapping["mapping_schema"]["type"] == "object"
    assert mapping["shipped"]["megafon"].startswith("# ")
    standard = (await client.get("/v1/adapters/standard")).json()
    assert standard["payload_schema"]["$schema"].startswith("https://json-schema.org/")
    problem_in(await client.get("/v1/adapters/nobody"), 404, "adapter-not-found")


def test_every_adapter_has_its_connecting_lines() -> None:
    place = Path(service.adapters.__file__).parent / "connecting"
    assert {name for name in ADAPTERS if not (place / f"{name}.md").is_file()} <= {"mapping"}


async def test_who_may_only_read_changes_nothing(newcomer: Newcomer) -> None:
    reader = await newcomer("read", "operate", "supervise", "intake")
    assert (await reader.get("/v1/sources")).status_code == 200
    for answer in (
        await reader.put("/v1/sources/shop", json=MANGO),
        await reader.post("/v1/sources/shop/rotate", json={"address": True}),
        await reader.delete("/v1/sources/shop"),
    ):
        problem_in(answer, 403, "scope-missing")


async def test_what_a_source_names_is_its_own_until_it_is_taken_back(
    client: httpx.AsyncClient,
) -> None:
    await client.put("/v1/sources/line", json={**MANGO, "extensions": ["100-149", "7"]})
    named = {"region": "DE", "currency": "EUR", "time_zone": "Europe/Berlin"}
    changed = (await client.patch("/v1/sources/line", json=named)).json()
    assert {name: changed[name] for name in named} == named
    assert (changed["of_queue"], changed["extensions"]) == ([], ["100-149", "7"])
    taken_back = (await client.patch("/v1/sources/line", json={"region": None})).json()
    assert (taken_back["region"], taken_back["of_queue"]) == ("RU", ["region"])


async def test_a_range_that_is_none_is_refused(client: httpx.AsyncClient) -> None:
    answer = await client.put("/v1/sources/line", json={**MANGO, "extensions": ["200-100"]})
    assert answer.status_code == 422
    assert "200-100" in answer.text
