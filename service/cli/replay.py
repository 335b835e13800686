"""`nextlead replay`: computes a claim again from its stored data."""

import sys
from uuid import UUID

import click

from service.cli.starting import ready, with_resources
from service.explaining.sentences import LanguageName, sentences
from service.flows.upkeep.replay_claim import Replay, replay_claim

FINDINGS = ("chance", "budget", "urgency", "stage")
NUMBERS = (
    "patience_minutes",
    "cost_per_minute",
    "index",
    "score",
    "rank",
    "policy_version",
    "mode",
)
GREATEST_NUMBER = 2**63 - 1


class ClaimName(click.ParamType[UUID | int]):
    """A lead's id, or the number of the event of a claim."""

    name = "claim"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> UUID | int:
        """The id or the number that was typed."""
        given = str(value)
        if given.isdecimal() and int(given) <= GREATEST_NUMBER:
            return int(given)
        try:
            return UUID(given)
        except ValueError:
            self.fail(f"`{given}` is neither a lead's id nor the number of a claim's event.")


@click.command()
@click.argument("claim", type=ClaimName())
@click.option("--language", type=click.Choice(["en", "ru"]), default="en", show_default=True)
def replay(claim: UUID | int, language: LanguageName) -> None:
    """Compute CLAIM again from its stored data.

    CLAIM is a lead's id, for its last claim, or the number of the claim's event. It prints why the
    lead was served, the computed numbers, and `equal`. If stored numbers differ from computed ones,
    it prints the differences and the exit status is 1.
    """
    with ready(None) as settings:
        found = with_resources(settings, lambda resources: replay_claim(resources, claim))
    click.echo("\n".join([*_story(found, language), "", *_numbers(found), ""]))
    for difference in found.differences:
        click.echo(
            f"{difference.part}: stored {difference.stored!r}, found again {difference.found!r}"
        )
    if found.differences:
        sys.exit(1)
    click.echo("equal")


def _story(found: Replay, language: LanguageName) -> list[str]:
    claim = found.claim
    at = claim.at.astimezone(found.zone)
    head = f"{claim.id}: {at:%Y-%m-%d %H:%M:%S %Z}, {claim.operator}, {claim.lead_id}"
    try:
        given = sentences(found.explanation, found.steps, claim.decision, language)
    except (KeyError, TypeError, ValueError):  # only an event that somebody changed lacks a part
        given = ["What is stored with this claim cannot be put into words."]
    return [head, "", *given]


def _numbers(found: Replay) -> list[str]:
    reported = found.ranking.explanation
    findings = {name: reported[name] for name in FINDINGS}
    lines = [f"{name:<17} {reported[name]}" for name in ("kind", "intent")]
    lines += [f"{name:<17} {_finding(finding)}" for name, finding in findings.items()]
    return lines + [f"{name:<17} {reported[name]}" for name in NUMBERS]


def _finding(item: object) -> str:
    assert isinstance(item, dict), "a number with its source and its rule"
    return f"{item['value']}  ({item['source']}; {item['rule']})"
