"""Theme files are read at start, and what is wrong with them is told with file and place."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from PIL import Image
from pytest_django import Settings

from renderer.apps import RendererConfig
from renderer.recipe import Recipe
from renderer.spec import SpecError, parse
from renderer.spec.themes import THEMES, ThemeError, catalogue, read

CHART = {"kind": "bar", "data": {"columns": {"a": ["x"], "b": [1]}}, "x": "a", "y": "b"}


@pytest.fixture(autouse=True)
def _no_theme_stays() -> Iterator[None]:
    yield
    catalogue.use("")


def _file(folder: Path, text: str, name: str = "acme.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_theme_is_a_choice_of_charts_once_it_is_read(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="no theme 'acme'"):
        parse({**CHART, "theme": "acme"})
    _file(tmp_path, 'base = "dark"\npalette = ["#ff0000", "teal"]\n')
    catalogue.use(str(tmp_path))
    assert parse({**CHART, "theme": "acme"}).theme == "acme"
    with pytest.raises(SpecError, match="did you mean 'acme'"):
        parse({**CHART, "theme": "acne"})


def test_json_is_as_good(tmp_path: Path) -> None:
    path = _file(tmp_path, json.dumps({"sizes": {"title": 20}}), "plain.json")
    assert read(path)["plain"].file.sizes.title == 20


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("base = ", "/: is no TOML"),
        ('base = "blue"', "/base: must be 'light' or 'dark', not 'blue'"),
        ('[colors]\nbackgruond = "red"', "/colors/backgruond: unknown field 'backgruond'; did you mean 'background'?"),
        ('[colors]\ntext = "ref"', "/colors/text: 'ref' is no colour; did you mean 'red'?"),
        ('[colors]\ntext = "#cccccc"', "/colors/text: #cccccc on #ffffff has a contrast of 1.6; 4.5 is needed"),
        ('palette = ["red", "x"]', "/palette/1: 'x' is no colour"),
        ("[sizes]\ntitle = 1000", "/sizes/title: must be a number from 10 to 40, not 1000"),
        ('[sizes]\ntitle = "20"', "/sizes/title: must be a number"),
        ('[fonts]\nbold = "b.ttf"', "/fonts/regular: 'regular' is required"),
        ('[fonts]\nregular = "none.ttf"', "/fonts/regular: 'none.ttf' cannot be read"),
        ('[fonts]\nregular = "acme.toml"', "/fonts/regular: 'acme.toml' is no TrueType or OpenType font"),
        ('[logo]\nfile = "none.png"', "/logo/file: 'none.png' cannot be read"),
        ('[logo]\nfile = "acme.toml"', "/logo/file: 'acme.toml' is no PNG and no WebP"),
        ('[logo]\nfile = "l.png"\ncorner = "middle"', "/logo/corner: must be "),
    ],
)
def test_an_error_is_at_its_place(text: str, says: str, tmp_path: Path) -> None:
    path = _file(tmp_path, text)
    with pytest.raises(ThemeError) as refused:
        read(tmp_path)
    assert f"{path} {says}" in str(refused.value)


def test_all_errors_of_all_files_are_told(tmp_path: Path) -> None:
    _file(tmp_path, 'base = "x"\nramp = "y"\n', "one.toml")
    _file(tmp_path, "nothing = 1\n", "two.toml")
    _file(tmp_path, "", "light.toml")
    with pytest.raises(ThemeError) as refused:
        read(tmp_path)
    assert len(str(refused.value).splitlines()) == 4


def test_a_picture_of_too_many_pixels_is_no_logo(tmp_path: Path) -> None:
    Image.new("L", (4000, 2000)).save(tmp_path / "wide.png")
    _file(tmp_path, '[logo]\nfile = "wide.png"')
    with pytest.raises(ThemeError, match="more than 4,000,000 pixels"):
        read(tmp_path)


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ThemeError, match="neither a file nor a folder"):
        read(tmp_path / "none")


def test_a_changed_theme_changes_the_content_key_of_its_charts_alone(tmp_path: Path) -> None:
    Image.new("RGB", (20, 10)).save(tmp_path / "l.png")
    keys = []
    for logo in ("red", "green"):
        Image.new("RGB", (20, 10), logo).save(tmp_path / "l.png")
        _file(tmp_path, '[logo]\nfile = "l.png"')
        catalogue.use(str(tmp_path))
        keys.append([Recipe.from_spec({**CHART, "theme": name}).content_key for name in ("acme", "light")])
    assert keys[0][0] != keys[1][0]
    assert keys[0][1] == keys[1][1]


def test_django_does_not_start_with_a_broken_theme(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = RendererConfig("renderer", __import__("renderer"))
    path = _file(tmp_path, 'base = "blue"')
    setattr(settings, THEMES, str(tmp_path))
    with pytest.raises(ImproperlyConfigured, match="/base"):
        config.ready()
    delattr(settings, THEMES)
    monkeypatch.setenv(THEMES, str(path))
    with pytest.raises(ImproperlyConfigured, match="/base"):
        config.ready()
    path.write_text('base = "dark"')
    config.ready()
    assert "acme" in catalogue.names()
