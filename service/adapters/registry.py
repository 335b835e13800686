"""All adapters by the name in their address: /webhooks/{adapter}/{source}."""

from collections.abc import Mapping

from service.adapters.adapter import Adapter
from service.adapters.crm import bitrix24
from service.adapters.mail import mailgun, postmark, sendgrid
from service.adapters.mapping import adapter as mapping
from service.adapters.messengers import (
    chatwoot,
    jivo,
    max_messenger,
    meta,
    tawk,
    telegram,
    viber,
    vk,
)
from service.adapters.shops import shopify, tilda, woocommerce
from service.adapters.standard import standard_webhooks
from service.adapters.telephony import mango, twilio, zadarma

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
