"""Every adapter by the name that stands in the address: /webhooks/{adapter}/{source}."""

from collections.abc import Mapping

from service.adapters import (
    standard_webhooks,
)
from service.adapters.adapter import Adapter

KNOWN: tuple[Adapter, ...] = (standard_webhooks.ADAPTER,)
ADAPTERS: Mapping[str, Adapter] = {adapter.name: adapter for adapter in KNOWN}
