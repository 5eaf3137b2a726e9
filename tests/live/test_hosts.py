"""`make hosts`, in short; and that its hosts go, whatever happens on them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from project import local
from tests import network
from tests.postgres import find_programs

pytestmark = pytest.mark.live


@pytest.fixture(autouse=True)
def _hosts() -> None:
    if reason := network.obstacle():
        pytest.skip(reason)


@pytest.mark.skipif(find_programs() is None, reason="PostgreSQL's server is not installed")
def test_a_host_that_is_cut_off_loses_nothing_and_comes_back() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.hosts", "--short"], cwd=local.ROOT, capture_output=True, text=True, timeout=500
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith("Nothing was lost, and nothing drawn twice.\n")


def test_hosts_go_with_what_runs_on_them(wait_for: Callable[..., Any]) -> None:
    process: list[subprocess.Popen[bytes]] = []

    def fail_on_a_host() -> None:
        with network.network() as net:
            net.add("b")
            process.append(subprocess.Popen(net.command("b", ["sleep", "600"])))
            wait_for(lambda: network.running(f"{net.name}-b"))
            raise ValueError(net.name)

    with pytest.raises(ValueError, match="figpress-") as error:
        fail_on_a_host()
    assert process[0].wait(10) == -9
    assert not [name for name in network.names() if name.startswith(str(error.value))]


def test_what_a_killed_run_left_behind_goes_with_the_next(wait_for: Callable[..., Any]) -> None:
    lines = "from tests.network import Network; import time; print(Network().name, flush=True); time.sleep(600)"
    killed = subprocess.Popen([sys.executable, "-c", lines], cwd=local.ROOT, stdout=subprocess.PIPE, text=True)
    assert killed.stdout
    with killed.stdout as said:
        name = said.readline().strip()
    assert f"{name}-switch" in network.names()
    killed.kill()
    killed.wait(10)
    with network.network():
        assert f"{name}-switch" not in network.names()
