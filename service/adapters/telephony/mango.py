"""Mango Office: calls to a cloud exchange, and how they ended (VPBX API manual 1.9).

The exchange posts a form of three fields to paths below the source's address. `events/call` reports
a leg of a call, and `events/summary` the whole call after its end. A call from outside is a lead.
Calls between employees and calls made by the exchange or an employee are not.

A call is missed when nobody talked, `talk_time` 0. `entry_result` is not used, because it is also 1
for a caller who hung up in the voice menu. Events come in parallel and out of order; `seq` orders
the events of one leg. Outside an employee's hours only the summary comes. The time is not signed,
but a repetition only reports the same call again.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from service.adapters import normalise
from service.adapters.adapter import Adapter, Setting, with_calls
from service.adapters.bodies import FORM_BYTES, form_of, json_value
from service.adapters.delivery import Delivery, Reply
from service.adapters.ignored import IgnoredReason, ignored
from service.adapters.inbound_event import CallPhase, InboundEvent
from service.adapters.payload import part
from service.adapters.signatures import check_any, check_token, hash_of
from service.adapters.source import Source
from service.adapters.telephony.call_events import call_update, caller
from service.adapters.telephony.extensions import is_of_ours
from service.leads.errors import NotAuthentic, Unreadable

SELF_MADE = ("callback_initiator", "task_id")  # calls that the exchange makes by itself
STATES = ("Appeared", "Connected", "OnHold", "Disconnected")
INTERNAL, INCOMING, OUTGOING = 0, 1, 2
MAX_DIGITS = 18
LAST = 10**MAX_DIGITS  # the summary counts after all updates of legs


def _verify(delivery: Delivery, source: Source) -> None:
    """Check `sign`, the SHA-256 of key, json and salt. Old and new keys and salts are tried."""
    try:
        form = form_of(delivery)
    except Unreadable:
        raise NotAuthentic("The body is no form.") from None
    keys = source.secret("vpbx_api_key")
    check_token(form.get("vpbx_api_key"), keys, "vpbx_api_key")
    pairs = [(key, salt) for key in keys for salt in source.secret("salt") if key and salt]
    expected = [hash_of(key + form.get("json", "") + salt) for key, salt in pairs]
    check_any(form.get("sign"), expected, "sign")


def _greet(delivery: Delivery, source: Source) -> Reply | None:
    if delivery.path.strip("/") != "ping":
        return None
    _verify(delivery, source)
    return Reply()


def _read(delivery: Delivery, source: Source) -> Sequence[InboundEvent]:
    match delivery.path.strip("/"):
        case "events/call":
            return _read_leg(_object(delivery), delivery, source)
        case "events/summary":
            return _read_summary(_object(delivery), delivery, source)
        case path:
            return ignored(IgnoredReason.OTHER_EVENT, path)


def _object(delivery: Delivery) -> Mapping[str, Any]:
    value = json_value(form_of(delivery).get("json", ""))
    if not isinstance(value, dict):
        raise Unreadable("The field json is no JSON object.")
    return value


def _read_leg(leg: Mapping[str, Any], delivery: Delivery, source: Source) -> Sequence[InboundEvent]:
    state, at_employee = normalise.text(leg.get("call_state")), leg.get("location") == "abonent"
    if state not in STATES:
        raise Unreadable("The call_state is none of those that are known.")
    if state not in ("Appeared", "Connected"):
        return ignored(IgnoredReason.CALL_STATE, state)
    if (reason := _not_a_clients(leg, source)) is not None:
        return ignored(reason)
    to = part(leg, "to")
    answered = state == "Connected" and at_employee
    group, tracking = to.get("acd_group"), part(leg, "dct").get("number")
    inbound = call_update(
        source,
        delivery,
        leg.get("entry_id"),
        CallPhase.ANSWERED if answered else CallPhase.RINGING,
        customer=caller(part(leg, "from").get("number"), source.region),
        at=normalise.unix_time(leg.get("timestamp")),
        order=_number(leg, "seq"),
        extension=to.get("extension"),
        attributes={"line": to.get("line_number"), "group": group, "tracking_number": tracking},
    )
    return [inbound]


def _not_a_clients(leg: Mapping[str, Any], source: Source) -> IgnoredReason | None:
    """Why a leg is not a client's call. A client's leg may lack the line that it came on."""
    by = part(leg, "from")
    if any(leg.get(name) for name in SELF_MADE):
        return IgnoredReason.OUTGOING_CALL
    if by.get("extension") or is_of_ours(normalise.text(by.get("number")), source):
        return IgnoredReason.INTERNAL_CALL
    return None


def _read_summary(
    call: Mapping[str, Any], delivery: Delivery, source: Source
) -> Sequence[InboundEvent]:
    direction, talked_at = _number(call, "call_direction"), _number(call, "talk_time")
    if direction not in (INTERNAL, INCOMING, OUTGOING):
        raise Unreadable("The call_direction is none of those that are known.")
    if direction != INCOMING:
        is_out = direction == OUTGOING
        return ignored(IgnoredReason.OUTGOING_CALL if is_out else IgnoredReason.INTERNAL_CALL)
    inbound = call_update(
        source,
        delivery,
        call.get("entry_id"),
        CallPhase.TALKED if talked_at else CallPhase.MISSED,
        customer=caller(part(call, "from").get("number"), source.region),
        at=normalise.unix_time(call.get("end_time")),
        began=normalise.unix_time(call.get("create_time")),
        order=LAST,
        extension=part(call, "to").get("extension"),
        attributes={"line": call.get("line_number")},
    )
    return [inbound]


def _number(value: Mapping[str, Any], name: str) -> int:
    """A whole number, given as a number or as digits; raises Unreadable."""
    digits = normalise.text(value.get(name), MAX_DIGITS + 1) or ""
    if not (digits.isascii() and digits.isdecimal()) or len(digits) > MAX_DIGITS:
        raise Unreadable(f"The field {name} is no number.")
    return int(digits)


ADAPTER = Adapter(
    name="mango",
    title="Mango Office: calls",
    verify=_verify,
    read=_read,
    takes_calls=with_calls,
    greet=_greet,
    secrets={
        "vpbx_api_key": Setting("The unique code of your exchange (vpbx_api_key).", required=True),
        "salt": Setting("The key for making signatures (vpbx_api_salt).", required=True),
    },
    max_bytes=FORM_BYTES,
)
