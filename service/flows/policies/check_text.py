"""Check the text of a policy in a process of its own: it takes a second, and may be junk."""

from collections.abc import Mapping
from dataclasses import dataclass

from service.policies.reading import read_policy
from service.policies.rewriting import with_values
from service.policies.yaml_text import read_yaml
from service.resources import Resources


@dataclass(frozen=True, slots=True)
class CheckedText:
    """A policy's text without mistakes, and what the service has to know of it at once."""

    text: str
    currency: str
    time_zone: str
    region: str
    has_rush: bool


async def check_text(resources: Resources, text: str) -> CheckedText:
    """Read a policy's text; raises InvalidRequest with every mistake of it."""
    return await resources.heavy_work.run(_check, text)


def rewritten(text: str, values: Mapping[str, str]) -> CheckedText:
    """A policy's text with some top-level values changed; raises InvalidRequest as above.

    For a thread: in a transaction nobody waits for another process.
    """
    return _check(with_values(text, values))


def _check(text: str) -> CheckedText:
    policy = read_policy(text)
    written = read_yaml(text)["time_zone"]
    return CheckedText(text, policy.currency, written, policy.region, policy.rush is not None)
