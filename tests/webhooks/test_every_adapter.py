"""What holds of every adapter, whatever comes: refused or unreadable, and never anything else."""

import random
import re
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from webhooks.arbitrary import (
    FORM,
    SAID,
    a_source_of,
    broken,
    options_of,
    recorded,
    requests_of,
    special_media_type,
    special_options,
)
from webhooks.deliveries import NOON, flipped
from webhooks.forging import FORGERS, SHOPIFY

import service.adapters
from service.adapters.adapter import Adapter
from service.adapters.delivery import Delivery, Reply
from service.adapters.ignored import Ignored, PutAside
from service.adapters.inbound_event import (
    CallUpdate,
    ClientMessage,
    ConversationEnded,
    InboundEvent,
    Lookup,
    OwnAnswer,
)
from service.adapters.registry import ADAPTERS, KNOWN
from service.adapters.source import Source
from service.leads.errors import NotAuthentic, Unanswered, Unreadable
from service.leads.identity import Evidence
from service.matching.marks import own_marks

CONNECTING = Path(service.adapters.__file__).parent / "connecting"
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
SECRET = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NO_PROOFS = {"content-type", *SHOPIFY}
PADDED = 3  # the last signs of base64 hold bits that say nothing
every = pytest.mark.parametrize("adapter", KNOWN, ids=lambda adapter: adapter.name)
proving = pytest.mark.parametrize(
    "adapter", [item for item in KNOWN if item.secrets], ids=lambda adapter: adapter.name
)
quickly = settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
scalars = st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats() | st.text()
values = st.recursive(
    scalars, lambda of: st.lists(of, max_size=4) | st.dictionaries(st.text(), of, max_size=4)
)
keys = st.sampled_from(("type", "event", "data", "id", "message", "object", "entry", "auth"))
bodies = st.one_of(
    st.binary(max_size=200),
    st.dictionaries(keys | st.text(), values, max_size=5).map(orjson.dumps),
    st.lists(st.text(max_size=8), max_size=6).map(lambda sent: "&".join(sent).encode()),
    st.lists(keys, max_size=4).map(lambda sent: "[a]=1&".join(sent).encode()),
)


def check_heard(inbound: InboundEvent, source: Source) -> None:
    """What the flows rely on: bounded, whole, of the source, not from the future."""
    assert isinstance(inbound, InboundEvent)
    if isinstance(inbound, Lookup):
        assert inbound.method
        return
    if isinstance(inbound, Ignored):
        assert inbound.name is None or 0 < len(inbound.name) <= 60
        return
    if isinstance(inbound, PutAside):
        assert inbound.reason
        return
    if isinstance(inbound, ConversationEnded):
        assert NAME.fullmatch(inbound.messenger)
        assert 0 < len(inbound.client) <= 200
        assert inbound.at.tzinfo is not None
        assert inbound.at <= NOON
        return
    if isinstance(inbound, OwnAnswer):
        assert inbound.at.tzinfo is not None
        assert inbound.at <= NOON
        assert own_marks(inbound.customer, source.region, list(Evidence))
        return
    signal = inbound.signal
    assert (signal.queue, signal.source) == (source.queue, source.name)
    assert 0 < len(signal.external_id or "") <= 200
    assert signal.received_at.tzinfo is not None
    assert signal.received_at <= NOON
    assert signal.text is None or 0 < len(signal.text) <= 8000
    assert len(signal.items) <= 200
    client = signal.customer
    if client is not None:
        for name, there in (client.messengers or {}).items():
            assert NAME.fullmatch(name)
            assert 0 < len(there) <= 200
        assert len(client.phone or "") <= 40
        assert client.name is None or 0 < len(client.name) <= 200
    orjson.dumps(dict(signal.attributes or {}))
    assert "\\u0000" not in orjson.dumps(dict(signal.attributes or {})).decode()
    assert "\0" not in f"{signal.text}{client}{signal.external_id}{signal.items}{signal.vin}"
    if isinstance(inbound, CallUpdate):
        assert inbound.at.tzinfo is not None
        assert inbound.at <= NOON
        assert -(2**63) <= inbound.order < 2**63
    elif isinstance(inbound, ClientMessage):
        assert inbound.taken_by is None or 0 < len(inbound.taken_by) <= 200


def check_reply(reply: Reply) -> None:
    assert isinstance(reply, Reply)
    assert 200 <= reply.status < 400
    assert isinstance(reply.body, bytes)
    for text in (reply.media_type, *reply.headers.keys(), *reply.headers.values()):
        assert text.isprintable()


def check_every_part(adapter: Adapter, delivery: Delivery, source: Source) -> None:
    """Call each part of an adapter: any error but those that it may raise fails the test."""
    with suppress(NotAuthentic):
        adapter.verify(delivery, source)
    with suppress(NotAuthentic):
        greeted = adapter.greet(delivery, source)
        if greeted is not None:
            check_reply(greeted)
    named = adapter.once(delivery, source)
    assert named is None or (isinstance(named, str) and named)
    check_reply(adapter.reply(delivery, source))
    with suppress(Unreadable):
        for inbound in adapter.read(delivery, source):
            check_heard(inbound, source)


@every
@given(st.data())
@quickly
def test_whatever_comes_is_refused_or_unreadable_or_heard(
    adapter: Adapter, data: st.DataObject
) -> None:
    source = a_source_of(adapter, data.draw(options_of(adapter)))
    check_every_part(adapter, data.draw(requests_of(adapter, bodies)), source)


