"""Twilio Voice: calls to numbers whose way the shop programs itself.

Contract: twilio.com/docs/usage/webhooks.

Twilio asks an address what to do with a call, tells one how a `<Dial>` ended, and others of the
states of a call or of the legs that it dials. All of them may be ours. A lead is a call from
outside: not one that a program or a phone of the shop's makes.

That a call is in progress only says that something picked up: a menu, a queue, music. Unless the
source says that people answer it, who took it is told by the legs, whether anybody did by the end
of the `<Dial>`, and a call that merely ended was missed: one callback too many
loses less than one too few (rule A8). A leg says who answered, and nothing of the client: its
caller may be the shop's own number. What is repeated tells the same of the same call once more.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from html import escape
from urllib.parse import parse_qsl

from service.adapters import normalise
from service.adapters.adapter import Adapter, Setting
from service.adapters.bodies import FORM_BYTES, MAX_FIELDS, form_of, json_object
from service.adapters.delivery import JSON, Delivery, Reply
from service.adapters.ignored import IgnoredReason, ignored
from service.adapters.inbound_event import CallPhase, InboundEvent
from service.adapters.source import UTC, Source
from service.adapters.telephony.call_events import call_update, caller
from service.adapters.telephony.extensions import is_of_ours
from service.adapters.telephony.twilio_signature import check_twilio
from service.leads.customer import Customer
from service.leads.errors import Unreadable

RINGING = frozenset({"queued", "initiated", "ringing"})
UNANSWERED = frozenset({"busy", "failed", "no-answer", "canceled"})
DIALLED_AND_TALKED = frozenset({"completed", "answered"})
OUTGOING = ("outbound", "trunking-terminating")
XML = "text/xml; charset=utf-8"
PROLOGUE = '<?xml version="1.0" encoding="UTF-8"?>'
# The words ANONYMOUS, RESTRICTED, BLOCKED, UNKNOWN, UNAVAILABLE on a telephone's keys.
HIDDEN = frozenset({"+266696687", "+7378742833", "+2562533", "+8656696", "+86282452253"})
ATTRIBUTES = {
    "line": "To",
    "forwarded_from": "ForwardedFrom",
    "city": "FromCity",
    "state": "FromState",
    "country": "FromCountry",
}

Fields = Mapping[str, object]


def _read(delivery: Delivery, source: Source) -> Sequence[InboundEvent]:
    fields = _fields(delivery)
    status, direction = (
        normalise.text(fields.get("CallStatus")),
        normalise.text(fields.get("Direction")),
    )
    if "TranscriptionSid" in fields or (status is None and "RecordingSid" in fields):
        return ignored(IgnoredReason.OTHER_EVENT, "recording")
    if status is None or direction is None:
        raise Unreadable("The CallStatus or the Direction is missing.")
    if fields.get("ParentCallSid"):
        return _read_leg(fields, status, delivery, source)
    if direction.startswith(OUTGOING):
        return ignored(IgnoredReason.OUTGOING_CALL, direction)
    if _is_of_the_shop(normalise.text(fields.get("From")), source):
        return ignored(IgnoredReason.INTERNAL_CALL)
    phase = _phase(status, fields, people=source.options.get("answered_by_people") == "yes")
    return [
        call_update(
            source,
            delivery,
            fields.get("CallSid"),
            phase,
            customer=_customer(fields, source),
            at=_time(fields),
            attributes={name: fields.get(field) for name, field in ATTRIBUTES.items()},
        )
    ]


def _read_leg(
    fields: Fields, status: str, delivery: Delivery, source: Source
) -> Sequence[InboundEvent]:
    """A leg that was dialled for a call: only who took it tells something of the whole."""
    phase = {"in-progress": CallPhase.ANSWERED, "completed": CallPhase.TALKED}.get(status)
    if phase is None:
        return ignored(IgnoredReason.CALL_STATE, status)
    inbound = call_update(
        source,
        delivery,
        fields.get("ParentCallSid"),
        phase,
        customer=None,
        at=_time(fields),
        extension=fields.get("To"),
    )
    return [inbound]


def _phase(status: str, fields: Fields, *, people: bool) -> CallPhase:
    dialled = normalise.text(fields.get("DialCallStatus"))
    if dialled is not None:
        return CallPhase.TALKED if dialled in DIALLED_AND_TALKED else CallPhase.MISSED
    if status in RINGING:
        return CallPhase.RINGING
    if status in UNANSWERED:
        return CallPhase.MISSED
    if status == "in-progress":
        return CallPhase.ANSWERED if people else CallPhase.RINGING
    if status == "completed":
        return CallPhase.TALKED if people else CallPhase.MISSED
    raise Unreadable("The CallStatus is none of those that are known.")


def _reply(delivery: Delivery, source: Source) -> Reply:
    """Nothing to do; or, to who asks what to do with a new call, the address of who says it."""
    voice_url, to_do = source.options.get("voice_url"), "<Response/>"
    if voice_url and _asks_what_to_do(delivery):
        to_do = f"<Response><Redirect>{escape(voice_url)}</Redirect></Response>"
    return Reply(body=f"{PROLOGUE}{to_do}".encode(), media_type=XML)


def _asks_what_to_do(delivery: Delivery) -> bool:
    try:
        fields = _fields(delivery)
    except Unreadable:
        return False
    reported = ("CallbackSource", "ParentCallSid", "DialCallStatus", "SequenceNumber")
    return fields.get("CallStatus") == "ringing" and not any(name in fields for name in reported)


def _fields(delivery: Delivery) -> Fields:
    """What a request says: its query, its form, or its JSON; raises Unreadable."""
    if delivery.method == "GET":
        try:
            return dict(parse_qsl(delivery.query, max_num_fields=MAX_FIELDS))
        except ValueError:
            raise Unreadable(f"The query has more than {MAX_FIELDS} fields.") from None
    return json_object(delivery) if delivery.media_type == JSON else form_of(delivery)


def _is_of_the_shop(number: str | None, source: Source) -> bool:
    return is_of_ours(number, source) or (number or "").startswith("client:")


def _customer(fields: Fields, source: Source) -> Customer | None:
    number = fields.get("From")
    hidden = normalise.text(number) in HIDDEN
    return caller(None if hidden else number, source.region, fields.get("CallerName"))


def _time(fields: Fields) -> datetime | None:
    """When it happened, as status callbacks tell: `Thu, 30 Jul 2015 20:12:31 +0000`."""
    reported = normalise.text(fields.get("Timestamp"), 40) or ""
    try:
        moment = datetime.strptime(reported, "%a, %d %b %Y %H:%M:%S %z")
    except ValueError:
        return None
    return normalise.iso_time(moment.isoformat(), UTC)


ADAPTER = Adapter(
    name="twilio",
    title="Twilio Voice: calls",
    verify=check_twilio,
    read=_read,
    reply=_reply,
    secrets={"auth_token": Setting("The account's auth token.", required=True)},
    options={
        "answered_by_people": Setting(
            "Whether only people pick up: no menu, queue, greeting or voice mail does.",
            default="no",
            choices=("yes", "no"),
        ),
        "voice_url": Setting("The address of your own TwiML, which a new call is sent on to."),
    },
    methods=frozenset({"GET", "POST"}),
    max_bytes=FORM_BYTES,
)
