"""`nextlead source try`: tries a mapping on a recorded request before a sender posts any."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import BinaryIO
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

from service.adapters import normalise
from service.adapters.delivery import Delivery
from service.adapters.mapping.adapter import ADAPTER
from service.adapters.mapping.hearing import events_of, events_of_payload
from service.adapters.mapping.reading import SHIPPED, read_mapping, shipped_text
from service.adapters.source import UNKNOWN_REGION, UTC, Source
from service.cli.field_lines import field_lines, shown
from service.cli.option_pairs import WHERE_FROM, secrets_of
from service.clock import DatabaseClock
from service.leads.errors import FieldMistake, InvalidRequest, NotAuthentic, Unreadable
from service.policies.yaml_text import MAX_BYTES

TYPES_OF_BODIES = {
    "json": "application/json",
    "form": "application/x-www-form-urlencoded",
    "nested_form": "application/x-www-form-urlencoded",
}


def _zone_or_none(_context: click.Context, _option: click.Parameter, zone: str) -> str:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise click.BadParameter("write it like Europe/Moscow") from None
    return zone


@click.command("try")
@click.argument("mapping")
@click.argument("sample", type=click.File("rb"))
@click.option("--path", default="", help="The part of the address after the source, with ?query.")
@click.option("--header", "headers", multiple=True, help="A header of the request: 'Name: value'.")
@click.option("--secret", "secrets", multiple=True, callback=secrets_of, help=WHERE_FROM)
@click.option("--at", help="The time of receipt, in ISO 8601; unset: now.")
@click.option("--time-zone", default=UTC, show_default=True, callback=_zone_or_none)
@click.option(
    "--region", default=UNKNOWN_REGION, help="The country of numbers without a country code."
)
def try_mapping(
    mapping: str,
    sample: BinaryIO,
    path: str,
    headers: tuple[str, ...],
    secrets: dict[str, str],
    at: str | None,
    time_zone: str,
    region: str,
) -> None:
    """Show what MAPPING reads in SAMPLE, the raw body of a request.

    MAPPING is a file or the name of a shipped mapping. Each field is shown with its place in the
    request. The exit status is 1 when the mapping has mistakes, the sample is unreadable, or a
    proof is wrong. Proofs are checked when a secret is given.
    """
    text = _text_of(mapping)
    delivery = _delivery(text, sample.read(ADAPTER.max_bytes + 1), path, headers, at)
    source = replace(_source(text, secrets), time_zone=time_zone, region=region)
    try:
        if _show_answer(delivery, source, bool(secrets)):
            _show_events(delivery, source)
    except (NotAuthentic, Unreadable) as error:
        sort = "Not authentic" if isinstance(error, NotAuthentic) else "Unreadable"
        raise _Refused(f"{sort}: {error}") from None


class _Refused(SystemExit):
    """Ends the command with a message and the exit status 1."""

    def __init__(self, message: str) -> None:
        click.echo(message)
        super().__init__(1)


def _text_of(mapping: str) -> str:
    """The text of a valid mapping; ends the command with every mistake of an invalid one."""
    try:
        if mapping in SHIPPED:
            return shipped_text(mapping)
        with Path(mapping).open("rb") as file:
            text = file.read(MAX_BYTES + 1).decode()
        read_mapping(text)
    except OSError as error:
        remedy = f"Give a file, or one of: {', '.join(SHIPPED)}."
        raise _Refused(f"{mapping}: {error.strerror}. {remedy}") from None
    except UnicodeDecodeError:
        raise _Refused(f"{mapping}: it is not UTF-8 text. Save it as UTF-8.") from None
    except InvalidRequest as error:
        raise _Refused("\n".join(map(_line, error.mistakes))) from None
    return text


def _source(text: str, secrets: dict[str, str]) -> Source:
    return Source("tried", ADAPTER.name, "main", _existing(secrets), mapping=text)


def _line(mistake: FieldMistake) -> str:
    return " ".join(f"{mistake.field}: {mistake.reason}. {mistake.remedy}".split())


def _delivery(
    text: str, body: bytes, path: str, headers: tuple[str, ...], at: str | None
) -> Delivery:
    if len(body) > ADAPTER.max_bytes:
        raise _Refused(f"The sample is larger than {ADAPTER.max_bytes} bytes.")
    pairs = [header.partition(":") for header in headers]
    given = [(name.strip().lower(), value.strip()) for name, _, value in pairs]
    if all(name != "content-type" for name, _ in given):
        given.append(("content-type", TYPES_OF_BODIES[read_mapping(text).body]))
    before, _, query = path.partition("?")
    return Delivery("POST", body, _moment(at), tuple(given), before, query)


def _moment(at: str | None) -> datetime:
    if at is None:
        return DatabaseClock().now()
    if (moment := normalise.iso_time(at, UTC)) is None:
        raise click.BadParameter("write it like 2026-11-21T14:05:10+03:00", param_hint="--at")
    return moment


def _existing(given: dict[str, str]) -> dict[str, tuple[str, ...]]:
    if unknown := set(given) - set(ADAPTER.secrets):
        existing = " and ".join(ADAPTER.secrets)
        raise click.BadParameter(f"{', '.join(unknown)}: the secrets are {existing}")
    return {name: (value,) for name, value in given.items()}


def _show_answer(delivery: Delivery, source: Source, is_checked: bool) -> bool:
    """Show the answer to the sender; returns whether the request is more than a handshake."""
    try:
        greeting = ADAPTER.greet(delivery, source)
    except NotAuthentic:
        if is_checked:
            raise
        click.echo(
            "A handshake: it is answered when its proof is right; check it with --secret NAME"
        )
        return False
    if greeting is None and is_checked:
        ADAPTER.verify(delivery, source)
    click.echo(f"Proof: {'right' if is_checked else 'not checked; give --secret NAME'}")
    reply = greeting or ADAPTER.reply(delivery, source)
    click.echo(f"Answer: {reply.status} {shown(reply.body.decode())}".rstrip())
    if greeting is not None:
        click.echo("A handshake: it is answered, and nothing is stored.")
    elif name := ADAPTER.once(delivery, source):
        click.echo(f"Known again by: {shown(name)}")
    return greeting is None


def _show_events(delivery: Delivery, source: Source) -> None:
    mapping = read_mapping(source.mapping or "")
    ADAPTER.read(delivery, source)  # raises Unreadable when nothing can be read
    events = list(events_of(mapping, delivery, source))
    if not events:
        click.echo("No event: none of the mapping fits.")
    for event in events:
        click.echo(f"\nEvent {event.number + 1} of the mapping: {event.sort.what}")
        if event.sort.what != "nothing":
            click.echo("\n".join(field_lines(event, events_of_payload(event))))
