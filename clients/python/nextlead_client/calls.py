"""What is sent for each call and when it is sent again; nothing is sent from here."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast
from uuid import uuid4

import httpx

from nextlead_client.errors import Refused
from nextlead_client.models import LeadIn

AGAIN = frozenset({429, 502, 503, 504})
RETRIES = 6
FIRST_PAUSE, LONGEST_PAUSE = 0.25, 8.0
TIMEOUT = 10.0
LOST = httpx.TransportError


@dataclass(frozen=True, slots=True)
class Call:
    """A request. All of them may be sent again after a lost answer."""

    method: str
    path: str
    json: Any = None
    params: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    timeout: float = TIMEOUT

    def build(self, http: httpx.Client | httpx.AsyncClient) -> httpx.Request:
        """The request as httpx sends it."""
        return http.build_request(
            self.method,
            self.path,
            json=self.json,
            params=dict(self.params) or None,
            headers=dict(self.headers),
            timeout=self.timeout,
        )


def headers_of(key: str) -> dict[str, str]:
    """What every request bears."""
    return {"Authorization": f"Bearer {key}", "User-Agent": "nextlead-client/0.1.0"}


def pause(tried: int, answer: httpx.Response | None) -> float:
    """The seconds until the next try, after so many."""
    asked = answer.headers.get("retry-after", "") if answer is not None else ""
    least = float(asked) if asked.isdecimal() else 0.0
    backoff = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0**tried)
    return max(least, backoff * random.uniform(0.5, 1.0))  # noqa: S311  spreads who asks again


def result(answer: httpx.Response) -> Any:
    """The body of an answer, None where there is none; raises Refused."""
    if answer.is_success:
        return answer.json() if answer.content else None
    try:
        problem = answer.json()
    except ValueError:
        problem = {"detail": answer.text[:500]}
    raise Refused(answer.status_code, problem if isinstance(problem, dict) else {})


def post_lead(lead: LeadIn, idempotency_key: str | None) -> Call:
    """Post a lead; one that has no id of its sender gets a key that makes it safe to repeat."""
    if idempotency_key is None and not lead.get("external_id"):
        idempotency_key = uuid4().hex
    headers = {"Idempotency-Key": idempotency_key} if idempotency_key else {}
    return Call("POST", "/v1/leads", lead, headers=headers)


def next_lead(operator: str, wait: float, *, on_top: bool) -> Call:
    """Ask for the next lead; the answer may take as long as the wait."""
    params: dict[str, Any] = {"wait": wait}
    if on_top:
        params = {"on_top": "true"}
    path = f"/v1/operators/{operator}/next"
    return Call("POST", path, params=params, timeout=wait + TIMEOUT)


def of_claim(lead_id: str, verb: str, token: str, **more: Any) -> Call:
    """Something that is done with a claim; what is None is left out."""
    body = {"token": token, **given(more)}
    return Call("POST", f"/v1/leads/{lead_id}/{verb}", body)


def given(values: Mapping[str, Any]) -> dict[str, Any]:
    """What was given."""
    return {name: value for name, value in values.items() if value is not None}


def stream_path(operator: str | None, queue: str | None) -> str:
    """The address of a stream; one of the two is named."""
    if (operator is None) == (queue is None):
        raise TypeError("name an operator or a queue")
    return f"/v1/operators/{operator}/stream" if operator else f"/v1/queues/{queue}/stream"


def renew_after(lead: Mapping[str, Any]) -> float:
    """The seconds after which a claim is renewed: a third of its lease."""
    claim = cast(Mapping[str, str], lead["claim"])
    from_, until = (_seconds(claim[name]) for name in ("since", "lease_until"))
    return max(1.0, (until - from_) / 3)


def _seconds(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()
