"""Calls to a WhatsApp number: they ring, and at their end the seconds of talk tell what became."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from webhooks.deliveries import NOON, a_delivery, a_source, is_ignored

from service.adapters.ignored import IgnoredReason
from service.adapters.inbound_event import CallPhase, CallUpdate, InboundEvent
from service.adapters.registry import ADAPTERS
from service.leads.customer import Customer
from service.leads.errors import Unreadable

CALL = {
    **{"id": "wacid.HBgLMTY1", "from": "79001234567", "to": "74950000000"},
    **{"event": "connect", "timestamp": "1781082000", "direction": "USER_INITIATED"},
}
AT = datetime.fromtimestamp(1781082000, UTC)


def read(**changed: Any) -> list[InboundEvent]:
    contact = {"profile": {"name": "Иван"}, "wa_id": "79001234567"}
    value = {
        **{"messaging_product": "whatsapp", "metadata": {"display_phone_number": "74950000000"}},
        **{"contacts": [contact], "calls": [{**CALL, **changed}]},
    }
    change = {"field": "calls", "value": value}
    body = {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [change]}]}
    return list(ADAPTERS["meta"].read(a_delivery(json.dumps(body).encode()), a_source("meta")))


@pytest.mark.parametrize(
    ("changed", "phase"),
    [
        ({}, CallPhase.RINGING),
        ({"event": "terminate", "status": "FAILED"}, CallPhase.MISSED),
        ({"event": "terminate", "status": ["COMPLETED"], "duration": 0}, CallPhase.MISSED),
        ({"event": "terminate", "status": "COMPLETED", "duration": 33}, CallPhase.TALKED),
        ({"event": "terminate", "status": "COMPLETED", "duration": "33"}, CallPhase.TALKED),
    ],
)
def test_a_clients_call_rings_and_ends(changed: dict[str, Any], phase: CallPhase) -> None:
    (call,) = read(**changed)
    assert isinstance(call, CallUpdate)
    assert (call.phase, call.at) == (phase, min(AT, NOON))
    assert call.signal.external_id == "call:wacid.HBgLMTY1"
    assert call.signal.customer == Customer(
        name="Иван",
        phone="+79001234567",
        messengers={"whatsapp": "79001234567"},
        network_phones=("+79001234567",),
    )
    assert call.signal.attributes == {"line": "74950000000"}


def test_a_caller_who_hides_their_number_is_known_by_their_id() -> None:
    (call,) = read(**{"from": None, "from_user_id": "RU.13491208"})
    assert isinstance(call, CallUpdate)
    assert call.signal.customer == Customer(messengers={"whatsapp": "RU.13491208"})


def test_what_the_shop_called_and_what_only_passes_are_no_leads() -> None:
    assert is_ignored(read(direction="BUSINESS_INITIATED"), IgnoredReason.OUTGOING_CALL)
    assert is_ignored(read(event="media_update"), IgnoredReason.CALL_STATE)


@pytest.mark.parametrize("missing", ["id", "from"])
def test_a_call_of_nobody_is_unreadable(missing: str) -> None:
    with pytest.raises(Unreadable):
        read(**{missing: None})
