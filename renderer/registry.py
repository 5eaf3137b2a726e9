"""Figure functions and dataset functions: Python that the operator registers under a stable name.

Functions are found in every installed app's ``figures.py``. A figure function draws; a dataset function returns the
rows of charts that name it. Their keyword-only parameters are typed in the
signature, and the types are the contract: values are validated before a job is made, published as JSON Schema, and
turned into a form by the pages. What the docstring says of a parameter, in Google's, NumPy's or Sphinx's way, is its
help there, unless its ``Field`` has a description.
"""

from __future__ import annotations

import hashlib
import inspect
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model
from pydantic.fields import FieldInfo

from renderer.docstrings import parted
from renderer.spec.errors import Problem, SpecError, did_you_mean, listed, pointer, show, suggest

if TYPE_CHECKING:
    from matplotlib.figure import Figure as MatplotlibFigure

F = TypeVar("F", bound=Callable[..., object])


@dataclass(frozen=True, slots=True)
class Registered:
    """A registered function."""

    name: str
    title: str
    doc: str
    function: Callable[..., object]
    takes_one: bool
    """Whether it has a positional parameter."""
    parameters: type[BaseModel]
    code: str
    """SHA-256 of its source as it was when it was registered, not of what it calls; "" where there is none to read."""

    def validate(self, params: Mapping[str, object]) -> dict[str, Any]:
        """The parameters as JSON values, defaults filled in.

        Raises SpecError with a pointer ``/params/...`` for each wrong or missing parameter.
        """
        try:
            return self.parameters.model_validate(dict(params)).model_dump(mode="json")
        except ValidationError as error:
            raise SpecError([_problem(self, dict(details)) for details in error.errors()]) from None

    def schema(self) -> dict[str, Any]:
        """JSON Schema of the parameters."""
        return self.parameters.model_json_schema()

    def _run(self, first: object, params: Mapping[str, object]) -> object:
        model = self.parameters.model_validate(dict(params))
        typed = {name: getattr(model, name) for name in type(model).model_fields}
        return self.function(first, **typed) if self.takes_one else self.function(**typed)


@dataclass(frozen=True, slots=True)
class Figure(Registered):
    """A registered figure function."""

    def call(self, figure: MatplotlibFigure, params: Mapping[str, object]) -> object:
        """Run the function on ``figure``, with parameters that :meth:`validate` returned.

        Returns what the function returns: nothing, or a chart spec to be drawn in place of ``figure``.
        """
        return self._run(figure, params)


@dataclass(frozen=True, slots=True)
class Dataset(Registered):
    """A registered dataset function."""

    def call(self, owner: object, params: Mapping[str, object]) -> object:
        """Run the function for the owner of a chart, with parameters that :meth:`validate` returned."""
        return self._run(owner, params)


_figures: dict[str, Figure] = {}
_datasets: dict[str, Dataset] = {}


def figure(name: str, *, title: str = "") -> Callable[[F], F]:
    """Register a figure function under ``name``, which jobs and models keep: choose one that outlives a rename.

    The function draws on the ``matplotlib.figure.Figure`` it is given as its first argument, or returns a chart spec.
    All other parameters are keyword-only and typed::

        @figure("shop.monthly_revenue")
        def monthly_revenue(fig: Figure, *, store_id: int, year: int = 2026) -> None: ...

    Raises ValueError if the name is taken or not dotted lower-case words, TypeError if a parameter has no type.
    """
    _check_name(name, "figure")

    def register(function: F) -> F:
        _register(_figures, Figure, "figure", name, title, function)
        return function

    return register


def dataset(name: str, *, title: str = "") -> Callable[[F], F]:
    """Register a dataset function under ``name``, which has a dot in it: a chart's data says ``{"dataset": name}``.

    All its parameters are keyword-only and typed; a chart gives them as ``params``. A positional one, before them, is
    given the chart's owner: whoever may make charts may name any dataset function, with any parameters, so a function
    that is not for everybody asks who it is. It returns rows: a list or another iterable of dicts, a dict of lists, a
    data frame or Arrow table, or a pair of column names and rows::

        @dataset("shop.orders")
        def orders(*, store_id: int, since: date | None = None) -> Iterable[dict[str, object]]: ...

    Raises ValueError if the name is taken or not dotted lower-case words, TypeError if a parameter has no type.
    """
    _check_name(name, "dataset")
    if "." not in name:
        raise ValueError(f"{name!r} is no name of a dataset function: it has a dot, such as 'shop.orders'")

    def register(function: F) -> F:
        _register(_datasets, Dataset, "dataset", name, title, function)
        return function

    return register


def _check_name(name: str, noun: str) -> None:
    if not name or len(name) > 200 or not all(part.isidentifier() and part == part.lower() for part in name.split(".")):
        raise ValueError(f"{name!r} is no {noun} name: use dotted lower-case words, such as 'shop.monthly_revenue'")


