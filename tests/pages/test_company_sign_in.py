"""People sign in at an OpenID Connect provider of the tests' own, which insists on everything.

The flow was tried with oidc-provider-mock 0.3.4, too: it works. That is not pinned, as it takes a
wrong PKCE verifier, and brings Flask, Authlib, htpy and what they need.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from driven_clock import NOON
from fastapi import FastAPI
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from structlog.testing import capture_logs

from service.leads.operator import Operator
from service.outgoing.challenge import challenge_of
from service.outgoing.openid import OpenIdProvider
from service.outgoing.openid_roles import OpenIdRoles
from service.pages.guesses import GUESSES
from service.resources import Resources
from service.storage.operators.operators import put_operator

ISSUER, CLIENT = "https://login.example", "nextlead"
ROLES = OpenIdRoles({"sales": "operator", "heads": "head"})


@dataclass
class Provider:
    """What a provider does; `claims` are laid over those that it would give."""

    claims: dict[str, Any] = field(default_factory=dict)
    asked: dict[str, str] = field(default_factory=dict)
    about: dict[str, Any] = field(default_factory=dict)
    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256", {"kid": "1"}))
    key_requests: int = 0
    seconds: float = 0.0

    def rotate(self) -> None:
        self.key = ECKey.generate_key("P-256", {"kid": "2"})

    def token(self, **claims: Any) -> str:
        now = int(NOON.timestamp())
        usual = {"iss": ISSUER, "aud": CLIENT, "sub": "u-1", "iat": now, "exp": now + 300}
        named = {"preferred_username": "anna", "groups": ["sales"]}
        given = {**usual, **named, **claims, **self.claims}
        given = {name: value for name, value in given.items() if value is not None}
        return jwt.encode({"alg": "ES256", "kid": self.key.kid}, given, self.key)

    async def describe(self, _: Request) -> JSONResponse:
        places = {
            "issuer": ISSUER,
            "authorization_endpoint": f"{ISSUER}/authorize",
            "token_endpoint": f"{ISSUER}/token",
            "jwks_uri": f"{ISSUER}/keys",
        }
        return JSONResponse({**places, **self.about})

    async def keys(self, _: Request) -> JSONResponse:
        self.key_requests += 1
        return JSONResponse(KeySet([self.key]).as_dict(private=False))

    async def exchange(self, request: Request) -> JSONResponse:
        sent = parse_qs((await request.body()).decode())
        is_right = (
            sent["code"] == ["the-code"]
            and sent["client_secret"] == ["hush"]
            and sent["redirect_uri"] == [self.asked["redirect_uri"]]
            and challenge_of(sent["code_verifier"][0]) == self.asked["code_challenge"]
        )
        if not is_right:
            return JSONResponse({"error": "invalid_grant"}, 400)
        return JSONResponse({"id_token": self.token(nonce=self.asked["nonce"])})

    def client(self) -> OpenIdProvider:
        app = Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self.describe),
                Route("/keys", self.keys),
                Route("/token", self.exchange, methods=["POST"]),
            ]
        )
        transport = httpx.ASGITransport(app)
        return OpenIdProvider(ISSUER, CLIENT, "hush", transport, lambda: self.seconds)


@pytest.fixture
async def provider(app: FastAPI, resources: Resources) -> AsyncIterator[Provider]:
    GUESSES.was_right("127.0.0.1")
    made = Provider()
    provider_client = made.client()
    app.state.resources = replace(resources, openid=provider_client, openid_roles=ROLES)
    yield made
    await provider_client.close()
    app.state.resources = resources
    GUESSES.was_right("127.0.0.1")


@pytest.fixture
async def browser(app: FastAPI, provider: Provider) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    headers = {"Accept-Language": "en"}
    async with httpx.AsyncClient(
        transport=transport, base_url="https://nextlead", headers=headers
    ) as client:
        yield client


async def begun(browser: httpx.AsyncClient, provider: Provider) -> dict[str, str]:
    """What the provider is asked when somebody begins."""
    answer = await browser.get("/signin/company")
    assert answer.status_code == 303
    place = urlsplit(answer.headers["location"])
    assert f"{place.scheme}://{place.netloc}{place.path}" == f"{ISSUER}/authorize"
    cookie = answer.headers["set-cookie"].lower()
    assert all(part in cookie for part in ("httponly", "samesite=lax", "secure"))
    provider.asked = {name: value for name, (value,) in parse_qs(place.query).items()}
    assert provider.asked["code_challenge_method"] == "S256"
    return provider.asked


async def come_back(browser: httpx.AsyncClient, **sent: str) -> httpx.Response:
    return await browser.get("/signin/company/back", params=sent)


async def test_who_signs_in_there_sits_at_their_desk(
    browser: httpx.AsyncClient, provider: Provider
) -> None:
    assert "/signin/company" in (await browser.get("/")).text
    asked = await begun(browser, provider)
    assert asked["redirect_uri"] == "https://nextlead/signin/company/back"
    with capture_logs() as logged:
        answer = await come_back(browser, code="the-code", state=asked["state"])
    assert answer.status_code == 303, answer.text
    assert (await browser.get("/work")).status_code == 200
    (opened,) = [line for line in logged if line["event"] == "session.opened"]
    assert (opened["way"], opened["scopes"]) == ("openid", ["operate", "personal", "read"])
    assert "anna" not in str(opened)
    again = await come_back(browser, code="the-code", state=asked["state"])
    assert again.status_code == 401  # what proved the attempt is used up


@pytest.mark.parametrize(
    "claims",
    [
        *({"aud": "another"}, {"aud": None}, {"iss": "https://evil.example"}, {"nonce": "x"}),
        *({"nonce": None}, {"exp": 1}, {"exp": None}, {"sub": None}, {"azp": "another"}),
        {"iat": 99_999_999_999},
    ],
)
async def test_a_token_that_is_not_for_us_now_opens_nothing(
    browser: httpx.AsyncClient, provider: Provider, claims: dict[str, Any]
) -> None:
    provider.claims = claims
    asked = await begun(browser, provider)
    answer = await come_back(browser, code="the-code", state=asked["state"])
    assert answer.status_code == 401
    assert (await browser.get("/work")).status_code == 303


@pytest.mark.parametrize(
    "sent",
    [{"code": "the-code", "state": "other"}, {"code": "the-code"}, {"code": "wrong"}, {}],
)
async def test_who_did_not_begin_here_is_not_let_in(
    browser: httpx.AsyncClient, provider: Provider, sent: dict[str, str]
) -> None:
    asked = await begun(browser, provider)
    sent = {**sent, **({"state": asked["state"]} if sent.get("code") == "wrong" else {})}
    assert (await come_back(browser, **sent)).status_code == 401
    assert (await browser.get("/work")).status_code == 303


async def test_the_verifier_of_another_browser_is_refused_by_the_provider(
    browser: httpx.AsyncClient, provider: Provider
) -> None:
    asked = dict(await begun(browser, provider))
    provider.asked = {**asked, "code_challenge": challenge_of("another")}
    answer = await come_back(browser, code="the-code", state=asked["state"])
    assert answer.status_code == 401


@pytest.mark.parametrize(
    ("claims", "status"),
    [
        *(({"groups": ["kitchen"]}, 403), ({"groups": None}, 403), ({"groups": "sales"}, 303)),
        *(({"preferred_username": "nobody"}, 403), ({"preferred_username": None}, 403)),
        *(({"groups": ["sales", "heads"]}, 303), ({"groups": [{"a": 1}, 5]}, 403)),
        ({"preferred_username": "chief", "groups": ["heads"]}, 303),
    ],
)
async def test_roles_follow_a_claim(
    browser: httpx.AsyncClient, provider: Provider, claims: dict[str, Any], status: int
) -> None:
    provider.claims = claims
    asked = await begun(browser, provider)
    answer = await come_back(browser, code="the-code", state=asked["state"])
    assert answer.status_code == status
    if "heads" in (claims.get("groups") or ()):
        assert (await browser.get("/policy")).status_code == 200


@pytest.mark.parametrize("claim", [None, ["None"], {"name": "None"}, True])
async def test_who_has_no_name_there_is_nobody_elses_here(
    browser: httpx.AsyncClient, provider: Provider, resources: Resources, claim: object
) -> None:
    async with resources.stores.database.transaction() as connection:
        for name in ("None", "True"):
            await put_operator(connection, Operator(name, ("main",)), NOON)
    resources.stores.directory.forget()
    provider.claims = {"preferred_username": claim}
    asked = await begun(browser, provider)
    answer = await come_back(browser, code="the-code", state=asked["state"])
    assert answer.status_code == 403
    headers = {"Authorization": f"Bearer {provider.token()}"}
    assert (await browser.get("/v1/operators/None", headers=headers)).status_code == 403


async def test_heads_without_a_name_are_told_apart(
    browser: httpx.AsyncClient, provider: Provider, resources: Resources
) -> None:
    for sub in ("u-1", "u-2", "u-1"):
        provider.claims = {"preferred_username": None, "groups": ["heads"], "sub": sub}
        asked = await begun(browser, provider)
        answer = await come_back(browser, code="the-code", state=asked["state"])
        assert answer.status_code == 303
    rows = await resources.stores.database.fetch("SELECT DISTINCT person FROM sessions")
    assert len(rows) == 2
    assert "None" not in [row["person"] for row in rows]


async def test_keys_are_asked_again_when_they_change_and_seldom_else(
    browser: httpx.AsyncClient, provider: Provider, app: FastAPI
) -> None:
    headers = {"Authorization": f"Bearer {provider.token()}"}
    for _ in range(3):
        assert (await browser.get("/v1/operators/anna", headers=headers)).status_code == 200
    assert provider.key_requests == 1
    provider.rotate()
    headers = {"Authorization": f"Bearer {provider.token()}"}
    for _ in range(3):
        assert (await browser.get("/v1/operators/anna", headers=headers)).status_code == 401
    assert provider.key_requests == 1
    provider.seconds += 11
    assert (await browser.get("/v1/operators/anna", headers=headers)).status_code == 200
    assert provider.key_requests == 2


async def test_a_token_acts_as_its_operator_alone(
    browser: httpx.AsyncClient, provider: Provider
) -> None:
    headers = {"Authorization": f"Bearer {provider.token()}"}
    assert (await browser.post("/v1/operators/anna/next", headers=headers)).status_code == 204
    assert (await browser.post("/v1/operators/boris/next", headers=headers)).status_code == 403
    assert (await browser.get("/v1/keys", headers=headers)).status_code == 403
    nobody = {"Authorization": f"Bearer {provider.token(groups=[])}"}
    assert (await browser.get("/v1/queues", headers=nobody)).status_code == 403


@pytest.mark.parametrize("kind", ["none", "shared", "other"])
async def test_a_token_that_somebody_made_themselves_opens_nothing(
    browser: httpx.AsyncClient, provider: Provider, kind: str
) -> None:
    head, body, signature = provider.token().split(".")
    forged = {
        "none": f"eyJhbGciOiJub25lIn0.{body}.",
        "shared": jwt.encode({"alg": "HS256"}, {"sub": "x"}, OctKey.import_key("k" * 32)),
        "other": f"{head}.{body}.{signature[:-4]}AAAA",
    }[kind]
    for token in (forged, f"{forged}{'A' * 20_000}"):
        headers = {"Authorization": f"Bearer {token}"}
        assert (await browser.get("/v1/queues", headers=headers)).status_code == 401


@pytest.mark.parametrize(
    "about",
    [
        *({"issuer": "https://evil.example"}, {"authorization_endpoint": "http://login.example"}),
        *({"authorization_endpoint": None}, {"x": "y" * 300_000}),
    ],
)
async def test_a_provider_that_is_not_as_it_is_set_is_not_gone_to(
    browser: httpx.AsyncClient, provider: Provider, about: dict[str, Any]
) -> None:
    provider.about = about
    answer = await browser.get("/signin/company")
    assert answer.status_code == 502
    assert "does not answer" in answer.text


async def test_without_a_provider_nobody_is_sent_anywhere(
    app: FastAPI, resources: Resources, browser: httpx.AsyncClient
) -> None:
    app.state.resources = resources
    assert "/signin/company" not in (await browser.get("/")).text
    assert (await browser.get("/signin/company")).status_code == 502
    assert (await come_back(browser, code="x", state="y")).status_code == 401


@pytest.fixture
async def north(
    app: FastAPI, client: httpx.AsyncClient, provider: Provider, resources: Resources
) -> Provider:
    """A provider whose people of the group `north` are for the queue `spb` alone."""
    app.state.resources = replace(app.state.resources, openid_roles=IN_QUEUES)
    await client.put("/v1/queues/spb", json={})
    return provider


IN_QUEUES = replace(ROLES, queues={"north": ["spb"], "west": ["kgd"]})


async def test_a_group_is_for_its_queues_alone(browser: httpx.AsyncClient, north: Provider) -> None:
    for groups, status in (("heads", 200), ("north heads", 403), ("north west heads", 403)):
        token = north.token(preferred_username="chief", groups=groups.split())
        headers = {"Authorization": f"Bearer {token}"}
        answer = await browser.get("/v1/leads", params={"queue": "main"}, headers=headers)
        assert answer.status_code == status, groups
        own = await browser.get("/v1/leads", params={"queue": "spb"}, headers=headers)
        assert own.status_code == 200
        shown = (await browser.get("/v1/queues", headers=headers)).json()["queues"]
        assert ("main" in [queue["name"] for queue in shown]) == (status == 200)


@pytest.mark.parametrize(("groups", "status"), [("north heads", 403), ("north sales", 303)])
async def test_boards_are_not_for_who_may_see_some_queues(
    browser: httpx.AsyncClient, north: Provider, groups: str, status: int
) -> None:
    north.claims = {"groups": groups.split()}
    asked = await begun(browser, north)
    answer = await come_back(browser, code="the-code", state=asked["state"])
    assert answer.status_code == status
