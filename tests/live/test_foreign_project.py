"""In a project that is not ours: the wheel, and docs/django.md and its cookbook followed to the letter."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import urllib.request
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image

from project import local
from tests.docs.blocks import Block, blocks

pytestmark = pytest.mark.live

PAGES = ("docs/django.md", "docs/cookbook/django.md")


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
def s3(tmp_path: Path) -> Iterator[int]:
    """The port of a server that answers as S3 does."""
    port = local.free_port()
    server = local.Process(
        "s3",
        [sys.executable, "-m", "moto.server", "--host", local.LOOPBACK, "--port", str(port)],
        log=tmp_path / "s3.log",
        env={"PATH": os.environ.get("PATH", os.defpath), "HOME": str(tmp_path)},
    )
    try:
        server.wait_until(lambda: local.is_listening(port), deadline=60)
        yield port
    finally:
        server.stop(grace=5)


@pytest.fixture
def site(wheel: Path, tmp_path: Path, redis: local.Redis, s3: int) -> Iterator[Site]:
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
        "AWS_ENDPOINT_URL": f"http://{local.LOOPBACK}:{s3}",
        "AWS_ACCESS_KEY_ID": "somebody",
        "AWS_SECRET_ACCESS_KEY": "only for the tests",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "FIGPRESS_FONTS_DIR": os.environ.get("FIGPRESS_FONTS_DIR", str(tmp_path / "fonts")),
    }
    folder.mkdir()
    project = Site(folder, env)
    project.run("-m", "django", "startproject", "mysite", ".")
    project.run("manage.py", "startapp", "shop")
    for block in _documented():
        (folder / block.file).parent.mkdir(parents=True, exist_ok=True)
        with (folder / block.file).open("a") as file:
            file.write(f"\n{block.code}")
    settings = folder / "mysite/settings.py"
    settings.write_text(
        f"import os\n{settings.read_text()}\nMEDIA_ROOT = BASE_DIR / 'media'\nMEDIA_URL = '/media/'\n"
        "EMAIL_BACKEND = 'django.core.mail.backends.filebased.EmailBackend'\n"
        "EMAIL_FILE_PATH = BASE_DIR / 'mails'\n"
    )
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

    _what_the_page_does_in_code(site)
    _the_recipes(site)


def _documented() -> list[Block]:
    """The blocks of the pages that name their file, in their order."""
    found = [block for page in PAGES for block in blocks(page) if block.file]
    assert {block.file for block in found} >= {
        "mysite/settings.py",
        "mysite/urls.py",
        "shop/figures.py",
        "shop/models.py",
    }
    return found


def _what_the_page_does_in_code(site: Site) -> None:
    """The blocks without a file, one after the other, where there is a store."""
    code = "".join(block.code for block in blocks(PAGES[0], "python") if not block.file)
    assert "store.sales_chart.render()" in code
    site.shell(
        "import renderer\n"
        "from unittest.mock import Mock\n"
        "from shop.models import Store\n"
        f"store, mail_manager = Store.objects.get(), Mock()\n{code}"
        "assert mail_manager.delay.called is False\n"
    )


def _the_recipes(site: Site) -> None:
    """The commands of the cookbook, and what its other code does."""
    for block in blocks(PAGES[1], "sh"):
        for line in block.code.splitlines():
            site.run(*shlex.split(line)[1:])
    (mail,) = (site.folder / "mails").iterdir()
    assert "Content-ID: <chart>" in mail.read_text()
    assert "Content-Type: image/png" in mail.read_text()
    assert (site.folder / "report.pdf").read_bytes().startswith(b"%PDF")
    with zipfile.ZipFile(site.folder / "charts.zip") as archive:
        assert archive.read("1.png").startswith(b"\x89PNG")
    said = site.shell(
        "import boto3, time\n"
        "boto3.client('s3').create_bucket(\n"
        "    Bucket='shop-charts', CreateBucketConfiguration={'LocationConstraint': 'eu-central-1'})\n"
        "from django.contrib.auth.models import User\n"
        "from django.test import Client\n"
        "from shop.asking import ask_for_sales\n"
        "from shop.models import Branch, Sale, Store\n"
        "from shop.tasks import draw_all\n"
        "from shop.waiting import drawn\n"
        "from renderer.models import RenderJob\n"
        "store = Store.objects.get()\n"
        "Sale.objects.create(store=store, month='2026-04', amount=70)\n"
        "drawn(store.sales_chart.job)\n"
        "before = RenderJob.objects.count()\n"
        "draw_all.delay()\n"
        "end = time.monotonic() + 40\n"
        "while RenderJob.objects.count() == before and time.monotonic() < end: time.sleep(0.1)\n"
        "drawn(store.sales_chart.job)\n"
        "assert store.sales_chart.job.queue == 'scheduled'\n"
        "drawn(ask_for_sales(store))\n"
        "visitor = Client(headers={'host': 'localhost'})\n"
        "assert visitor.get(f'/board/{store.pk}/').status_code == 302\n"
        "assert visitor.get(f'/board/{store.pk}/picture/').status_code == 302\n"
        "visitor.force_login(User.objects.create_user('ada'))\n"
        "page = visitor.get(f'/board/{store.pk}/').content.decode()\n"
        "assert 'htmx' in page and f'/board/{store.pk}/picture/?' in page, page\n"
        "fragment = visitor.get(f'/board/{store.pk}/', headers={'hx-request': 'true'}).content.decode()\n"
        "assert '/picture/?' in fragment and '<html' not in fragment, fragment\n"
        "picture = visitor.get(f'/board/{store.pk}/picture/')\n"
        "assert b''.join(picture.streaming_content).startswith(b'\\x89PNG')\n"
        "branch = Branch.objects.create(store=store)\n"
        "drawn(branch.chart.render())\n"
        "branch.refresh_from_db()\n"
        "print(branch.chart.url)\n"
    )
    with urllib.request.urlopen(said.splitlines()[-1], timeout=20) as answer:
        assert answer.read().startswith(b"\x89PNG")
