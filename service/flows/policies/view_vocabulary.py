"""Show the words of clients that a queue's policy does not know; nothing changes."""

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
MAX_SAMPLED, MAX_SAMPLES, MAX_SAMPLE = 5_000, 3, 300  # texts searched, shown; characters


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Words that no entry knows, their samples if requested, and entries that never matched."""

    days: int
    messages: int
    words: Sequence[CountedWord]
    samples: Mapping[str, Sequence[str]] | None
    never_matched: Sequence[str]


@dataclass(frozen=True, slots=True)
class VocabularyRequest:
    """How many days and words to show, and whether to add sample messages of clients."""

    queue: str
    days: int
    limit: int
    with_samples: bool


async def view_vocabulary(resources: Resources, request: VocabularyRequest) -> Vocabulary:
    """Return the words of the last days that the policy in force does not know.

    Raises QueueNotFound. New words are counted within an hour. Words that the policy has learnt
    since then are left out.
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
    """A few messages with each word, newest first."""
    samples: dict[str, list[str]] = {word: [] for word in words}
    for text in texts:
        for token in samples.keys() & set(tokens_of(text)):
            if len(samples[token]) < MAX_SAMPLES:
                samples[token].append(text[:MAX_SAMPLE])
    return samples
