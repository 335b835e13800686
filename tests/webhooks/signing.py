"""Requests signed as Standard Webhooks are, by a secret for tests."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from webhooks.deliveries import NOON, a_delivery

from service.adapters.delivery import Delivery
from service.adapters.standard.standard_signature import sign

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def signed(
    body: bytes,
    headers: Mapping[str, str] | None = None,
    *,
    secrets: Sequence[str] = (SECRET,),
    message_id: str = "msg_1",
    at: datetime = NOON,
    family: str = "webhook",
    media_type: str = "application/json",
    **more: Any,
) -> Delivery:
    """A request with the three headers, those that are given in their place."""
    sent = {
        "content-type": media_type,
        f"{family}-id": message_id,
        f"{family}-timestamp": str(int(at.timestamp())),
        f"{family}-signature": sign(secrets, message_id, int(at.timestamp()), body),
        **(headers or {}),
    }
    return a_delivery(body, sent, **more)