@every
@given(seed=st.integers(0, 2**32), options=st.data())
@quickly
def test_a_recorded_body_that_is_broken_is_unreadable_or_heard(
    adapter: Adapter, seed: int, options: st.DataObject
) -> None:
    chance = random.Random(seed)
    said_options = options.draw(options_of(adapter))
    for path in chance.sample(found := recorded(adapter), min(5, len(found))):
        body, media_type = broken(path.read_bytes(), chance)
        sent = [
            (name, chance.choice((*SAID.get(name, ()), "1"))) for name in adapter.stored_headers
        ]
        headers = (("content-type", special_media_type(path) or media_type), *sent)
        source = a_source_of(adapter, {**said_options, **special_options(adapter, path)})
        for below in ("", "events/call", "events/summary"):
            delivery = Delivery("POST", body, NOON, headers, path=below, url="https://shop.example")
            check_every_part(adapter, delivery, source)


@pytest.mark.parametrize(
    "adapter", [item for item in KNOWN if item.read_lookup], ids=lambda adapter: adapter.name
)
@given(seed=st.integers(0, 2**32), other=values)
@quickly
def test_whatever_was_answered_to_a_question_is_unreadable_or_heard(
    adapter: Adapter, seed: int, other: object
) -> None:
    assert adapter.read_lookup is not None
    chance = random.Random(seed)
    source = a_source_of(adapter, {})
    answers = [path for path in recorded(adapter) if path.name.startswith("answer")]
    asked = questions_of(adapter, source)
    assert answers
    assert asked
    for delivery, question in asked:
        answer, _ = broken(chance.choice(answers).read_bytes(), chance)
        for item in (orjson.loads(answer), other):
            with suppress(Unreadable, Unanswered):  # one that did not answer is asked again
                for inbound in adapter.read_lookup(delivery, source, question, item):
                    check_heard(inbound, source)


def questions_of(adapter: Adapter, source: Source) -> list[tuple[Delivery, Lookup]]:
    """The recorded deliveries about which something must be asked, with what is asked."""
    found: list[tuple[Delivery, Lookup]] = []
    for path in recorded(adapter):
        delivery = Delivery("POST", path.read_bytes(), NOON, (("content-type", FORM),))
        with suppress(Unreadable):
            inbound = adapter.read(delivery, source)
            found += [(delivery, item) for item in inbound if isinstance(item, Lookup)]
    return found


@proving
def test_nobody_signs_by_an_empty_secret_or_by_none(adapter: Adapter) -> None:
    forge = FORGERS[adapter.name]
    right, source = forge(SECRET)
    adapter.verify(right, source)
    empty, without = forge("")
    sources = [without, *([] if adapter.secret_address else [a_source_of(adapter, {}, secrets={})])]
    for wrong in (right, empty, Delivery("POST", b"", NOON), Delivery("GET", b"", NOON)):
        for item in sources:
            with pytest.raises(NotAuthentic):
                adapter.verify(wrong, item)


def proofs_of(delivery: Delivery) -> list[tuple[str, str]]:
    """The headers that prove something, or that are signed, and their values."""
    return [(name, sent) for name, sent in delivery.headers if name not in NO_PROOFS]


@proving
def test_a_proof_that_came_twice_or_not_at_all_is_none(adapter: Adapter) -> None:
    right, source = FORGERS[adapter.name](SECRET)
    for name, sent in proofs_of(right):
        without = tuple(pair for pair in right.headers if pair[0] != name)
        for headers in (without, (*right.headers, (name, sent)), (*without, (name, ""))):
            with pytest.raises(NotAuthentic):
                adapter.verify(replace(right, headers=headers), source)


@proving
def test_a_proof_with_one_bit_changed_is_none(adapter: Adapter) -> None:
    right, source = FORGERS[adapter.name](SECRET)
    for name, sent in proofs_of(right):
        for place in range(len(sent) - PADDED):
            changed = flipped(sent.encode(), place).decode("latin-1")
            headers = tuple(
                (header, changed if header == name else was) for header, was in right.headers
            )
            with pytest.raises(NotAuthentic):
                adapter.verify(replace(right, headers=headers), source)


@every
def test_an_adapter_says_how_it_is_connected_in_five_lines(adapter: Adapter) -> None:
    lines = (CONNECTING / f"{adapter.name}.md").read_text().splitlines()
    assert lines[0].startswith("# ")
    assert [line[:2] for line in lines if re.match(r"\d+\.", line)] == [
        "1.",
        "2.",
        "3.",
        "4.",
        "5.",
    ]


@every
def test_an_adapter_says_what_each_of_its_settings_is(adapter: Adapter) -> None:
    assert NAME.fullmatch(adapter.name)
    assert adapter.title.strip()
    for name, setting in {**adapter.secrets, **adapter.options}.items():
        assert NAME.fullmatch(name)
        assert setting.about.strip().endswith((".", "?"))
        assert "\n" not in setting.about
        assert not setting.choices or setting.default in setting.choices
    assert {name.lower() for name in adapter.stored_headers} == adapter.stored_headers
    assert adapter.methods <= {"GET", "POST", "OPTIONS"}


def test_every_adapter_has_a_name_of_its_own_and_recorded_bodies() -> None:
    assert len(ADAPTERS) == len(KNOWN)
    assert [adapter.name for adapter in KNOWN if not recorded(adapter)] == []
