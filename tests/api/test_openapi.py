"""openapi.yaml says what is served: no less, no more, in valid OpenAPI."""

import hmac
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from declared_problems import operation_at
from doors import do, post_lead, take_next
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

import service
from service.api.document import about
from service.api.document.fields import field_texts
from service.api.document.sharing import STATUS_OF
from service.api.openapi import as_yaml
from service.api.problems import PROBLEM
from service.flows.events.send_events import pass_events_on
from service.main import create_app
from service.settings import Settings

FILE = Path(service.__file__).parents[1] / "openapi.yaml"
DOCUMENT: dict[str, Any] = create_app(Settings()).openapi()
OPERATIONS: dict[str, dict[str, Any]] = {
    f"{method.upper()} {path}": operation
    for path, operations in DOCUMENT["paths"].items()
    for method, operation in operations.items()
}
GUARDED = [name for name, operation in OPERATIONS.items() if "x-scope" in operation]
REGISTRY = Registry().with_resource("urn:api", Resource(DOCUMENT, DRAFT202012))
PROBLEMS_HAD = {"400", "401", "404", "409", "412", "413", "415", "422", "428"}
REPLACED = re.compile(r"\{[a-z_]+\}")


def resolved(part: dict[str, Any]) -> dict[str, Any]:
    """What stands there, or where it refers to."""
    if "$ref" not in part:
        return part
    found: Any = DOCUMENT
    for name in part["$ref"].removeprefix("#/").split("/"):
        found = found[name]
    assert isinstance(found, dict)
    return found


def schema_at(*path: str) -> Draft202012Validator:
    """Checks values against the schema that stands there in the document."""
    pointer = "/".join(part.replace("~", "~0").replace("/", "~1") for part in path)
    return Draft202012Validator(
        {"$ref": f"urn:api#/{pointer}"},
        registry=REGISTRY,
        format_checker=Draft202012Validator.FORMAT_CHECKER,
    )


def examples(value: Any, *path: str) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every schema in the document that has examples, with each of them."""
    if isinstance(value, dict):
        for example in value.get("examples", ()):
            yield path, example
        for name, part in value.items():
            if name != "examples":
                yield from examples(part, *path, name)
    if isinstance(value, list):
        for number, part in enumerate(value):
            yield from examples(part, *path, str(number))


EXAMPLES = list(examples(DOCUMENT))


@pytest.mark.parametrize("docs", [True, False])
def test_the_file_is_what_the_application_says(docs: bool) -> None:
    generated = as_yaml(create_app(Settings(docs=docs)))
    assert generated == FILE.read_text("utf-8"), "openapi.yaml is out of date: run `make openapi`"


async def test_the_docs_are_made_of_the_same_document(door: httpx.AsyncClient) -> None:
    assert (await door.get("/openapi.json")).json() == DOCUMENT


def test_the_document_is_valid() -> None:
    validate(DOCUMENT)


def fields_of(schema: dict[str, Any]) -> dict[str, Any]:
    """The fields of a schema, and those that it adds to another's."""
    own = [part.get("properties", {}) for part in (schema, *schema.get("allOf", ()))]
    return {name: field for part in own for name, field in part.items()}


def test_every_field_is_described() -> None:
    silent = [
        f"{model}.{name}"
        for model, schema in DOCUMENT["components"]["schemas"].items()
        for name, field in fields_of(schema).items()
        if not field.get("description")
    ]
    assert silent == [], "describe them beside the field, or in service/api/document/fields.yaml"


def test_every_text_of_fields_is_used() -> None:
    """A field that went takes its text with it."""
    schemas = DOCUMENT["components"]["schemas"]
    had = {name for schema in schemas.values() for name in fields_of(schema)}
    names = {name.rpartition(".")[2] for name in field_texts()}
    assert names <= had


def test_the_document_is_brief() -> None:
    assert len(FILE.read_bytes()) <= 3600 * len(OPERATIONS)


