"""Painting: the one module that speaks matplotlib's renderer protocol (``RendererBase``).

The same scene goes to Agg, where text is filled from outlines in as few calls as can be, and, as one Artist on a real
Figure, to SVG and PDF, where text is text. What is used of the protocol: ``new_gc``, ``draw_path``, ``draw_markers``,
``draw_path_collection``, ``draw_image``, ``draw_text``, ``flipy``, ``points_to_pixels``, ``get_canvas_width_height``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import numpy.typing as npt
from matplotlib.artist import Artist
from matplotlib.backend_bases import GraphicsContextBase, RendererBase
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.path import Path as MplPath
from matplotlib.transforms import Affine2D, Affine2DBase, Bbox, IdentityTransform
from PIL import Image

from renderer.drawing import fonts, scene
from renderer.drawing.scene import Box, Color, Floats, Scene, Stroke
from renderer.drawing.shaping import shape

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_IDENTITY = IdentityTransform()
_CLOSED_RECTANGLE = np.array(
    [MplPath.MOVETO, MplPath.LINETO, MplPath.LINETO, MplPath.LINETO, MplPath.CLOSEPOLY], dtype=MplPath.code_type
)
_CORNERS = [0, 1, 0, 3, 2, 3, 2, 1, 0, 1]  # of a box (x0, y0, x1, y1), once round
_UNIT = MplPath(np.array([(0, 0), (0, 1), (1, 1), (1, 0), (0, 0)], dtype=float), _CLOSED_RECTANGLE)
_MANY = 8  # calls that are worth to be made one
_HATCHES = {
    "stripes": "///", "back_stripes": "\\\\\\", "horizontal": "---", "vertical": "|||", "grid": "++", "crossed": "xx",
    "dots": "..",
}  # fmt: skip
_HATCH = 1.0  # CSS pixels of its lines
_LIGHT = 0.4  # of a fill, from black to white: lighter ones have dark lines
_HALO = 3.0  # CSS pixels of rim around a label that lies on marks
_STROKE = 200_000.0  # pixels of a line that are painted at once
_VECTOR_MARKERS = 5_000  # symbols that a vector file holds one by one: 100,000 make an SVG of 66 MB that nothing opens
_VECTOR_PIXELS = 4_000_000  # of them as a picture
_BATCH = 20_000  # vertices of one filled path: beyond this Agg's cells grow faster than the calls saved


def raster(drawn: Scene, scale: float) -> npt.NDArray[np.uint8]:
    """The scene as (height x scale, width x scale, 4) pixels: RGBA, not premultiplied."""
    width, height = round(drawn.width * scale), round(drawn.height * scale)
    # 72 dots per inch and scale 1 make one point of matplotlib's one CSS pixel of ours.
    renderer: Any = RendererAgg(width, height, 72.0 * scale)  # type: ignore[no-untyped-call]  # matplotlib
    pixels: npt.NDArray[np.uint8] = np.asarray(renderer.buffer_rgba())
    if drawn.background is not None:
        pixels[:] = _bytes(np.array(drawn.background))
    Painter(renderer, scale, outlines=True).paint(replace(drawn, background=None))
    return pixels


def figure(drawn: Scene, dpi: float) -> Figure:
    """A Figure of the scene's size, whose one artist paints it; for the vector formats. ``dpi`` says what a CSS pixel
    is.
    """
    from matplotlib.figure import Figure  # with it come all of matplotlib's axes: 0.15 s that a raster is spared

    sheet = Figure(figsize=(drawn.width / dpi, drawn.height / dpi), dpi=dpi, frameon=False)
    sheet.add_artist(SceneArtist(drawn))
    return sheet


class SceneArtist(Artist):
    """A scene among matplotlib's artists: it covers the figure that it is added to."""

    def __init__(self, drawn: Scene) -> None:
        super().__init__()
        self.drawn = drawn

    def draw(self, renderer: RendererBase) -> None:
        width, _ = renderer.get_canvas_width_height()
        Painter(renderer, width / self.drawn.width, outlines=isinstance(renderer, RendererAgg)).paint(self.drawn)


