"""Mistakes of who writes a mapping are told by their place, with what would be right."""

from typing import Any

import pytest
import yaml
from webhooks.mapping_builders import WORD, text_of

from service.adapters.mapping.document import DIALECT, mapping_schema
from service.adapters.mapping.reading import MAX_COMPILED, read_mapping
from service.leads.errors import FieldMistake, InvalidRequest


def mistakes_in(text: str) -> list[FieldMistake]:
    with pytest.raises(InvalidRequest) as refused:
        read_mapping(text)
    return refused.value.mistakes


def mistake_in(**changed: Any) -> tuple[str, str, str]:
    (mistake,) = mistakes_in(text_of(**changed))
    return mistake.field, mistake.reason, mistake.remedy


def of_lead(lead: Any, what: str = "word") -> dict[str, Any]:
    return {"events": [{"what": what, "lead": lead}]}


def test_a_mapping_in_order_is_read_once_for_its_text() -> None:
    assert read_mapping(text_of()) is read_mapping(text_of())
    assert read_mapping.cache_info().maxsize == MAX_COMPILED


@pytest.mark.parametrize(
    ("changed", "field", "remedy"),
    [
        ({"event": []}, "event", "Did you mean `events`?"),
        (
            {"zzz": 1},
            "zzz",
            "Known here: auth, body, events, greet, once, otherwise, reply, title.",
        ),
        ({"auth": {"scheme": "token", "heder": "X"}}, "auth.token.heder", "Did you mean `header`?"),
        (of_lead({**WORD, "fone": "$.a"}), "events.0.lead.fone", "Did you mean `phone`?"),
        (of_lead({**WORD, "at": {"path": "$.a", "az": "iso"}}), "events.0.lead.at.az", None),
        (
            of_lead({**WORD, "items": {"each": "$.a", "nam": "@.b"}}),
            "events.0.lead.items.nam",
            None,
        ),
        ({"events": [{"what": "word", "led": WORD}]}, "events.0.led", "Did you mean `lead`?"),
        ({"reply": {"text": "ok", "statos": 200}}, "reply.statos", "Did you mean `status`?"),
    ],
)
def test_an_unknown_key_is_told_with_the_one_that_was_meant(
    changed: dict[str, Any], field: str, remedy: str | None
) -> None:
    found = {mistake.field: mistake for mistake in mistakes_in(text_of(**changed))}
    assert found[field].reason == "no such key"
    assert remedy in (None, found[field].remedy)


