"""Each column that can hold words is deleted or emptied with the client, or says why it stays.

Whoever adds a column that can hold words finds this red, and decides.
"""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from sqlalchemy import ARRAY, JSON, LargeBinary, Text

from service.storage.all_tables import metadata
from service.storage.customers import erasing
from service.storage.customers.erasures import EMPTY
from service.storage.customers.places import PLACES

PAGE = Path(__file__).parents[2] / "docs" / "personal-data.md"
# Found otherwise: sealed requests by what they say, words by the texts they stood in.
SEARCHED = {"deliveries", "deleted_messages", "word_days"}
CAN_HOLD_WORDS = (Text, LargeBinary, JSON, ARRAY)
# Of these tables the client's rows are deleted, so that nothing of them is asked.
DELETED = {
    *("customers", "customer_marks", "order_reminders", "client_merges", "blocked_marks"),
    *("lead_signals", "lead_identities", "calls", "ended_claims", "desk_ends", "departures"),
    *("deleted_messages", "word_days"),
}
STATEMENTS = {
    "leads": erasing.LEADS.text,
    "lead_events": erasing.EVENTS.text,
    "queue_events": erasing.QUEUE_EVENTS.text,
    "deliveries": EMPTY,
}
CLOSED, STAFF, SENDER = "a closed list", "the shop's people", "names of senders and keys"
SKILLS, HASH, POLICY = "skills of the shop", "a hash or a token", "the shop's policy or set-up"
# Of tables whose rows stay: the columns that say nothing of a client, and why.
STAYS: Mapping[str, Mapping[str, str]] = {
    "leads": {
        **dict.fromkeys(("state", "queue", "channel", "stated_kind", "stated_intent"), CLOSED),
        **dict.fromkeys(("kind", "intent", "call_told", "parked_for", "outcome"), CLOSED),
        **dict.fromkeys(("currency", "price_profile", "owner_rule", "skills_rule"), CLOSED),
        **dict.fromkeys(("created_by", "source"), SENDER),
        **dict.fromkeys(("task_operator", "owner", "credited_to", "assigned_to"), STAFF),
        **dict.fromkeys(("declined_by", "claimed_by", "parked_by", "settled_by"), STAFF),
        **dict.fromkeys(("demanded_skills", "asked_skills", "lane"), SKILLS),
        "task_campaign": "a campaign of the shop",
        "claim_token": HASH,
        "timeline": "times and places in the line",
    },
    "lead_events": {
        **dict.fromkeys(("type", "state_before", "state_after"), CLOSED),
        "actor": STAFF,
        "traceparent": HASH,
    },
    "queue_events": {
        **dict.fromkeys(("queue", "type"), CLOSED),
        "actor": STAFF,
        "traceparent": HASH,
    },
    "deliveries": {
        **dict.fromkeys(("source", "result"), "ids, closed lists and senders' names of types"),
        **dict.fromkeys(("once", "traceparent"), HASH),
    },
    "api_keys": {
        "name": SENDER,
        **dict.fromkeys(("scopes", "queues", "sources"), CLOSED),
        "operator": STAFF,
        **dict.fromkeys(("digest", "previous_digest"), HASH),
    },
    "conversions": dict.fromkeys(("queue", "kind", "intent"), CLOSED),
    "counted_hours": {"queue": CLOSED},
    "fresh_outcomes": dict.fromkeys(("queue", "kind", "intent"), CLOSED),
    "erasures": {
        "by": STAFF,
        "reason": "a reason that says who it is, is refused",
        "counts": "numbers",
        "wanted": "sealed, and gone when the erasure is finished",
    },
    "event_deliveries": {
        **dict.fromkeys(("subscription", "log", "type", "state"), CLOSED),
        "about": "an id of a lead or the name of a queue",
        "last_error": "sentences of our own, with the number of the answer",
    },
    "event_horizons": {"log": CLOSED},
    "hour_figures": {**dict.fromkeys(("queue", "kind"), CLOSED), "waits": "numbers"},
    "ignored_events": {
        **dict.fromkeys(("source", "reason"), CLOSED),
        "name": "senders' names of types",
    },
    "nobodys_marks": {
        **dict.fromkeys(("queue", "why", "source"), CLOSED),
        "mark": "of the shop, or of so many that it is nobody's",
    },
    "operators": {
        **dict.fromkeys(("name", "status_reason", "shifts"), STAFF),
        **dict.fromkeys(("queues", "status", "capacity_by_kind"), CLOSED),
        "skills": SKILLS,
    },
    "policies": dict.fromkeys(("queue", "text", "author", "note"), POLICY),
    "policy_drafts": dict.fromkeys(("person", "queue", "text"), POLICY),
    "presence_changes": dict.fromkeys(("operator", "status", "reason"), STAFF),
    "queues": dict.fromkeys(("name", "title", "currency", "time_zone"), POLICY),
    "reader_settings": dict.fromkeys(("person", "settings"), STAFF),
    "retention_horizons": dict.fromkeys(("queue", "what"), CLOSED),
    "sessions": {
        **dict.fromkeys(("person", "operator", "scopes"), STAFF),
        **dict.fromkeys(("digest", "key_digest"), HASH),
    },
    "sign_in_links": {**dict.fromkeys(("person", "operator", "scopes"), STAFF), "digest": HASH},
    "signal_days": dict.fromkeys(("queue", "signal"), POLICY),
    "sources": {
        **dict.fromkeys(("name", "adapter", "queue", "time_zone", "region", "currency"), POLICY),
        **dict.fromkeys(("options", "operators", "default_operator", "mapping"), POLICY),
        **dict.fromkeys(("extensions", "learnt_extensions", "own_marks", "queue_by"), POLICY),
        **dict.fromkeys(("secrets", "tokens"), HASH),
    },
    "subscriptions": {
        **dict.fromkeys(("name", "url", "types", "queue", "disabled_for"), POLICY),
        **dict.fromkeys(("secret", "secret_before"), HASH),
        "last_failure": "as `last_error` of what is to be sent",
    },
    "text_days": {"queue": CLOSED},
    "tombstones": {"digest": HASH},
}


