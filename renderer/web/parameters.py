"""A form made from the JSON Schema of a figure function's parameters.

The form helps to fill them in; whether they are right is decided by the parameters' own model, when the recipe is
made, and its problems come back to their fields by pointer.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any, NamedTuple

from django import forms

from renderer.spec.errors import Problem

LONG_TEXT = 200
"""Texts that may be longer than this get more than one line."""


class Parameter(NamedTuple):
    """One property of the schema, with references followed and ``| None`` taken apart."""

    name: str
    schema: Mapping[str, Any]
    required: bool
    nullable: bool


class ParametersForm(forms.Form):
    """The form of one figure function. Made by :func:`form_for`."""

    prefix = "p"
    parameters: Mapping[str, Parameter] = {}

    def params(self) -> dict[str, object]:
        """The parameters as JSON values. What was left empty is null where that is allowed, else its default holds."""
        params: dict[str, object] = {}
        for name, parameter in self.parameters.items():
            value = self.cleaned_data[name]
            if parameter.nullable and value in ("", None):
                params[name] = None
            elif value is not None:
                params[name] = value.isoformat() if isinstance(value, (date, datetime, time)) else value
        return params

    def refuse(self, problems: Sequence[Problem]) -> None:
        """Show each problem at the field its pointer ``/params/<name>/...`` leads to, else above the form."""
        for problem in problems:
            _, *path = problem.pointer.split("/")
            name = path[1].replace("~1", "/").replace("~0", "~") if path[:1] == ["params"] and len(path) > 1 else None
            self.add_error(name if name in self.fields else None, _capitalised(problem.message))


def form_for(schema: Mapping[str, Any]) -> type[ParametersForm]:
    """A form class with a field for each property of ``schema``, the JSON Schema of a pydantic model."""
    required = schema.get("required", ())
    parameters = {
        name: _parameter(name, property_, schema.get("$defs", {}), name in required)
        for name, property_ in schema.get("properties", {}).items()
    }
    fields = {name: _field(parameter) for name, parameter in parameters.items()}
    return type("FigureForm", (ParametersForm,), {**fields, "parameters": parameters})


def _parameter(name: str, schema: Mapping[str, Any], definitions: Mapping[str, Any], required: bool) -> Parameter:
    resolved = _resolved(schema, definitions)
    branches = [_resolved(branch, definitions) for branch in resolved.get("anyOf", ())]
    nullable = any(branch.get("type") == "null" for branch in branches)
    # Of a union the first branch makes the field: pydantic writes Decimal as number or string, int | None as integer.
    if first := next((branch for branch in branches if branch.get("type") != "null"), None):
        resolved = {**first, **{key: value for key, value in resolved.items() if key != "anyOf"}}
    return Parameter(name, resolved, required, nullable)


def _resolved(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> dict[str, Any]:
    """The schema with what it refers to merged in; its own title and description win over the definition's."""
    own = dict(schema)
    for reference in [own.pop("$ref", None), *(part.get("$ref") for part in own.pop("allOf", ()))]:
        if reference:
            referred = dict(definitions[reference.rpartition("/")[2]])
            referred.pop("title", None)  # the class's name: not what a person calls the parameter
            own = referred | own
    return own


def _field(parameter: Parameter) -> forms.Field:
    schema = parameter.schema
    default = schema.get("default")
    options: dict[str, Any] = {
        "label": _label(parameter),
        "help_text": schema.get("description", ""),
        "required": parameter.required and not parameter.nullable,
        "initial": default,
    }
    if "const" in schema:
        return _choice([schema["const"]], options, parameter)
    if "enum" in schema:
        return _choice(schema["enum"], options, parameter)
    low = schema.get("minimum", schema.get("exclusiveMinimum"))
    high = schema.get("maximum", schema.get("exclusiveMaximum"))
    match schema.get("type"), schema.get("format"):
        case "boolean", _ if parameter.nullable:
            return forms.NullBooleanField(**options)
        case "boolean", _:
            return forms.BooleanField(**options | {"required": False})
        case "integer", _:
            return forms.IntegerField(**options, min_value=low, max_value=high)
        case "number", _:
            return forms.FloatField(**options, min_value=low, max_value=high)
        case "string", "date":
            return forms.DateField(**options, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
        case "string", "date-time":
            return forms.DateTimeField(
                **options, widget=forms.DateTimeInput({"type": "datetime-local", "step": 1}, format="%Y-%m-%dT%H:%M:%S")
            )
        case "string", "time":
            return forms.TimeField(**options, widget=forms.TimeInput({"type": "time", "step": 1}))
        case "string", _:
            longest = schema.get("maxLength")
            widget = forms.Textarea({"rows": 4}) if longest and longest > LONG_TEXT else forms.TextInput()
            return forms.CharField(**options, strip=False, max_length=longest, widget=widget)
        case "array", _ if values := schema.get("items", {}).get("enum"):
            return forms.TypedMultipleChoiceField(
                **options, choices=[(str(v), v) for v in values], coerce=_by_text(values),
                widget=forms.CheckboxSelectMultiple,
            )  # fmt: skip
        case _:
            if default is not None:
                options["initial"] = json.dumps(default, ensure_ascii=False)
            options["help_text"] = f"{options['help_text']} Write it as JSON.".strip()
            return JsonField(**options, widget=forms.Textarea({"rows": 4, "class": "code", "spellcheck": "false"}))


def _choice(values: Sequence[Any], options: dict[str, Any], parameter: Parameter) -> forms.Field:
    choices = [(str(value), _choice_label(value)) for value in values]
    if parameter.nullable or options["initial"] is None:
        choices.insert(0, ("", "Choose…" if parameter.required else "–"))
    return forms.TypedChoiceField(
        **options | {"initial": None if options["initial"] is None else str(options["initial"])},
        choices=choices,
        coerce=_by_text(values),
        empty_value=None,
    )


def _by_text(values: Sequence[Any]) -> Any:
    """From a form's text back to the value of the enum that it stands for: 1 and "1" are not the same parameter."""
    by_text = {str(value): value for value in values}
    return lambda text: by_text[text]


class JsonField(forms.CharField):
    """Any JSON value, for the types that have no field of their own."""

    def to_python(self, value: Any) -> Any:
        """The value of the text."""
        text = super().to_python(value)
        if not text:
            return None
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            raise forms.ValidationError('This is not JSON. A list is written as ["a", "b"].') from None


def _label(parameter: Parameter) -> str:
    """The author's title; pydantic's own ("Store Id") is set as a sentence."""
    made_up = parameter.name.replace("_", " ").title()
    title = str(parameter.schema.get("title") or made_up)
    return title if title != made_up else parameter.name.replace("_", " ").capitalize()


def _choice_label(value: object) -> str:
    text = str(value)
    return text.replace("_", " ").capitalize() if isinstance(value, str) and text == text.lower() else text


def _capitalised(message: str) -> str:
    return message[:1].upper() + message[1:]
