"""What many lanes cost a claim in Valkey: python -m bench.lanes

Counted by Valkey itself (INFO commandstats), so that nobody else's load is in it. Four lanes are
the operator's; the first leads of the others' lanes stand at random, many of them higher.
"""

import asyncio
import random
import statistics
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import click
from redis.asyncio import Redis

from bench.stage import servers
from service.flows.claims.eligible_lanes import MAX_OTHERS
from service.leads.lead import Channel, Claim, Lead, Ranking, RankingInput, Signal, State
from service.logs import configure_logs
from service.policies.reading import default_text, read_policy
from service.queue.in_step import InStep, begin_in_step
from service.queue.lanes import LaneNames
from service.queue.line import Line
from service.queue.scripts import connect
from service.ranking.rank import rank_lead

NOW = datetime(2026, 6, 10, 9, tzinfo=UTC)
ROUNDS, CLAIMS = 5, 200
OWN = 4
LEADS_IN_A_LANE = 200
SPREAD = 10**12
CASES = {
    "4 of 4": (OWN, OWN),
    "4 of 24": (OWN, 24),
    "4 of 200": (OWN, 200),
    "200 of 200": (200,) * 2,
}


@click.command()
def main() -> None:
    """Measure a claim with few and with many lanes of others."""
    configure_logs("warning")
    found = asyncio.run(_measure())
    least = found["4 of 4"]
    for case, microseconds in found.items():
        click.echo(f"{case:<12} {microseconds:6.1f} µs a claim   {microseconds / least:5.2f} times")


async def _measure() -> dict[str, float]:
    random.seed(1)
    with servers() as (addresses, _):
        redis: Redis = connect(addresses.redis_url, 5)
        line = Line(redis, "")
        for case, (_, lanes) in CASES.items():
            await _fill(line, case, lanes)
        rounds: dict[str, list[float]] = {case: [] for case in CASES}
        for number in range(ROUNDS):
            for case, (own, lanes) in CASES.items():
                rounds[case].append(await _claims(redis, line, case, own, lanes, number))
        await line.close()
    return {case: statistics.median(took) for case, took in rounds.items()}


async def _fill(line: Line, queue: str, lanes: int) -> None:
    situation = RankingInput(Signal(queue, Channel.WHATSAPP, NOW), NOW)
    ranking = replace(rank_lead(situation, read_policy(default_text()), NOW), timeline=())
    await begin_in_step(line, queue, InStep(NOW, NOW))
    for lane in range(lanes):
        await line.show_all([_lead(situation, ranking, lane) for _ in range(LEADS_IN_A_LANE)], NOW)


def _lead(situation: RankingInput, ranking: Ranking, lane: int) -> Lead:
    placed = replace(ranking, lane=f"owner:{lane:03}", rank=ranking.rank - random.randrange(SPREAD))
    return Lead(uuid.uuid4(), 1, State.WAITING, situation, placed, NOW)


async def _claims(redis: Redis, line: Line, queue: str, own: int, lanes: int, number: int) -> float:
    """Microseconds of Valkey for a claim, with the lanes of others that the service looks at."""
    served = tuple(f"owner:{lane:03}" for lane in range(own))
    order = await LaneNames(line).by_head(queue) if lanes > own else ()
    others = tuple(name for name in order if name not in served)[:MAX_OTHERS]
    await redis.config_resetstat()
    taken = []
    for at in range(CLAIMS):
        claim = Claim(f"operator-{number}-{at}", f"t{at}", NOW, NOW + timedelta(seconds=60))
        reservation = await line.claim(queue, served, claim, 1, others, 50)
        if reservation is None:
            raise click.ClickException("nobody was served")
        taken.append((reservation, claim.operator))
    spent = (await redis.info("commandstats"))["cmdstat_evalsha"]
    for reservation, operator in taken:
        await line.release(reservation, operator)
    return float(spent["usec_per_call"])


if __name__ == "__main__":
    main()
