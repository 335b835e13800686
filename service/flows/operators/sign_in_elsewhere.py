"""A person signs in at the company's OpenID Connect provider, whose claims name their role here.

The pages write Postgres only. A program that sends the provider's token gets no session.
"""

import re
from uuid import NAMESPACE_URL, uuid5

import structlog

from service.flows.operators.sign_in import ROLES, Person, SignedIn, open_session
from service.leads.binding import Binding
from service.leads.errors import NotAuthentic, ScopeMissing, Unauthenticated
from service.outgoing.openid import Attempt, Claims, OpenIdProvider
from service.resources import Resources
from service.storage.api_keys import Key

log = structlog.get_logger()

NAME = re.compile(r"[A-Za-z0-9._@-]{1,64}")
TOKEN = re.compile(r"[\w-]+\.[\w-]+\.[\w-]+", re.ASCII)


async def sign_in_elsewhere(
    resources: Resources, attempt: Attempt, code: str, back: str
) -> SignedIn:
    """Open a session for a person whom the provider sent back with a code.

    Raises Unauthenticated when the provider's answer is not valid, ScopeMissing when the person has
    no role here, and Unanswered when the provider does not answer.
    """
    provider = provider_of(resources)
    try:
        claims = await provider.who_signed_in(attempt, code, back, resources.clock.now())
    except NotAuthentic as error:
        raise Unauthenticated(str(error)) from None
    person = await _person(resources, claims)
    if person.queues is not None and "supervise" in person.scopes:
        raise ScopeMissing("The boards show every queue, and you may see only some of them.")
    return await open_session(resources, person, way="openid")


async def key_of_token(resources: Resources, token: str) -> Key | None:
    """Return what a bearer token of the provider allows, as a key; None for any other token."""
    if resources.openid is None or not TOKEN.fullmatch(token):
        return None
    try:
        claims = await resources.openid.claims_of(token, resources.clock.now())
    except NotAuthentic:
        return None
    person = await _person(resources, claims)
    return Key(
        id=uuid5(NAMESPACE_URL, f"{resources.openid.issuer} {claims['sub']}"),
        name=person.name,
        digest=b"",
        scopes=person.scopes,
        created_at=resources.clock.now(),
        revoked_at=None,
        binding=Binding(None if "supervise" in person.scopes else person.operator, person.queues),
    )


def provider_of(resources: Resources) -> OpenIdProvider:
    """Return the provider; raises Unauthenticated where none is set."""
    if resources.openid is None:
        raise Unauthenticated("No provider is set: NEXTLEAD_OIDC_ISSUER.")
    return resources.openid


async def _person(resources: Resources, claims: Claims) -> Person:
    """Map claims to a person here; raises ScopeMissing when they have no role."""
    roles, named = resources.openid_roles, _name_in(claims, resources.openid_roles.operator_claim)
    role = roles.role_of(claims)
    if role is None:
        raise ScopeMissing("The provider gives you no role here.")
    operator = named if named in await resources.stores.directory.operators() else None
    if role == "operator" and operator is None:
        raise ScopeMissing("No operator here has your name at the provider.")
    name = named or str(uuid5(NAMESPACE_URL, str(claims["sub"])))
    return Person(name, operator, ROLES[role], roles.queues_of(claims))


def _name_in(claims: Claims, claim: str) -> str | None:
    """A name that a claim gives; None when it is missing, or is no name."""
    given = claims.get(claim)
    named = str(given) if isinstance(given, str | int) and not isinstance(given, bool) else ""
    return named if NAME.fullmatch(named) else None
