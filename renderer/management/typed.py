"""renderer/charts.py: the language as typed Python, made from the published schema."""

from __future__ import annotations

import keyword
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, get_args

from renderer.spec.base import Model
from renderer.spec.channel import AGGREGATES, UNITS
from renderer.spec.colors import PALETTES
from renderer.spec.mark import Mark
from renderer.spec.marks import KINDS
from renderer.spec.measures import WindowFunction
from renderer.spec.reference import fields, models_of, summary
from renderer.spec.schema import json_schema
from renderer.spec.source import Source
from renderer.spec.transform import CUT_UNITS, STEPS

_WIDTH: Final = 120
_ALIASES: Final = {"Color": "str", "Background": "str", "Steps": "Sequence[Step]"}
_COMMON: Final = ("name", "data", "transform")
_NAMED: Final[dict[tuple[object, ...], str]] = {
    AGGREGATES: "AggregateName",
    get_args(WindowFunction): "WindowFunction",
    UNITS: "UnitName",
    CUT_UNITS: "StepUnit",
    PALETTES: "PaletteName",
}
_SCALARS: Final = {"string": "str", "number": "float", "integer": "int", "boolean": "bool"}


def module() -> str:
    """The text of the module."""
    return "\n".join(_Module().lines()) + "\n"


class _Module:
    def __init__(self) -> None:
        self.definitions: Mapping[str, Any] = json_schema()["$defs"]
        self.made: dict[str, list[str]] = {}
        self.marks = {model.__name__ for model in KINDS.values()}

    def lines(self) -> Iterator[str]:
        from renderer.spec.model import Chart, Panel

        kinds = [line for kind, mark in KINDS.items() for line in self._kind(kind, mark)]
        charts = self._typed(Chart, "ChartFields", summary(Chart))
        panels = self._typed(Panel, "PanelFields", summary(Panel))
        yield _HEAD
        for values, name in _NAMED.items():
            told = " | ".join(f"Literal[{', '.join(_quoted(one) for one in some)}]" for some in _rows(values))
            yield f"{name} = (\n    " + told.replace(" | ", "\n    | ") + "\n)"
        yield 'Palette = PaletteName | Sequence[str]\n"""A palette\'s name, or a list of colours."""\n\n'
        for text in self.made.values():
            yield from text
        steps = [step.__name__ for step in STEPS.values()]
        yield f"Step = {_broken(steps)}"
        yield '"""One step of a transform."""\n\n'
        yield from charts
        yield from panels
        yield _FUNCTIONS
        yield "# Kinds " + "-" * (_WIDTH - 8)
        yield "\n"
        yield from kinds

    def _kind(self, kind: str, mark: type[Mark]) -> Iterator[str]:
        name = f"{mark.__name__}Fields"
        own = [one for one in mark.model_fields if one not in (*_COMMON, "kind")]
        yield from self._typed(mark, name, f"The fields of ``{kind}``.", only=own, base="LayerFields")
        yield f"def {kind}(**fields: Unpack[{name}]) -> Layer:"
        yield _doc(summary(mark), "    ")
        yield f'    return layer("{kind}", fields)\n\n'

    def _typed(
        self, model: type[Model], name: str, told: str, *, only: Sequence[str] | None = None, base: str = "TypedDict"
    ) -> list[str]:
        """A TypedDict with the fields of an object."""
        form = next(
            (f for f in self._form(model.__name__).get("anyOf", ()) if "properties" in f), self._form(model.__name__)
        )
        rows = [one for one in fields(model) if only is None or one.name in only]
        types = {one.name: self._type(one.name, form["properties"][one.name], model) for one in rows}
        types = {one.name: f"Required[{types[one.name]}]" if one.required else types[one.name] for one in rows}
        if any(keyword.iskeyword(one) for one in types):
            inside = ", ".join(f'"{one}": {of}' for one, of in types.items())
            return [f'{name} = TypedDict("{name}", {{{inside}}}, total=False)', _doc(told, ""), "\n"]
        lines = [f"class {name}({base}, total=False):", _doc(told, "    "), ""]
        for one in rows:
            lines.append(_field(one.name, types[one.name]))
            if one.says:
                lines.append(_doc(one.says, "    "))
        return [*lines, "\n"]

    def _form(self, name: str) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.definitions[name]
        return found

    def _type(self, field: str, schema: Mapping[str, Any], model: type[Model]) -> str:
        if field == "theme":
            return "str"  # "light", "dark", or one that the operator made
        if field == "layers":
            return "Sequence[Layer]"
        if field == "panels":
            return "Sequence[Panel]"
        for info in (model.model_fields.get(field),):
            for part in models_of(info) if info is not None else ():
                if part.__name__ not in self.marks and part.__name__ != "Panel":
                    self._make(part)
        return self._of(schema, model)

    def _make(self, model: type[Model]) -> None:
        if model.__name__ not in self.made:
            self.made[model.__name__] = []  # its place: what it needs comes before it
            text = self._typed(model, model.__name__, summary(model))
            del self.made[model.__name__]
            self.made[model.__name__] = text

    def _of(self, schema: Mapping[str, Any], model: type[Model] | None = None) -> str:
        """The Python type of what a schema allows."""
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            forms = self._form(name).get("anyOf", ()) if name not in (*_ALIASES, "Palette") else ()
            short = [self._of(form) for form in forms if "properties" not in form]
            return " | ".join(dict.fromkeys([*short, _ALIASES.get(name, name)]))
        if "const" in schema:
            return self._literal([schema["const"]])
        if "enum" in schema:
            return self._literal(schema["enum"])
        for several in ("anyOf", "oneOf"):
            if several in schema:
                return " | ".join(dict.fromkeys(self._of(option, model) for option in schema[several]))
        kind = schema.get("type")
        if isinstance(kind, list):
            return " | ".join(_SCALARS[one] for one in kind)
        if kind == "array":
            items = schema.get("items")
            several = "Iterable" if model is Source else "Sequence"  # rows come from anywhere: arrays, querysets
            return f"{several}[{self._of(items, model) if isinstance(items, dict) and items else 'Any'}]"
        if kind == "object":
            inner = schema.get("additionalProperties")
            return f"Mapping[str, {self._of(inner, model) if isinstance(inner, dict) and inner else 'Any'}]"
        return _SCALARS.get(str(kind), "Any")

    @staticmethod
    def _literal(values: Sequence[object]) -> str:
        if values == [True]:
            return "bool"
        if tuple(values) in _NAMED:
            return _NAMED[tuple(values)]
        return _Module._spelled(values)

    @staticmethod
    def _spelled(values: Sequence[object]) -> str:
        return f"Literal[{', '.join(_quoted(one) for one in values)}]"


