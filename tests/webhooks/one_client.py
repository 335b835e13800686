"""One client who reaches the shop through five real senders' webhooks."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from webhooks.signing import hex_mac, mango_proof

PHONE, TELEGRAM, MAIL = "79001112233", 111, "irina@example.ru"
LINE = "74951112233"
KEY, SALT, SECRET = "key-of-the-exchange", "salt-of-it", "a-secret-that-senders-have"
FORM = {"content-type": "application/x-www-form-urlencoded"}
JSON = {"content-type": "application/json"}
SENDERS: Mapping[str, Mapping[str, Any]] = {
    "mango": {"secrets": {"vpbx_api_key": KEY, "salt": SALT}},
    "telegram": {"secrets": {"secret_token": SECRET}},
    "meta": {"secrets": {"app_secret": SECRET, "verify_token": SECRET}},
    "mailgun": {"secrets": {"signing_key": SECRET}},
    "tilda": {"secrets": {"api_key": SECRET}, "options": {"api_key_name": "X-Key"}},
}


def comes_by(sender: str, number: int, at: datetime) -> tuple[str, bytes, dict[str, str]]:
    """The address behind the source's, the body and the headers of the client's signal."""
    return _WAYS[sender](number, int(at.timestamp()))


def _mango(number: int, at: int) -> tuple[str, bytes, dict[str, str]]:
    sent = {
        **{"entry_id": f"e{number}", "call_id": f"leg{number}", "timestamp": at, "seq": 1},
        **{"call_state": "Appeared", "location": "ivr", "from": {"number": PHONE}},
        "to": {"number": LINE, "line_number": LINE},
    }
    text = json.dumps(sent)
    proof = mango_proof(text, KEY, SALT)
    form = urlencode({"vpbx_api_key": KEY, "sign": proof, "json": text})
    return "/events/call", form.encode(), FORM


def _telegram(number: int, at: int) -> tuple[str, bytes, dict[str, str]]:
    person = {"id": TELEGRAM, "is_bot": False, "first_name": "Ирина"}
    chat = {"id": TELEGRAM, "type": "private", "first_name": "Ирина"}
    message = {"message_id": number, "date": at, "chat": chat, "from": person, "text": "колодки"}
    body = json.dumps({"update_id": number, "message": message}).encode()
    return "", body, {**JSON, "x-telegram-bot-api-secret-token": SECRET}


def _meta(number: int, at: int) -> tuple[str, bytes, dict[str, str]]:
    message = {"from": PHONE, "id": f"wamid.{number}", "timestamp": str(at), "type": "text"}
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": LINE, "phone_number_id": "1"},
        "contacts": [{"profile": {"name": "Ирина"}, "wa_id": PHONE}],
        "messages": [{**message, "text": {"body": "колодки"}}],
    }
    entry = {"id": "1", "changes": [{"field": "messages", "value": value}]}
    body = json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()
    proof = hex_mac(SECRET, body)
    return "", body, {**JSON, "x-hub-signature-256": f"sha256={proof}"}


def _mailgun(number: int, at: int) -> tuple[str, bytes, dict[str, str]]:
    token = f"{number:050x}"
    proof = hex_mac(SECRET, f"{at}{token}".encode())
    form = {
        **{"from": f"Ирина <{MAIL}>", "recipient": "zakaz@shop.example", "subject": "колодки"},
        **{"body-plain": "нужны колодки", "Message-Id": f"<{number}@mail.example.ru>"},
        "message-headers": json.dumps([["From", MAIL]]),
        **{"timestamp": str(at), "token": token, "signature": proof},
    }
    return "", urlencode(form).encode(), FORM


def _tilda(number: int, at: int) -> tuple[str, bytes, dict[str, str]]:
    form = {"Name": "Ирина", "Phone": "8 (900) 111-22-33", "Comment": "колодки"}
    form |= {"tranid": f"1111111:{number}", "formid": "form1"}
    return "", urlencode(form).encode(), {**FORM, "x-key": SECRET}


_WAYS = {
    "mango": _mango,
    "telegram": _telegram,
    "meta": _meta,
    "mailgun": _mailgun,
    "tilda": _tilda,
}
