"""Twilio Voice: calls to numbers whose routing the shop programs itself.

Contract: twilio.com/docs/usage/webhooks.

Twilio asks one address what to do with a call, reports to another how a `<Dial>` ended, and to
others the states of a call or of its dialled legs. All of these addresses may be ours. A call from
outside is a lead. A call made by a program or by one of the shop's phones is not.

"In progress" only means that something picked up: a menu, a queue, music. Unless the source says
that people answer, the legs tell who took the call, and the end of the `<Dial>` tells whether
anybody did. A call that just ended counts as missed: one callback too many costs less than one too
few (rule A8). A leg tells who answered, and nothing about the client: its caller may be the shop's
own number. A repetition only reports the same call again.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from html import escape
from urllib.parse import parse_qsl

from service.adapters import normalise
from service.adapters.adapter import Adapter, Setting, with_calls
from service.adapters.bodies import FORM_BYTES, MAX_FIELDS, form_of, json_object
from service.adapters.delivery import JSON, Delivery, Reply
from service.adapters.ignored import IgnoredReason, ignored
from service.adapters.inbound_event import CallPhase, InboundEvent
from service.adapters.payload import enclosed
from service.adapters.source import UTC, Source
from service.adapters.telephony.call_events import call_update, caller
from service.adapters.telephony.extensions import is_of_ours
from service.adapters.telephony.text_messages import text_message
from service.adapters.telephony.twilio_signature import check_twilio
from service.leads.customer import Customer
from service.leads.errors import Unreadable
from service.leads.lead import Channel

RINGING = frozenset({"queued", "initiated", "ringing"})
UNANSWERED = frozenset({"busy", "failed", "no-answer", "canceled"})
DIALLED_AND_TALKED = frozenset({"completed", "answered"})
OUTGOING = ("outbound", "trunking-terminating")
RECEIVED, WHATSAPP = "received", "whatsapp:"
XML = "text/xml; charset=utf-8"
PROLOGUE = '<?xml version="1.0" encoding="UTF-8"?>'
# The words ANONYMOUS, RESTRICTED, BLOCKED, UNKNOWN, UNAVAILABLE, typed on a telephone's keys.
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
    if message := normalise.identifier(fields.get("MessageSid") or fields.get("SmsSid")):
        return _read_message(message, fields, delivery, source)
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


def _read_message(
    message: str, fields: Fields, delivery: Delivery, source: Source
) -> Sequence[InboundEvent]:
    """An SMS or a WhatsApp message of a client. What became of our own has a status and no text."""
    status = normalise.text(fields.get("MessageStatus")) or normalise.text(fields.get("SmsStatus"))
    if "Body" not in fields or status not in (None, RECEIVED):
        return ignored(IgnoredReason.STATUS, status)
    _, at_whatsapp, number = (normalise.text(fields.get("From")) or "").rpartition(WHATSAPP)
    hidden = number in HIDDEN
    client = normalise.customer(
        typed_name=normalise.name(fields.get("ProfileName")),
        network_phone=None if hidden else normalise.phone(number, source.region),
        messengers={"whatsapp": number.removeprefix("+")} if at_whatsapp else None,
    )
    sent_things = (normalise.text(fields.get("NumMedia")) or "0") != "0"
    words = normalise.text(fields.get("Body"))
    return text_message(
        source,
        delivery,
        f"message:{message}",
        enclosed("file", words) if sent_things else words,
        client,
        channel=Channel.WHATSAPP if at_whatsapp else Channel.SITE_CHAT,
        attributes={"service": None if at_whatsapp else "SMS", "line": fields.get("To")},
    )


def _read_leg(
    fields: Fields, status: str, delivery: Delivery, source: Source
) -> Sequence[InboundEvent]:
    """An update of a dialled leg. It matters only when somebody took the leg."""
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
    """An empty answer; for a new call, a redirect to the address that says what to do."""
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
    """The fields of a request: its query, its form, or its JSON; raises Unreadable."""
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
    """The time in a status callback: `Thu, 30 Jul 2015 20:12:31 +0000`."""
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
    takes_calls=with_calls,
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