def _quoted(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else repr(value)


def _rows(values: Sequence[object], most: int = 8) -> Iterator[Sequence[object]]:
    for first in range(0, len(values), most):
        yield values[first : first + most]


def _field(name: str, of: str) -> str:
    line = f"    {name}: {of}"
    if len(line) <= _WIDTH:
        return line
    return (
        f"    {name}: (\n        {_join(of.split(' | '), '        ')}\n    )"
        if " | " in of and "[" not in of
        else f"{line}  # fmt: skip"
    )


def _join(parts: Sequence[str], before: str) -> str:
    return f"\n{before}| ".join(parts)


def _broken(names: Sequence[str]) -> str:
    return " | ".join(names)


def _doc(text: str, before: str) -> str:
    text = text.replace("\\", "\\\\")
    text = text[:-1] + '\\"' if text.endswith('"') else text
    lines = textwrap.wrap(f'"""{text}"""', _WIDTH - len(before), break_long_words=False, break_on_hyphens=False)
    return "\n".join(before + line for line in lines)


_HEAD: Final = '''"""Charts in Python: typed functions that make chart specs. What is wrong, the type checker says.

::

    from renderer import charts as c

    c.chart(
        c.bar(x="quarter", y="sum(revenue)", color="region", stack="grouped", labels=True),
        title="Revenue by quarter",
        data={"values": rows},
        axes={"y": {"format": "currency:EUR compact"}},
    )

What they take is what the language takes: docs/language.md. This module is made from the models of the language by
``python manage.py language --write``: change those.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, Required, TypedDict, Unpack

from renderer.spec.builder import Layer, Panel, Spec, layer, plain, spec
'''
_FUNCTIONS: Final = '''class LayerFields(TypedDict, total=False):
    """What all layers have."""

    name: str
    """What the layer is called in legends."""
    data: Source
    """Rows of its own; by default those of the panel or the chart."""
    transform: Sequence[Step]
    """What is done to the rows of this layer alone, after what is done to those of the panel and the chart."""


def chart(one: Layer | None = None, /, **fields: Unpack[ChartFields]) -> Spec:
    """A chart: of one layer, ``chart(bar(...), title=...)``, of ``layers=[...]``, or of ``panels=[...]``."""
    return spec(one, fields)


def panel(**fields: Unpack[PanelFields]) -> Panel:
    """One of the panels of a chart."""
    return Panel(plain(fields))

'''
