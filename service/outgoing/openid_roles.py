"""A person's role and operator here, from the provider's claims."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

WIDEST_FIRST = ("head", "supervisor", "operator")


@dataclass(frozen=True, slots=True)
class OpenIdRoles:
    """Roles by the values of one claim, and the claim with the operator's name."""

    roles: Mapping[str, str] = field(default_factory=dict)
    claim: str = "groups"
    operator_claim: str = "preferred_username"

    def role_of(self, claims: Mapping[str, Any]) -> str | None:
        """The widest role that the claim gives; None when it gives none."""
        given = claims.get(self.claim)
        values = given if isinstance(given, list) else [given]
        found = {
            self.roles[value] for value in values if isinstance(value, str) and value in self.roles
        }
        return next((role for role in WIDEST_FIRST if role in found), None)