class Painter:
    """Paints primitives through a renderer. ``scale`` is the number of the renderer's pixels in a CSS pixel."""

    def __init__(self, renderer: RendererBase, scale: float, *, outlines: bool) -> None:
        self.renderer = renderer
        self.scale = scale
        self.outlines = outlines
        self.height = 0.0
        self.drawn_box = Box(0.0, 0.0, 0.0, 0.0)
        # Line widths and font sizes go in as points.
        self.points = scale / float(cast(float, renderer.points_to_pixels(1.0)))
        self.transform: Affine2DBase = _IDENTITY

    def paint(self, drawn: Scene) -> None:
        with fonts.using(drawn.typeface):
            self._paint_all(drawn)

    def _paint_all(self, drawn: Scene) -> None:
        self.height = drawn.height * self.scale
        self.drawn_box = drawn.box
        self.transform = Affine2D.from_values(self.scale, 0.0, 0.0, -self.scale, 0.0, self.height)
        if drawn.background is not None:
            sheet = np.array([[0.0, 0.0, drawn.width, drawn.height]])
            self._rects(scene.Rects(role="background", boxes=sheet, fill=drawn.background))
        for kind, items in groupby(drawn.primitives, type):
            if kind is scene.Text and self.outlines:
                self._outlined([item for item in items if isinstance(item, scene.Text)])
            elif kind is scene.Rects and self.outlines:
                for (clip, plain), run in groupby((item for item in items if isinstance(item, scene.Rects)), _likeness):
                    self._tiles(list(run), clip, plain=plain)
            else:
                for item in items:
                    self._paint(item)

    def _paint(self, item: scene.Primitive) -> None:
        match item:
            case scene.Rects():
                self._rects(item)
            case scene.Segments():
                self._segments(item)
            case scene.Path():
                self._path(item)
            case scene.Markers():
                self._markers(item)
            case scene.Image():
                self._image(item)
            case scene.Text():
                self._text(item)

    def _context(
        self, stroke: Stroke | None, fill: Color | None, clip: Box | None, *, snap: bool | None
    ) -> GraphicsContextBase:
        context = self.renderer.new_gc()
        context.set_snap(snap)
        if stroke is None:
            context.set_linewidth(0.0)
            # A path without a pen still takes its edge's colour and alpha from the context.
            context.set_foreground(fill or (0.0, 0.0, 0.0, 0.0), isRGBA=True)
        else:
            context.set_linewidth(stroke.width * self.points)
            context.set_foreground(stroke.color, isRGBA=True)
            context.set_capstyle(stroke.cap)
            context.set_joinstyle("round" if stroke.cap == "round" else "miter")
            if stroke.dash:
                context.set_dashes(0.0, [length * self.points for length in stroke.dash])
        if clip is not None:
            context.set_clip_rectangle(self._bbox(clip))
        return context

    def _bbox(self, box: Box) -> Bbox:
        return Bbox.from_extents(
            box.x0 * self.scale,
            self.height - box.y1 * self.scale,
            box.x1 * self.scale,
            self.height - box.y0 * self.scale,
        )

    def _rects(self, item: scene.Rects) -> None:
        count = len(item.boxes)
        if not count:
            return
        corners = item.boxes[:, _CORNERS].reshape(-1, 2)
        context = self._context(item.stroke, item.fill, item.clip, snap=True)
        if item.hatch and item.fill is not None:
            light = 0.299 * item.fill[0] + 0.587 * item.fill[1] + 0.114 * item.fill[2] > _LIGHT
            context.set_hatch(_HATCHES[item.hatch])
            context.set_hatch_color((0.0, 0.0, 0.0, 0.5) if light else (1.0, 1.0, 1.0, 0.7))
            context.set_hatch_linewidth(_HATCH * self.points)
        self.renderer.draw_path(context, MplPath(corners, np.tile(_CLOSED_RECTANGLE, count)), self.transform, item.fill)
        context.restore()

    def _tiles(self, items: list[scene.Rects], clip: Box | None, *, plain: bool) -> None:
        """Rectangles in many colours in one call: a heat map has hundreds of shades, and a call costs more than its
        rectangles."""
        if not plain or len(items) < _MANY:
            for item in items:
                self._rects(item)
            return
        boxes = np.concatenate([item.boxes for item in items])
        fills = np.repeat([item.fill for item in items], [len(item.boxes) for item in items], axis=0)
        if self._mosaic(boxes, fills, clip):
            return
        along, across = self.transform.get_matrix()[[0, 1], [0, 1]]
        sizes = np.zeros((len(boxes), 3, 3))
        sizes[:, 0, 0], sizes[:, 1, 1] = (boxes[:, 2] - boxes[:, 0]) * along, (boxes[:, 3] - boxes[:, 1]) * across
        sizes[:, 2, 2] = 1.0
        context = self._context(None, None, clip, snap=True)
        renderer: Any = self.renderer  # the stubs know colours as names and tuples, not as arrays
        renderer.draw_path_collection(
            context, _IDENTITY, [_UNIT], sizes, self.transform.transform(boxes[:, :2]), _IDENTITY,
            fills, np.empty((0, 4)), [0.0], [(0.0, None)], [True], [""], "screen",
        )  # fmt: skip
        context.restore()

    def _mosaic(self, boxes: npt.NDArray[Any], fills: npt.NDArray[Any], clip: Box | None) -> bool:
        """Opaque rectangles in rows and columns as one picture, whose pixels are those that they would fill: an eighth
        of their time. False, and nothing is painted, where they stand otherwise.
        """
        if fills[:, 3].min() < 1.0 or not np.isfinite(boxes).all():
            return False
        if clip is not None and (boxes[:, :2].min(0) < clip[:2]).any() | (boxes[:, 2:].max(0) > clip[2:]).any():
            return False  # a picture is cut off at other fractions of a pixel than a path is
        # As Agg comes to them: from the bottom up, turned over, snapped.
        start = self.transform.transform(boxes[:, :2])
        corners = np.stack([start, start + (boxes[:, 2:] - boxes[:, :2]) * (self.scale, -self.scale)])
        _, height = self.renderer.get_canvas_width_height()
        corners[..., 1] = height - corners[..., 1]
        left, top = np.floor(corners.min(axis=0) + 0.5).astype(np.int64).T
        right, bottom = np.floor(corners.max(axis=0) + 0.5).astype(np.int64).T
        columns, across = _bands(left, right)
        rows, down = _bands(top, bottom)
        if columns is None or rows is None or len(columns) * len(rows) > 2 * len(boxes):
            return False
        tiles = np.zeros((len(rows) + 1, len(columns) + 1), dtype=np.uint32)  # the last of each: between the bands
        tiles[down, across] = _bytes(fills).view(np.uint32).ravel()
        pixels = tiles[:, _owners(columns)][_owners(rows)[::-1]]  # the protocol wants the bottom row first
        image = pixels.view(np.uint8).reshape(*pixels.shape, 4)
        context = self._context(None, None, clip, snap=False)
        self.renderer.draw_image(context, int(columns[0, 0]), round(height) - int(rows[-1, 1]), image)
        context.restore()
        return True

    def _segments(self, item: scene.Segments) -> None:
        count = len(item.ends)
        if not count:
            return
        codes = np.tile(np.array([MplPath.MOVETO, MplPath.LINETO], dtype=MplPath.code_type), count)
        context = self._context(item.stroke, None, item.clip, snap=item.crisp)
        self.renderer.draw_path(context, MplPath(item.ends.reshape(-1, 2), codes), self.transform, None)
        context.restore()

    def _path(self, item: scene.Path) -> None:
        if not len(item.points):
            return
        context = self._context(item.stroke, item.fill, item.clip, snap=False)
        for part in self._parts(item):
            self.renderer.draw_path(context, _mpl_path(part), self.transform, item.fill)
        context.restore()

    def _parts(self, item: scene.Path) -> Iterable[scene.Path]:
        """A stroke so long that it would fill Agg's memory, in pieces that share their ends: 20,000 points of noise on
        4,000 x 4,000 pixels take 9.3 s and 500 MB at once, and 2.6 s and hardly any in pieces.
        """
        if not self.outlines or item.fill is not None or item.closed or item.curve or len(item.points) < 3:
            return [item]
        steps = np.nan_to_num(np.abs(np.diff(item.points, axis=0)).sum(axis=1))
        along = np.concatenate([[0.0], np.cumsum(steps)]) * self.scale
        if along[-1] <= _STROKE:
            return [item]
        cuts = np.unique(np.searchsorted(along, np.arange(_STROKE, along[-1], _STROKE))).tolist()
        ends = zip([0, *cuts], [*cuts, len(item.points) - 1], strict=True)
        return [replace(item, points=item.points[first : last + 1]) for first, last in ends if last > first]

    def _markers(self, item: scene.Markers) -> None:
        finite = scene.finite_rows(item.points)
        if not finite.any():
            return
        if not self.outlines and finite.sum() > _VECTOR_MARKERS:
            self._image(_rastered(item, self.drawn_box))
            return
        sizes = np.broadcast_to(np.asarray(item.size, dtype=float), len(item.points))
        fills = np.broadcast_to(
            np.asarray(item.fill if item.fill is not None else (0, 0, 0, 0), float), (len(finite), 4)
        )
        shape_of = _marker(item.marker)
        if np.ndim(item.size) == 0:
            # Agg rasters the symbol once and stamps it, which is far faster than a collection: one call a colour.
            for chosen, fill in _same_rows(fills, finite):
                self._stamp(item, shape_of, item.points[chosen], float(sizes[0]), fill)
            return
        context = self._context(item.stroke, None, item.clip, snap=False)
        stroke = item.stroke
        to_pixels = Affine2D().scale(self.scale)
        transforms = np.zeros((int(finite.sum()), 3, 3))
        transforms[:, 0, 0] = transforms[:, 1, 1] = sizes[finite] / 2
        transforms[:, 2, 2] = 1.0
        edge: Any = np.array([stroke.color]) if stroke else np.empty((0, 4))
        # The stubs ask for more than the protocol: arrays of transforms and colours are what Agg takes.
        renderer: Any = self.renderer
        renderer.draw_path_collection(
            context,
            to_pixels,
            [shape_of],
            transforms,
            self.transform.transform(item.points[finite]),
            _IDENTITY,
            fills[finite] if item.fill is not None else np.empty((0, 4)),
            edge,
            np.array([stroke.width * self.points if stroke else 0.0]),
            [(0.0, None)],
            [True],
            [None],
            "screen",
            hatchcolors=np.empty((0, 4)),
        )
        context.restore()

    def _stamp(self, item: scene.Markers, marker: MplPath, points: Floats, size: float, fill: Floats) -> None:
        color = None if item.fill is None else (float(fill[0]), float(fill[1]), float(fill[2]), float(fill[3]))
        context = self._context(item.stroke, color, item.clip, snap=False)
        grown = Affine2D().scale(size / 2 * self.scale)
        self.renderer.draw_markers(context, marker, grown, MplPath(points), self.transform, color)
        context.restore()

    def _image(self, item: scene.Image) -> None:
        """Stretched here to whole pixels of the target."""
        bounds = self._bbox(item.box)
        left, bottom, right, top = (round(edge) for edge in bounds.extents)
        width, height = max(1, right - left), max(1, top - bottom)
        context = self._context(None, None, item.clip, snap=False)
        if item.smooth and not self.outlines:
            # A vector file keeps all of the pixels, for whatever size it is looked at.
            whole = Affine2D().scale(width, height)
            self.renderer.draw_image(context, left, bottom, np.ascontiguousarray(item.pixels[::-1]), whole)
        else:
            # The protocol wants the bottom row first.
            stretched = np.ascontiguousarray(_stretched(item, width, height)[::-1])
            self.renderer.draw_image(context, left, bottom, stretched)
        context.restore()

    def _text(self, item: scene.Text) -> None:
        if item.halo is not None:
            self._fill_outlines([item], item.halo, halo=True)
        context = self.renderer.new_gc()
        context.set_foreground(item.color, isRGBA=True)
        context.set_alpha(item.color[3])
        if item.clip is not None:
            context.set_clip_rectangle(self._bbox(item.clip))
        x, y = item.x * self.scale, item.y * self.scale
        if not self.renderer.flipy():
            y = self.height - y
        properties = fonts.properties(item.weight, item.size * self.points, item.text)
        self.renderer.draw_text(context, x, y, item.text, properties, item.angle, ismath=False)
        context.restore()

    def _outlined(self, items: Sequence[scene.Text]) -> None:
        """Runs of labels of one colour in one call; a halo must not cover the label before it, so halos go first."""
        for halo, group in groupby((item for item in items if item.halo is not None), key=lambda item: item.halo):
            if halo is not None:
                self._fill_outlines(list(group), halo, halo=True)
        for (color, _), group in groupby(items, key=lambda item: (item.color, item.clip)):
            self._fill_outlines(list(group), color, halo=False)

    def _fill_outlines(self, items: Sequence[scene.Text], color: Color, *, halo: bool) -> None:
        for batch in _batches(items):
            vertices, codes = [], []
            for item in batch:
                outline = shape(item.text, item.weight)
                if not len(outline.codes):
                    continue
                # A baseline on a whole pixel keeps the feet of the letters sharp.
                x, y = item.x, item.y
                if item.angle == 0:
                    y = round(y * self.scale) / self.scale
                    points = outline.vertices * (item.size, -item.size)
                else:
                    x = round(x * self.scale) / self.scale
                    points = outline.vertices[:, ::-1] * (-item.size, -item.size)
                vertices.append(points + np.array((x, y)))
                codes.append(outline.codes)
            if not vertices:
                continue
            stroke = Stroke(color, _HALO, cap="round") if halo else None
            context = self._context(stroke, color, batch[0].clip, snap=False)
            path = MplPath(np.concatenate(vertices), np.concatenate(codes))
            self.renderer.draw_path(context, path, self.transform, color)
            context.restore()


