"""Figure functions: names, typed parameters, located errors."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import Field

from renderer import figure, registry
from renderer.spec.errors import SpecError

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Size(StrEnum):
    SMALL = "small"
    LARGE = "large"


@pytest.fixture(autouse=True)
def _own_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_figures", {})


@pytest.fixture
def revenue() -> Callable[..., Any]:
    @figure("shop.monthly_revenue")
    def monthly_revenue(
        fig: Figure,
        *,
        store_id: Annotated[int, Field(ge=1, description="Which store")],
        since: date = date(2026, 1, 1),
        size: Size = Size.SMALL,
    ) -> None:
        """Revenue of one store, month by month."""
        calls.append((fig, store_id, since, size))

    calls: list[Any] = []
    monthly_revenue.calls = calls  # type: ignore[attr-defined]  # for the test to read
    return monthly_revenue


def test_a_function_is_found_by_its_name_with_what_is_known_of_it(revenue: Callable[..., Any]) -> None:
    found = registry.get("shop.monthly_revenue")
    assert found.function is revenue
    assert found.title == "Monthly revenue"
    assert found.doc == "Revenue of one store, month by month."
    assert registry.all_figures() == [found]


def test_the_docstring_helps_and_a_field_wins() -> None:
    @figure("shop.told")
    def told(
        fig: Figure,
        *,
        a: Annotated[int, Field(ge=1)],
        b: Annotated[int, Field(description="Own.")],
        c: int = 2,
    ) -> None:
        """Told.

        Args:
            a: One or more.
            b: Of the docstring.
            c: With a default.
        """

    found = registry.get("shop.told")
    properties = found.schema()["properties"]
    assert [properties[name]["description"] for name in "abc"] == ["One or more.", "Own.", "With a default."]
    assert (properties["a"]["minimum"], properties["c"]["default"], found.doc) == (1, 2, "Told.")


def test_parameters_are_validated_filled_in_and_json(revenue: Callable[..., Any]) -> None:
    params = registry.get("shop.monthly_revenue").validate({"store_id": "3", "size": "large"})
    assert params == {"store_id": 3, "since": "2026-01-01", "size": "large"}


def test_the_function_is_called_with_its_own_types(revenue: Callable[..., Any]) -> None:
    found = registry.get("shop.monthly_revenue")
    canvas: Any = object()
    found.call(canvas, found.validate({"store_id": 3, "size": "large"}))
    assert revenue.calls == [(canvas, 3, date(2026, 1, 1), Size.LARGE)]  # type: ignore[attr-defined]  # set above


def test_the_schema_tells_types_defaults_and_choices(revenue: Callable[..., Any]) -> None:
    schema = registry.get("shop.monthly_revenue").schema()
    assert schema["required"] == ["store_id"]
    assert schema["properties"]["store_id"] == {
        "description": "Which store", "minimum": 1, "title": "Store Id", "type": "integer",
    }  # fmt: skip
    assert schema["properties"]["since"]["format"] == "date"
    assert schema["additionalProperties"] is False


def test_every_wrong_parameter_is_named(revenue: Callable[..., Any]) -> None:
    with pytest.raises(SpecError) as caught:
        registry.get("shop.monthly_revenue").validate({"store": 1, "since": "yesterday", "size": "huge"})
    problems = {problem.pointer: problem.message for problem in caught.value.problems}
    assert problems["/params/store_id"] == "'store_id' is required by shop.monthly_revenue"
    assert problems["/params/store"].endswith("did you mean 'store_id'?")
    assert problems.keys() == {"/params/store_id", "/params/store", "/params/since", "/params/size"}


def test_an_unknown_name_gets_a_suggestion(revenue: Callable[..., Any]) -> None:
    with pytest.raises(SpecError) as caught:
        registry.get("shop.monthly_revenu")
    (problem,) = caught.value.problems
    assert problem.pointer == "/figure"
    assert "did you mean 'shop.monthly_revenue'?" in problem.message


def test_a_function_may_return_a_spec_and_take_no_figure() -> None:
    @figure("returns.spec", title="Some bars")
    def bars(*, top: int = 5) -> dict[str, Any]:
        return {"kind": "bar", "top": top}

    found = registry.get("returns.spec")
    unused: Any = None
    assert found.call(unused, {"top": 2}) == {"kind": "bar", "top": 2}
    assert found.title == "Some bars"


def test_importing_the_module_again_is_no_second_registration() -> None:
    for _ in range(2):

        @figure("twice.imported")
        def same(fig: Figure) -> None: ...

    with pytest.raises(ValueError, match=r"'twice\.imported' is taken by .*same"):

        @figure("twice.imported")
        def other(fig: Figure) -> None: ...


@pytest.mark.parametrize("name", ["", "Shop.Revenue", "shop revenue", "shop..x", "x" * 201])
def test_a_name_is_dotted_lower_case_words(name: str) -> None:
    with pytest.raises(ValueError, match="is no figure name"):
        figure(name)


def test_parameters_must_be_keyword_only_and_typed() -> None:
    with pytest.raises(TypeError, match="make 'year' keyword-only"):

        @figure("a.positional")
        def positional(fig: Figure, year: int) -> None: ...

    with pytest.raises(TypeError, match="give a type to year"):

        @figure("an.untyped")
        def untyped(fig: Figure, *, year=2026) -> None: ...  # type: ignore[no-untyped-def]  # what is refused
