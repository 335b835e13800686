"""A source as its adapter needs it: with its secrets opened, and every option."""

from service.adapters.registry import ADAPTERS
from service.adapters.source import Source
from service.resources import Resources
from service.storage.senders.sources import StoredSource


def open_source(resources: Resources, stored: StoredSource) -> Source:
    """The source at this moment; raises SecretKeyMissing and SecretLost."""
    options = {
        **{name: option.default for name, option in ADAPTERS[stored.spec.adapter].options.items()},
        **stored.spec.options,
    }
    return resources.stores.sources.opened(stored, options, resources.clock.now())
