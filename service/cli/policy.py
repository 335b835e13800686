"""`nextlead policy …`: policies as files, for their authors. It needs no server."""

import json
from typing import BinaryIO

import click

from service.explaining.sentences import LanguageName
from service.leads.errors import FieldMistake, InvalidRequest
from service.policies.document import policy_schema
from service.policies.examples import refuses, run_examples, tied_examples
from service.policies.reading import default_text, read_policy
from service.policies.text_document import ExamplesPolicy
from service.policies.warnings import warnings_of
from service.policies.yaml_text import MAX_BYTES, read_yaml


@click.group()
def policy() -> None:
    """Check policies as files, and print the default."""


@policy.command("check")
@click.argument("file", type=click.File("rb"))
@click.option(
    "--language", type=click.Choice(["en", "ru"]), default="en", help="The language of the reasons."
)
def check_policy(file: BinaryIO, language: LanguageName) -> None:
    """Check whether the policy in FILE could come into force, and whether its examples pass.

    FILE `-` is standard input. Every mistake is a line of its own: `path: reason. Remedy`. The exit
    status is 1 when there is a mistake. It is also 1 when an example fails, unless FILE has
    `examples_policy: warn`. Allowed values that are probably not meant are warnings on the error
    output.
    """
    try:
        text = text_of(file)
        read = read_policy(text)
    except InvalidRequest as error:
        click.echo("\n".join(line_of(mistake) for mistake in error.mistakes))
        raise SystemExit(1) from None
    spec = read_yaml(text)
    misses = run_examples(read, spec, language)
    for miss in misses:
        click.echo("\n  ".join((f"{miss.field}: {miss.reason}", *miss.why)))
    if misses and refuses(spec, ExamplesPolicy.REFUSE):
        raise SystemExit(1)
    for warning in [*warnings_of(read), *tied_examples(read, spec)]:
        click.echo(f"warning: {line_of(warning)}", err=True)
    signals, zone = len(spec.get("lexicon", [])), read.hours.timetable.zone
    escalations = sum(len(kind.escalations) for kind in read.kinds.values())
    examples = len(spec.get("examples", []))
    held = f"{examples} examples, " if examples else ""
    click.echo(
        f"In order: {escalations} escalations, {signals} signals, {held}{read.currency}, {zone}"
    )


@policy.command("default")
def print_default() -> None:
    """Print the policy of a new queue."""
    click.echo(default_text(), nl=False)


@policy.command("schema")
@click.option(
    "--language", type=click.Choice(["en", "ru"]), default="en", help="The language of the titles."
)
def print_schema(language: LanguageName) -> None:
    """Print the JSON Schema of a policy, for editors."""
    click.echo(json.dumps(policy_schema(language), indent=2, ensure_ascii=False))


def text_of(file: BinaryIO, what: str = "policy") -> str:
    """The text of a file. It reads no more than the limit; raises InvalidRequest."""
    content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise _refused(what, f"it is larger than {MAX_BYTES} bytes", "Shorten it.")
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise _refused(what, "it is not UTF-8 text", "Save it as UTF-8.") from None


def _refused(what: str, reason: str, remedy: str) -> InvalidRequest:
    return InvalidRequest([FieldMistake(what, reason, remedy)])


def line_of(mistake: FieldMistake) -> str:
    """A mistake as a line: `path: reason. Remedy`."""
    return " ".join(f"{mistake.field}: {mistake.reason}. {mistake.remedy}".split())
