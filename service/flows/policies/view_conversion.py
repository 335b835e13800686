"""Show how well the policy's chances hold and what was learnt from outcomes; nothing changes."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from service.leads.lead import Intent, Kind, Outcomes
from service.ranking.conversion import Posterior, posterior
from service.resources import Resources
from service.rules.policy import Learning, Policy
from service.storage.policies.conversions import Band, calibration, observed_outcomes

NOTHING = Outcomes(0, 0)


@dataclass(frozen=True, slots=True)
class Estimate:
    """The chance of one kind and intent: before and after outcomes, and as used for ranking."""

    kind: Kind
    intent: Intent
    prior: float
    outcomes: Outcomes
    posterior: Posterior
    chance: float


@dataclass(frozen=True, slots=True)
class Conversion:
    """A queue's chances, and how often leads with each chance were won."""

    policy_version: int
    learning: Learning
    estimates: Sequence[Estimate]
    calibration: Sequence[Band]


async def view_conversion(resources: Resources, queue: str) -> Conversion:
    """A queue's chances by kind and intent; raises QueueNotFound."""
    policy = (await resources.stores.bases.of(queue)).policy
    observed = await observed_outcomes(resources.stores.database, queue)
    bands = await calibration(resources.stores.database, queue)
    estimates = []
    for kind, intent in _worth_telling(observed):
        estimates.append(_estimate(policy, kind, intent, observed.get((kind, intent), NOTHING)))
        await asyncio.sleep(0)  # an interval takes 1 ms, a few ms for millions of outcomes
    return Conversion(policy.version, policy.learning, estimates, bands)


def _worth_telling(
    observed: Mapping[tuple[Kind, Intent], Outcomes],
) -> Iterator[tuple[Kind, Intent]]:
    """Sales of every kind, and every other pair that has outcomes."""
    pairs = ((kind, intent) for kind in Kind for intent in Intent)
    return (pair for pair in pairs if pair[1] is Intent.SALE or pair in observed)


def _estimate(policy: Policy, kind: Kind, intent: Intent, outcomes: Outcomes) -> Estimate:
    prior = policy.kinds[kind].chance * policy.intents[intent]
    found = posterior(prior, policy.learning.prior_weight, outcomes)
    chance = found.mean if policy.learning.enabled else prior
    return Estimate(kind, intent, prior, outcomes, found, chance)