def test_every_operation_has_an_id_of_its_own() -> None:
    ids = [operation["operationId"] for operation in OPERATIONS.values()]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch("[a-z]+(_[a-z]+)*", item) for item in ids)


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_operation_is_described(name: str) -> None:
    operation = OPERATIONS[name]
    assert operation["summary"]
    assert operation["description"].strip().endswith(".")
    assert len(operation["tags"]) == 1
    assert all(resolved(answer)["description"] for answer in operation["responses"].values())
    assert any(status.startswith("2") for status in operation["responses"])


@pytest.mark.parametrize("name", GUARDED)
def test_every_guarded_operation_tells_of_its_key(name: str) -> None:
    operation = OPERATIONS[name]
    assert operation["description"].endswith(f" Scope: `{operation['x-scope']}`.")


def test_keys_are_bearer_tokens() -> None:
    assert DOCUMENT["security"] == [{"key": []}]
    assert DOCUMENT["components"]["securitySchemes"] == {
        "key": {"type": "http", "scheme": "bearer"}
    }


def test_only_health_and_webhooks_need_no_key() -> None:
    webhooks = "POST /webhooks/{adapter}/{source}"  # whose senders have proofs of their own
    assert set(OPERATIONS) - set(GUARDED) == {"GET /healthz", "GET /readyz", webhooks}
    for name, operation in OPERATIONS.items():
        assert operation.get("security") == (None if name in GUARDED else [])


@pytest.mark.parametrize("name", GUARDED)
def test_every_guarded_operation_tells_of_its_problems(name: str) -> None:
    operation = OPERATIONS[name]
    wanted = {"401", "403", "422", "503"}
    wanted |= {"400", "408", "413", "415"} if "requestBody" in operation else set()
    wanted |= {str(STATUS_OF[kind]) for kind in operation["x-problems"]}
    reported = {status for status in operation["responses"] if status >= "400"}
    assert wanted == reported
    for status in reported:
        content = resolved(operation["responses"][status])["content"]
        assert content == {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}


@pytest.mark.parametrize("name", GUARDED)
def test_every_part_of_a_path_is_a_parameter(name: str) -> None:
    parameters = [resolved(item) for item in OPERATIONS[name].get("parameters", [])]
    in_path = {f"{{{parameter['name']}}}" for parameter in parameters if parameter["in"] == "path"}
    assert in_path == set(REPLACED.findall(name))
    assert all(parameter["required"] for parameter in parameters if parameter["in"] == "path")


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("POST /v1/leads", "LeadWithClientOut"),
        ("POST /v1/operators/{operator}/next", "ServedLeadOut"),
    ],
)
def test_the_hot_routes_are_documented(name: str, model: str) -> None:
    answers = OPERATIONS[name]["responses"]
    schema = {"$ref": f"#/components/schemas/{model}"}
    assert answers["200"]["content"] == {"application/json": {"schema": schema}}
    assert ("201" in answers, "204" in answers) == (name.endswith("leads"), name.endswith("next"))


def test_the_idempotency_key_and_the_wait_are_documented() -> None:
    key, _ = OPERATIONS["POST /v1/leads"]["parameters"]
    _, wait, *_ = OPERATIONS["POST /v1/operators/{operator}/next"]["parameters"]
    assert (key["name"], key["in"], key["schema"]["maxLength"]) == (
        "Idempotency-Key",
        "header",
        200,
    )
    assert (wait["name"], wait["in"], wait["schema"]["maximum"]) == ("wait", "query", 60)


@pytest.mark.parametrize("name", [name for name in OPERATIONS if "requestBody" in OPERATIONS[name]])
def test_every_body_that_is_sent_is_closed_and_needed(name: str) -> None:
    body = OPERATIONS[name]["requestBody"]
    if "text/csv" in body["content"]:
        return  # a file, which may be empty and whose lines are checked one by one
    assert body["required"]
    reference = body["content"]["application/json"]["schema"]["$ref"]
    model = DOCUMENT["components"]["schemas"][reference.rpartition("/")[2]]
    closed = [model.get(f"{name}Properties") for name in ("additional", "unevaluated")]
    assert False in closed
    assert model["description"]


def test_there_are_examples_of_what_is_sent_and_answered() -> None:
    of_models = {path[2] for path, _ in EXAMPLES if len(path) == 3}
    assert {"LeadIn", "SettleIn", "Problem"} <= of_models


