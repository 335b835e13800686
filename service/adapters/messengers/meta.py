"""Meta: WhatsApp Cloud API and Facebook Messenger, in one signed form (developers.facebook.com).

A delivery may hold many entries, each with many messages. Each message has an id of its own, and an
unreadable one does not stop the others. Statuses of our own messages, echoes of the shop's
messages, read receipts and likes are not leads. A form of an advertisement gives only its number;
the lead says where to look.

The signature covers the raw body, in which all non-ASCII is escaped. The time is not signed, and
failures are repeated for 7 days, so ids detect repetitions. A GET with the right token is answered
with its challenge.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any
from urllib.parse import parse_qsl

from service.adapters.adapter import Adapter, Setting
from service.adapters.bodies import json_object
from service.adapters.delivery import Delivery, Reply
from service.adapters.ignored import IgnoredReason, ignored, read_each
from service.adapters.inbound_event import ClientMessage, InboundEvent
from service.adapters.messengers.meta_calls import readers_of_calls
from service.adapters.messengers.meta_messenger import Reader, readers_of_conversation
from service.adapters.messengers.meta_whatsapp import readers_of_echoes, readers_of_messages
from service.adapters.normalise import identifier, signal, unix_time
from service.adapters.payload import facts, needed, part, parts
from service.adapters.signatures import check_body, check_token
from service.adapters.source import Source
from service.leads.errors import NotAuthentic
from service.leads.lead import Channel

MAX_QUERY_FIELDS = 20
LONGEST_CHALLENGE = 200
CONVERSATIONS = {"page": "messenger", "instagram": "instagram"}


def _verify(delivery: Delivery, source: Source) -> None:
    secrets = source.secret("app_secret")
    check_body(delivery, secrets, "x-hub-signature-256", prefix="sha256=")


def _greet(delivery: Delivery, source: Source) -> Reply | None:
    if delivery.method != "GET":
        return None
    try:
        asked = dict(parse_qsl(delivery.query, max_num_fields=MAX_QUERY_FIELDS))
    except ValueError:  # too many fields
        raise NotAuthentic("The query is too long.") from None
    check_token(asked.get("hub.verify_token"), source.secret("verify_token"), "verify token")
    challenge = asked.get("hub.challenge", "")
    is_plain = challenge.isascii() and challenge.isprintable()
    if asked.get("hub.mode") != "subscribe" or not is_plain or len(challenge) > LONGEST_CHALLENGE:
        raise NotAuthentic("This is no subscription.")
    return Reply(body=challenge.encode())


def _read(delivery: Delivery, source: Source) -> Sequence[InboundEvent]:
    body = json_object(delivery)
    messenger = CONVERSATIONS.get(needed("object", body.get("object")))
    readers: list[Reader] = []
    for entry in parts(body, "entry"):
        for change in parts(entry, "changes"):
            readers += _readers_of_change(change, delivery, source)
        if messenger is not None:
            readers += readers_of_conversation(messenger, entry, delivery, source)
    return read_each(readers, lambda read: read())


def _readers_of_change(
    change: dict[str, Any], delivery: Delivery, source: Source
) -> Iterator[Reader]:
    value, field = part(change, "value"), identifier(change.get("field"))
    if field == "messages" and value.get("messaging_product") == "whatsapp":
        yield from readers_of_messages(value, delivery, source)
    elif field == "smb_message_echoes":
        yield from readers_of_echoes(value, delivery, source)
    elif field == "calls":
        yield from readers_of_calls(value, delivery, source)
    elif field == "leadgen":
        yield lambda: [_form(value, delivery, source)]
    else:
        is_echo = field == "message_echoes"
        reason = IgnoredReason.OUR_SIDE if is_echo else IgnoredReason.OTHER_EVENT
        yield partial(ignored, reason, field)


def _form(value: dict[str, Any], delivery: Delivery, source: Source) -> ClientMessage:
    filled = signal(
        source,
        delivery,
        Channel.LANDING_FORM,
        needed("form's lead", "leadgen", value.get("leadgen_id")),
        at=unix_time(value.get("created_time")),
        attributes=facts(
            {name: value.get(name) for name in ("leadgen_id", "form_id", "page_id", "ad_id")}
        ),
    )
    return ClientMessage(filled)


ADAPTER = Adapter(
    name="meta",
    title="Meta: WhatsApp and Messenger",
    verify=_verify,
    read=_read,
    greet=_greet,
    secrets={
        "app_secret": Setting("The App Secret, from the app's basic settings.", required=True),
        "verify_token": Setting("A word of yours, typed on both sides.", required=True),
    },
    methods=frozenset({"GET", "POST"}),
)
