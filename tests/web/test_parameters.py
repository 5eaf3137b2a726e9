"""Forms made from the JSON Schema of parameters."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum, IntEnum
from typing import Annotated, Any, Literal

import pytest
from django import forms
from pydantic import BaseModel, Field, create_model

from renderer.spec.errors import Problem
from renderer.web.parameters import ParametersForm, form_for


class Colour(Enum):
    """A colour."""

    RED = "red"
    DARK_BLUE = "dark_blue"


class Size(IntEnum):
    """A size."""

    SMALL = 1
    LARGE = 2


def made(type_: Any, default: Any = ..., **data: Any) -> ParametersForm:
    """A form of one parameter ``value``, bound to what was sent."""
    model = create_model("Parameters", value=(type_, default))
    return form_for(model.model_json_schema())(data or None)


@pytest.mark.parametrize(
    ("type_", "field", "sent", "value"),
    [
        (int, forms.IntegerField, "3", 3),
        (float, forms.FloatField, "0.5", 0.5),
        (Decimal, forms.FloatField, "0.5", 0.5),
        (str, forms.CharField, " a ", " a "),
        (bool, forms.BooleanField, "on", True),
        (date, forms.DateField, "2026-02-28", "2026-02-28"),
        (datetime, forms.DateTimeField, "2026-02-28T10:00", "2026-02-28T10:00:00+00:00"),
        (time, forms.TimeField, "10:30", "10:30:00"),
        (Colour, forms.TypedChoiceField, "dark_blue", "dark_blue"),
        (Size, forms.TypedChoiceField, "2", 2),
        (Literal["a", 1], forms.TypedChoiceField, "1", 1),
        (Literal["only"], forms.TypedChoiceField, "only", "only"),
        (list[int], forms.CharField, "[1, 2]", [1, 2]),
        (list[Literal["a", "b"]], forms.TypedMultipleChoiceField, ["b"], ["b"]),
        (dict[str, int], forms.CharField, '{"a": 1}', {"a": 1}),
    ],
)
def test_each_type_has_its_field(type_: Any, field: type[forms.Field], sent: Any, value: object) -> None:
    form = made(type_, **{"p-value": sent})
    assert isinstance(form.fields["value"], field)
    assert form.is_valid(), form.errors
    assert form.params() == {"value": value}
    model = create_model("Parameters", value=(type_, ...))
    model.model_validate(form.params())  # the parameters' own model takes it


@pytest.mark.parametrize("type_", [int, float, str, date, Colour, list[int]])
def test_a_required_parameter_is_asked_for(type_: Any) -> None:
    form = made(type_, **{"p-other": ""})
    assert not form.is_valid()
    assert "value" in form.errors


@pytest.mark.parametrize(("type_", "default"), [(int, 4), (float, 0.5), (date, date(2026, 1, 1)), (list[int], [1])])
def test_an_emptied_parameter_falls_back_to_its_default(type_: Any, default: Any) -> None:
    form = made(type_, default, **{"p-value": ""})
    assert form.is_valid()
    assert form.params() == {}


def test_an_emptied_text_is_an_empty_text() -> None:
    form = made(str, "title", **{"p-value": ""})
    assert form.is_valid()
    assert form.params() == {"value": ""}


@pytest.mark.parametrize("type_", [int | None, float | None, str | None, date | None, Colour | None, bool | None])
def test_an_empty_nullable_parameter_is_null(type_: Any) -> None:
    form = made(type_, None, **{"p-value": ""})
    assert form.is_valid()
    assert form.params() == {"value": None}


def test_an_unticked_box_is_false() -> None:
    form = made(bool, True, **{"p-other": ""})
    assert form.is_valid()
    assert form.params() == {"value": False}


@pytest.mark.parametrize(
    ("type_", "default", "shown"),
    [
        (int, 4, 'value="4"'),
        (bool, True, "checked"),
        (date, date(2026, 1, 2), 'value="2026-01-02"'),
        (Colour, Colour.DARK_BLUE, '<option value="dark_blue" selected>Dark blue</option>'),
        (Size, Size.LARGE, '<option value="2" selected>2</option>'),
        (list[int], [1, 2], "[1, 2]</textarea>"),
    ],
)
def test_defaults_are_filled_in(type_: Any, default: Any, shown: str) -> None:
    assert shown in str(made(type_, default)["value"])


def test_limits_titles_and_descriptions_are_passed_on() -> None:
    class Parameters(BaseModel):
        store_id: Annotated[int, Field(ge=1, le=9, description="On the door.")]
        share: Annotated[float, Field(gt=0)] = 0.5
        heading: Annotated[str, Field(max_length=80, title="Text above")] = ""
        story: Annotated[str, Field(max_length=2000)] = ""

    form = form_for(Parameters.model_json_schema())()
    assert form["store_id"].label == "Store id"
    assert form["store_id"].help_text == "On the door."
    assert 'min="1" max="9"' in str(form["store_id"])
    assert 'step="any"' in str(form["share"])
    assert form["heading"].label == "Text above"
    assert 'maxlength="80"' in str(form["heading"])
    assert isinstance(form.fields["story"].widget, forms.Textarea)
    assert not form_for({"type": "object", "properties": {}})().fields


def test_text_that_is_no_json_is_told_so() -> None:
    form = made(list[int], **{"p-value": "1, 2"})
    assert not form.is_valid()
    assert "This is not JSON" in form.errors["value"][0]


def test_problems_go_to_their_fields() -> None:
    form = made(list[int], **{"p-value": "[1]"})
    assert form.is_valid()
    form.refuse(
        [
            Problem("/params/value/0", "too small"),
            Problem("/params/other", "there is no such parameter"),
            Problem("/figure", "gone"),
        ]
    )
    assert form.errors["value"] == ["Too small"]
    assert form.non_field_errors() == ["There is no such parameter", "Gone"]