def _wordy(table: str) -> set[str]:
    columns = metadata.tables[table].c
    return {column.name for column in columns if isinstance(column.type, CAN_HOLD_WORDS)}


def _emptied(table: str) -> set[str]:
    """The columns that erasing assigns."""
    statement = STATEMENTS.get(table, "").partition("\nWHERE")[0].partition("SET")[2]
    return {*re.findall(r"(?:^|,)\s*(\w+) = ", statement)} & _wordy(table)


def test_every_table_is_asked() -> None:
    assert sorted([*DELETED, *STAYS]) == sorted(metadata.tables)


def test_what_is_erased_is_exported_and_named_on_the_page_for_officers() -> None:
    erased = DELETED | {*STATEMENTS}
    assert {*PLACES} == erased - SEARCHED
    page = PAGE.read_text("utf-8")
    assert [name for name in sorted(erased) if f"`{name}`" not in page] == []


@pytest.mark.parametrize("table", sorted(STAYS))
def test_a_column_that_can_hold_words_is_emptied_or_says_why_it_stays(table: str) -> None:
    emptied, stays = _emptied(table), {*STAYS[table]}
    assert (emptied & stays) == set()
    assert sorted(emptied | stays) == sorted(_wordy(table))


def test_rows_that_are_deleted_have_a_statement() -> None:
    deleting = " ".join(item.text for items in erasing.DELETED.values() for item in items)
    deleting += erasing.SIGNALS.text + erasing.RARE_WORDS.text
    found = {*re.findall(r"DELETE FROM (\w+)", deleting)}
    # reminders go with their card
    assert sorted({*DELETED} - found) == ["order_reminders"]
