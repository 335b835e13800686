"""Words that a queue's policy does not know, for the author of the policy."""

from datetime import date
from typing import Annotated

from fastapi import Path, Query, Response
from pydantic import Field

from service.api.dependencies import KeyOf, ResourcesOf, needs, strict_router
from service.api.leads.lead_answers import AnswerModel
from service.api.leads.lead_rendering import answer
from service.flows.policies.view_vocabulary import (
    Vocabulary,
    VocabularyRequest,
    view_vocabulary,
)
from service.leads.errors import QueueNotFound
from service.schemas.fields import QueueName

router = strict_router("vocabulary", "/queues")

MAX_DAYS = 31


class WordOut(AnswerModel):
    """A word that is in no entry of the lexicon."""

    word: str
    clients: int = Field(description="how many clients wrote it, at least two a day")
    last_day: date
    samples: list[str] | None = Field(description="the newest messages; null without `admin`")


class VocabularyOut(AnswerModel):
    """Words of clients in the last days that the policy in force does not know."""

    queue: str
    days: int
    messages: int = Field(description="how many texts were read; today's are counted hourly")
    words: list[WordOut] = Field(
        description="words that at least five clients wrote, the most frequent first"
    )
    never_matched: list[str] = Field(description="signals of the policy that matched no text")


@router.get(
    "/{queue}/vocabulary",
    response_model=VocabularyOut,
    openapi_extra=needs("read", raises=(QueueNotFound,)),
)
async def get_vocabulary(
    resources: ResourcesOf,
    key: KeyOf,
    queue: Annotated[QueueName, Path()],
    days: Annotated[int, Query(ge=1, le=MAX_DAYS)] = 7,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> Response:
    """List words that no entry knows and at least five clients wrote, and entries that never match.

    Only keys with the scope `admin` see messages of clients.
    """
    request = VocabularyRequest(queue, days, limit, with_samples="admin" in key.scopes)
    found = await view_vocabulary(resources, request)
    return answer({"queue": queue, **_rendered(found)})


def _rendered(found: Vocabulary) -> dict[str, object]:
    words = [
        {
            "word": word.word,
            "clients": word.clients,
            "last_day": word.last_day.isoformat(),
            "samples": None if found.samples is None else list(found.samples.get(word.word, ())),
        }
        for word in found.words
    ]
    idle = list(found.never_matched)
    return {"days": found.days, "messages": found.messages, "words": words, "never_matched": idle}