@pytest.mark.parametrize(("path", "example"), EXAMPLES, ids=lambda stated: str(stated)[-60:])
def test_every_example_has_the_shape_that_it_shows(path: tuple[str, ...], example: Any) -> None:
    schema_at(*path).validate(example)


def test_an_example_of_another_shape_would_be_noticed() -> None:
    lead = schema_at("components", "schemas", "LeadIn")
    assert lead.is_valid({"channel": "vk", "budget": "5000.00"})
    for wrong in (
        {},
        {"channel": "fax"},
        {"channel": "vk", "budget": -1},
        {"channel": "vk", "x": 1},
    ):
        assert not lead.is_valid(wrong)


def test_every_tag_is_explained_and_leads_come_first() -> None:
    tags = [tag["name"] for tag in DOCUMENT["tags"]]
    assert {operation["tags"][0] for operation in OPERATIONS.values()} <= set(tags)
    assert tags[0] == next(iter(OPERATIONS.values()))["tags"][0] == "leads"


async def test_the_examples_of_the_main_calls_are_taken(client: httpx.AsyncClient) -> None:
    """An operator's hour, of nothing but the examples."""
    sent = {name: dict(example) for name, example in about.EXAMPLES.items()}
    for name, method, path in (
        ("KeyIn", "POST", "/v1/keys"),
        ("SubscriptionIn", "PUT", "/v1/subscriptions/crm"),
        ("CardIn", "PUT", "/v1/customers/c-1"),
        ("OperatorIn", "PUT", "/v1/operators/carol"),
        ("PresenceIn", "PUT", "/v1/operators/carol/presence"),
    ):
        answer = await client.request(method, path, json=sent[name])
        assert answer.is_success, answer.text
    for number, (name, ending) in enumerate(
        (
            ("SettleIn", "settle"),
            ("ParkIn", "park"),
            ("TransferIn", "transfer"),
            ("DeclineIn", "decline"),
        )
    ):
        other = {"external_id": f"msg-{number}", "customer": {"phone": f"+7916123450{number}"}}
        lead = (await client.post("/v1/leads", json={**sent["LeadIn"], **other})).json()
        claimed = await client.post(f"/v1/leads/{lead['id']}/claim", json={"operator": "carol"})
        token = claimed.json()["claim"]["token"]
        ended = await client.post(
            f"/v1/leads/{lead['id']}/{ending}", json={**sent[name], "token": token}
        )
        assert ended.is_success, ended.text


async def test_the_example_of_a_lead_is_taken(client: httpx.AsyncClient) -> None:
    example = DOCUMENT["components"]["schemas"]["LeadIn"]["examples"][0]
    answer = await client.post("/v1/leads", json={**example, "external_id": "example"})
    assert answer.status_code == 201


async def test_the_example_of_a_settlement_is_taken(client: httpx.AsyncClient) -> None:
    example = DOCUMENT["components"]["schemas"]["SettleIn"]["examples"][0]
    await post_lead(client)
    lead = await take_next(client)
    answer = await do(client, lead, "settle", **{**example, "token": lead["claim"]["token"]})
    assert answer.json()["outcome"] == example["outcome"]


@pytest.fixture
def checked(client: httpx.AsyncClient) -> tuple[httpx.AsyncClient, set[str]]:
    """The client, each of whose answers must be documented; and which ones it had."""
    had: set[str] = set()

    async def check(answer: httpx.Response) -> None:
        await answer.aread()
        had.add(check_documented(answer))

    client.event_hooks = {"response": [check]}
    return client, had


def check_documented(answer: httpx.Response) -> str:
    """The operation and status of an answer, which must have the documented shape."""
    method = answer.request.method.lower()
    found = operation_at(method, answer.request.url.path)
    assert found is not None
    path, _ = found
    status = str(answer.status_code)
    answered = DOCUMENT["paths"][path][method]["responses"][status]
    documented = resolved(answered).get("content")
    if documented is None:
        assert answer.content == b""
    else:
        media_type = answer.headers["content-type"].partition(";")[0]
        where = ("paths", path, method, "responses", status)
        if "$ref" in answered:
            where = tuple(answered["$ref"].removeprefix("#/").split("/"))
        where = (*where, "content", media_type, "schema")
        is_json = media_type.endswith(("/json", "+json"))
        schema_at(*where).validate(answer.json() if is_json else answer.text)
    return f"{method.upper()} {path} {status}"


