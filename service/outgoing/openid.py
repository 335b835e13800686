"""The client of an OpenID Connect provider: discovery, keys, and the code of a sign-in.

Code flow with PKCE. Answers of the provider are bounded and cached for some time. A token counts
only if it is signed by one of the provider's keys, for this client, and is valid now.
"""

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
import orjson
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from service.leads.errors import NotAuthentic, Unanswered
from service.outgoing.challenge import challenge_of

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA")
SECONDS = 5.0
MAX_BYTES = 256 * 1024
MAX_TOKEN = 16 * 1024
REMEMBERED_SECONDS = 600.0
AGAIN_SECONDS = 10.0  # least time between two requests for keys, so that guesses cause no flood
LEEWAY_SECONDS = 60

Claims = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Attempt:
    """What the browser keeps during a sign-in at the provider."""

    state: str
    nonce: str
    verifier: str

    @classmethod
    def begin(cls) -> "Attempt":
        """A new attempt."""
        return cls(*(secrets.token_urlsafe(32) for _ in range(3)))


class OpenIdProvider:
    """One provider; `secret` is empty for a public client."""

    def __init__(
        self,
        issuer: str,
        client_id: str,
        secret: str = "",
        transport: httpx.AsyncBaseTransport | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.issuer, self.client_id = issuer.rstrip("/"), client_id
        self._issuer, self._secret, self._now = issuer, secret, now
        self._client = httpx.AsyncClient(
            transport=transport, timeout=SECONDS, follow_redirects=False, trust_env=False
        )
        self._about: Claims | None = None
        self._keys: KeySet | None = None
        self._about_until = self._keys_until = self._keys_asked_at = float("-inf")

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def sign_in_address(self, attempt: Attempt, back: str) -> str:
        """The address to send the browser to; raises Unanswered."""
        asked = {
            **{"response_type": "code", "client_id": self.client_id, "redirect_uri": back},
            **{"scope": "openid profile email", "state": attempt.state, "nonce": attempt.nonce},
            "code_challenge": challenge_of(attempt.verifier),
            "code_challenge_method": "S256",
        }
        endpoint = await self._endpoint("authorization_endpoint")
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(asked)}"

    async def who_signed_in(self, attempt: Attempt, code: str, back: str, now: datetime) -> Claims:
        """The claims of the person who came back with a code; raises NotAuthentic, Unanswered."""
        sent = {
            **{"grant_type": "authorization_code", "code": code, "redirect_uri": back},
            **{"client_id": self.client_id, "code_verifier": attempt.verifier},
        }
        if self._secret:
            sent["client_secret"] = self._secret
        endpoint = await self._endpoint("token_endpoint")
        status, body = await self._ask("POST", endpoint, data=sent)
        token = body.get("id_token")
        if status != 200 or not isinstance(token, str):
            raise NotAuthentic("The provider did not take the code.")
        claims = await self.claims_of(token, now)
        nonce = str(claims.get("nonce", ""))
        if not secrets.compare_digest(nonce.encode(), attempt.nonce.encode()):
            raise NotAuthentic("The token is of another attempt.")
        return claims

    async def claims_of(self, token: str, now: datetime) -> Claims:
        """The claims of a token for this client; raises NotAuthentic, Unanswered."""
        if len(token) > MAX_TOKEN:
            raise NotAuthentic("The token is too long.")
        try:
            claims = await self._verified(token)
            jwt.JWTClaimsRegistry(
                now=int(now.timestamp()),
                leeway=LEEWAY_SECONDS,
                iss={"essential": True, "value": self._issuer},
                aud={"essential": True, "value": self.client_id},
                exp={"essential": True},
                sub={"essential": True},
            ).validate(dict(claims))
        except (JoseError, ValueError, TypeError) as error:
            raise NotAuthentic(f"The token is not valid: {type(error).__name__}.") from None
        if claims.get("azp", self.client_id) != self.client_id:
            raise NotAuthentic("The token was given to another client.")
        return claims

    async def _verified(self, token: str) -> Claims:
        try:
            return jwt.decode(token, await self._key_set(), algorithms=ALGORITHMS).claims
        except (JoseError, ValueError):
            if self._now() - self._keys_asked_at < AGAIN_SECONDS:
                raise
        self._keys_until = float("-inf")  # the provider may have new keys
        return jwt.decode(token, await self._key_set(), algorithms=ALGORITHMS).claims

    async def _key_set(self) -> KeySet:
        if self._keys is None or self._now() >= self._keys_until:
            self._keys_asked_at = self._now()
            _, body = await self._ask("GET", await self._endpoint("jwks_uri"))
            try:
                self._keys = KeySet.import_key_set(body)  # type: ignore[arg-type]
            except (JoseError, KeyError, ValueError, TypeError):
                raise Unanswered("The provider's keys cannot be read.") from None
            self._keys_until = self._now() + REMEMBERED_SECONDS
        return self._keys

    async def _endpoint(self, name: str) -> str:
        if self._about is None or self._now() >= self._about_until:
            address = f"{self.issuer}/.well-known/openid-configuration"
            _, about = await self._ask("GET", address)
            if about.get("issuer") != self._issuer:
                raise Unanswered("The provider calls itself otherwise than NEXTLEAD_OIDC_ISSUER.")
            self._about, self._about_until = about, self._now() + REMEMBERED_SECONDS
        found = self._about.get(name)
        if not isinstance(found, str) or not _is_as_safe(found, self._issuer):
            raise Unanswered(f"The provider names no `{name}` that is as safe as itself.")
        return found

    async def _ask(self, method: str, url: str, **sent: Any) -> tuple[int, dict[str, Any]]:
        body = bytearray()
        try:
            async with self._client.stream(method, url, **sent) as answer:
                async for piece in answer.aiter_bytes():
                    body += piece
                    if len(body) > MAX_BYTES:
                        raise Unanswered("The provider's answer is too long.")
                found = orjson.loads(body)
        except (httpx.HTTPError, httpx.InvalidURL, orjson.JSONDecodeError) as error:
            raise Unanswered(f"The provider does not answer: {type(error).__name__}.") from None
        if not isinstance(found, dict):
            raise Unanswered("The provider answers no object.")
        return answer.status_code, found


def _is_as_safe(url: str, issuer: str) -> bool:
    """Whether an endpoint uses TLS; plain HTTP only if the provider itself uses it."""
    return urlsplit(url).scheme == "https" or urlsplit(issuer).scheme == urlsplit(url).scheme
