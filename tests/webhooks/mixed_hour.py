"""An hour of a shop: clients who reach it by eight senders, and what must come of each of them."""

import json
import random
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from webhooks.signing import SECRET as STANDARD_SECRET
from webhooks.signing import mac, mango_proof

from service.adapters.standard.standard_signature import sign

KEY, SALT = "a key of the exchange", "a salt of the exchange"
SECRET = "a secret that senders have"
PAGE = "102290129340398"
OPERATORS = 20
LINE = "74951112233"

SOURCES: Mapping[str, Mapping[str, Any]] = {
    "mango": {
        "secrets": {"vpbx_api_key": KEY, "salt": SALT},
        "operators": {str(number): f"operator-{number}" for number in range(OPERATORS)},
    },
    "tawk": {"secrets": {"secret": SECRET}},
    "meta": {"secrets": {"app_secret": SECRET, "verify_token": SECRET}},
    "telegram": {"secrets": {"secret_token": "a-secret-that-senders-have"}},
    "vk": {
        "secrets": {"secret": SECRET},
        "options": {"group_id": "200000001", "confirmation": "abc123"},
    },
    "woocommerce": {"secrets": {"secret": SECRET}},
    "tilda": {"secrets": {"api_key": SECRET}, "options": {"api_key_name": "X-Key"}},
    "standard": {"secrets": {"secret": STANDARD_SECRET}},
}
NEVER_REPEAT = frozenset({"mango", "woocommerce"})


@dataclass(frozen=True)
class Posting:
    """One request of a sender to the address of his source."""

    sender: str
    body: bytes
    headers: Mapping[str, str]
    path: str = ""


@dataclass
class Client:
    """What a client does, and the one lead that must come of it."""

    number: int
    kind: str
    words: frozenset[str] = frozenset()
    claimed_by: str | None = None
    outcome: str | None = None
    budget: str | None = None
    postings: list[Posting] = field(default_factory=list)

    @property
    def phone(self) -> str:
        return f"79{self.number:09}"


def an_hour(clients: int, seed: int) -> list[Client]:
    """So many clients, of all stories in turn."""
    return [STORIES[number % len(STORIES)](number + seed * 1_000_000) for number in range(clients)]


def deliveries_of(clients: Sequence[Client], chance: random.Random) -> list[Posting]:
    """What the senders post: each client's in order, one in six twice, neighbours out of order."""
    postings = [posting for client in clients for posting in client.postings]
    postings += chance.sample(postings, len(postings) // 6)
    places = {id(item): chance.gauss(place, 25) for place, item in enumerate(postings)}
    repeated = [(places[id(item)] + chance.uniform(0, 400), item) for item in postings]
    return [item for _, item in sorted(repeated, key=lambda pair: pair[0])]


def _now() -> int:
    return int(_moment().timestamp())


def _moment() -> datetime:
    return datetime.now(UTC)  # noqa: TID251  the service under test has the real time


def _json(value: object) -> bytes:
    return json.dumps(value).encode()  # as most senders do: what is not ASCII is escaped


def _mac(body: bytes, algorithm: str = "sha256") -> bytes:
    return mac(SECRET, body, algorithm)


def _mango(path: str, sent: Mapping[str, Any]) -> Posting:
    text = json.dumps(sent)
    proof = mango_proof(text, KEY, SALT)
    form = {"vpbx_api_key": KEY, "sign": proof, "json": text}
    headers = {"content-type": "application/x-www-form-urlencoded"}
    return Posting("mango", urlencode(form).encode(), headers, f"/events/{path}")


def _rings(phone: str, call: str, seq: int, state: str, extension: str | None) -> Posting:
    to = {"number": LINE, "line_number": LINE}
    sent = {
        "entry_id": call,
        "call_id": f"leg-{call}",
        "timestamp": _now(),
        "seq": seq,
        "call_state": state,
        "location": "abonent",
        "from": {"number": phone},
        "to": {**to, "extension": extension} if extension else to,
    }
    return _mango("call", sent)


def _summary(phone: str, call: str, talked: int, extension: str | None) -> Posting:
    sent = {
        "entry_id": call,
        "call_direction": 1,
        "from": {"number": phone},
        "to": {"extension": extension, "number": LINE} if extension else {"number": LINE},
        "line_number": LINE,
        "create_time": _now(),
        "forward_time": _now(),
        "talk_time": talked,
        "end_time": _now(),
        "entry_result": 1,
        "disconnect_reason": 1110,
    }
    return _mango("summary", sent)


def _tawk(chat: str, words: str) -> Posting:
    body = _json(
        {
            "event": "chat:start",
            "chatId": chat,
            "time": _moment().isoformat().replace("+00:00", "Z"),
            "message": {"text": words, "type": "msg", "sender": {"type": "visitor"}},
            "visitor": {"name": "Гость", "city": "Moscow", "country": "RU"},
            "property": {"id": "58ca8453b8a7e060cd3b1ecb", "name": "shop"},
        }
    )
    headers = {"x-tawk-signature": _mac(body, "sha1").hex(), "x-hook-event-id": f"event-{chat}"}
    return Posting("tawk", body, {"content-type": "application/json", **headers})


def _whatsapp(phone: str, messages: Sequence[tuple[str, str]]) -> Posting:
    reported = [
        {
            "from": phone,
            "id": f"wamid.{message}",
            "timestamp": str(_now()),
            "type": "text",
            "text": {"body": words},
        }
        for message, words in messages
    ]
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "15550783881", "phone_number_id": "1065"},
        "contacts": [{"profile": {"name": "Клиент"}, "wa_id": phone}],
        "messages": reported,
    }
    entry = {"id": PAGE, "changes": [{"field": "messages", "value": value}]}
    body = _json({"object": "whatsapp_business_account", "entry": [entry]})
    headers = {"x-hub-signature-256": f"sha256={_mac(body).hex()}"}
    return Posting("meta", body, {"content-type": "application/json", **headers})