async def test_every_answer_has_the_documented_shape(
    checked: tuple[httpx.AsyncClient, set[str]],
) -> None:
    client, had = checked
    await tell_of_everything(client)
    good = {name for name in had if name[-3:] < "400"}
    assert good == {
        f"{name} {status}"
        for name, operation in OPERATIONS.items()
        for status in operation["responses"]
        if status < "400"
    }
    assert {name[-3:] for name in had - good} == PROBLEMS_HAD


async def tell_of_everything(client: httpx.AsyncClient) -> None:
    """Whatever can be asked, asked once, with as many fields as there are."""
    for path in (
        "/healthz",
        "/readyz",
        "/metrics",
        "/v1/queues",
        "/v1/rules",
        "/v1/operators/anna",
    ):
        await client.get(path)
    for _ in range(2):
        await client.put("/v1/queues/parts", json={"title": "Запчасти"})
        await client.put("/v1/operators/carol", json={"skills": ["vip"], "capacity": 9})
    await client.get("/v1/operators")
    await client.put("/v1/operators/carol/presence", json={"status": "online"})
    await client.post("/v1/operators/carol/next")
    example = DOCUMENT["components"]["schemas"]["LeadIn"]["examples"][0]
    full = {
        **example,
        "items": [{"name": "oil", "quantity": 0.5, "price": 3}],
        "attributes": {"a": 1},
    }
    for body in (full, full, {"channel": "phone"}, {"channel": "email"}, {"channel": "vk"}):
        await client.post("/v1/leads", json=body)
    line = await client.get("/v1/operators/carol/queue")
    await client.get("/v1/operators/carol/queue", headers={"If-None-Match": line.headers["etag"]})
    await settle_them(client, [item["id"] for item in line.json()["leads"]])
    await be_called(client)
    await end_claims(client)
    await supervise(client)
    await know_customers(client)
    await forget_customers(client)
    await join_and_split(client)
    await client.get("/v1/leads")
    await send_files(client)
    await client.get("/v1/queues/main/stats")
    await client.get("/v1/queues/main/conversion")
    await client.get("/v1/queues/main/history")
    await listen_as_the_process_ends(client)
    await client.get("/v1/queues/main/late")
    await client.get("/v1/queues/main/vocabulary")
    await client.get("/v1/queues/main/operators/stats")
    await client.get("/v1/queues/main/events")
    await change_policies(client)
    await take_webhooks(client)
    await tell_others(client)
    await hand_out_keys(client)
    await go_wrong(client)


async def listen_as_the_process_ends(client: httpx.AsyncClient) -> None:
    """Streams go on for ever, but for those of a process that ends."""
    listeners = client._transport.app.state.resources.listeners  # type: ignore[attr-defined]
    listeners.end()
    for path in ("/v1/operators/carol/stream", "/v1/queues/main/stream"):
        await client.get(path)
    listeners.ended = False


async def hand_out_keys(client: httpx.AsyncClient) -> None:
    await client.post("/v1/keys", json={"name": "board", "scopes": ["read"]})
    await client.get("/v1/keys")
    await client.post("/v1/keys/board/rotate", json={"overlap_hours": 1})
    await client.delete("/v1/keys/board")


async def forget_customers(client: httpx.AsyncClient) -> None:
    """Two clients are looked for, shown and erased, one by their number; one is there no more."""
    for number, phone in (("c-8", "+79001112288"), ("c-9", "+79001112299")):
        await client.put(f"/v1/customers/{number}", json={"phone": phone})
    named = {"phone": "+79001112288"}
    await client.post("/v1/customers/find", json=named)
    await client.post("/v1/customers/export", json=named)
    await client.post("/v1/customers/erase", json={**named, "reason": "asked"})
    await client.post("/v1/customers/erase", json={**named, "reason": "asked"})
    await client.delete("/v1/customers/c-9")
    await client.get("/v1/erasures")


