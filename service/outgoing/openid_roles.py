"""A person's role and operator here, from the provider's claims."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

WIDEST_FIRST = ("head", "supervisor", "operator")


@dataclass(frozen=True, slots=True)
class OpenIdRoles:
    """Roles and queues by the values of one claim, and the claim with the operator's name."""

    roles: Mapping[str, str] = field(default_factory=dict)
    claim: str = "groups"
    operator_claim: str = "preferred_username"
    queues: Mapping[str, Collection[str]] = field(default_factory=dict)

    def role_of(self, claims: Mapping[str, Any]) -> str | None:
        """The widest role that the claim gives; None when it gives none."""
        found = {self.roles[value] for value in self._values(claims) if value in self.roles}
        return next((role for role in WIDEST_FIRST if role in found), None)

    def queues_of(self, claims: Mapping[str, Any]) -> frozenset[str] | None:
        """The queues that the claim limits a person to; None for all queues."""
        named = [self.queues[value] for value in self._values(claims) if value in self.queues]
        return frozenset(name for names in named for name in names) if named else None

    def _values(self, claims: Mapping[str, Any]) -> list[str]:
        given = claims.get(self.claim)
        values = given if isinstance(given, list) else [given]
        return [value for value in values if isinstance(value, str)]
