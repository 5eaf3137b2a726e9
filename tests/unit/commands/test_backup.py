"""manage.py backup and restore: what they refuse, what they say of damage. tests/restore.py does the whole of it."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.db import connection

from renderer.management import backups, dumps
from renderer.models import Chart

pytestmark = pytest.mark.django_db(transaction=True)


def _chart() -> Chart:
    chart = Chart.objects.create(owner=User.objects.create(username="ada"), figure="shop.best_sellers", recipe_key="k")
    chart.image.save("a.png", ContentFile(b"a picture"))
    return chart


def _backup(into: Path) -> tuple[int, str]:
    out = StringIO()
    try:
        call_command("backup", str(into), stdout=out, no_color=True)
    except SystemExit as end:
        return int(end.code or 0), out.getvalue()
    return 0, out.getvalue()


def test_a_backup_has_what_the_database_names_and_nothing_else(media: Path, tmp_path: Path) -> None:
    chart = _chart()
    (media / "charts").mkdir(exist_ok=True)
    (media / "charts" / "stray.png").write_bytes(b"nobody names it")
    status, said = _backup(tmp_path / "backup")
    assert status == 0, said
    assert "1 file, " in said
    (kept,) = (path for path in (tmp_path / "backup" / "files").rglob("*") if path.is_file())
    assert kept.read_bytes() == b"a picture"
    assert str(kept).endswith(str(chart.image.name))
    assert (tmp_path / "backup").stat().st_mode & 0o077 == 0, "nobody else reads it"
    manifest = json.loads((tmp_path / "backup" / "manifest.json").read_text())
    assert (manifest["files"], manifest["missing"]) == (1, [])
    with pytest.raises(CommandError, match="is not empty"):
        call_command("backup", str(tmp_path / "backup"))


def test_a_file_that_is_gone_is_named_and_the_rest_is_kept(media: Path, tmp_path: Path) -> None:
    chart = _chart()
    Path(chart.image.path).unlink()
    status, said = _backup(tmp_path / "backup")
    assert status == 1
    assert f"{chart.image.name} is missing" in said


def test_a_restore_refuses_what_would_go_wrong(media: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _chart()
    backup = tmp_path / "backup"
    _backup(backup)
    with pytest.raises(CommandError, match="has tables already"):
        call_command("restore", str(backup))

    monkeypatch.setattr(dumps, "is_empty", lambda: True)  # from here on nothing is written
    manifest = json.loads((backup / backups.MANIFEST).read_text())
    for changed, says in (
        ({"migrations": [*manifest["migrations"], "renderer.9999_later"]}, "a newer release, which has renderer.9999"),
        ({"database": "database.other"}, "is a database.other"),
    ):
        (backup / backups.MANIFEST).write_text(json.dumps(manifest | changed))
        with pytest.raises(CommandError, match=says):
            call_command("restore", str(backup))
    (backup / backups.MANIFEST).write_text(json.dumps(manifest))

    (file,) = (path for path in (backup / "files").rglob("*") if path.is_file())
    file.write_bytes(b"another one")
    with pytest.raises(CommandError, match="is damaged"):
        call_command("restore", str(backup))
    (backup / backups.MANIFEST).unlink()
    with pytest.raises(CommandError, match=r"no whole backup: it has no manifest\.json"):
        call_command("restore", str(backup))
    assert connection.introspection.table_names(), "and the database is as it was"
