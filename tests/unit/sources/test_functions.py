"""Dataset functions: registered like figures, called for a chart's owner, their rows taken as a stranger's."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.contrib.auth.models import User

from renderer import dataset, registry
from renderer.data.supply import SourceFailed, Supply
from renderer.sources import functions
from renderer.spec.errors import SpecError
from renderer.spec.source import Source


@pytest.fixture(autouse=True)
def _own_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_datasets", {})


def supply(name: str, owner: User | None = None, **params: Any) -> Supply:
    return functions.supply(Source(dataset=name, params=params), "/data", owner)


def test_a_function_brings_rows_for_typed_parameters() -> None:
    @dataset("shop.orders", title="Orders")
    def orders(*, store_id: int, since: date = date(2026, 1, 1)) -> Iterator[dict[str, object]]:
        """Orders of one store."""
        yield {"day": since, "store": store_id}

    found = supply("shop.orders", store_id=3, since="2026-02-01")
    assert (found.length, list(found.columns["store"]().values)) == (1, [3])
    assert found.columns["day"]().type == "time"
    known = registry.all_datasets()[0]
    assert (known.name, known.title, known.doc) == ("shop.orders", "Orders", "Orders of one store.")
    assert known.schema()["required"] == ["store_id"]


def test_a_function_may_ask_who_it_is_for() -> None:
    @dataset("shop.mine")
    def mine(owner: User | None, *, top: int = 1) -> list[dict[str, object]]:
        return [{"owner": owner.username if owner else "nobody"}] * top

    assert supply("shop.mine", User(username="ada"), top=2).columns["owner"]().values.tolist() == ["ada", "ada"]
    assert supply("shop.mine").columns["owner"]().values.tolist() == ["nobody"]


def test_wrong_names_and_parameters_are_located() -> None:
    @dataset("shop.orders")
    def orders(*, store_id: int) -> list[object]:
        return []

    for name, params, said in (
        ("shop.order", {}, "/data/dataset: no dataset function 'shop.order'; did you mean 'shop.orders'?"),
        ("shop.orders", {}, "/data/params/store_id: 'store_id' is required by shop.orders"),
        ("shop.orders", {"store_id": 1, "stor": 2}, "/data/params/stor: shop.orders has no parameter 'stor'"),
        ("shop.orders", {"store_id": "x"}, "/data/params/store_id: Input should be a valid integer"),
    ):
        with pytest.raises(SpecError) as caught:
            functions.check(Source(dataset=name, params=params), "/data")
        assert str(caught.value).startswith(said)


def _raise(error: BaseException) -> Callable[[], Any]:
    def function() -> Any:
        raise error

    return function


def _broken_off() -> Iterator[dict[str, int]]:
    yield {"a": 1}
    raise KeyError("secret")


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (lambda: None, "The dataset function shop.bad returned nothing; return a list of dicts"),
        (lambda: ({"a": n} for n in itertools.count()), "returned more than 2,000,000 values"),
        (_raise(ValueError("secret")), "The dataset function shop.bad raised ValueError."),
        (_raise(SystemExit(3)), "The dataset function shop.bad raised SystemExit."),
        (_raise(KeyboardInterrupt()), "The dataset function shop.bad raised KeyboardInterrupt."),
        (_broken_off, "The dataset function shop.bad raised KeyError."),
    ],
)
def test_what_goes_wrong_in_a_function_is_one_sentence(function: Callable[[], Any], said: str) -> None:
    dataset("shop.bad")(lambda: function())
    with pytest.raises(SourceFailed) as caught:
        supply("shop.bad")
    assert said in str(caught.value)
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is not None


@pytest.mark.parametrize("limit", [MemoryError(), SoftTimeLimitExceeded()])
def test_limits_are_no_errors_of_the_function(limit: Exception) -> None:
    dataset("shop.bad")(_raise(limit))
    with pytest.raises(type(limit)):
        supply("shop.bad")


def test_names_have_a_dot_and_are_taken_once() -> None:
    with pytest.raises(ValueError, match="it has a dot"):
        dataset("orders")
    dataset("shop.orders")(lambda: [])  # noqa: PIE807 - a type has no signature of ours
    with pytest.raises(ValueError, match=r"the dataset name .* is taken by"):

        @dataset("shop.orders")
        def other() -> list[object]:
            return []

    with pytest.raises(TypeError, match="give a type to store_id"):

        @dataset("shop.untyped")
        def untyped(*, store_id) -> list[object]:  # type: ignore[no-untyped-def]  # that is the mistake
            return []
