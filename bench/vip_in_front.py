"""What it costs to serve past leads of others: python -m bench.vip_in_front

One claim and its release, with none and with 100 000 super VIP leads before their own.
"""

import asyncio
import statistics
import time
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import click
from redis.asyncio import Redis

from bench.stage import servers
from service.leads.lead import EVERYBODY, Channel, Claim, Lead, RankingInput, Signal, State
from service.logs import configure_logs
from service.policies.reading import default_text, read_policy
from service.queue.in_step import InStep, begin_in_step
from service.queue.line import Line
from service.queue.scripts import connect
from service.ranking.rank import rank_lead

NOW = datetime(2026, 6, 10, 9, tzinfo=UTC)
TIMES = 2000
VIP = "super_vip"


@click.command(context_settings={"show_default": True})
@click.option("--leads", default=100_000, help="How many stand before the lead.")
def main(leads: int) -> None:
    """Measure a claim beside and behind leads of others."""
    configure_logs("warning")
    alone, behind = asyncio.run(_measure(leads))
    click.echo(f"claim and release, nobody before it    {alone:7.0f} µs")
    click.echo(f"with {leads} of others before it     {behind:7.0f} µs")
    click.echo(f"times                                  {behind / alone:7.2f}")


async def _measure(leads: int) -> tuple[float, float]:
    with servers() as (addresses, _):
        redis: Redis = connect(addresses.redis_url, 5)
        line = Line(redis, "")
        await begin_in_step(line, "main", InStep(NOW, NOW))
        situation = RankingInput(Signal("main", Channel.WHATSAPP, NOW), NOW)
        own = rank_lead(situation, read_policy(default_text()), NOW)
        await line.show(_lead(situation, own), NOW)
        alone = await _claims(line)
        vip = replace(own, lane=VIP, rank=own.rank + 1)
        for _ in range(leads // 1000):
            await line.show_all([_lead(situation, vip) for _ in range(1000)], NOW)
        behind = await _claims(line)
        await line.close()
        return alone, behind


def _lead(situation: RankingInput, ranking: object) -> Lead:
    return Lead(uuid.uuid4(), 1, State.WAITING, situation, ranking, NOW)  # type: ignore[arg-type]


async def _claims(line: Line) -> float:
    took = []
    for number in range(TIMES):
        claim = Claim("anna", f"token-{number}", NOW, NOW + timedelta(seconds=60))
        begun = time.perf_counter()
        reservation = await line.claim("main", (EVERYBODY,), claim, 1, (VIP,))
        if reservation is None:
            raise click.ClickException("nobody was served")
        await line.release(reservation, "anna")
        took.append(time.perf_counter() - begun)
    return statistics.median(took) * 1_000_000


if __name__ == "__main__":
    main()
