"""What the guides tell people to paste is right: it is read, and hears what they promise."""

import re
from importlib.resources import files
from typing import get_args

import pytest
from builders import a_caller
from webhooks.mapping_builders import inbound, json_post, shipped

from service.adapters.inbound_event import CallUpdate, ClientMessage
from service.adapters.mapping.document import EventPart, LeadPart, MappingDocument, What
from service.adapters.mapping.fields import ConditionPart, Form, ValuePart
from service.adapters.mapping.proofs import Proof
from service.adapters.mapping.reading import SHIPPED, read_mapping, shipped_text


def guide(name: str) -> str:
    return files("service.adapters").joinpath("connecting", f"{name}.md").read_text("utf-8")


def blocks(name: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", guide(name), re.DOTALL)


def test_every_shipped_mapping_is_a_file_with_a_guide_of_five_lines() -> None:
    package = files("service.adapters.mapping").joinpath("shipped")
    assert tuple(sorted(item.name.removesuffix(".yaml") for item in package.iterdir())) == SHIPPED
    for name in (*SHIPPED, "mapping"):
        text = guide(name)
        assert text.startswith("# ")
        assert re.findall(r"^(\d)\. ", text, re.MULTILINE) == ["1", "2", "3", "4", "5"]
    for name in SHIPPED:
        assert read_mapping(shipped_text(name)).title
        assert f"--option shipped={name} " in guide(name)
        assert name in guide("mapping")


def test_the_mapping_to_begin_with_is_in_order() -> None:
    (text,) = blocks("mapping", "yaml")
    assert len(text.splitlines()) <= 20
    assert read_mapping(text).auth.scheme == "hmac"


def test_the_table_has_every_key() -> None:
    table = "\n".join(line for line in guide("mapping").splitlines() if line.startswith("| "))
    keys = {*LeadPart.model_fields, *EventPart.model_fields, *get_args(What), *get_args(Form)}
    for model in (MappingDocument, ConditionPart, ValuePart):
        keys |= {field.alias or name for name, field in model.model_fields.items()}
    keys |= {
        get_args(arg.model_fields["scheme"].annotation)[0] for arg in get_args(get_args(Proof)[0])
    }
    assert {key for key in keys - {"title", "body", "once"} if f"`{key}`" not in table} == set()


def filled(template: str) -> str:
    sent = {
        "contact_phone_number": "79001234567",
        "talk_time_duration": "15",
        "direction": "in",
        "notification_time": "2026-06-10 12:00:00",
    }
    return re.sub(r"\{\{(\w+)\}\}", lambda found: sent.get(found[1], found[1]), template)


@pytest.mark.parametrize("event", ["ringing", "answered", "talked", "missed"])
def test_the_template_of_calls_for_uis_is_heard(event: str) -> None:
    template, _ = blocks("uis", "json")
    body = filled(template).replace('"missed"', f'"{event}"')
    (call,) = inbound(shipped("uis"), json_post(body))
    assert isinstance(call, CallUpdate)
    assert (call.phase, call.signal.external_id) == (event, "call:call_session_id")
    assert call.signal.customer == a_caller("+79001234567", "contact_full_name")


@pytest.mark.parametrize("event", ["request", "chat"])
def test_the_template_of_words_for_uis_is_heard(event: str) -> None:
    _, template = blocks("uis", "json")
    (word,) = inbound(
        shipped("uis"), json_post(filled(template).replace('"request"', f'"{event}"'))
    )
    assert isinstance(word, ClientMessage)
    assert (word.signal.text, word.signal.external_id) == ("message", f"{event}:communication_id")
