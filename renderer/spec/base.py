"""The base of every object of the language: closed, strict, immutable."""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Mapping
from functools import cache
from itertools import pairwise
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
        hide_input_in_errors=True,
        defer_build=True,  # of the 40 marks nobody builds one alone: the chart holds them all
    )

    short_forms: ClassVar[tuple[JsonSchemaValue, ...]] = ()
    """What may stand for the object, as JSON Schema: a column's name for a channel."""

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        json_schema = handler(schema)
        target = handler.resolve_ref_schema(json_schema)
        for name, text in cls.told().items():
            if (alias := cls.model_fields[name].alias or name) in target.get("properties", ()):
                target["properties"][alias]["description"] = text
        if cls.short_forms and "anyOf" not in target:
            full = dict(target)
            target.clear()
            target.update({"anyOf": [*cls.short_forms, full]})
        return json_schema

    @classmethod
    def told(cls) -> Mapping[str, str]:
        """What stands below the fields in the source, by their names.

        pydantic would read it there when the classes are made (``use_attribute_docstrings``): 0.15 s of the start of
        every process, though few are asked for a schema.
        """
        found: dict[str, str] = {}
        for name in cls.model_fields:
            owner = next(base for base in cls.__mro__ if name in inspect.get_annotations(base))
            if text := _docstrings(owner).get(name):
                found[name] = text
        return found


@cache
def _docstrings(owner: type) -> Mapping[str, str]:
    body = next(
        node.body
        for node in ast.walk(ast.parse(inspect.getsource(sys.modules[owner.__module__])))
        if isinstance(node, ast.ClassDef) and node.name == owner.__name__
    )
    return {
        field.target.id: inspect.cleandoc(text.value.value)
        for field, text in pairwise(body)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
        and isinstance(text.value.value, str)
    }
