"""What holds of every sender whose proof is one header: nothing but the proof itself opens."""

from dataclasses import replace

import pytest
from webhooks.deliveries import flipped

from service.adapters.adapter import Adapter
from service.adapters.delivery import Delivery
from service.adapters.source import Source
from service.leads.errors import NotAuthentic


def refuse(adapter: Adapter, delivery: Delivery, source: Source) -> None:
    """Fail unless the delivery is refused."""
    with pytest.raises(NotAuthentic):
        adapter.verify(delivery, source)


def with_header(delivery: Delivery, name: str, *values: str) -> Delivery:
    """The same request with a header once, twice, or not at all."""
    others = tuple(pair for pair in delivery.headers if pair[0] != name)
    return replace(delivery, headers=others + tuple((name, value) for value in values))


def only_its_header_opens(
    adapter: Adapter, delivery: Delivery, source: Source, header: str
) -> None:
    """Fail unless the delivery opens, and does not with the header missing, twice or changed."""
    adapter.verify(delivery, source)
    right = delivery.header(header) or ""
    changed = [flipped(right.encode(), place).decode("latin-1") for place in range(len(right))]
    for value in (*changed, "", right[:-1], right + "0", "ё", "\udcff", "0" * len(right)):
        refuse(adapter, with_header(delivery, header, value), source)
    refuse(adapter, with_header(delivery, header), source)
    refuse(adapter, with_header(delivery, header, right, right), source)


def only_its_body_opens(adapter: Adapter, delivery: Delivery, source: Source) -> None:
    """Fail unless every change of one bit of the body is refused."""
    for place in range(len(delivery.body)):
        body = flipped(delivery.body, place)
        refuse(adapter, replace(delivery, body=body), source)
    refuse(adapter, replace(delivery, body=b""), source)
    refuse(adapter, replace(delivery, body=delivery.body + b" "), source)
