"""The check of a chart spec: all that is wrong, what it costs, and nothing is queued."""

from __future__ import annotations

from typing import Any

import pytest

from renderer.models import Chart, RenderJob


@pytest.fixture(autouse=True)
def nothing_is_queued(db: None) -> Any:
    yield
    assert not Chart.objects.exists()
    assert not RenderJob.objects.exists()


def test_a_good_spec_has_its_cost(api: Any, spec: dict[str, Any]) -> None:
    answer = api.post("/spec/check", {"spec": spec})

    assert answer.status == 200
    cost = answer.body.pop("cost")
    assert answer.body == {"ok": True, "errors": [], "warnings": []}
    assert (cost["rows"], cost["marks"]) == (2, 2)
    assert 1 < cost["milliseconds"] < 1000
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_cost_is_that_after_transforms(api: Any, spec: dict[str, Any]) -> None:
    data = {"columns": {"x": ["a", "b"] * 50, "y": list(range(100))}}
    steps = [{"filter": "y >= 10"}, {"aggregate": {"y": "sum(y)"}, "by": ["x"]}]

    answer = api.post("/spec/check", {"spec": spec | {"data": data, "transform": steps}})

    assert (answer.body["cost"]["rows"], answer.body["cost"]["marks"]) == (100, 2)


def test_more_marks_and_more_pixels_cost_more(api: Any, spec: dict[str, Any]) -> None:
    def cost(**fields: Any) -> float:
        taken: float = api.post("/spec/check", {"spec": spec | fields}).body["cost"]["milliseconds"]
        return taken

    usual = cost()
    assert cost(data={"columns": {"x": list(range(1000)), "y": [1] * 1000}}) > usual
    assert cost(image={"width": 2000, "height": 1000}) > usual


def test_what_the_drawing_will_warn_of_is_known_before(api: Any, spec: dict[str, Any]) -> None:
    names = [f"n{number}" for number in range(12)]
    data = {"columns": {"x": names, "y": [1] * 12}}

    answer = api.post("/spec/check", {"spec": spec | {"data": data, "color": "x"}})

    assert answer.body["warnings"] == [
        "12 colours cannot be told apart; keep the largest with 'top' and 'other', or use facets"
    ]


def test_more_bars_than_can_be_drawn_are_an_error(api: Any, spec: dict[str, Any]) -> None:
    data = {"columns": {"x": list(range(3000)), "y": [1] * 3000}}

    answer = api.post("/spec/check", {"spec": spec | {"data": data}})

    assert answer.body["errors"] == [
        {
            "pointer": "/spec/x",
            "message": "3,000 bars are more than the 2,000 that a chart can show; "
            "group them, by 'top', bins or a unit of time",
        }
    ]


def test_rows_from_elsewhere_are_not_waited_for(api: Any, spec: dict[str, Any]) -> None:
    answer = api.post("/spec/check", {"spec": spec | {"data": {"url": "https://example.org/orders.csv"}}})

    assert (answer.body["ok"], answer.body["cost"]) == (True, None)
    assert answer.body["warnings"] == ["The rows of 'https://example.org/orders.csv' are read when the chart is drawn."]


def test_what_may_not_be_meant_is_a_warning(api: Any, spec: dict[str, Any]) -> None:
    answer = api.post("/spec/check", {"spec": spec | {"data": {"columns": {"x": ["a", None], "y": [1, 2]}}}})

    assert answer.body["ok"] is True
    assert answer.body["warnings"] == ["1 row without a value for 'x' left out"]


@pytest.mark.parametrize(
    ("fields", "errors"),
    [
        ({"hue": "x", "y": "sum()"}, {"/spec/hue": "unknown field 'hue'; did you mean 'color'?"}),
        ({"x": "z"}, {"/spec/x": "no column 'z'; the columns are 'x', 'y'"}),
        (
            {"transform": [{"filter": "mena(y) > 1"}]},
            {"/spec/transform/0/filter": "unknown function 'mena' at character 1; did you mean 'mean'?"},
        ),
        (
            {"transform": [{"filter": "yy > 1"}]},
            {"/spec/transform/0/filter": "no column 'yy' at character 1; did you mean 'y'?"},
        ),
    ],
)
def test_errors_are_named_as_they_are_when_it_is_drawn(
    api: Any, spec: dict[str, Any], fields: dict[str, Any], errors: dict[str, str]
) -> None:
    answer = api.post("/spec/check", {"spec": spec | fields})

    assert answer.status == 200
    assert (answer.body["ok"], answer.body["cost"]) == (False, None)
    found = {error["pointer"]: error["message"] for error in answer.body["errors"]}
    assert errors.items() <= found.items()


@pytest.mark.parametrize("spec", [None, 5, [], "bar", {}])
def test_what_is_no_spec_is_an_error_of_it(api: Any, spec: object) -> None:
    answer = api.post("/spec/check", {"spec": spec})

    assert (answer.status, answer.body["ok"]) == (200, False)
    assert all(error["pointer"].startswith("/spec") for error in answer.body["errors"])


@pytest.mark.parametrize("body", [{}, {"spec": {}, "formats": ["png"]}, []])
def test_a_body_that_is_no_question_is_refused(api: Any, body: object) -> None:
    assert api.post("/spec/check", body).status == 422


def test_strangers_may_not_ask(nobody: Any, spec: dict[str, Any]) -> None:
    assert nobody.post("/spec/check", {"spec": spec}).status == 401


def test_a_spec_without_rows_is_right_where_it_says_what_to_do(api: Any) -> None:
    spec = {"kind": "bar", "data": {"columns": {"x": [], "y": []}}, "x": "x", "y": "y"}
    assert api.post("/spec/check", {"spec": spec}).body["ok"] is False
    body = api.post("/spec/check", {"spec": spec | {"on_empty": "keep"}}).body
    assert (body["ok"], body["warnings"]) == (True, ["/data: there are no rows."])