def _telegram(client: int, number: int, words: str) -> Posting:
    chat = {"id": client, "type": "private", "first_name": "Клиент"}
    message = {
        "message_id": number,
        "date": _now(),
        "chat": chat,
        "from": {"id": client, "is_bot": False, "first_name": "Клиент"},
        "text": words,
    }
    secret = SOURCES["telegram"]["secrets"]["secret_token"]
    headers = {"x-telegram-bot-api-secret-token": secret, "content-type": "application/json"}
    return Posting(
        "telegram", _json({"update_id": client * 10 + number, "message": message}), headers
    )


def _vk(client: int, number: int, words: str) -> Posting:
    message = {
        "date": _now(),
        "from_id": client,
        "id": 0,
        "out": 0,
        "peer_id": client,
        "conversation_message_id": number,
        "text": words,
    }
    body = {
        "group_id": 200000001,
        "type": "message_new",
        "event_id": f"{client}-{number}",
        "v": "5.199",
        "secret": SECRET,
        "object": {"message": message, "client_info": {}},
    }
    return Posting("vk", _json(body), {"content-type": "application/json"})


def _order(client: Client, topic: str, total: str, minutes: int) -> Posting:
    made = _moment().replace(tzinfo=None, microsecond=0) - timedelta(hours=1)
    changed = made + timedelta(minutes=minutes)
    body = _json(
        {
            "id": client.number,
            "number": str(client.number),
            "created_via": "checkout",
            "status": "pending",
            "currency": "RUB",
            "total": total,
            "date_created_gmt": made.isoformat(),
            "date_modified_gmt": changed.isoformat(),
            "customer_id": 0,
            "customer_note": f"заказ {client.number}",
            "billing": {"first_name": "Пётр", "phone": f"+{client.phone}"},
            "line_items": [
                {"id": 1, "name": "Колодки", "product_id": 5, "quantity": 1, "price": float(total)}
            ],
        }
    )
    headers = {
        "x-wc-webhook-topic": topic,
        "x-wc-webhook-signature": b64encode(_mac(body)).decode(),
        "x-wc-webhook-source": "https://shop.example/",
        "content-type": "application/json",
    }
    return Posting("woocommerce", body, headers)


def _tilda(client: Client, words: str) -> Posting:
    form = {"Name": "Ольга", "Phone": f"+{client.phone}", "Comment": words}
    form |= {"tranid": f"1111111:{client.number}", "formid": "form1"}
    headers = {"x-key": SECRET, "content-type": "application/x-www-form-urlencoded"}
    return Posting("tilda", urlencode(form).encode(), headers)


