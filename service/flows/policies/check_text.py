"""Check the text of a policy in a process of its own: it takes a second, and may be junk."""

from service.policies.reading import read_policy
from service.resources import Resources


async def check_text(resources: Resources, text: str) -> None:
    """Raise InvalidRequest with every mistake of a policy's text."""
    await resources.heavy_work.run(_check, text)


def _check(text: str) -> None:
    read_policy(text)
