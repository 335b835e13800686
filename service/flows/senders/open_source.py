"""A source as its adapter needs it: with its secrets opened, and every option."""

from service.adapters.registry import ADAPTERS
from service.adapters.source import Source
from service.resources import Resources
from service.storage.senders.sources import KeptSource


def open_source(resources: Resources, kept: KeptSource) -> Source:
    """The source at this moment; raises SecretKeyMissing and SecretLost."""
    options = {
        **{name: one.default for name, one in ADAPTERS[kept.said.adapter].options.items()},
        **kept.said.options,
    }
    return resources.stores.sources.opened(kept, options, resources.clock.now())
