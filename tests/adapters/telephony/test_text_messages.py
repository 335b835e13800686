"""SMS to the shop's numbers: the words of a client whose number the network gave."""

import base64
import hashlib
import hmac
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from builders import a_caller
from webhooks.deliveries import a_delivery, a_source, is_ignored

from service.adapters.delivery import Delivery
from service.adapters.ignored import IgnoredReason
from service.adapters.inbound_event import ClientMessage
from service.adapters.registry import ADAPTERS
from service.leads.customer import Customer
from service.leads.errors import NotAuthentic
from service.leads.lead import Channel, Signal

ZADARMA = a_source("zadarma", secrets={"secret": "3f6b"})
TWILIO = a_source("twilio", secrets={"auth_token": "t"})
SMS = {"caller_id": "79001234567", "caller_did": "74950000000", "text": "Есть стойки на рио?"}
MESSAGE = {
    **{"MessageSid": "SM1", "SmsSid": "SM1", "From": "+79001234567", "To": "+74950000000"},
    **{"Body": "Есть стойки на рио?", "NumMedia": "0", "SmsStatus": "received"},
}
FORM = {"content-type": "application/x-www-form-urlencoded"}


def zadarma(sent: Any, event: str = "SMS", key: str = "3f6b") -> Delivery:
    result = sent if isinstance(sent, str) else json.dumps(sent)
    mac = hmac.new(key.encode(), result.encode(), hashlib.sha1).hexdigest()
    proof = {"signature": base64.b64encode(mac.encode()).decode()}
    return a_delivery(urlencode({"event": event, "result": result}).encode(), {**FORM, **proof})


def signal_of(adapter: str, delivery: Delivery) -> Signal:
    source = {"zadarma": ZADARMA, "twilio": TWILIO}[adapter]
    (word,) = ADAPTERS[adapter].read(delivery, source)
    assert isinstance(word, ClientMessage)
    return word.signal


def twilio(**changed: str) -> Delivery:
    return a_delivery(urlencode({**MESSAGE, **changed}).encode(), FORM)


@pytest.mark.parametrize(("adapter", "delivery"), [("zadarma", zadarma(SMS)), ("twilio", twilio())])
def test_an_sms_is_the_words_of_whose_number_the_network_gave(
    adapter: str, delivery: Delivery
) -> None:
    signal = signal_of(adapter, delivery)
    assert (signal.channel, signal.text) == (Channel.SITE_CHAT, "Есть стойки на рио?")
    assert signal.customer == a_caller("+79001234567")
    assert (signal.attributes or {})["service"] == "SMS"


def test_what_zadarma_signs_of_an_sms_is_all_of_it() -> None:
    ADAPTERS["zadarma"].verify(zadarma(SMS), ZADARMA)
    for wrong in (zadarma(SMS, key="other"), replace(zadarma(SMS), headers=())):
        with pytest.raises(NotAuthentic):
            ADAPTERS["zadarma"].verify(wrong, ZADARMA)
    changed = replace(zadarma(SMS), body=zadarma({**SMS, "text": "да"}).body)
    with pytest.raises(NotAuthentic):
        ADAPTERS["zadarma"].verify(changed, ZADARMA)


def test_the_same_words_again_are_another_sms() -> None:
    first = zadarma({**SMS, "text": "да"})
    again = replace(first, received_at=first.received_at + timedelta(minutes=5))
    names = [signal_of("zadarma", item).external_id for item in (first, again, first)]
    assert names[0] == names[2] != names[1]


def test_recognised_speech_is_authentic_and_no_lead() -> None:
    speech = zadarma('{"words":[]}', "SPEECH_RECOGNITION")
    ADAPTERS["zadarma"].verify(speech, ZADARMA)
    assert is_ignored(ADAPTERS["zadarma"].read(speech, ZADARMA))


def test_a_whatsapp_message_by_twilio_is_one_of_whatsapp() -> None:
    sent = twilio(From="whatsapp:+79001234567", To="whatsapp:+74950000000", ProfileName="Иван")
    signal = signal_of("twilio", sent)
    assert signal.channel is Channel.WHATSAPP
    assert signal.customer == Customer(
        name="Иван",
        phone="+79001234567",
        messengers={"whatsapp": "79001234567"},
        network_phones=("+79001234567",),
    )


@pytest.mark.parametrize(
    ("changed", "text"), [({"Body": ""}, "[file]"), ({"Body": "VIN тут"}, "[file] VIN тут")]
)
def test_a_picture_is_named_beside_its_words(changed: dict[str, str], text: str) -> None:
    assert signal_of("twilio", twilio(NumMedia="1", **changed)).text == text


@pytest.mark.parametrize("status", ["sent", "delivered", "failed", "undelivered"])
def test_what_became_of_a_message_of_ours_is_no_lead(status: str) -> None:
    sent = twilio(SmsStatus=status, MessageStatus=status, Body="")
    assert is_ignored(ADAPTERS["twilio"].read(sent, TWILIO), IgnoredReason.STATUS)


def test_an_empty_sms_is_no_lead() -> None:
    assert is_ignored(ADAPTERS["twilio"].read(twilio(Body=" "), TWILIO), IgnoredReason.EMPTY)
    empty = zadarma({**SMS, "text": None})
    assert is_ignored(ADAPTERS["zadarma"].read(empty, ZADARMA), IgnoredReason.EMPTY)


def test_a_message_of_which_no_status_is_told_came_in() -> None:
    plain = {name: value for name, value in MESSAGE.items() if name != "SmsStatus"}
    delivery = a_delivery(urlencode(plain).encode(), FORM)
    assert signal_of("twilio", delivery).text == "Есть стойки на рио?"
