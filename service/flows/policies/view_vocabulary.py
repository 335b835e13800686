"""Somebody looks at the words that the policy of a queue does not know; nothing moves."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from service.resources import Resources
from service.storage.queues.vocabulary import (
    CountedWord,
    matched_since,
    texts_of,
    words_since,
)
from service.text.tokens import tokens_of

FEWEST_CLIENTS = 5
MAX_SAMPLED, MAX_SAMPLES, MAX_SAMPLE = 5_000, 3, 300  # texts looked through, shown, characters


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Words that no entry knows, with samples where they were asked for, and idle entries."""

    days: int
    messages: int
    words: Sequence[CountedWord]
    samples: Mapping[str, Sequence[str]] | None
    never_matched: Sequence[str]


@dataclass(frozen=True, slots=True)
class VocabularyRequest:
    """Of how many days, how many words, and whether with messages of clients."""

    queue: str
    days: int
    limit: int
    with_samples: bool


async def view_vocabulary(resources: Resources, request: VocabularyRequest) -> Vocabulary:
    """What clients wrote in the last days and the policy in force does not know.

    Raises QueueNotFound. Words are counted within the hour; those that the policy has learnt since
    are left out.
    """
    policy = (await resources.stores.bases.of(request.queue)).policy
    database, now = resources.stores.database, resources.clock.now()
    since = now.astimezone(policy.hours.timetable.zone) - timedelta(days=request.days - 1)
    day = since.date()
    found = await words_since(database, request.queue, day, FEWEST_CLIENTS, 2 * request.limit)
    words = [word for word in found if not policy.lexicon.knows(word.word)][: request.limit]
    matched, messages = await matched_since(database, request.queue, day)
    idle = [entry.signal for entry in policy.lexicon.entries if entry.signal not in matched]
    samples = None
    if request.with_samples:
        texts = await texts_of(database, request.queue, since, now, MAX_SAMPLED)
        samples = await asyncio.to_thread(_samples, [word.word for word in words], texts)
    return Vocabulary(request.days, messages, words, samples, idle if messages else [])


def _samples(words: Sequence[str], texts: Sequence[str]) -> dict[str, list[str]]:
    """A few messages with each word, the newest first."""
    samples: dict[str, list[str]] = {word: [] for word in words}
    for text in texts:
        for token in samples.keys() & set(tokens_of(text)):
            if len(samples[token]) < MAX_SAMPLES:
                samples[token].append(text[:MAX_SAMPLE])
    return samples
