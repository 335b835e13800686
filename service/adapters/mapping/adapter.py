"""The adapter `mapping`: its contract is a text from the shop, or a shipped mapping.

The mapping says what becomes a lead. The source always has a secret address, because many such
senders prove nothing. The proof of the mapping comes on top. A browser that posts a form is then
redirected to the option `redirect`.
"""

import re
from collections.abc import Sequence

from service.adapters import normalise
from service.adapters.adapter import Adapter, Setting
from service.adapters.delivery import Delivery, Reply
from service.adapters.inbound_event import InboundEvent
from service.adapters.mapping.checking import check_proof
from service.adapters.mapping.document import ReplyPart
from service.adapters.mapping.hearing import handle
from service.adapters.mapping.paths import find
from service.adapters.mapping.proofs import ByStandard
from service.adapters.mapping.reading import SHIPPED, mapping_of
from service.adapters.mapping.scenes import scene_of
from service.adapters.mapping.values import holds
from service.adapters.source import Source
from service.adapters.standard import standard_signature
from service.leads.errors import NotAuthentic, Unreadable

CALLS = ("call", "call_news")
PAGE = re.compile(r"https?://[!-~]{1,1000}")


def verify(delivery: Delivery, source: Source) -> None:
    """Check the proof that the mapping asks for; raises NotAuthentic."""
    try:
        mapping = mapping_of(source)
    except Unreadable as error:
        raise NotAuthentic(str(error)) from None
    check_proof(mapping, delivery, source)


def read(delivery: Delivery, source: Source) -> Sequence[InboundEvent]:
    """The events of a delivery, by the mapping; raises Unreadable."""
    return handle(mapping_of(source), delivery, source)


def greet(delivery: Delivery, source: Source) -> Reply | None:
    """The answer to a handshake of the mapping; None for other requests. Raises NotAuthentic."""
    try:
        mapping = mapping_of(source)
        scene = scene_of(mapping.body, delivery) if mapping.greet else None
    except Unreadable:
        return None
    fitting = (part for part in mapping.greet if scene and holds(part.when, scene))
    if (part := next(fitting, None)) is None:
        return None
    if part.authentic:
        check_proof(mapping, delivery, source)
    return _reply(part.reply)


def reply(_delivery: Delivery, source: Source) -> Reply:
    """The mapping's answer, or a redirect to the page of the option `redirect`."""
    page = source.options.get("redirect", "")
    if PAGE.fullmatch(page):
        return Reply(303, headers={"Location": page})
    try:
        return _reply(mapping_of(source).reply)
    except Unreadable:
        return Reply()


def once(delivery: Delivery, source: Source) -> str | None:
    """The name of a delivery, where the mapping says which value it is."""
    try:
        mapping = mapping_of(source)
        if mapping.once is None:
            is_standard = isinstance(mapping.auth, ByStandard)
            return standard_signature.message_id(delivery) if is_standard else None
        if mapping.once.header is not None:
            return normalise.identifier(delivery.header(mapping.once.header))
        scene = scene_of(mapping.body, delivery)
    except Unreadable:
        return None
    return normalise.identifier(find(mapping.once.path, scene)) if mapping.once.path else None


def takes_calls(source: Source) -> bool:
    """Whether the mapping reads any event as a call."""
    try:
        events = mapping_of(source).events
    except Unreadable:
        return False
    return any(event.what in CALLS for event in events)


def _reply(part: ReplyPart) -> Reply:
    return Reply(part.status, part.text.encode(), part.type)


ADAPTER = Adapter(
    name="mapping",
    title="Any other sender, by a mapping file",
    verify=verify,
    read=read,
    takes_calls=takes_calls,
    greet=greet,
    reply=reply,
    once=once,
    secrets={
        "secret": Setting(
            "What the mapping's proof is made with: the token, the key, or `user:password`."
        ),
        "salt": Setting("The second secret of the scheme hash_of_fields."),
    },
    options={
        "shipped": Setting(
            "A mapping that comes with nextlead, for a source without one of its own.",
            choices=("", *SHIPPED),
        ),
        "redirect": Setting(
            "The page to which a browser goes after it sent a form: an https:// address."
        ),
    },
    secret_address=True,
)
