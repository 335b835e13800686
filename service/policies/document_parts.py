"""Common types of all parts of a policy: bounded numbers, names, and the base model."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, WithJsonSchema

from service.policies.property_words import describe_properties

Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False, strict=True)]
Stage = Annotated[int, Field(ge=0, le=900, strict=True)]
Bill = Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False, strict=True)]
Minutes = Annotated[float, Field(gt=0, le=525_600, allow_inf_nan=False, strict=True)]
Days = Annotated[float, Field(gt=0, le=3660, allow_inf_nan=False, strict=True)]
Factor = Annotated[float, Field(ge=0, le=10, allow_inf_nan=False, strict=True)]
Rule = Annotated[str, StringConstraints(pattern=r"^[A-Z]{1,8}[0-9]{0,4}$")]
Label = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
Phrase = Annotated[str, StringConstraints(min_length=1, max_length=100)]
# Its content is checked with the whole timetable (timetable_text.py).
Spans = Annotated[
    Any,
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
]
ShortDays = Annotated[
    Any,
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "null"},
                {"type": "string"},
                {"type": "array", "items": {"type": "string"}},
                {
                    "type": "object",
                    "properties": {
                        "hours": {
                            "anyOf": [
                                {"type": "string"},
                                {"type": "array", "items": {"type": "string"}},
                            ]
                        },
                        "dates": {"type": "array", "items": {"type": "string"}},
                    },
                    "required": ["hours", "dates"],
                    "additionalProperties": False,
                },
            ]
        }
    ),
]


class PolicyPart(BaseModel):
    """A part of a policy: unknown keys are refused, and `"0.5"` is no number.

    Its properties are described in `property_words.yaml`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra=describe_properties)