R = TypeVar("R", bound=Registered)


def _register(
    known: dict[str, R], kind: type[R], noun: str, name: str, title: str, function: Callable[..., object]
) -> None:
    there = known.get(name)
    if there and _source(there.function) != _source(function):
        raise ValueError(f"the {noun} name {name!r} is taken by {'.'.join(_source(there.function))}")
    positional, parameters, doc = _parameters(name, function)
    known[name] = kind(
        name=name,
        title=title or name.rpartition(".")[2].replace("_", " ").capitalize(),
        doc=doc,
        function=function,
        takes_one=bool(positional),
        parameters=parameters,
        code=_code(function),
    )


def _code(function: Callable[..., object]) -> str:
    try:
        source = inspect.getsource(function)
    except (OSError, TypeError):  # typed into a shell, or compiled
        return ""
    return hashlib.sha256(source.encode()).hexdigest()


def get(name: str) -> Figure:
    """The figure function with this name. Raises SpecError at ``/figure``, with a suggestion, if there is none."""
    try:
        return _figures[name]
    except KeyError:
        hint = did_you_mean(suggest(name, _figures)) or (f"; there are {listed(sorted(_figures))}" if _figures else "")
        raise SpecError.at("/figure", f"no figure function {show(name)}{hint}") from None


def all_figures() -> list[Figure]:
    """Every registered figure function, by name."""
    return [_figures[name] for name in sorted(_figures)]


def get_dataset(name: str) -> Dataset:
    """The dataset function with this name. Raises SpecError at ``/dataset``, with a suggestion, if there is none."""
    try:
        return _datasets[name]
    except KeyError:
        known = sorted(_datasets)
        hint = did_you_mean(suggest(name, known)) or (f"; there are {listed(known)}" if known else "")
        raise SpecError.at("/dataset", f"no dataset function {show(name)}{hint}") from None


def all_datasets() -> list[Dataset]:
    """Every registered dataset function, by name."""
    return [_datasets[name] for name in sorted(_datasets)]


def _source(function: Callable[..., object]) -> tuple[str, str]:
    return function.__module__, function.__qualname__


def _parameters(name: str, function: Callable[..., object]) -> tuple[list[str], type[BaseModel], str]:
    """The positional parameters' names, a pydantic model of the keyword-only ones, and the docstring but for them."""
    positional: list[str] = []
    keyword: dict[str, inspect.Parameter] = {}
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind is parameter.KEYWORD_ONLY:
            keyword[parameter.name] = parameter
        elif parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD) and not positional:
            positional.append(parameter.name)
        else:
            raise TypeError(f"{name}: make {parameter.name!r} keyword-only (put it behind '*')")
    if untyped := [key for key, parameter in keyword.items() if parameter.annotation is parameter.empty]:
        raise TypeError(f"{name}: give a type to {', '.join(untyped)}")
    hints = _hints(function, keyword)
    doc, helps = parted(inspect.getdoc(function) or "", keyword)
    fields: dict[str, Any] = {
        key: (
            _told(hints[key], parameter.default, helps.get(key)),
            ... if parameter.default is parameter.empty else parameter.default,
        )
        for key, parameter in keyword.items()
    }
    config = ConfigDict(extra="forbid", allow_inf_nan=False, title=name)
    return positional, create_model("Parameters", __config__=config, **fields), doc


def _told(hint: Any, default: object, text: str | None) -> Any:
    """A parameter's type with what the docstring says of it. A description of the author's own, in a Field, wins."""
    said = [*getattr(hint, "__metadata__", ()), default]
    if text is None or any(isinstance(one, FieldInfo) and one.description for one in said):
        return hint
    return Annotated[hint, Field(description=text)]


def _hints(function: Callable[..., object], names: Mapping[str, object]) -> dict[str, Any]:
    """Types of the named parameters only: the figure's own is often imported under TYPE_CHECKING."""
    plain = inspect.unwrap(function)
    named = types.SimpleNamespace(__annotations__={k: v for k, v in plain.__annotations__.items() if k in names})
    return typing.get_type_hints(named, globalns=plain.__globals__, include_extras=True)


def _problem(registered: Registered, details: dict[str, Any]) -> Problem:
    path = [str(part) for part in details["loc"]]
    match details["type"]:
        case "missing":
            message = f"'{path[-1]}' is required by {registered.name}"
        case "extra_forbidden" if len(path) == 1:
            names = list(registered.parameters.model_fields)
            hint = did_you_mean(suggest(path[0], names)) or f"; it has {listed(names) or 'none'}"
            message = f"{registered.name} has no parameter {show(path[0])}{hint}"
        case _:
            message = str(details["msg"])[:300]
    return Problem(pointer("params", *path), message)
