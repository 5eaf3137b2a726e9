"""The command figpress: files, sentences and exit codes."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from pytest_django.live_server_helper import LiveServer

from figpress_client import cli
from project import local

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch, live_server: LiveServer, token: str) -> None:
    monkeypatch.setenv("FIGPRESS_SERVER", live_server.url)
    monkeypatch.setenv("FIGPRESS_TOKEN", token)


def test_from_a_file_to_a_picture(
    worker: None, spec: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "spec.json").write_text(json.dumps(spec))
    assert cli.main(["render", str(tmp_path / "spec.json"), "-o", str(tmp_path / "a.svg"), "--theme", "dark"]) == 0
    assert b"<svg" in (tmp_path / "a.svg").read_bytes()
    monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps(spec)))
    assert cli.main(["render", "-", "-o", str(tmp_path / "a.png"), "--scale", "1"]) == 0
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")


def test_what_is_wrong_is_named_on_a_line_of_its_own(
    spec: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = tmp_path / "wrong.json"
    wrong.write_text(json.dumps(spec | {"hue": "x", "titel": "y"}))
    assert cli.main(["check", str(wrong)]) == 3
    assert "figpress: /hue: unknown field 'hue'" in (said := capsys.readouterr().err)
    assert "figpress: /titel: " in said
    assert cli.main(["render", str(wrong), "-o", str(tmp_path / "a.png")]) == 3
    assert "figpress: /spec/hue: " in capsys.readouterr().err
    assert not (tmp_path / "a.png").exists()
    wrong.write_text(json.dumps(spec))
    assert cli.main(["check", str(wrong)]) == 0


def test_other_ways_to_fail(spec: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good = tmp_path / "spec.json"
    good.write_text(json.dumps(spec))
    away = f"http://{local.LOOPBACK}:{local.free_port()}"
    for arguments, code, says in (
        (["render", str(good), "-o", "a.gif"], 2, "png, webp, svg, pdf"),
        (["check", str(tmp_path / "none.json")], 2, "none.json"),
        (["check", str(good), "--server", "nonsense"], 2, "say for example"),
        (["check", str(good), "--token", "figp_wrong"], 4, "not known"),
        (["kinds", "bra"], 4, "no such thing"),
        (["kinds", "--server", away, "--timeout", "5"], 5, "No answer from"),
        (["render", str(good), "-o", "a.png", "--timeout", "0.3"], 5, "still queued"),
    ):
        assert cli.main(arguments) == code, arguments
        assert says in capsys.readouterr().err, arguments


def test_the_kinds(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["kinds"]) == 0
    assert "\nbar " in capsys.readouterr().out
    assert cli.main(["kinds", "bar"]) == 0
    assert json.loads(capsys.readouterr().out)["$schema"]
