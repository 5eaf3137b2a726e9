"""The base of every object of the language: closed, strict, immutable."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


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
    )