async def join_and_split(client: httpx.AsyncClient) -> None:
    """A second signal of one client joins his lead, and is split off again."""
    stated = {"channel": "vk", "customer": {"phone": "+79001234567"}, "text": "бампер"}
    lead = await post_lead(client, **stated)
    await client.post("/v1/leads", json={**stated, "text": "капот"})
    path = f"/v1/leads/{lead['id']}"
    _, second = (await client.get(f"{path}/signals")).json()["signals"]
    await client.post(f"{path}/split", json={"signals": [second["id"]], "reason": "his wife"})


async def tell_others(client: httpx.AsyncClient) -> None:
    """Subscribe to events, look at what is to be sent, and send it anew."""
    others = "/v1/subscriptions"
    wanted = {"url": "https://nowhere.invalid/hooks", "types": ["lead.*"], "queue": "main"}
    for name in ("crm", "crm", "gone"):
        await client.put(f"{others}/{name}", json=wanted)
    await client.delete(f"{others}/gone")
    await post_lead(client, channel="vk")
    await pass_events_on(client._transport.app.state.resources)  # type: ignore[attr-defined]
    pending = (await client.get(f"{others}/crm/deliveries?state=pending")).json()["deliveries"]
    await client.post(f"{others}/crm/deliveries/{pending[0]['id']}/replay")
    for path in ("rotate", "test", "replay"):
        await client.post(f"{others}/crm/{path}")
    for path in (others, f"{others}/crm"):
        await client.get(path)


async def take_webhooks(client: httpx.AsyncClient) -> None:
    """Make sources, let one deliver, look at what came of it, and read it again."""
    for path in ("/v1/adapters", "/v1/adapters/tawk", "/v1/adapters/mapping"):
        await client.get(path)
    for name in ("shop", "gone"):
        sent = {"adapter": "tawk", "secrets": {"secret": "hush"}, "operators": {"29": "anna"}}
        for _ in range(2):
            await client.put(f"/v1/sources/{name}", json=sent)
    await client.delete("/v1/sources/gone")
    await client.post("/v1/sources/shop/rotate", json={"secrets": {"secret": "hushed"}})
    body = b'{"event": "chat:assigned"}'
    signature = hmac.digest(b"hush", body, "sha1").hex()
    headers = {"X-Tawk-Signature": signature, "Content-Type": "application/json"}
    await client.post("/webhooks/tawk/shop", content=body, headers=headers)
    (delivery,) = (await client.get("/v1/deliveries")).json()["deliveries"]
    await client.get(f"/v1/deliveries/{delivery['id']}")
    await client.post(f"/v1/deliveries/{delivery['id']}/replay")
    await client.post("/v1/sources/shop/replay")
    await client.get("/v1/sources")
    await client.get("/v1/sources/shop")


async def send_files(client: httpx.AsyncClient) -> None:
    """Take in a file with a mistake, and give all leads out in both formats."""
    stated = {"Content-Type": "text/csv"}
    await client.post("/v1/leads/import", content="channel\nvk\nfax\n", headers=stated)
    for written in ("csv", "ndjson"):
        await client.get("/v1/leads/export", params={"format": written})


async def settle_them(client: httpx.AsyncClient, ids: list[str]) -> None:
    """Take four leads, and end three of the claims in different ways."""
    lead = await take_next(client, "carol")
    await do(client, lead, "renew")
    await do(client, lead, "release", reason="lunch")
    taken = [
        await client.post(f"/v1/leads/{item}/claim", json={"operator": "carol"}) for item in ids
    ]
    first, second, third, _ = (item.json() for item in taken)
    await client.get("/v1/operators/carol/leads")
    await do(client, first, "settle", outcome="won", amount="5", note="paid")
    await do(client, second, "settle", outcome="lost", reason="price", note="told")
    await do(client, third, "settle", outcome="callback", note="later")
    await client.patch(f"/v1/leads/{ids[3]}", json={"budget": "7000.00"})
    for item in ids:
        for path in ("", "/events", "/explanation"):
            await client.get(f"/v1/leads/{item}{path}")


