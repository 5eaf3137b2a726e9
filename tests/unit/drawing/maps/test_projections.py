"""Projections against PROJ 9.5.1 (pyproj 3.7.2, a sphere of radius 1) and d3-geo 3.1.2."""

from __future__ import annotations

import numpy as np
import pytest

from renderer.drawing.maps import projections
from renderer.drawing.maps.projections import Flatten

PLACES = np.array([(10, 20), (-120, -45), (179, 80), (0, 0), (30, -70)], dtype=float)


@pytest.mark.parametrize(
    ("flatten", "expected"),
    [
        (
            projections.equal_earth,
            [(0.1460171092621033, 0.4008252175624881), (-1.5464726654706447, -0.8602310855220102),
             (1.660997862081787, 1.2882111962202532), (0.0, 0.0), (0.3061257616601963, -1.207483090779586)],
        ),
        (
            projections.natural_earth,
            [(0.14912339396001523, 0.35220388636021027), (-1.6426583706572215, -0.7930513944125289),
             (1.8397083104623155, 1.337035371414347), (0.0, 0.0), (0.3432144893324283, -1.1989234747645166)],
        ),
        (
            projections.mercator,
            [(0.17453292519943295, 0.35637850472445), (-2.0943951023931953, -0.8813735870195429),
             (3.12413936106985, 2.4362460537158768), (0.0, 0.0), (0.5235987755982988, -1.7354151626688943)],
        ),
        (
            projections.equirectangular,
            [(0.17453292519943295, 0.3490658503988659), (-2.0943951023931953, -0.7853981633974483),
             (3.12413936106985, 1.3962634015954636), (0.0, 0.0), (0.5235987755982988, -1.2217304763960306)],
        ),
        (
            projections.azimuthal(50.0),
            [(0.16934904705935563, -0.5075657780183863), (-1.8016213094955098, -0.5403985341237808),
             (0.0033438561783330845, 0.8452097958823376), (0.0, -0.8452365234813988),
             (0.3525620486504671, -1.7130696550870717)],
        ),
    ],
    ids=["equal_earth", "natural_earth", "mercator", "equirectangular", "azimuthal"],
)  # fmt: skip
def test_projections_are_those_of_proj(flatten: Flatten, expected: list[tuple[float, float]]) -> None:
    assert flatten(PLACES) == pytest.approx(np.array(expected), abs=1e-9)


def test_the_composite_of_the_united_states_is_that_of_d3() -> None:
    # geoAlbersUsa().scale(1000).translate([0, 0]): Seattle, Miami, Anchorage, two Aleutians, Honolulu, Boston
    places = [(-122.33, 47.61), (-80.19, 25.76), (-149.9, 61.2), (-179.0, 51.5), (179.5, 51.5), (-157.86, 21.31)]
    expected = [
        (-299.8619239469333, -199.04220297580105), (257.90867091224624, 205.82484327298585),
        (-288.62502371579876, 184.17064697068315), (-394.0171195014679, 226.05267972182963),
        (-399.3283887855656, 223.8835367017386), (-169.6738497862131, 187.7849259922384),
    ]  # fmt: skip
    flat = projections.albers_usa(np.array(places)) * (1000, -1000)
    assert flat == pytest.approx(np.array(expected), abs=1e-6)
    assert np.isnan(projections.albers_usa(np.array([(2.35, 48.86)]))).all()  # Paris


def test_the_other_side_of_the_globe_has_no_place_around_a_middle() -> None:
    assert np.isnan(projections.azimuthal(50.0)(np.array([(180.0, -50.0)]))).all()


def test_mercator_ends_before_the_poles() -> None:
    assert np.isfinite(projections.mercator(np.array([(0.0, 90.0), (0.0, -90.0)]))).all()
