"""Whatever a sender might send: recorded bodies broken in a place, and requests of any shape."""

import random
from collections.abc import Iterator, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import orjson
from hypothesis import strategies as st
from webhooks.deliveries import NOON, PAYLOADS

from service.adapters.adapter import Adapter
from service.adapters.delivery import Delivery
from service.adapters.source import Source

SHARED = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
FORM = "application/x-www-form-urlencoded"
MEDIA_TYPES = (
    *("application/json", FORM, "multipart/form-data; boundary=limit", "text/xml", "", "\xff"),
    *("application/cloudevents+json", "application/cloudevents-batch+json"),
)
# Every header by which some sender says something, and texts that it may say there.
SAID: Mapping[str, tuple[str, ...]] = {
    "authorization": ("Bearer token", "Basic dXNlcjpwYXNz", "Basic %", "Basic"),
    "ce-id": ("1", "%C0%A0"),
    "ce-source": ("/shop",),
    "ce-specversion": ("1.0",),
    "ce-time": ("2026-06-10T08:00:00Z",),
    "ce-type": ("lead.request.created", "lead.call.ended"),
    "shopify-topic": ("orders/create", "customers/create"),
    "signature": (),
    "webhook-id": ("msg_1",),
    "webhook-request-origin": ("example.com",),
    "webhook-signature": ("v1,AAAA v1a,AAAA", "v1"),
    "webhook-timestamp": (str(int(NOON.timestamp())), "7.5"),
    "x-chatwoot-delivery": (),
    "x-chatwoot-signature": ("sha256=00",),
    "x-chatwoot-timestamp": (str(int(NOON.timestamp())),),
    "x-hook-event-id": (),
    "x-hub-signature-256": ("sha256=00",),
    "x-mailgun-signature": (),
    "x-max-bot-api-secret": (),
    "x-shopify-hmac-sha256": ("AAAA",),
    "x-shopify-shop-domain": ("shop.myshopify.com",),
    "x-shopify-topic": ("orders/create", "orders/updated", "orders/paid", "customers/create"),
    "x-shopify-webhook-id": (),
    "x-tawk-signature": (),
    "x-telegram-bot-api-secret-token": (),
    "x-twilio-email-event-webhook-signature": ("MEUC", "AAAA"),
    "x-twilio-email-event-webhook-timestamp": (str(int(NOON.timestamp())),),
    "x-twilio-signature": ("AAAA",),
    "x-viber-content-signature": (),
    "x-wc-webhook-delivery-id": (),
    "x-wc-webhook-signature": ("AAAA",),
    "x-wc-webhook-topic": ("order.created", "order.updated", "customer.created"),
}
PATHS = ("", "events/call", "events/summary", "ping", "status", "dial")
QUERIES = (
    *("", "zd_echo=abc", "zd_echo=a&zd_echo=b", "crm_token=token", "%ff=%ff", "a=1&a[b]=2"),
    "hub.mode=subscribe&hub.verify_token=token&hub.challenge=7",
)
OTHERS: tuple[Any, ...] = (
    *(None, True, 0, -1, 7.5, 1e308, 2**63, "", " ", "x", "\u202e", "x" * 9000, "9" * 400),
    *([], [None], [[]], {}, {"a": {}}, {"id": None}, ["x"], "2026-06-10", "+79001234567", "0"),
)


def a_source_of(adapter: Adapter, options: Mapping[str, str], **more: Any) -> Source:
    """A source with each secret of its adapter, one that every adapter can use."""
    secrets = dict.fromkeys(adapter.secrets, (SHARED, "user:pass"))
    existing = {name: setting.default for name, setting in adapter.options.items()}
    fields = {"name": "shop", "adapter": adapter.name, "queue": "main", "secrets": secrets}
    return Source(**{**fields, "options": {**existing, **options}, **more})  # type: ignore[arg-type]


def options_of(adapter: Adapter) -> st.SearchStrategy[dict[str, str]]:
    """Options as the interface takes them: one of the choices, or any text."""
    return st.fixed_dictionaries(
        {},
        optional={
            name: st.sampled_from(setting.choices) if setting.choices else st.text(max_size=12)
            for name, setting in adapter.options.items()
        },
    )


