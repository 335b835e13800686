"""Check a source as a whole: name every mistake, with the known choices."""

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from phonenumbers import SUPPORTED_REGIONS

from service.adapters.adapter import Adapter, Setting
from service.adapters.registry import ADAPTERS
from service.adapters.source import Source
from service.adapters.telephony.extensions import range_of
from service.flows.senders.check_mapping import check_mapping
from service.flows.senders.check_source_bounds import check_bounds, check_secret_bounds
from service.flows.senders.fetch_details import ADDRESS
from service.leads.errors import (
    FieldMistake,
    InvalidRequest,
    OperatorNotFound,
    QueueNotFound,
)
from service.resources import Resources


@dataclass(frozen=True, slots=True)
class SourceSpec:
    """The requested values of a source.

    `spec` has no secrets. Secrets that are left out stay, and those that are None are deleted. A
    secret address that is left out stays too.
    """

    spec: Source
    secrets: Mapping[str, str | None]
    secret_address: bool | None = None


def adapter_of(name: str) -> Adapter:
    """Return the adapter of a name; raises InvalidRequest that lists the adapters."""
    if name not in ADAPTERS:
        remedy = f"One of: {', '.join(sorted(ADAPTERS))}."
        raise InvalidRequest([FieldMistake("adapter", f"`{name}` is no adapter", remedy)])
    return ADAPTERS[name]


async def check_source(
    resources: Resources, wanted: SourceSpec, stored_secrets: Iterable[str]
) -> None:
    """Raise InvalidRequest unless everything about a source is right.

    `stored_secrets` are the names of the secrets that the source already has.
    """
    requested, adapter = wanted.spec, adapter_of(wanted.spec.adapter)
    given = {name: value for name, value in wanted.secrets.items() if value is not None}
    stored = {name for name in stored_secrets if wanted.secrets.get(name, "") is not None}
    mistakes = [
        *check_bounds(requested),
        *check_secrets(resources, adapter, given),
        *_unknown("secrets", [*wanted.secrets], adapter.secrets),
        *_missing("secrets", _needed_secrets(adapter, requested), stored | set(given)),
        *_options(adapter, requested.options),
        *check_mapping(requested, stored | set(given)),
        *_places(requested),
        *[person async for person in _people(resources, requested)],
    ]
    if mistakes:
        raise InvalidRequest(list(dict.fromkeys(mistakes)))


def check_secrets(
    resources: Resources, adapter: Adapter, given: Mapping[str, str]
) -> Iterator[FieldMistake]:
    """Yield the mistakes in new secrets: unknown names, or wrong values.

    The address of a sender's interface must be allowed, because otherwise each delivery would fail.
    """
    yield from check_secret_bounds(given)
    yield from _unknown("secrets", given, adapter.secrets)
    for mistake in adapter.check_secrets(given):
        yield replace(mistake, field=f"secrets.{mistake.field.removeprefix('secrets.')}")
    if adapter.read_lookup is not None and ADDRESS in given:
        try:
            resources.outside.check(given[ADDRESS], f"secrets.{ADDRESS}")
        except InvalidRequest as error:
            yield from error.mistakes


def _needed_secrets(adapter: Adapter, requested: Source) -> Mapping[str, Setting]:
    """The secrets of the adapter; none when the sender does not sign."""
    return {} if adapter.is_unsigned(requested.options) else adapter.secrets


def _unknown(
    where: str, requested: Iterable[str], existing: Mapping[str, Setting]
) -> Iterator[FieldMistake]:
    remedy = f"One of: {', '.join(sorted(existing))}." if existing else "This adapter has none."
    for name in requested:
        if name not in existing:
            yield FieldMistake(f"{where}.{name}", "the adapter does not know it", remedy)


def _missing(
    where: str, existing: Mapping[str, Setting], requested: Iterable[str]
) -> Iterator[FieldMistake]:
    for name, setting in existing.items():
        if setting.required and name not in requested:
            yield FieldMistake(
                f"{where}.{name}", "it is needed", f"Send it: {setting.about.rstrip('.')}."
            )


def _options(adapter: Adapter, requested: Mapping[str, str]) -> Iterator[FieldMistake]:
    yield from _unknown("options", requested, adapter.options)
    yield from _missing("options", adapter.options, requested)
    for name, value in requested.items():
        choices = adapter.options[name].choices if name in adapter.options else ()
        if choices and value not in choices:
            remedy = f"One of: {', '.join(choice for choice in choices if choice)}."
            yield FieldMistake(f"options.{name}", "it is none of the choices", remedy)


def _places(requested: Source) -> Iterator[FieldMistake]:
    named = requested.places
    zone = named.time_zone or requested.time_zone
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        reason, remedy = f"`{zone}` is no time zone", "Send a name like Europe/Moscow."
        yield FieldMistake("time_zone", reason, remedy)
    if named.region is not None and named.region not in SUPPORTED_REGIONS:
        reason, remedy = f"`{named.region}` is no country", "Send two letters, RU for example."
        yield FieldMistake("region", reason, remedy)
    for written in requested.extensions:
        if range_of(written) is None:
            remedy = "Send one like 29, or a range of as many digits, like 100-199."
            yield FieldMistake("extensions", f"`{written[:40]}` is no extension", remedy)


async def _people(resources: Resources, requested: Source) -> AsyncIterator[FieldMistake]:
    directory = resources.stores.directory
    own, *others = requested.queues
    named = {"queue": own, **{f"queue_by: {name}": name for name in others}}
    for place, name in named.items():
        try:
            found = await directory.queue(name)
        except QueueNotFound:
            reason = f"no queue is called `{name}`"
            yield FieldMistake(place.partition(":")[0], reason, "Make that queue first.")
        else:
            if found.closed_at is not None:
                remedy = "Open it again, or name another."
                yield FieldMistake(place.partition(":")[0], f"`{name}` is closed", remedy)
    places = {f"operators.{theirs}": ours for theirs, ours in requested.operators.items()}
    if requested.default_operator is not None:
        places["default_operator"] = requested.default_operator
    for place, name in places.items():
        try:
            await directory.operator(name)
        except OperatorNotFound:
            reason = f"no operator is called `{name}`"
            yield FieldMistake(place, reason, "Make that operator first.")
