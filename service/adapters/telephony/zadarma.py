"""Zadarma: calls to a cloud exchange, and how they ended (zadarma.com/support/api).

Each event is a form. A call from outside is a lead; calls between extensions and outgoing calls are
not. A call is missed when its end has another `disposition` than `answered`. The only time given is
the start of the call, so later events count at their arrival. An SMS to one of the shop's numbers
is a message; recognised speech is not read.

The signature covers three fields, joined without a separator. It does not cover `disposition`,
`duration`, the extension, the call's id, nor the name of the event. Whoever saw the start of a call
can forge its end. So a secret address is worth having as a second lock.
"""

import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from urllib.parse import parse_qs

from service.adapters import normalise
from service.adapters.adapter import Adapter, Setting, with_calls
from service.adapters.bodies import FORM_BYTES, form_of, json_value
from service.adapters.delivery import Delivery, Reply
from service.adapters.ignored import IgnoredReason, ignored
from service.adapters.inbound_event import CallPhase, InboundEvent
from service.adapters.payload import part
from service.adapters.signatures import check_any, hash_of, sign
from service.adapters.source import Source
from service.adapters.telephony.call_events import call_update, caller
from service.adapters.telephony.extensions import is_of_ours
from service.adapters.telephony.text_messages import text_message
from service.leads.errors import NotAuthentic, Unreadable

INCOMING = ("caller_id", "called_did", "call_start")
OUTGOING = ("internal", "destination", "call_start")
SIGNED: Mapping[str, Sequence[str]] = {
    "NOTIFY_START": INCOMING,
    "NOTIFY_INTERNAL": INCOMING,
    "NOTIFY_ANSWER": ("caller_id", "destination", "call_start"),
    "NOTIFY_END": INCOMING,
    "NOTIFY_IVR": INCOMING,
    "NOTIFY_OUT_START": OUTGOING,
    "NOTIFY_OUT_END": OUTGOING,
    "NOTIFY_RECORD": ("pbx_call_id", "call_id_with_rec"),
    "SMS": ("result",),
    "SPEECH_RECOGNITION": ("result",),
}
PHASES: Mapping[str, CallPhase] = {
    "NOTIFY_START": CallPhase.RINGING,
    "NOTIFY_INTERNAL": CallPhase.RINGING,
    "NOTIFY_ANSWER": CallPhase.ANSWERED,
}
CHALLENGE = re.compile(r"[A-Za-z0-9_-]{1,100}")
MAX_PARAMETERS = 20
FINGERPRINT = 32


def _verify(delivery: Delivery, source: Source) -> None:
    """Check `Signature`: base64 of the hex HMAC of the fields that the event signs."""
    try:
        form = form_of(delivery)
    except Unreadable:
        raise NotAuthentic("The body is no form.") from None
    signed = SIGNED.get(form.get("event", ""))
    if signed is None:
        raise NotAuthentic("What such an event signs is not known.")
    message = "".join(form.get(name, "") for name in signed).encode("utf-8", "surrogateescape")
    hexes = [sign(message, secret, "sha1", "hex") for secret in source.secret("secret") if secret]
    expected = [b64encode(item.encode()).decode() for item in hexes]
    check_any(delivery.header("signature"), expected, "signature")


def _greet(delivery: Delivery, _source: Source) -> Reply | None:
    """The answer to `?zd_echo=…`, by which Zadarma checks that the address is ours."""
    if delivery.method != "GET":
        return None
    try:
        challenges = parse_qs(delivery.query, max_num_fields=MAX_PARAMETERS).get("zd_echo", [])
    except ValueError:
        challenges = []
    if len(challenges) != 1 or not CHALLENGE.fullmatch(challenges[0]):
        raise NotAuthentic("The challenge zd_echo is missing or is no short word.")
    return Reply(body=challenges[0].encode())


def _read(delivery: Delivery, source: Source) -> Sequence[InboundEvent]:
    form = form_of(delivery)
    if form.get("event") == "SMS":
        return _read_sms(form, delivery, source)
    phase = _phase(form)
    if phase is None:
        is_out = form.get("event", "").startswith("NOTIFY_OUT")
        reason = IgnoredReason.OUTGOING_CALL if is_out else IgnoredReason.CALL_STATE
        return ignored(reason, form.get("event"))
    if is_of_ours(form.get("caller_id"), source):
        return ignored(IgnoredReason.INTERNAL_CALL)
    began = normalise.iso_time(form.get("call_start"), source.time_zone)
    line = form.get("called_did") or form.get("destination")
    inbound = call_update(
        source,
        delivery,
        form.get("pbx_call_id"),
        phase,
        customer=caller(form.get("caller_id"), source.region),
        at=began if phase is CallPhase.RINGING else None,
        began=began,
        extension=form.get("internal"),
        attributes={"line": line},
    )
    return [inbound]


def _read_sms(
    form: Mapping[str, str], delivery: Delivery, source: Source
) -> Sequence[InboundEvent]:
    """An SMS of a client. It has no id, and nothing is repeated: its arrival tells it apart."""
    found = part(json_value(form.get("result", "")))
    numbers = (found.get("caller_id"), found.get("caller_did"))
    raw = f"{delivery.received_at.isoformat()} {form.get('result', '')}"
    return text_message(
        source,
        delivery,
        f"sms:{hash_of(raw)[:FINGERPRINT]}",
        normalise.text(found.get("text")),
        caller(numbers[0], source.region),
        attributes={"service": "SMS", "line": numbers[1]},
    )


def _phase(form: Mapping[str, str]) -> CallPhase | None:
    """The phase of a call; None for events that are ignored."""
    event, disposition = form.get("event", ""), form.get("disposition", "").strip().lower()
    if event != "NOTIFY_END":
        return PHASES.get(event)
    if not disposition:
        raise Unreadable("The end of the call does not say its disposition.")
    return CallPhase.TALKED if disposition == "answered" else CallPhase.MISSED


ADAPTER = Adapter(
    name="zadarma",
    title="Zadarma: calls",
    verify=_verify,
    read=_read,
    takes_calls=with_calls,
    greet=_greet,
    secrets={"secret": Setting("The secret of your API key.", required=True)},
    methods=frozenset({"GET", "POST"}),
    max_bytes=FORM_BYTES,
)
