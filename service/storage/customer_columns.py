"""The client of a signal as JSON, and back; empty optional fields are left out."""

from collections.abc import Mapping
from typing import Any

from service.leads.customer import Customer, Mention, MentionedIn, Recognition
from service.leads.identity import Evidence

LISTS = ("phones", "network_phones")


def customer_column(customer: Customer | None) -> dict[str, Any] | None:
    """A client as JSON; None for nobody."""
    if customer is None:
        return None
    column: dict[str, Any] = {
        "external_id": customer.external_id,
        "name": customer.name,
        "phone": customer.phone,
        "email": customer.email,
        "messengers": customer.messengers,
    }
    column |= {name: list(found) for name in LISTS if (found := getattr(customer, name))}
    if customer.mentioned:
        column["mentioned"] = [_mention_column(item) for item in customer.mentioned]
    if customer.recognised is not None:
        how = customer.recognised
        column["recognised"] = {"by": list(how.by), "cards": list(how.cards), "rule": how.rule}
    return column


def customer_of(column: Mapping[str, Any] | None) -> Customer | None:
    """The client in a JSON column."""
    if not column:
        return None
    spec = {**column, **{name: tuple(column.get(name) or ()) for name in LISTS}}
    mentioned = tuple(_mention_of(item) for item in column.get("mentioned") or ())
    how = column.get("recognised")
    return Customer(
        **{**spec, "mentioned": mentioned, "recognised": None if how is None else _how(how)}
    )


def _how(spec: Mapping[str, Any]) -> Recognition:
    by = tuple(Evidence(item) for item in spec["by"])
    return Recognition(by, tuple(spec["cards"]), spec["rule"])


def _mention_column(mention: Mention) -> dict[str, Any]:
    return {"phone": mention.phone, "email": mention.email, "found_in": mention.found_in.value}


def _mention_of(spec: Mapping[str, Any]) -> Mention:
    return Mention(spec["phone"], spec["email"], MentionedIn(spec["found_in"]))
