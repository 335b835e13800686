"""Check the mapping of a source, and that other adapters have none."""

from collections.abc import Collection, Iterator
from dataclasses import replace

from service.adapters.mapping.adapter import ADAPTER as MAPPING
from service.adapters.mapping.checking import needs_secret
from service.adapters.mapping.reading import SHIPPED, read_mapping, shipped_text
from service.adapters.source import Source
from service.leads.errors import FieldMistake, InvalidRequest


def check_mapping(requested: Source, secrets: Collection[str]) -> Iterator[FieldMistake]:
    """Yield every mistake: only the adapter `mapping` has a mapping, its own text or a shipped one.

    `secrets` names the secrets that the source has or gets. Without the secret of the mapping's
    proof, every request would be refused.
    """
    shipped = requested.options.get("shipped", "")
    if requested.adapter != MAPPING.name:
        if requested.mapping is not None:
            remedy = f"Leave it out, or use the adapter `{MAPPING.name}`."
            yield FieldMistake("mapping", f"`{requested.adapter}` needs none", remedy)
    elif requested.mapping is not None:
        yield from _of_text(requested.mapping, secrets)
    elif shipped in SHIPPED:
        yield from _of_text(shipped_text(shipped), secrets)
    elif not shipped:
        remedy = "Send `mapping`, a YAML text, or name one by the option `shipped`."
        yield FieldMistake("mapping", "it is needed", remedy)


def _of_text(text: str, secrets: Collection[str]) -> Iterator[FieldMistake]:
    try:
        mapping = read_mapping(text)
    except InvalidRequest as error:
        for mistake in error.mistakes:
            place = mistake.field.removeprefix("mapping").lstrip(".")
            yield replace(mistake, field=f"mapping.{place}" if place else "mapping")
        return
    if needs_secret(mapping) and "secret" not in secrets:
        remedy = f"Send it: the mapping's proof, `{mapping.auth.scheme}`, is made with it."
        yield FieldMistake("secrets.secret", "it is needed", remedy)
