"""Every adapter by the name that stands in the address: /webhooks/{adapter}/{source}."""

from collections.abc import Mapping

from service.adapters import (
    bitrix24,
    chatwoot,
    jivo,
    mailgun,
    mango,
    max_messenger,
    meta,
    postmark,
    sendgrid,
    shopify,
    standard_webhooks,
    tawk,
    telegram,
    tilda,
    twilio,
    viber,
    vk,
    woocommerce,
    zadarma,
)
from service.adapters.adapter import Adapter
from service.adapters.mapping import adapter as mapping

KNOWN: tuple[Adapter, ...] = (
    bitrix24.ADAPTER,
    chatwoot.ADAPTER,
    jivo.ADAPTER,
    mailgun.ADAPTER,
    mango.ADAPTER,
    mapping.ADAPTER,
    max_messenger.ADAPTER,
    meta.ADAPTER,
    postmark.ADAPTER,
    sendgrid.ADAPTER,
    shopify.ADAPTER,
    standard_webhooks.ADAPTER,
    tawk.ADAPTER,
    telegram.ADAPTER,
    tilda.ADAPTER,
    twilio.ADAPTER,
    viber.ADAPTER,
    vk.ADAPTER,
    woocommerce.ADAPTER,
    zadarma.ADAPTER,
)
ADAPTERS: Mapping[str, Adapter] = {adapter.name: adapter for adapter in KNOWN}
