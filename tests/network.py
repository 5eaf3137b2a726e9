"""Hosts on one machine: network namespaces, each with a cable to one switch, and with files and a name of its own.

They are seen by nobody outside, so any number of runs go side by side with the same addresses. It takes root, and `ip`.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from project import local

PREFIX = "figpress"
CLONE_NEWNET = 0x40000000
# In a mount namespace of its own: pairs of folders up to "--", each mounted on the next, then what is to be run.
SETUP = """
echo "$1" > /proc/sys/kernel/hostname && shift
while [ "$1" != -- ]; do mount --bind "$1" "$2" || exit 1; shift 2; done
shift
exec "$@"
"""


class Network:
    """One switch, and the hosts that are plugged in. Raises LocalError where this machine does not let us."""

    def __init__(self) -> None:
        if os.geteuid() != 0:
            raise local.LocalError("Hosts of their own (network namespaces) take root.")
        if missing := [name for name in ("ip", "nsenter", "unshare") if shutil.which(name) is None]:
            package = "iproute2" if missing == ["ip"] else "iproute2 util-linux"
            raise local.LocalError(f"{', '.join(missing)} is missing (for example: apt-get install {package})")
        _sweep()
        self.name = f"{PREFIX}-{os.getpid()}"
        self._numbers = count(1)
        self._addresses: dict[str, str] = {}
        self._macs: dict[str, str] = {}
        self._switch = self._space("switch")
        try:
            _ip("netns", "add", self._switch)
            _ip("-n", self._switch, "link", "add", "switch", "type", "bridge")
            _ip("-n", self._switch, "link", "set", "switch", "up")
        except local.LocalError:
            self.close()
            raise

    def add(self, host: str) -> str:
        """Plug in one host more. Returns its address."""
        number = next(self._numbers)
        space, address, mac = self._space(host), f"10.77.0.{number}", f"02:00:00:00:00:{number:02x}"
        _ip("netns", "add", space)
        _ip("-n", space, "link", "set", "lo", "up")
        # Its end of the cable is called eth0, the switch's end as the host.
        end = ("peer", "name", host, "netns", self._switch)
        _ip("-n", space, "link", "add", "eth0", "address", mac, "type", "veth", *end)
        _ip("-n", space, "address", "add", f"{address}/24", "dev", "eth0")
        _ip("-n", space, "link", "set", "eth0", "up")
        _ip("-n", self._switch, "link", "set", "dev", host, "master", "switch", "up")
        for other in self._addresses:  # nobody asks who has an address: an answer that stays out would be a hint
            self._tell(host, other, self._addresses[other], self._macs[other])
            self._tell(other, host, address, mac)
        self._addresses[host], self._macs[host] = address, mac
        return address

    def _tell(self, host: str, other: str, address: str, mac: str) -> None:
        _ip("-n", self._space(host), "neighbour", "replace", address, "lladdr", mac, "nud", "permanent", "dev", "eth0")

    def cut(self, host: str) -> None:
        """Nothing reaches it any more, and nothing leaves it. Its own end stays up, and no connection is closed: what
        is sent goes nowhere, as when a switch or a router in between fails."""
        _ip("-n", self._switch, "link", "set", "dev", host, "nomaster")

    def heal(self, host: str) -> None:
        """It is reached again."""
        _ip("-n", self._switch, "link", "set", "dev", host, "master", "switch")

    def command(self, host: str, command: Sequence[str], mounts: Mapping[Path, Path] | None = None) -> list[str]:
        """What runs a command on a host, as the same process: the host's own network, its name, and its own files,
        where each folder of ``mounts`` shows another."""
        pairs = [str(path) for pair in (mounts or {}).items() for path in pair]
        inside = ["sh", "-c", SETUP, "sh", f"host-{host}", *pairs, "--", *command]
        return ["nsenter", f"--net=/run/netns/{self._space(host)}", "unshare", "--mount", "--uts", *inside]

    def enter(self, host: str) -> None:
        """This thread, and what it starts, are on that host from now on."""
        with Path(f"/run/netns/{self._space(host)}").open() as space:
            libc = ctypes.CDLL(None, use_errno=True)  # os.setns is there from Python 3.12 on
            if libc.setns(space.fileno(), CLONE_NEWNET) != 0:
                raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))

    def close(self) -> None:
        """End what still runs on the hosts, and remove them."""
        _remove(self.name)

    def _space(self, host: str) -> str:
        return f"{self.name}-{host}"


@contextmanager
def network() -> Iterator[Network]:
    """A network, and its end, however that comes."""
    net = Network()
    try:
        yield net
    finally:
        net.close()


def obstacle() -> str:
    """Why there can be no hosts here; nothing if there can."""
    try:
        with network() as net:
            net.add("try")
    except local.LocalError as error:
        return str(error)
    return ""


def _sweep() -> None:
    """Remove what runs have left behind that were killed."""
    for name in names():
        prefix, _, owner = name.rpartition("-")[0].rpartition("-")
        if prefix == PREFIX and owner.isdigit() and not Path(f"/proc/{owner}").exists():
            _remove(f"{PREFIX}-{owner}")


def _remove(network: str) -> None:
    for name in names():
        if not name.startswith(f"{network}-"):
            continue
        for pid in running(name):
            if pid != os.getpid():
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    continue  # it has just ended by itself
        try:
            _ip("netns", "delete", name)
        except local.LocalError:
            if name in names():  # else another run has swept it in this moment
                raise


def running(name: str) -> list[int]:
    """The processes in a namespace."""
    return [int(pid) for pid in _ip("netns", "pids", name).split()]


def names() -> list[str]:
    """All namespaces of this machine that have a name."""
    return [line.split()[0] for line in _ip("netns", "list").splitlines() if line.strip()]


def _ip(*arguments: str) -> str:
    done = subprocess.run(["ip", *arguments], capture_output=True, text=True, check=False, timeout=30)
    if done.returncode:
        raise local.LocalError(f"ip {' '.join(arguments)}: {done.stderr.strip()}")
    return done.stdout
