"""Every adapter by the name that stands in the address: /webhooks/{adapter}/{source}."""

from collections.abc import Mapping

from service.adapters import (
    mango,
    shopify,
    standard_webhooks,
    tawk,
    tilda,
    woocommerce,
    zadarma,
)
from service.adapters.adapter import Adapter

KNOWN: tuple[Adapter, ...] = (
    mango.ADAPTER,
    shopify.ADAPTER,
    standard_webhooks.ADAPTER,
    tawk.ADAPTER,
    tilda.ADAPTER,
    woocommerce.ADAPTER,
    zadarma.ADAPTER,
)
ADAPTERS: Mapping[str, Adapter] = {adapter.name: adapter for adapter in KNOWN}
