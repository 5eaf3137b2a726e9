"""The typeface is cut from the package once, looked for where the operator says, and never needed to draw at all."""

from __future__ import annotations

import logging
from pathlib import Path

import matplotlib
import pytest
from fontTools.ttLib import TTFont

from renderer.drawing import fonts
from renderer.drawing.scripts import SCRIPTS


def test_the_instances_are_static_and_named() -> None:
    assert fonts.ensure()
    for cut in fonts.CUTS:
        font = TTFont(fonts.files(cut.weight)[0])
        assert "fvar" not in font
        assert font["name"].getDebugName(1) == cut.family
        assert "Inter Project Authors" in font["name"].getDebugName(0)  # the licence asks to keep it


def test_text_weights_have_digits_of_one_width() -> None:
    def widths(weight: int) -> set[int]:
        font = TTFont(fonts.files(weight)[0])
        names = font.getBestCmap()
        return {font["hmtx"][names[ord(digit)]][0] for digit in "0123456789"}

    assert len(widths(400)) == 1
    assert len(widths(500)) == 1
    assert len(widths(700)) > 1


def test_files_that_are_there_are_not_made_again(tmp_path: Path) -> None:
    names = [cut.file for cut in fonts.CUTS] + [script.bold_file for script in SCRIPTS if script.titles]
    for name in names:
        (tmp_path / name).write_bytes(b"here")
    assert [path.name for path in fonts.install(tmp_path)] == names[: len(fonts.CUTS)]
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == dict.fromkeys(names, b"here")


def test_the_folder_is_the_operators_choice(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(fonts.ENVIRONMENT, str(tmp_path))
    assert fonts.folder() == tmp_path
    monkeypatch.delenv(fonts.ENVIRONMENT)
    assert fonts.folder().parent == Path(matplotlib.get_cachedir())


def test_without_the_typeface_there_is_a_warning_and_dejavu(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("no folder")
    monkeypatch.setenv(fonts.ENVIRONMENT, str(blocked / "fonts"))
    with caplog.at_level(logging.WARNING):
        assert fonts.ensure.__wrapped__() is False
    assert "DejaVu Sans" in caplog.text


def test_half_made_files_do_not_stay(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def fail(cut: fonts.Cut) -> None:
        raise RuntimeError("broken font")

    monkeypatch.setattr(fonts, "_cut", fail)
    with pytest.raises(RuntimeError):
        fonts.install(tmp_path)
    assert list(tmp_path.iterdir()) == []
