"""Atlases: every country is found by each of its names, and has a shape that could be its."""

from __future__ import annotations

import numpy as np
import pytest

from renderer.drawing.maps.atlas import read
from renderer.drawing.maps.names import folded


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("DE", "DE"), ("deu", "DE"), ("276", "DE"), ("Germany", "DE"), ("United States of America", "US"),
        ("USA", "US"), ("U.S.", "US"), ("UK", "GB"), ("Côte d’Ivoire", "CI"), ("cote d'ivoire", "CI"),
        ("Ivory Coast", "CI"),
        ("Burma", "MM"), ("Czech Republic", "CZ"), ("South Korea", "KR"), ("Korea, South", "KR"), ("Türkiye", "TR"),
        ("Turkey", "TR"), ("Congo", "CG"), ("DR Congo", "CD"), ("The Gambia", "GM"), ("Saint Lucia", "LC"),
        ("St. Lucia", "LC"), ("Trinidad and Tobago", "TT"), ("Trinidad & Tobago", "TT"), ("NA", "NA"), ("Kosovo", "XK"),
        ("4", "AF"), ("004", "AF"), ("Bosnia and Herz.", "BA"), ("Viet Nam", "VN"), ("Holland", "NL"),
    ],
)  # fmt: skip
def test_countries_are_found_by_codes_and_names(text: str, code: str) -> None:
    world = read("world")
    place = world.find(text, "en")
    assert place is not None
    assert world.regions[place].codes[0] == code


def test_names_of_the_charts_language_are_found() -> None:
    world = read("world")
    place = world.find("Deutschland", "de")
    assert place is not None
    assert world.regions[place].name == "Germany"
    assert world.find("Deutschland", "en") is None
    assert world.find("Österreich", "de_CH") == world.find("AT", "en")


def test_states_are_found_by_codes_and_names() -> None:
    states = read("us_states")
    places = {states.find(text, "en") for text in ("WA", "Washington", "53", "US-WA", "washington")}
    assert len(places) == 1
    assert len([region for region in states.regions if region.polygons]) == 51
    assert states.find("Deutschland", "de") is None


def test_what_is_no_country_is_not_found_but_a_near_one_is_named() -> None:
    world = read("world")
    assert world.find("Atlantis", "en") is None
    assert world.near("Untied Kingdom") == ["United Kingdom"]
    assert world.near("Atlantis") == []


def test_shapes_are_closed_and_have_their_middles_within_reach() -> None:
    for name in ("world", "us_states"):
        atlas = read(name)
        assert atlas.inner
        for region in atlas.regions:
            points = [
                atlas.arcs[arc if arc >= 0 else ~arc] for polygon in region.polygons for ring in polygon for arc in ring
            ]
            if not points:
                continue
            together = np.concatenate(points)
            assert (np.abs(together[:, 0]) <= 180.0).all(), region.name
            assert (np.abs(together[:, 1]) <= 90.0).all(), region.name
            # No side of a shape runs around the globe.
            assert max(float(np.abs(np.diff(part[:, 0])).max(initial=0.0)) for part in points) < 90, region.name
            for polygon in region.polygons:
                for ring in polygon:
                    ends = [(atlas.arcs[a] if a >= 0 else atlas.arcs[~a][::-1]) for a in ring]
                    gaps = [np.abs(ends[i - 1][-1] - ends[i][0]).max() for i in range(1, len(ends))]
                    assert max(gaps, default=0.0) < 0.011, region.name


def test_names_are_compared_by_what_they_have_in_common() -> None:
    assert folded("  The Côte-d’Ivoire ") == folded("COTE D'IVOIRE")
    assert folded("St. Lucia") == folded("Saint Lucia")
    assert folded("Oman") != folded("Romania")