async def be_called(client: httpx.AsyncClient) -> None:
    """A call on top of what is held, of which only the details are taken."""
    call = await post_lead(client, channel="phone")
    stated = {"event": "answered", "operator": "boris"}
    await client.post(f"/v1/leads/{call['id']}/call", json=stated)
    held = (await client.get("/v1/operators/boris/leads")).json()["leads"]
    (on_line,) = [lead for lead in held if lead["id"] == call["id"]]
    await do(client, on_line, "details", note="dictated the VIN")


async def end_claims(client: httpx.AsyncClient) -> None:
    """Decline, hand over and put aside a lead; then its client turns out to buy wholesale."""
    lead = await post_lead(client, channel="registration")
    for verb, more in (
        ("decline", {"reason": "busy"}),
        ("transfer", {"operator": "boris", "note": "asked for him"}),
        ("park", {"until": "2026-06-20T09:00:00Z", "note": "on the way"}),
        ("settle", {"outcome": "wholesale", "buyer": "reseller", "selection": "by_shop"}),
    ):
        lead = (
            await client.post(f"/v1/leads/{lead['id']}/claim", json={"operator": "carol"})
        ).json()
        await do(client, lead, verb, **more)
        if verb == "park":
            await client.patch(f"/v1/leads/{lead['id']}", json={"text": "I am here"})
    again = await client.post("/v1/leads", json={"channel": "phone", "external_id": "undone"})
    path, whom = f"/v1/leads/{again.json()['id']}/claim", {"operator": "carol", "reason": "asked"}
    lead = (await client.post(path, json=whom)).json()
    await do(client, lead, "settle", outcome="lost", reason="wrong button")
    await do(client, lead, "undo")
    await client.post(f"/v1/leads/{lead['id']}/notes", json={"note": "asks for the price"})
    await do(client, lead, "settle", outcome="wish", note="struts, +7 916 123-45-67")
    sent = {"outcome": "lost", "reason": "no wish after all"}
    await client.post(f"/v1/leads/{lead['id']}/correct", json=sent)
    await client.post(f"/v1/leads/{lead['id']}/correct", json={**sent, "outcome": "wish"})
    await client.post("/v1/wishes/arrived", json={"goods": ["struts"]})
    decided = {"filter": {"queue": "main"}, "action": "unassign", "reason": "why"}
    await client.post("/v1/leads/bulk", json=decided)
    task = {"campaign": "birthday", "operator": "carol", "expires_at": "2026-12-31T00:00:00Z"}
    sent = {"channel": "crm_task", "task": task, "external_id": "activated"}
    due = (await client.post("/v1/leads", json=sent)).json()
    due = (await client.post(f"/v1/leads/{due['id']}/claim", json={"operator": "carol"})).json()
    await do(client, due, "activate")
    await do(client, due, "settle", outcome="lost", reason="x")
    await change_in_part(client)


async def change_in_part(client: httpx.AsyncClient) -> None:
    """Operators, queues, sources and subscriptions, each in one field; an operator leaves."""
    await client.put("/v1/operators/dora", json={})
    await client.patch("/v1/operators/dora", json={"capacity": 2})
    await client.delete("/v1/operators/dora")
    await client.patch("/v1/queues/parts", json={"title": "Parts"})
    source = {"adapter": "zadarma", "secrets": {"secret": "s" * 20}}
    await client.put("/v1/sources/partly", json=source)
    by = {"field": "line", "map": {"2001": "main"}, "else": "main"}
    await client.patch("/v1/sources/partly", json={"queue_by": by})
    to = {"url": "https://crm.example.com/hooks", "types": ["*"]}
    await client.put("/v1/subscriptions/partly", json=to)
    await client.patch("/v1/subscriptions/partly", json={"active": False})