def _rastered(item: scene.Markers, box: Box) -> scene.Image:
    """Very many symbols as a picture, two pixels for each CSS pixel where memory allows, to be laid into a vector
    file.
    """
    scale = min(2.0, (_VECTOR_PIXELS / (box.width * box.height)) ** 0.5)
    sheet = Scene(round(box.width), round(box.height), None, (item,))
    return scene.Image(role=item.role, pixels=raster(sheet, scale), box=box, smooth=True)


def _stretched(item: scene.Image, width: int, height: int) -> npt.NDArray[np.uint8]:
    if item.smooth:
        # Premultiplied, so that the colour of what is transparent does not bleed into the edges.
        picture = Image.fromarray(item.pixels).convert("RGBa").resize((width, height), Image.Resampling.LANCZOS)
        return np.asarray(picture.convert("RGBA"))
    rows, columns = item.pixels.shape[:2]
    stretched: npt.NDArray[np.uint8] = item.pixels[np.arange(height) * rows // height]
    return stretched[:, np.arange(width) * columns // width]


def _batches(items: Iterable[scene.Text]) -> Iterable[list[scene.Text]]:
    batch: list[scene.Text] = []
    size = 0
    for item in items:
        batch.append(item)
        size += len(shape(item.text, item.weight).codes)
        if size > _BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _mpl_path(item: scene.Path) -> MplPath:
    points = item.points
    if not item.curve and not item.closed:
        return MplPath(points)  # no codes: matplotlib breaks it at NaN and may simplify it
    codes = np.full(len(points), MplPath.CURVE4 if item.curve else MplPath.LINETO, dtype=MplPath.code_type)
    lifted = ~scene.finite_rows(points)
    starts = np.zeros(len(points), dtype=bool)
    starts[0] = True
    starts[1:] = lifted[:-1]
    codes[starts] = MplPath.MOVETO
    if not item.closed:
        return MplPath(points[~lifted], codes[~lifted])
    # Each part is closed on its own: where the pen is lifted, and at the end.
    closed, codes = np.append(lifted, True), np.append(codes, MplPath.CLOSEPOLY).astype(MplPath.code_type)
    codes[closed] = MplPath.CLOSEPOLY
    points = np.concatenate([points, points[-1:]])
    points[closed] = points[np.flatnonzero(np.append(starts, False))]
    return MplPath(points, codes)


@cache
def _marker(marker: scene.Marker) -> MplPath:
    """A symbol around the origin, as large to the eye as a circle of diameter 2."""
    match marker:
        case "circle":
            return MplPath.unit_circle()
        case "square":
            return MplPath(np.array([(-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1)]) * 0.886, closed=True)
        case "triangle" | "triangle_down":
            up = np.array([(-1, -0.8), (1, -0.8), (0, 1), (-1, -0.8)]) * 1.15
            return MplPath(up if marker == "triangle" else -up, closed=True)
        case "diamond":
            return MplPath(np.array([(0, -1), (1, 0), (0, 1), (-1, 0), (0, -1)]) * 1.25, closed=True)
        case "star":
            return MplPath.unit_regular_star(5, innerCircle=0.45).transformed(Affine2D().scale(1.35))
        case "cross" | "plus":
            arm = 0.3
            plus = [
                (-arm, -1),
                (arm, -1),
                (arm, -arm),
                (1, -arm),
                (1, arm),
                (arm, arm),
                (arm, 1),
                (-arm, 1),
                (-arm, arm),
            ]
            plus += [(-1, arm), (-1, -arm), (-arm, -arm), (-arm, -1)]
            path = MplPath(np.array(plus) * 1.1, closed=True)
            return path if marker == "plus" else path.transformed(Affine2D().rotate_deg(45))


def _same_rows(fills: Floats, finite: scene.Bools) -> Iterable[tuple[scene.Rows, Floats]]:
    """The rows of each colour, in the order in which the colours come."""
    indices = np.flatnonzero(finite)
    if fills.strides[0] == 0:  # broadcast: one colour for all
        return [(indices, fills[0])]
    # Eight bits a channel is what a picture has, and one integer sorts faster than four floats.
    packed = np.round(fills[indices] * 255).astype(np.uint8).view(np.uint32).ravel()
    _, first, inverse = np.unique(packed, return_index=True, return_inverse=True)
    first, inverse = np.asarray(first), np.asarray(inverse)
    order = np.argsort(inverse, kind="stable")
    cuts = np.searchsorted(inverse[order], np.arange(len(first) + 1))
    groups = [indices[order[cuts[i] : cuts[i + 1]]] for i in range(len(first))]
    return [(groups[i], fills[indices[first[i]]]) for i in np.argsort(first)]


def _bytes(colors: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    """Colours as Agg rounds them."""
    return np.floor(colors * 255 + 0.5).astype(np.uint8)


def _bands(first: npt.NDArray[np.int64], last: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64] | None, Any]:
    """The different spans of pixels, in their order, and which of them each is; None where some overlap."""
    keys, index = np.unique(first << 32 | last, return_inverse=True)
    bands = np.stack([keys >> 32, keys & 0xFFFFFFFF], axis=1)
    apart = first.min() >= 0 and (bands[1:, 0] >= bands[:-1, 1]).all() and (bands[:, 1] > bands[:, 0]).all()
    return (bands if apart else None), index


def _owners(bands: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """For each pixel from the first band to the last, the number of its band; -1 between them."""
    spans = np.empty(2 * len(bands) - 1, dtype=np.int64)
    spans[::2], spans[1::2] = bands[:, 1] - bands[:, 0], bands[1:, 0] - bands[:-1, 1]
    numbers = np.full(len(spans), -1)
    numbers[::2] = np.arange(len(bands))
    return np.repeat(numbers, spans)


def _likeness(item: scene.Rects) -> tuple[Box | None, bool]:
    """What rectangles have in common that are drawn in one call: where they are cut, and nothing but a fill."""
    return item.clip, item.stroke is None and not item.hatch and item.fill is not None
