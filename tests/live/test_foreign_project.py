"""In a project that is not ours: the wheel, and docs/django.md followed to the letter."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image

from project import local

pytestmark = pytest.mark.live

BLOCK = re.compile(r"```python\n# (?P<file>[\w/]+\.py)\n(?P<code>.*?)```", re.DOTALL)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Figpress as a wheel, built from a copy: a build leaves folders beside what it builds."""
    tree, out = tmp_path_factory.mktemp("tree"), tmp_path_factory.mktemp("wheel")
    for name in ("renderer", "tasks", "workers"):
        shutil.copytree(local.ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(local.ROOT / name, tree / name)
    build = [sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", str(out), str(tree)]
    subprocess.run(build, check=True, capture_output=True, timeout=120)
    return next(out.glob("figpress-*.whl"))


def test_the_wheel_carries_all_that_the_source_has(wheel: Path) -> None:
    carried = set(zipfile.ZipFile(wheel).namelist())
    homes = {"renderer": "renderer", "tasks": "figpress/tasks", "workers": "figpress/workers"}
    expected = {
        f"{home}/{path.relative_to(local.ROOT / name)}"
        for name, home in homes.items()
        for path in (local.ROOT / name).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert expected - carried == set(), "see [tool.setuptools] in pyproject.toml"
    extra = {name for name in carried - expected if ".dist-info/" not in name}
    assert extra == set(), "nothing else is installed into other people's projects"
    assert {"renderer/py.typed", "figpress/tasks/py.typed", "figpress/workers/py.typed"} <= carried
    assert any(name.startswith("renderer/templates/") for name in carried)
    assert any(name.startswith("renderer/static/") for name in carried)


@dataclass(frozen=True)
class Site:
    """Somebody else's project, with Figpress installed into it."""

    folder: Path
    env: dict[str, str]

    def run(self, *command: str) -> str:
        """Run a command in the project. Returns what it said; its errors are the test's."""
        done = subprocess.run(
            [sys.executable, *command], cwd=self.folder, env=self.env, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout.strip()

    def shell(self, code: str) -> str:
        """Run Python in the project, as its own code would."""
        return self.run("manage.py", "shell", "--no-imports", "-c", code)


@pytest.fixture
def site(wheel: Path, tmp_path: Path, redis: local.Redis) -> Iterator[Site]:
    """`django-admin startproject`, the wheel, the documented lines, and a worker of the project's own."""
    packages, folder = tmp_path / "packages", tmp_path / "site"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", str(packages)]
    subprocess.run([*pip, str(wheel)], check=True, timeout=120)
    env = {
        "HOME": os.environ.get("HOME", str(tmp_path)),
        "PATH": os.environ.get("PATH", os.defpath),
        "PYTHONPATH": str(packages),
        "PYTHONWARNINGS": "ignore::UserWarning:celery.platforms",
        "REDIS_URL": redis.url,
        "FIGPRESS_FONTS_DIR": os.environ.get("FIGPRESS_FONTS_DIR", str(tmp_path / "fonts")),
    }
    folder.mkdir()
    project = Site(folder, env)
    project.run("-m", "django", "startproject", "mysite", ".")
    project.run("manage.py", "startapp", "shop")
    for path, code in _documented():
        with (folder / path).open("a") as file:
            file.write(f"\n{code}")
    settings = folder / "mysite/settings.py"
    settings.write_text(f"import os\n{settings.read_text()}\nMEDIA_ROOT = BASE_DIR / 'media'\nMEDIA_URL = '/media/'\n")
    # A package named as one of ours is in our source tree, with a task of its own.
    (folder / "tasks").mkdir()
    (folder / "tasks/__init__.py").write_text(
        "from celery import shared_task\n\n\n@shared_task(name='mysite.double')\ndef double(n):\n    return 2 * n\n"
    )
    settings.write_text(f"{settings.read_text()}CELERY_IMPORTS += ['tasks']\n")
    project.run("manage.py", "makemigrations", "shop")
    project.run("manage.py", "migrate", "--verbosity", "0")
    worker = local.Process(
        "worker",
        [sys.executable, "-m", "celery", "-A", "mysite", "worker", "--concurrency", "1", "--loglevel", "INFO"],
        log=tmp_path / "worker.log",
        env=env,
        cwd=folder,
    )
    try:
        worker.wait_until(lambda: " ready" in worker.output(), deadline=60)
        yield project
    finally:
        worker.stop(grace=5)


def test_a_project_of_somebody_else_draws_onto_its_own_models(site: Site) -> None:
    assert site.run("manage.py", "check") == "System check identified no issues (0 silenced)."
    assert site.run("-c", "import renderer; print(renderer.__file__)").startswith(site.env["PYTHONPATH"])
    site.shell(
        "import renderer\n"
        "from shop.models import Sale, Store\n"
        "store = Store.objects.create(name='Corner')\n"
        "for month, amount in (('2026-01', 120), ('2026-02', 180), ('2026-03', 90)):\n"
        "    Sale.objects.create(store=store, month=month, amount=amount)\n"
        "store.sales_chart.render()\n"
        "renderer.enqueue('shop.sales', {'store_id': store.pk, 'title': 'Here'}, into=(store, 'photo'))\n"
    )
    pictures = site.shell(
        "import time\n"
        "from renderer.models import RenderJob\n"
        "from shop.models import Store\n"
        "end = time.monotonic() + 40\n"
        "while RenderJob.objects.exclude(status='succeeded').exists() and time.monotonic() < end:\n"
        "    time.sleep(0.1)\n"
        "for job in RenderJob.objects.all():\n"
        "    assert job.status == 'succeeded', (job.status, job.message)\n"
        "store = Store.objects.get()\n"
        "print(store.sales_chart.path)\n"
        "print(store.photo.path)\n"
    ).splitlines()
    assert [Path(picture).parent.name for picture in pictures] == ["charts", "photos"]
    for picture in pictures:
        with Image.open(picture) as image:
            image.load()
            assert image.size == (1600, 1000)
    assert Path(pictures[0]).read_bytes() != Path(pictures[1]).read_bytes()

    # Its own package called `tasks` is still there, and still works.
    answer = site.shell(
        "import time\n"
        "from celery import current_app\n"
        "result = current_app.send_task('mysite.double', args=[21])\n"
        "end = time.monotonic() + 20\n"
        "while not result.ready() and time.monotonic() < end:\n"
        "    time.sleep(0.1)\n"
        "print(result.result)\n"
    )
    assert answer == "42"


def _documented() -> Iterator[tuple[str, str]]:
    """The blocks of the page that name their file, in its order."""
    page = (local.ROOT / "docs/django.md").read_text()
    blocks = [(match["file"], match["code"]) for match in BLOCK.finditer(page)]
    assert {file for file, _ in blocks} >= {"mysite/settings.py", "mysite/urls.py", "shop/figures.py", "shop/models.py"}
    return iter(blocks)