def requests_of(adapter: Adapter, bodies: st.SearchStrategy[bytes]) -> st.SearchStrategy[Delivery]:
    """Any request, with headers that senders use, of any texts."""
    names = sorted({*SAID, *adapter.stored_headers})
    anything = st.text(st.characters(codec="latin-1"), max_size=40)
    header = st.sampled_from(names).flatmap(
        lambda name: st.tuples(st.just(name), st.sampled_from((*SAID.get(name, ()), "")) | anything)
    )
    kind = st.tuples(st.just("content-type"), st.sampled_from(MEDIA_TYPES))
    return st.builds(
        Delivery,
        method=st.sampled_from(sorted(adapter.methods)),
        body=bodies,
        received_at=st.just(NOON),
        headers=st.tuples(kind).flatmap(
            lambda first: st.lists(header, max_size=8).map(lambda more: (*first, *more))
        ),
        path=st.sampled_from(PATHS) | st.text(max_size=20),
        query=st.sampled_from(QUERIES) | anything,
        url=st.sampled_from(("https://shop.example/webhooks", "", "http://[", "x:y:z")),
    )


def recorded(adapter: Adapter) -> list[Path]:
    """The recorded bodies of an adapter, also those of it by several names."""
    folders = [*PAYLOADS.glob(adapter.name), *PAYLOADS.glob(f"{adapter.name}_*")]
    return sorted(path for folder in folders for path in folder.rglob("*") if path.is_file())


def special_options(adapter: Adapter, path: Path) -> dict[str, str]:
    """What the source of a recorded body must say, so that it is read at all."""
    if adapter.name != "mapping":
        return {}
    return {"shipped": path.relative_to(PAYLOADS).parts[0].removeprefix("mapping_")}


def special_media_type(path: Path) -> str | None:
    """The media type of recorded bodies that are known by it."""
    name = path.relative_to(PAYLOADS).as_posix()
    if name == "standard/cloud_batch.json":
        return "application/cloudevents-batch+json"
    return "application/cloudevents+json" if name.startswith("standard/cloud_") else None


def broken(body: bytes, chance: random.Random) -> tuple[bytes, str]:
    """The body with one or two of its values left out or changed, and its media type."""
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        if body.startswith(b"--"):
            boundary = body[2:].split(b"\r\n", 1)[0].decode("latin-1")
            return bent(body, chance), f"multipart/form-data; boundary={boundary}"
        return _broken_form(body, chance), FORM
    for _ in range(chance.choice((1, 2))):
        value = _changed(value, chance)
    return orjson.dumps(value), "application/json"


def bent(body: bytes, chance: random.Random) -> bytes:
    """The bytes with a piece cut out, or another put in."""
    start, length = chance.randrange(len(body) + 1), chance.randrange(20)
    return body[:start] + chance.randbytes(chance.choice((0, 0, 3))) + body[start + length :]


def _broken_form(body: bytes, chance: random.Random) -> bytes:
    pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
    if not pairs:
        return bent(body, chance)
    place = chance.randrange(len(pairs))
    name, value = pairs[place]
    if value[:1] in ("{", "[") and chance.random() < 0.9:
        pairs[place] = (name, orjson.dumps(_changed(orjson.loads(value), chance)).decode())
    else:
        name = chance.choice((name, name, f"{name}[0]", f"{name}[a][b]", name.split("[")[0]))
        put = [(name, str(chance.choice(OTHERS)))]
        pairs[place : place + 1] = chance.choice(([], put, put, [*put, (name, value)]))
    return urlencode(pairs).encode()


def _changed(value: Any, chance: random.Random) -> Any:
    places = list(_places(value))
    way = chance.choice(places) if places else ()
    if not way:
        return deepcopy(chance.choice(OTHERS))
    holder = value
    for step in way[:-1]:
        holder = holder[step]
    if chance.random() < 0.3:
        del holder[way[-1]]
    else:
        holder[way[-1]] = deepcopy(chance.choice(OTHERS))
    return value


def _places(value: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    inside = value.items() if isinstance(value, dict) else enumerate(value)
    for step, item in inside:
        yield (*way, step)
        if isinstance(item, dict | list):
            yield from _places(item, (*way, step))
