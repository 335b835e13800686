"""The written rules that explanations cite."""

from fastapi import Response
from pydantic import Field

from service.api.dependencies import needs, strict_router
from service.api.leads.lead_answers import AnswerModel
from service.api.leads.lead_rendering import answer
from service.api.rule_titles import LanguageOf
from service.explaining.rule_titles import TITLES

router = strict_router("policies", below="/rules")


class RuleOut(AnswerModel):
    """A rule that an explanation may cite."""

    id: str = Field(examples=["A5"])
    title: str = Field(examples=["Urgency beats budget."])


class RulesOut(AnswerModel):
    """The rules, in the order of their ids."""

    rules: list[RuleOut]


@router.get("", response_model=RulesOut, openapi_extra=needs("read"))
async def list_rules(language: LanguageOf) -> Response:
    """List the rules that explanations cite, each in one sentence of the reader's language."""
    rules = [{"id": rule, "title": titles[language]} for rule, titles in TITLES.items()]
    return answer({"rules": rules})
