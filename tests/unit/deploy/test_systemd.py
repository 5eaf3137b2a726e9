"""The units of deploy/systemd: systemd understands them, and they start what there is, with few rights."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from django.conf import settings

from renderer.models import dataset
from renderer.models.job import Queue
from tests.unit.deploy.commands import problem_with

ROOT = Path(__file__).resolve().parents[3]
FOLDER = ROOT / "deploy" / "systemd"
COMMON = FOLDER / "figpress-.service.d" / "50-common.conf"
SERVICES = ("web", "worker@", "fetch", "beat", "migrate")
PROGRAMS = "/opt/figpress/venv/bin/"
EXPOSURE = 2.0
"""Of 10: what `systemd-analyze security` calls OK ends at 2.9."""


def lines(service: str, key: str) -> list[str]:
    """What a service says under a key, after what is common to all."""
    text = COMMON.read_text() + (FOLDER / f"figpress-{service}.service").read_text()
    return re.findall(rf"^{key}=(.*)$", text, re.MULTILINE)


def environment(service: str) -> dict[str, str]:
    words = [word for line in lines(service, "Environment") for word in line.split()]
    return dict(word.split("=", 1) for word in words)


@pytest.mark.parametrize("service", SERVICES)
def test_its_commands_are_there_with_all_their_variables(service: str) -> None:
    given = environment(service)
    commands = lines(service, "ExecStart") + lines(service, "ExecStartPre")
    for line in commands:
        assert line.startswith(PROGRAMS)
        filled = re.sub(r"\$\{(\w+)\}", lambda match: given[match[1]], line.removeprefix(PROGRAMS))
        assert not problem_with(filled.split())
    used = {name for line in commands for name in re.findall(r"\$\{(\w+)\}", line)}
    known = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', (ROOT / "project" / "settings.py").read_text()))
    assert given.keys() - used - known <= {"PATH", "PYTHONUNBUFFERED", "PROMETHEUS_MULTIPROC_DIR"}


def test_each_role_has_a_redis_of_its_own() -> None:
    """The file that is read last wins: what is common to all comes after it, and names no Redis."""
    files = {service: lines(service, "EnvironmentFile") for service in SERVICES}
    own = {
        service: {name for name in names if "sources" not in name and "figpress.env" not in name}
        for service, names in files.items()
    }
    assert own.pop("migrate") == set()
    assert own == {service: {f"-/etc/figpress/{service.rstrip('@')}.env"} for service in own}


def test_every_queue_has_somebody() -> None:
    queues = [queue for service in ("worker@", "fetch") for queue in environment(service)["WORKER_QUEUES"].split(",")]
    assert sorted(queues) == sorted([*Queue.values, dataset.QUEUE])


def test_only_what_fetches_reaches_out() -> None:
    for service in SERVICES:
        assert (lines(service, "IPAddressDeny") == ["any"]) == (service != "fetch")
        assert lines(service, "IPAddressAllow") == ["localhost"]
    assert {"10.0.0.0/8", "link-local"} <= set(lines("fetch", "IPAddressDeny")[0].split())


def test_workers_have_the_time_to_end_what_they_draw() -> None:
    for service in ("worker@", "fetch"):
        assert int(lines(service, "TimeoutStopSec")[0]) > settings.CELERY_TASK_TIME_LIMIT
        assert lines(service, "KillMode") == ["mixed"]
        assert lines(service, "OOMPolicy") == ["continue"]


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A root folder with the units where they go, and empty programs where they look for them."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is missing (for example: apt-get install systemd)")
    if not Path("/usr/lib/systemd/system/sysinit.target").exists():
        pytest.skip("systemd's own units are missing")
    units = tmp_path / "etc" / "systemd" / "system"
    shutil.copytree(FOLDER, units)
    shutil.copytree("/usr/lib/systemd/system", tmp_path / "usr" / "lib" / "systemd" / "system", symlinks=True)
    programs = tmp_path / PROGRAMS.strip("/")
    programs.mkdir(parents=True)
    for name in ("python", "celery", "uvicorn"):
        (programs / name).write_text("#!/bin/sh\n")
        (programs / name).chmod(0o755)
    return tmp_path


def test_systemd_understands_them(machine: Path) -> None:
    names = [f"figpress-{service}.service".replace("@", "@1") for service in SERVICES]
    command = ["systemd-analyze", "verify", f"--root={machine}", "--man=no", "figpress.target", *names]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("service", SERVICES)
def test_it_is_exposed_to_little(machine: Path, service: str) -> None:
    name = f"figpress-{service}.service".replace("@", "@1")
    command = ["systemd-analyze", "security", "--offline=true", f"--root={machine}", "--no-pager", name]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    found = re.search(r"Overall exposure level for \S+: ([\d.]+)", done.stdout)
    assert found, done.stderr
    assert float(found[1]) <= EXPOSURE