async def know_customers(client: httpx.AsyncClient) -> None:
    """A customer with all that can be known of him, and a call task that is extended."""
    later, at = "2026-12-31T00:00:00Z", "2026-06-01T00:00:00Z"
    existing = {
        **{"class": "vip", "name": "Ирина", "phone": "+79161234567", "cars": ["Kia Rio"]},
        "orders": [{"number": "1", "operator": "anna", "opened_at": at, "reserved_until": later}],
        "notes": [{"author": "anna", "at": at, "text": "звонить утром"}],
    }
    for _ in range(2):
        await client.put("/v1/customers/c-1", json=existing)
    await client.get("/v1/customers/c-1")
    task = {"campaign": "birthday", "operator": "anna", "expires_at": later}
    customer = {"external_id": "c-1", "context": {"contacts": [{"operator": "anna", "at": at}]}}
    lead = await post_lead(client, channel="crm_task", task=task, customer=customer)
    extended = {"expires_at": later, "reason": "болел"}
    await client.post(f"/v1/leads/{lead['id']}/extend", json=extended)
    await client.post(f"/v1/leads/{lead['id']}/claim", json={"operator": "anna"})
    await client.get("/v1/customers", params={"phone": "+79001112233"})
    await client.put("/v1/customers/c-2", json={"phone": "+79001112233"})
    wanted = {"into": "c-1", "from": "c-2", "reason": "one person"}
    merge = (await client.post("/v1/customers/merge", json=wanted)).json()["merge"]
    await client.post(f"/v1/customers/merge/{merge}/undo", json={"reason": "no"})
    blocked = {"mark": "+79001112244", "reason": "silence"}
    await client.post("/v1/customers/marks/block", json=blocked)
    await client.get("/v1/customers/marks/block")
    await client.delete("/v1/customers/marks/block", params={"mark": "+79001112244"})
    part = {"number": "1", "name": "колодки"}
    await client.post("/v1/customers/c-1/selections", json={"selections": [part]})
    owner = {"operator": "anna", "reason": "they know each other"}
    await client.put("/v1/customers/c-1/owner", json=owner)
    await client.delete("/v1/customers/c-1/owner")


async def supervise(client: httpx.AsyncClient) -> None:
    """Decide everything that a supervisor may decide about a lead."""
    lead = await post_lead(client)
    taken = await client.post(f"/v1/leads/{lead['id']}/claim", json={"operator": "anna"})
    assert taken.status_code == 200
    verbs = ("take-away", "pin", "unpin", "assign", "unassign", "withdraw")
    for verb in verbs:
        more = {"assign": {"operator": "boris"}, "withdraw": {"outcome": "lost"}}.get(verb, {})
        await client.post(f"/v1/leads/{lead['id']}/{verb}", json={"reason": "why", **more})


async def change_policies(client: httpx.AsyncClient) -> None:
    """Look at policies in every form, try one out, replace one and roll back."""
    policy = "/v1/queues/main/policy"
    stated = (await client.get(policy)).json()["policy"]
    await client.post(f"{policy}/preview", json={**stated, "lease_seconds": 60})
    await client.put(policy, json={**stated, "lease_seconds": 60}, headers={"If-Match": '"1"'})
    await client.post(f"{policy}/versions/1/restore", headers={"If-Match": '"2"'})
    await client.post(f"{policy}/versions/1/restore", headers={"If-Match": '"2"'})
    await client.put(policy, json=stated)
    await client.get(f"{policy}/versions")
    for path in (policy, f"{policy}/versions/2"):
        tag = (await client.get(path, headers={"Accept": "application/yaml"})).headers["etag"]
        await client.get(path, headers={"If-None-Match": tag})
        await client.get(path)
    await client.get("/v1/policy/schema")


async def go_wrong(client: httpx.AsyncClient) -> None:
    """One request for each sort of mistake."""
    json = {"Content-Type": "application/json"}
    await client.post("/v1/leads", content="{", headers=json)
    await client.post("/v1/leads", content=" " * 300_000, headers=json)
    await client.post("/v1/leads", content="x", headers={"Content-Type": "text/plain"})
    await client.post("/v1/leads", json={})
    await client.get("/v1/leads", headers={"Authorization": "Bearer unknown"})
    await client.get("/v1/queues/nowhere/stats")
    lead = (await client.get("/v1/leads", params={"state": "settled"})).json()["leads"][0]
    await client.post(f"/v1/leads/{lead['id']}/renew", json={"token": "gone"})
