"""The base of every object of the language: closed, strict, immutable."""

from __future__ import annotations

from typing import ClassVar

from pydantic import BaseModel, ConfigDict, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema


class Model(BaseModel):
    """An object of the chart language.

    Closed, because a field that nothing reads is an error the author should hear of; strict, because "800" is not
    800 anywhere in the language; immutable, because a validated chart is passed around and keyed on.
    """

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        frozen=True,
        allow_inf_nan=False,
        validate_default=False,
        use_attribute_docstrings=True,
        hide_input_in_errors=True,
        defer_build=True,  # of the 40 marks nobody builds one alone: the chart holds them all
    )

    short_forms: ClassVar[tuple[JsonSchemaValue, ...]] = ()
    """What may stand for the object, as JSON Schema: a column's name for a channel."""

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        json_schema = handler(schema)
        if cls.short_forms:
            target = handler.resolve_ref_schema(json_schema)
            if "anyOf" not in target:
                full = dict(target)
                target.clear()
                target.update({"anyOf": [*cls.short_forms, full]})
        return json_schema
