"""Correlations: numpy's and scipy's numbers, each pair in its cell."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from renderer.drawing.draw import Drawing
from renderer.drawing.kinds.correlation import correlations, similar
from renderer.drawing.scene import Floats, Rects
from renderer.spec.errors import SpecError

Spec = dict[str, Any]
Draw = Callable[..., Drawing]
Tidy = Callable[[Drawing], None]

SIZES = ("bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g")
# scipy 1.17.1: spearmanr of these columns of the 342 penguins that were weighed, below the diagonal.
SPEARMAN = [
    -0.22174915179457863,
    0.6727719416255543,
    -0.5232674711610737,
    0.5838003194455482,
    -0.43237222141304366,
    0.8399741230312999,
]


@pytest.fixture(scope="module")
def penguins() -> Floats:
    path = Path(__file__).parents[4] / "examples" / "data" / "penguins.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["body_mass_g"] != "NA"]
    return np.array([[float(row[name]) for name in SIZES] for row in rows])


def _spec(values: Floats, **fields: Any) -> Spec:
    names = [f"c{place}" for place in range(values.shape[1])]
    columns = {
        name: [None if value != value else value for value in column]
        for name, column in zip(names, values.T.tolist(), strict=True)
    }
    return {"kind": "correlation", "data": {"columns": columns}, "columns": list(names)} | fields


def _cells(drawing: Drawing) -> list[tuple[tuple[float, ...], float]]:
    """Boxes and correlations from the top left on."""
    found = [
        (tuple(box), value)
        for item in drawing.scene.by_role("cell")
        if isinstance(item, Rects) and item.values is not None
        for box, value in zip(item.boxes.tolist(), item.values.tolist(), strict=True)
    ]
    return sorted(found, key=lambda cell: (cell[0][1], cell[0][0]))


def test_correlations_are_numpys_and_scipys(penguins: Floats) -> None:
    assert correlations(penguins, "pearson") == pytest.approx(np.corrcoef(penguins.T))
    ranked = correlations(penguins, "spearman")
    assert ranked[np.tril_indices(4, -1)] == pytest.approx(SPEARMAN)


def test_a_row_counts_for_the_pairs_that_it_has(penguins: Floats) -> None:
    values = penguins.copy()
    values[:100, 0] = np.nan
    found = correlations(values, "pearson")
    assert found[0, 1] == pytest.approx(np.corrcoef(penguins[100:, 0], penguins[100:, 1])[0, 1])
    assert found[2, 3] == pytest.approx(np.corrcoef(penguins[:, 2], penguins[:, 3])[0, 1])


@pytest.mark.parametrize("scale", [1e-200, 1e200])
def test_magnitude_makes_no_difference(scale: float, penguins: Floats) -> None:
    assert correlations(penguins * scale, "pearson") == pytest.approx(np.corrcoef(penguins.T))


def test_each_pair_is_shown_once_below_the_diagonal(penguins: Floats, draw_spec: Draw, assert_tidy: Tidy) -> None:
    drawing = draw_spec(_spec(penguins))
    assert_tidy(drawing)
    cells = _cells(drawing)
    expected = np.asarray(np.corrcoef(penguins.T))[np.tril_indices(4, -1)]
    assert [value for _, value in cells] == pytest.approx(expected.tolist())
    labels = sorted(
        (item for item in drawing.scene.texts if item.role == "cell-label"), key=lambda label: (label.y, label.x)
    )
    assert [label.text for label in labels] == ["−0.24", "0.66", "−0.58", "0.60", "−0.47", "0.87"]
    names = [item.text for item in drawing.scene.texts if item.role == "tick-label-x"]
    assert names == ["C0", "C1", "C2"]


def test_the_whole_square_has_a_diagonal_of_ones(penguins: Floats, draw_spec: Draw) -> None:
    cells = _cells(draw_spec(_spec(penguins, half=False)))
    assert len(cells) == 16
    assert [cells[place][1] for place in (0, 5, 10, 15)] == pytest.approx([1.0] * 4)


def test_similar_columns_stand_beside_each_other() -> None:
    random = np.random.default_rng(2)
    first, second = random.normal(size=(2, 200))
    noise = random.normal(size=(200, 4)) * 0.3
    values = np.column_stack([first, second, first, second]) + noise
    order = similar(correlations(values, "pearson")).tolist()
    assert {tuple(sorted(order[:2])), tuple(sorted(order[2:]))} == {(0, 2), (1, 3)}


def test_a_constant_column_has_none(draw_spec: Draw, assert_tidy: Tidy) -> None:
    values = np.column_stack([np.arange(10.0), np.ones(10), np.arange(10.0) ** 2])
    drawing = draw_spec(_spec(values))
    assert_tidy(drawing)
    assert drawing.warnings == ("2 of 3 pairs have no correlation: a column is constant or empty.",)
    assert len(_cells(drawing)) == 1
    assert_tidy(draw_spec(_spec(values[:1])))


@pytest.mark.parametrize("size", [(320, 200), (1200, 400), (90, 60), (16, 16), (300, 700)])
@pytest.mark.parametrize("count", [2, 12, 60])
def test_any_number_of_columns_is_tidy(count: int, size: tuple[int, int], draw_spec: Draw, assert_tidy: Tidy) -> None:
    values = np.random.default_rng(1).normal(size=(20, count))
    image = {"width": size[0], "height": size[1]}
    for theme in ("light", "dark"):
        assert_tidy(draw_spec(_spec(values, image=image, title="Pairs", order="similar"), theme=theme))


@pytest.mark.parametrize(
    ("columns", "where", "what"),
    [
        (["c0"], "/columns", "empty"),
        (["c0", "c9"], "/columns/1", "no column 'c9'"),
        (["c0", "sum(c1)"], "/columns", "without an aggregate"),
        (["c0", "c0"], "/columns/1", "two columns are called 'C0'"),
        (["c0", "text"], "/columns/1", "numbers are needed"),
    ],
)
def test_what_cannot_be_shown_is_said_where(columns: list[str], where: str, what: str, draw_spec: Draw) -> None:
    spec = _spec(np.arange(8.0).reshape(4, 2)) | {"columns": columns}
    spec["data"]["columns"]["text"] = ["a", "b", "c", "d"]
    with pytest.raises(SpecError) as caught:
        draw_spec(spec)
    assert caught.value.problems[0].pointer == where
    assert what in caught.value.problems[0].message


def test_the_alt_text_names_the_strongest(penguins: Floats, draw_spec: Draw) -> None:
    alt = draw_spec(_spec(penguins, method="spearman")).alt
    assert alt.startswith("Rank correlations between 4 columns. The strongest is 0.84 (C2 and C3)")
