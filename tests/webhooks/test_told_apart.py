"""A body that no longer says whose words it tells is put aside, and not passed over as nobody's."""

import pytest
from webhooks.deliveries import a_delivery, a_source, payload

from service.adapters.registry import ADAPTERS
from service.leads.errors import Unreadable

FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize(
    ("adapter", "name", "mark", "headers"),
    [
        ("tawk", "chat_start.json", b'"type":"visitor"', {}),
        ("chatwoot", "message.json", b'"message_type"', {}),
        ("max", "message.json", b'"chat_type"', {}),
        ("bitrix24", "call_began.txt", b"CALL_TYPE", FORM),
        ("bitrix24", "call_missed.txt", b"CALL_TYPE", FORM),
    ],
)
def test_what_tells_clients_from_others_is_needed(
    adapter: str, name: str, mark: bytes, headers: dict[str, str]
) -> None:
    body, source = payload(f"{adapter}/{name}"), a_source(adapter)
    assert mark in body, "the recorded body has it"
    changed = body.replace(mark, mark.replace(b"type", b"sort").replace(b"TYPE", b"SORT"))
    assert ADAPTERS[adapter].read(a_delivery(body, headers), source)
    with pytest.raises(Unreadable):
        ADAPTERS[adapter].read(a_delivery(changed, headers), source)
