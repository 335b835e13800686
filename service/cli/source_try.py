"""`nextlead source try`: a mapping tried on a recorded request, before anybody sends one."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import BinaryIO
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

from service.adapters import said
from service.adapters.delivery import Delivery
from service.adapters.heard import CallHeard, Heard, Left, Word
from service.adapters.mapping.adapter import ADAPTER
from service.adapters.mapping.hearing import Event, events_of, heard_of
from service.adapters.mapping.reading import SHIPPED, read_mapping, shipped_text
from service.adapters.mapping.values import origin_of
from service.adapters.source import Source
from service.clock import DatabaseClock
from service.leads.errors import FieldMistake, InvalidRequest, NotAuthentic, Unreadable
from service.leads.lead import Signal
from service.policies.yaml_text import MOST_BYTES

TYPES_OF_BODIES = {
    "json": "application/json",
    "form": "application/x-www-form-urlencoded",
    "nested_form": "application/x-www-form-urlencoded",
}


def _known_zone(_context: click.Context, _option: click.Parameter, zone: str) -> str:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise click.BadParameter("write it like Europe/Moscow") from None
    return zone


@click.command("try")
@click.argument("mapping")
@click.argument("sample", type=click.File("rb"))
@click.option("--path", default="", help="What follows the source's address, ?query too.")
@click.option("--header", "headers", multiple=True, help="'Name: value', as the sender sends it.")
@click.option("--secret", "secrets", multiple=True, help="name=value; then the proof is checked.")
@click.option("--at", help="When it came, in ISO 8601; unset: now.")
@click.option("--time-zone", default="Europe/Moscow", show_default=True, callback=_known_zone)
@click.option("--region", default="RU", show_default=True)
def try_mapping(
    mapping: str,
    sample: BinaryIO,
    path: str,
    headers: tuple[str, ...],
    secrets: tuple[str, ...],
    at: str | None,
    time_zone: str,
    region: str,
) -> None:
    """Say what would be heard in SAMPLE, the raw body of a request, by MAPPING.

    MAPPING is a file, or the name of a mapping that comes with nextlead. Every field stands beside
    the place that it came from. The exit status is 1 when the mapping has mistakes, the sample is
    unreadable, or a proof is wrong.
    """
    text = _text_of(mapping)
    delivery = _delivery(text, sample.read(ADAPTER.most_bytes + 1), path, headers, at)
    source = Source(
        "tried",
        ADAPTER.name,
        "main",
        _secrets(secrets),
        time_zone=time_zone,
        region=region,
        mapping=text,
    )
    try:
        if _tell_answer(delivery, source, bool(secrets)):
            _tell_events(delivery, source)
    except (NotAuthentic, Unreadable) as error:
        sort = "Not authentic" if isinstance(error, NotAuthentic) else "Unreadable"
        raise _Refused(f"{sort}: {error}") from None


class _Refused(SystemExit):
    """The end of the command: the message is printed, and the exit status is 1."""

    def __init__(self, message: str) -> None:
        click.echo(message)
        super().__init__(1)


def _text_of(mapping: str) -> str:
    """The text of a mapping that is in order; every mistake is told otherwise."""
    try:
        if mapping in SHIPPED:
            return shipped_text(mapping)
        with Path(mapping).open("rb") as file:
            text = file.read(MOST_BYTES + 1).decode()
        read_mapping(text)
    except OSError as error:
        remedy = f"Give a file, or one of: {', '.join(SHIPPED)}."
        raise _Refused(f"{mapping}: {error.strerror}. {remedy}") from None
    except UnicodeDecodeError:
        raise _Refused(f"{mapping}: it is not UTF-8 text. Save it as UTF-8.") from None
    except InvalidRequest as error:
        raise _Refused("\n".join(map(_line, error.mistakes))) from None
    return text


def _line(mistake: FieldMistake) -> str:
    return " ".join(f"{mistake.field}: {mistake.reason}. {mistake.remedy}".split())


def _delivery(
    text: str, body: bytes, path: str, headers: tuple[str, ...], at: str | None
) -> Delivery:
    if len(body) > ADAPTER.most_bytes:
        raise _Refused(f"The sample is larger than {ADAPTER.most_bytes} bytes.")
    pairs = [header.partition(":") for header in headers]
    given = [(name.strip().lower(), value.strip()) for name, _, value in pairs]
    if all(name != "content-type" for name, _ in given):
        given.append(("content-type", TYPES_OF_BODIES[read_mapping(text).body]))
    before, _, query = path.partition("?")
    return Delivery("POST", body, _moment(at), tuple(given), before, query)


def _moment(at: str | None) -> datetime:
    if at is None:
        return DatabaseClock().now()
    if (moment := said.iso_time(at)) is None:
        raise click.BadParameter("write it like 2026-11-21T14:05:10+03:00", param_hint="--at")
    return moment


def _secrets(given: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for one in given:
        name, _, value = one.partition("=")
        if name not in ADAPTER.secrets:
            known = " and ".join(ADAPTER.secrets)
            raise click.BadParameter(f"the secrets are {known}", param_hint="--secret")
        found[name] = (*found.get(name, ()), value)
    return found


def _tell_answer(delivery: Delivery, source: Source, is_checked: bool) -> bool:
    """Tell what the sender is answered; whether the request is more than a handshake."""
    try:
        greeting = ADAPTER.greet(delivery, source)
    except NotAuthentic:
        if is_checked:
            raise
        click.echo("A handshake: it is answered when its proof is right; give --secret name=value")
        return False
    if greeting is None and is_checked:
        ADAPTER.verify(delivery, source)
    click.echo(f"Proof: {'right' if is_checked else 'not checked; give --secret name=value'}")
    reply = greeting or ADAPTER.reply(delivery, source)
    click.echo(f"Answer: {reply.status} {reply.body.decode()}".rstrip())
    if greeting is not None:
        click.echo("A handshake: it is answered, and nothing is kept.")
    elif name := ADAPTER.once(delivery, source):
        click.echo(f"Known again by: {name}")
    return greeting is None


def _tell_events(delivery: Delivery, source: Source) -> None:
    mapping = read_mapping(source.mapping or "")
    ADAPTER.read(delivery, source)  # unreadable as a whole, when it is
    events = list(events_of(mapping, delivery, source))
    if not events:
        click.echo("Nothing: no event of the mapping fits.")
    for event in events:
        click.echo(f"\nEvent {event.number + 1} of the mapping: {event.sort.what}")
        if event.sort.what != "nothing":
            _tell_fields(event, heard_of(event))


def _tell_fields(event: Event, heard: Heard) -> None:
    rows = [(name, str(value)) for name, value in _fields(heard) if value not in (None, (), "")]
    width = max(len(name) for name, _ in rows)
    for name, value in rows:
        origin = _origin(event, name)
        click.echo(f"  {name:<{width}}  {value}" + (f"  ← {origin}" if origin else ""))


def _fields(heard: Heard) -> Iterator[tuple[str, object]]:
    if isinstance(heard, Left):
        yield from (("messenger", heard.messenger), ("client", heard.client), ("at", heard.at))
    if isinstance(heard, CallHeard):
        yield from (("phase", heard.phase), ("at", heard.at), ("order", heard.order))
        yield "extension", heard.extension
    if isinstance(heard, Word):
        yield "taken_by", heard.taken_by
    if isinstance(heard, Word | CallHeard):
        yield from _fields_of_signal(heard.signal)


def _fields_of_signal(signal: Signal) -> Iterator[tuple[str, object]]:
    yield from (("id", signal.external_id), ("channel", signal.channel), ("kind", signal.kind))
    yield "received_at", signal.received_at
    if (customer := signal.customer) is not None:
        yield from (("name", customer.name), ("phone", customer.phone), ("email", customer.email))
        yield "customer_id", customer.external_id
        yield from (
            (f"messengers.{name}", one) for name, one in (customer.messengers or {}).items()
        )
    yield from (("text", signal.text), ("vin", signal.vin), ("budget", signal.budget))
    for number, item in enumerate(signal.items):
        price = "" if item.price is None else f" at {item.price}"
        yield f"items.{number}", f"{item.quantity:f} × {item.name}{price}"
    yield from (("needed_by", signal.needed_by), ("intent", signal.intent))
    yield "paid", "yes" if signal.paid else None
    yield from ((f"attributes.{name}", one) for name, one in (signal.attributes or {}).items())


def _origin(event: Event, name: str) -> str:
    lead, (group, _, inner) = event.sort.lead, name.partition(".")
    if group == "items":
        return str(lead.items.each) if lead.items else ""
    found = getattr(lead, "at" if group == "received_at" else group, None)
    value = found.get(inner) if isinstance(found, dict) else found
    return "" if value is None else origin_of(value, event.scene, event.source)