def _standard(number: str, words: str, customer: Mapping[str, str]) -> Posting:
    data = {"channel": "landing_form", "text": words, "customer": customer}
    body = _json(
        {"type": "lead.request.created", "timestamp": "2026-06-10T09:00:00Z", "data": data}
    )
    at = _now()
    headers = {
        "webhook-id": f"msg_{number}",
        "webhook-timestamp": str(at),
        "webhook-signature": sign((STANDARD_SECRET,), f"msg_{number}", at, body),
        "content-type": "application/json",
    }
    return Posting("standard", body, headers)


def _missed_call(number: int) -> Client:
    client = Client(number, "phone")
    call = f"call-{number}"
    client.postings = [
        _rings(client.phone, call, 1, "Appeared", None),
        _summary(client.phone, call, 0, None),
    ]
    return client


def _answered_call(number: int) -> Client:
    extension = str(number % OPERATORS)
    client, call = Client(number, "phone", claimed_by=f"operator-{extension}"), f"call-{number}"
    client.postings = [
        _rings(client.phone, call, 1, "Appeared", extension),
        _rings(client.phone, call, 2, "Connected", extension),
        _summary(client.phone, call, 60, extension),
    ]
    return client


def _call_that_others_took(number: int) -> Client:
    client, call = Client(number, "phone", outcome="cancelled"), f"call-{number}"
    client.postings = [
        _rings(client.phone, call, 1, "Appeared", "900"),
        _rings(client.phone, call, 2, "Connected", "900"),
        _summary(client.phone, call, 60, "900"),
    ]
    return client


def _whatsapp_talk(number: int) -> Client:
    client = Client(number, "chat")
    first = f"Здравствуйте, нужны колодки {number}"
    second, third = f"есть вопрос {number}", f"и другой вопрос {number}"
    client.words = frozenset({first, second, third})
    messages = [(f"{number}a", second), (f"{number}b", third)]
    opening = _whatsapp(client.phone, [(f"{number}0", first)])
    client.postings = [opening, _whatsapp(client.phone, messages)]
    return client


def _site_chat(number: int) -> Client:
    """A number in their words is mentioned and joins nothing."""
    words = f"Здравствуйте, мой телефон +{number}, нужны колодки"
    client = Client(number, "chat", frozenset({words}))
    client.postings = [_tawk(f"chat-{number}", words)]
    return client


def _telegram_talk(number: int) -> Client:
    words = [f"сообщение {item} от {number}" for item in range(3)]
    client = Client(number, "chat", frozenset(words))
    client.postings = [_telegram(number, word + 1, sent) for word, sent in enumerate(words)]
    return client


def _vk_talk(number: int) -> Client:
    words = [f"запись {item} от {number}" for item in range(2)]
    client = Client(number, "chat", frozenset(words))
    client.postings = [_vk(number, word + 1, sent) for word, sent in enumerate(words)]
    return client


def _changed_order(number: int) -> Client:
    client = Client(number, "self_order", frozenset({f"заказ {number}"}), budget="3500.00")
    client.postings = [
        _order(client, "order.created", "2500.00", 0),
        _order(client, "order.updated", "3500.00", 5),
        _order(client, "order.updated", "3000.00", 3),
    ]
    return client


def _form_then_call(number: int) -> Client:
    words = f"форма {number}"
    client, call = Client(number, "phone", frozenset({words})), f"call-{number}"
    client.postings = [
        _tilda(client, words),
        _rings(client.phone, call, 1, "Appeared", None),
        _summary(client.phone, call, 0, None),
    ]
    return client


def _two_requests(number: int) -> Client:
    words = [f"заявка {item} от {number}" for item in range(2)]
    client = Client(number, "offline", frozenset(words))
    client.postings = [
        _standard(
            f"{number}-1", words[0], {"phone": f"+{client.phone}", "email": f"c{number}@x.ru"}
        ),
        _standard(f"{number}-2", words[1], {"email": f"C{number}@x.ru"}),
    ]
    return client


STORIES: tuple[Callable[[int], Client], ...] = (
    _missed_call,
    _answered_call,
    _whatsapp_talk,
    _site_chat,
    _telegram_talk,
    _changed_order,
    _form_then_call,
    _vk_talk,
    _call_that_others_took,
    _two_requests,
)


def lines_of(words: str | None, client: Client) -> Iterator[str]:
    """The client's own lines in a lead's text; what a sender puts around them is left aside."""
    for line in (words or "").split("\n"):
        yield next((word for word in client.words if word in line), line)
