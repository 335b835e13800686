"""The field types of a mapping: paths, plain texts, and values with their sources."""

from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    StringConstraints,
    ValidationInfo,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError

from service.adapters.mapping.paths import Path, PathMistake, read_path

MAX_TEXT = 1000
MAX_ENTRIES = 200
MAX_PARTS = 20
SOURCES = ("path", "constant", "first", "join")


class MappingPart(BaseModel):
    """A part of a mapping: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def mistake(reason: str, remedy: str) -> PydanticCustomError:
    """A mistake as the schema reports it. Neither text may repeat what was written there."""
    return PydanticCustomError("mapping", reason, {"remedy": remedy})


def _path(written: Any, info: ValidationInfo) -> Path:
    if not isinstance(written, str):
        raise mistake("a path is expected", "Write it like $.client.phone.")
    try:
        path = read_path(written)
    except PathMistake as error:
        reason = str(error).replace("{", "(").replace("}", ")")  # pydantic would fill in braces
        raise mistake(reason, error.remedy) from None
    if path.steps and (info.context or {}).get("body") == "json":
        raise mistake(
            "a path in JSON begins with $ or @", "Write $.name for the body, @.name for an event."
        )
    return path


def _plain(value: Any) -> Any:
    """A scalar of JSON or YAML as text, in its own spelling."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float | Decimal) else value


def _listed(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


PathText = Annotated[
    Path,
    PlainValidator(_path),
    WithJsonSchema({"type": "string", "examples": ["$.client.phone", "@.text", "phone", "?topic"]}),
]
Written = str | int | float | bool
Text = Annotated[
    str,
    BeforeValidator(_plain, json_schema_input_type=Written),
    StringConstraints(max_length=MAX_TEXT),
]
Texts = Annotated[
    list[Text],
    BeforeValidator(_listed, json_schema_input_type=Written | list[Written]),
    Field(min_length=1, max_length=MAX_ENTRIES),
]
HeaderName = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9-]{1,100}$"), AfterValidator(str.lower)
]
Label = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
Form = Literal[
    "phone",
    "international_phone",
    "whatsapp_phone",
    "phone_in_words",
    "email",
    "money",
    "iso",
    "unix_seconds",
    "unix_milliseconds",
    "day_first",
]


class ValuePart(MappingPart):
    """The source of a value; a bare text is a path.

    The value is found, cut, and looked up. If nothing is found then, or the lookup lacks it, the
    default counts. `as` gives the format. Times are ISO 8601 (`iso`, also 20261121T140510Z), counts
    since 1970, or `day_first` as in 21.11.2026 14:05. `international_phone` has its country code
    without a plus. `whatsapp_phone` is the number in an id like 79001234567@c.us, and empty for an
    id that hides it. `phone_in_words` is the only number in a client's own words; it is a mention
    and recognises nobody.
    """

    path: PathText | None = None
    constant: Text | None = None
    first: Annotated[list["Value"], Field(min_length=1, max_length=MAX_PARTS)] | None = Field(
        None, description="the first of these that has a value"
    )
    join: Annotated[list["Value"], Field(min_length=1, max_length=MAX_PARTS)] | None = Field(
        None, description="the values of all of these, joined"
    )
    with_: Text | None = Field(
        None, alias="with", description="the separator of joined values; unset: a blank"
    )
    before: Text | None = Field(None, min_length=1, description="only the part before this text")
    after: Text | None = Field(None, min_length=1, description="only the part after this text")
    lookup: Annotated[dict[str, Text], Field(max_length=MAX_ENTRIES)] | None = None
    default: Text | None = None
    as_: Form | None = Field(None, alias="as")

    @model_validator(mode="after")
    def _comes_from_one_place(self) -> Self:
        if sum(getattr(self, name) is not None for name in SOURCES) != 1:
            remedy = "Give one of path, constant, first and join."
            raise mistake("it needs exactly one source", remedy)
        if self.with_ is not None and self.join is None:
            raise mistake("`with` stands between what is joined", "Give join, or leave with out.")
        return self

    def __str__(self) -> str:
        """The source of the value, in short."""
        if self.constant is not None:
            return "constant"
        several = [str(item) for item in self.first or self.join or ()]
        sign = " | " if self.first else " + "
        return str(self.path) if self.path else sign.join(several)


def _valued(raw: Any) -> Any:
    return {"path": raw} if isinstance(raw, str) else raw


Value = Annotated[ValuePart, BeforeValidator(_valued, json_schema_input_type=str | ValuePart)]
ValuePart.model_rebuild()


class ConditionPart(MappingPart):
    """A condition on a place. A bare text or a list gives the allowed values."""

    is_: Texts | None = Field(None, alias="is", description="the value is one of these")
    not_: Texts | None = Field(None, alias="not", description="the value is none of these")
    exists: bool | None = Field(None, description="true: there is a value; false: there is none")
    same_as: PathText | None = Field(None, description="the value equals that in the other place")
    starts_with: Text | None = Field(None, min_length=1)
    ends_with: Text | None = Field(None, min_length=1)
    contains: Text | None = Field(
        None, min_length=1, description="this text is part of it, in upper or lower case"
    )
    lacks: Texts | None = Field(
        None, description="none of these is part of it, in upper or lower case"
    )

    @model_validator(mode="after")
    def _asks_something(self) -> Self:
        if all(value is None for _, value in self):
            remedy = "Give is, not, exists, same_as, starts_with, ends_with, contains or lacks."
            raise mistake("the condition is empty", remedy)
        return self


def _condition(raw: Any) -> Any:
    return raw if isinstance(raw, dict) else {"is": raw}


Condition = Annotated[
    ConditionPart,
    BeforeValidator(_condition, json_schema_input_type=Written | list[Written] | ConditionPart),
]
Places = Annotated[dict[PathText, Condition], Field(min_length=1, max_length=MAX_PARTS)]
When = Annotated[
    list[Places],
    BeforeValidator(_listed, json_schema_input_type=Places | list[Places]),
    Field(min_length=1, max_length=MAX_PARTS),
]
