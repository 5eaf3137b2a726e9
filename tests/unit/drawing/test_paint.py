"""The renderer protocol, as we use it: what a new matplotlib has to pass."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from renderer.drawing import paint, scene, text
from renderer.drawing.scene import Box, Image, Markers, Path, Primitive, Rects, Scene, Segments, Stroke

WHITE, BLACK, RED = (1.0, 1.0, 1.0, 1.0), (0.0, 0.0, 0.0, 1.0), (1.0, 0.0, 0.0, 1.0)
Pixels = npt.NDArray[np.uint8]


def _picture(*items: Primitive, scale: float = 1.0, background: scene.Color | None = WHITE) -> Pixels:
    return paint.raster(Scene(40, 20, background, items), scale)


def _inked(pixels: Pixels) -> Box:
    """The box of what is not white."""
    rows, columns = np.nonzero((pixels[..., :3] < 128).any(axis=2))
    return Box(float(columns.min()), float(rows.min()), float(columns.max() + 1), float(rows.max() + 1))


@pytest.mark.parametrize("scale", [0.5, 1.0, 2.0, 3.0])
def test_a_picture_has_exactly_its_size(scale: float) -> None:
    assert _picture(scale=scale).shape == (20 * scale, 40 * scale, 4)


def test_rectangles_lie_on_whole_pixels_with_y_down() -> None:
    pixels = _picture(Rects(role="bar", boxes=np.array([[4.2, 2.1, 9.9, 6.0], [20, 10, 30, 20]]), fill=RED))
    assert (pixels[2:6, 4:10] == (255, 0, 0, 255)).all()
    assert (pixels[10:20, 20:30] == (255, 0, 0, 255)).all()
    assert {tuple(pixel) for pixel in pixels.reshape(-1, 4).tolist()} == {(255, 0, 0, 255), (255, 255, 255, 255)}


def test_segments_are_crisp() -> None:
    pixels = _picture(Segments(role="grid", ends=np.array([[0.0, 10.3, 40, 10.3]]), stroke=Stroke(BLACK, 1.0)))
    dark = (pixels[:, 2:-2, 0] == 0).all(axis=1)
    assert dark.sum() == 1
    assert abs(int(np.flatnonzero(dark)[0]) - 10) <= 1


def test_a_row_of_nan_lifts_the_pen() -> None:
    points = np.array([[0.0, 10], [10, 10], [np.nan, np.nan], [30, 10], [40, 10]])
    pixels = _picture(Path(role="line", points=points, stroke=Stroke(BLACK, 4.0)))
    assert pixels[10, 5, 0] == 0
    assert pixels[10, 20, 0] == 255
    assert pixels[10, 35, 0] == 0


def test_curves_and_closed_shapes() -> None:
    curve = Path(
        role="line", points=np.array([[0.0, 20], [0, 0], [40, 0], [40, 20]]), stroke=Stroke(BLACK, 2.0), curve=True
    )
    assert _inked(_picture(curve)).y0 == pytest.approx(4, abs=1)
    triangle = Path(role="area", points=np.array([[0.0, 0], [40, 0], [0, 20]]), fill=RED, closed=True)
    pixels = _picture(triangle)
    assert tuple(pixels[2, 2]) == (255, 0, 0, 255)
    assert tuple(pixels[18, 38]) == (255, 255, 255, 255)


@pytest.mark.parametrize(
    "marker", ["circle", "square", "diamond", "triangle", "triangle_down", "cross", "plus", "star"]
)
def test_markers_have_about_their_size(marker: scene.Marker) -> None:
    box = _inked(_picture(Markers(role="point", points=np.array([[20.0, 10]]), size=12.0, fill=BLACK, marker=marker)))
    assert box.center == pytest.approx((20, 10), abs=2)
    assert 9 <= box.width <= 17


def test_triangles_point_where_they_say() -> None:
    up = _picture(Markers(role="point", points=np.array([[20.0, 10]]), size=14.0, fill=BLACK, marker="triangle"))
    widths = (up[..., 0] < 128).sum(axis=1)
    rows = np.flatnonzero(widths)
    assert widths[rows[0]] < widths[rows[-2]]


def test_markers_of_many_colours_and_sizes() -> None:
    points = np.array([[5.0, 10], [20, 10], [35, 10], [np.nan, 10]])
    colors = np.array([RED, (0.0, 0.0, 1.0, 1.0), RED, BLACK])
    for size in (8.0, np.array([8.0, 8.0, 8.0, 8.0])):
        pixels = _picture(Markers(role="point", points=points, size=size, fill=colors))
        assert tuple(pixels[10, 5]) == (255, 0, 0, 255)
        assert tuple(pixels[10, 20]) == (0, 0, 255, 255)
        assert tuple(pixels[10, 35]) == (255, 0, 0, 255)
    rings = _picture(Markers(role="point", points=points, size=10.0, fill=None, stroke=Stroke(BLACK, 1.5)))
    assert tuple(rings[10, 20]) == (255, 255, 255, 255)
    assert _picture(Markers(role="point", points=np.full((2, 2), np.nan), size=3, fill=RED)).min() == 255


def test_images_stand_upright_with_sharp_cells() -> None:
    cells = np.array([[[255, 0, 0, 255], [0, 255, 0, 255]], [[0, 0, 255, 255], [0, 0, 0, 255]]], dtype=np.uint8)
    pixels = _picture(Image(role="cells", pixels=cells, box=Box(0, 0, 40, 20)), scale=2)
    assert tuple(pixels[5, 5]) == (255, 0, 0, 255)
    assert tuple(pixels[5, 75]) == (0, 255, 0, 255)
    assert tuple(pixels[35, 5]) == (0, 0, 255, 255)
    assert len(np.unique(pixels.reshape(-1, 4), axis=0)) == 4


def test_a_clip_cuts() -> None:
    everything = np.array([[0.0, 0, 40, 20]])
    pixels = _picture(Rects(role="bar", boxes=everything, fill=BLACK, clip=Box(10, 5, 30, 15)))
    assert _inked(pixels) == Box(10, 5, 30, 15)


@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_ink_stays_within_the_box_of_its_text(scale: float) -> None:
    for turned in (False, True):
        label = text.place(
            "t", "Ägypten", 50, 50, size=20, color=BLACK, align="center", valign="middle", angle=90 if turned else 0
        )
        ink = _inked(paint.raster(Scene(100, 100, WHITE, (label,)), scale))
        expected = Box(*(edge * scale for edge in label.box))
        assert ink.inside(expected, 1.5)
        assert ink.width > 0.9 * expected.width
        assert ink.height > 0.9 * expected.height


def test_text_is_never_markup() -> None:
    label = text.place("t", "$x_{$ 5 \\foo", 1, 12, size=8, color=BLACK)
    assert (_picture(label)[..., 0] < 128).any()


def test_a_halo_lies_behind_its_text() -> None:
    ground = Rects(role="bar", boxes=np.array([[0.0, 0, 40, 20]]), fill=RED)
    label = text.place("t", "I", 20, 18, size=20, weight=700, color=BLACK, halo=WHITE)
    pixels = _picture(ground, label)
    colors = {tuple(pixel) for pixel in pixels.reshape(-1, 4).tolist()}
    assert {(255, 255, 255, 255), (0, 0, 0, 255), (255, 0, 0, 255)} <= colors


def test_no_background_is_transparent() -> None:
    pixels = _picture(Rects(role="bar", boxes=np.array([[0.0, 0, 20, 20]]), fill=RED), background=None)
    assert (pixels[:, 20:, 3] == 0).all()
    assert (pixels[:, :20, 3] == 255).all()


def test_many_rectangles_are_one_call(monkeypatch: pytest.MonkeyPatch) -> None:
    from matplotlib.backends.backend_agg import RendererAgg

    calls = []
    real: Any = RendererAgg.draw_path

    def count(self: RendererAgg, *args: Any) -> None:
        calls.append(args)
        real(self, *args)

    monkeypatch.setattr(RendererAgg, "draw_path", count)
    x = np.arange(2000.0) / 50
    _picture(Rects(role="bar", boxes=np.column_stack([x, x * 0, x + 0.01, x * 0 + 9]), fill=RED))
    assert len(calls) == 1


def test_a_scene_goes_beside_axes_on_a_figure() -> None:
    figure = Figure(figsize=(4, 2), dpi=100)
    figure.add_subplot(1, 2, 2).plot([1, 2])
    drawn = Scene(400, 200, None, (Rects(role="bar", boxes=np.array([[0.0, 0, 100, 50]]), fill=RED),))
    figure.add_artist(paint.SceneArtist(drawn))
    canvas: Any = FigureCanvasAgg(figure)
    canvas.draw()
    pixels = np.asarray(canvas.buffer_rgba())
    assert tuple(pixels[10, 10]) == (255, 0, 0, 255)
    assert (pixels[:, 200:, :3] < 200).any()


def test_vector_text_is_as_wide_as_it_was_measured() -> None:
    label = text.place("t", "Revenue by region", 10, 20, size=12, color=BLACK)
    sheet = paint.figure(Scene(200, 30, WHITE, (label,)), 72)
    buffer = io.BytesIO()
    sheet.savefig(buffer, format="png", dpi=72)
    assert buffer.getvalue()
    assert sheet.get_size_inches() * 72 == pytest.approx((200, 30))