@pytest.mark.parametrize(
    ("changed", "field", "reason"),
    [
        ({"auth": {"scheme": "magic"}}, "auth", "no such scheme of proof"),
        ({"auth": {}}, "auth", "no such scheme of proof"),
        ({"auth": {"scheme": "token"}}, "auth.token", "it needs exactly one place"),
        (
            {"auth": {"scheme": "token", "header": "X", "path": "$.t"}},
            "auth.token",
            "it needs exactly one place",
        ),
        ({"once": {}}, "once", "it needs exactly one place"),
        (of_lead({**WORD, "phone": {}}), "events.0.lead.phone", "it needs exactly one source"),
        (
            of_lead({**WORD, "phone": {"path": "$.a", "constant": "b"}}),
            "events.0.lead.phone",
            "it needs exactly one source",
        ),
        (
            of_lead({**WORD, "name": {"path": "$.a", "with": ", "}}),
            "events.0.lead.name",
            "`with` stands between what is joined",
        ),
        (of_lead({**WORD, "phone": "$..a"}), "events.0.lead.phone.path", "this path could take"),
        (of_lead({**WORD, "phone": "$.a["}), "events.0.lead.phone.path", "this is no JSONPath"),
        (of_lead({**WORD, "phone": "a.b"}), "events.0.lead.phone.path", "a path in JSON begins"),
        (of_lead({**WORD, "phone": {"path": 5}}), "events.0.lead.phone.path", "a path is expected"),
        (of_lead({}), "events.0.lead.channel", "`word` needs it"),
        (of_lead(WORD, "correction"), "events.0.lead.id", "`correction` needs it"),
        (of_lead({"id": "$.a"}, "call"), "events.0.lead.phase", "`call` needs it"),
        (of_lead({"client": "$.a"}, "left"), "events.0.lead.messenger", "`left` needs it"),
        (of_lead(WORD, "nothing"), "events.0.lead.channel", "`nothing` has no such field"),
        (
            of_lead({**WORD, "extension": "$.a"}),
            "events.0.lead.extension",
            "`word` has no such field",
        ),
        (
            of_lead({"channel": {"constant": "icq"}}),
            "events.0.lead.channel",
            "it can become what is not known",
        ),
        (
            of_lead({"channel": {"path": "$.a", "lookup": {"x": "telegram"}, "default": "sms"}}),
            "events.0.lead.channel",
            "it can become what is not known",
        ),
        (
            of_lead({"channel": {"path": "$.a"}}),
            "events.0.lead.channel",
            "the sender's own words are none of ours",
        ),
        (
            of_lead({"channel": {"constant": "telegram", "before": "gram"}}),
            "events.0.lead.channel",
            "the sender's own words are none of ours",
        ),
        (
            of_lead({"channel": {"first": ["$.a", {"constant": "vk"}]}}),
            "events.0.lead.channel",
            "the sender's own words are none of ours",
        ),
        (
            {"events": [{"what": "word", "lead": WORD}, {"what": "nothing"}]},
            "events.1",
            "it is never reached",
        ),
        ({"events": [{"when": {}, "what": "nothing"}]}, "events.0.when.0", "Dictionary should"),
        ({"events": []}, "events", "List should have at least 1 item"),
        ({"reply": {"status": 302}}, "reply.status", "Input should be less than or equal to 299"),
        (
            {"events": [{"when": {"$.a": {}}, "what": "nothing"}]},
            "events.0.when.0.$.a",
            "the condition is empty",
        ),
        (
            {"events": [{"when": {"a b": "1", "$..a": "2"}, "what": "nothing"}]},
            "events.0.when.0.$..a",
            "this path could take too long",
        ),
    ],
)
def test_every_mistake_has_its_place(changed: dict[str, Any], field: str, reason: str) -> None:
    found = {mistake.field: mistake for mistake in mistakes_in(text_of(**changed))}
    assert found[field].reason.startswith(reason)
    assert found[field].remedy


def test_several_mistakes_are_told_at_once() -> None:
    wrong = [{"what": "shout", "lead": {"phone": "$.["}}]
    assert {item.field for item in mistakes_in(text_of(title=5, events=wrong))} == {
        "title",
        "events.0.what",
        "events.0.lead.phone.path",
    }


def test_a_key_with_braces_is_told_and_fills_in_nothing() -> None:
    field, reason, _ = mistake_in(**{"{reason}": 1})
    assert (field, reason) == ("{reason}", "no such key")
    (mistake,) = mistakes_in(text_of(**of_lead({**WORD, "phone": "$.{0}"})))
    assert mistake.reason.startswith("this is no JSONPath")


def test_what_is_no_yaml_is_told_by_its_line() -> None:
    (mistake,) = mistakes_in("title: A\nevents:\n  - each: @.x\n")
    assert mistake.field == "line 3"
    (mistake,) = mistakes_in("- a\n- b\n")
    assert (mistake.field, mistake.reason) == ("mapping", "it is no mapping")


def test_events_after_one_that_is_always_true_are_reached_when_they_look_elsewhere() -> None:
    events = [{"each": "$.a[*]", "what": "word", "lead": WORD}, {"what": "nothing"}]
    assert len(read_mapping(text_of(events=events)).events) == 2


def test_the_schema_is_one_and_knows_every_key() -> None:
    schema = mapping_schema()
    assert schema["$schema"] == DIALECT
    assert set(schema["properties"]) == {
        *("title", "body", "auth", "greet", "reply", "once", "events", "otherwise"),
    }
    value = schema["$defs"]["ValuePart"]["properties"]
    assert {"path", "constant", "first", "join", "with", "lookup", "default", "as"} <= set(value)
    assert yaml.safe_load(yaml.safe_dump(schema)) == schema
