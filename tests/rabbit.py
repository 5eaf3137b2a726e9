"""RabbitMQ for tests: a node of its own on free ports, with everything that it keeps in a folder of its own."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from project import local

PLACES = ("/usr/lib/rabbitmq/bin/rabbitmq-server",)
"""Where Debian has the server itself: what is on PATH there wants to be its own user."""


def find() -> str:
    """The path of the server. Raises LocalError where there is none."""
    for place in (*PLACES, shutil.which("rabbitmq-server") or ""):
        if os.access(place, os.X_OK):
            return place
    raise local.LocalError("There is no RabbitMQ: apt-get install rabbitmq-server")


class Rabbit(local.Process):
    """A server on loopback, with an epmd of its own: Erlang's register of nodes, which it would start as a daemon."""

    def __init__(self, folder: Path, *, port: int | None = None, epmd: int | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.port, self.epmd = port or local.free_port(), epmd or local.free_port()
        self.url = f"amqp://guest:guest@{local.LOOPBACK}:{self.port}//"
        config = folder / "rabbitmq.conf"
        config.write_text(f"listeners.tcp.1 = {local.LOOPBACK}:{self.port}\n")
        (folder / "plugins").write_text("[].\n")
        env = {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(folder),  # Erlang's cookie
            "LANG": "C.UTF-8",
            "ERL_EPMD_PORT": str(self.epmd),
            "ERL_EPMD_ADDRESS": local.LOOPBACK,
            "RABBITMQ_NODENAME": f"figpress{self.port}@localhost",
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(local.free_port()),
            "RABBITMQ_CONFIG_FILE": str(config),
            "RABBITMQ_CONF_ENV_FILE": str(folder / "none.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
            "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"),
            "RABBITMQ_LOG_BASE": str(folder / "log"),
            "RABBITMQ_PID_FILE": str(folder / "pid"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 1:1 +sbwt none",
        }
        self._register = local.Process(
            "epmd",
            [shutil.which("epmd") or "epmd", "-port", str(self.epmd), "-address", local.LOOPBACK],
            log=folder / "epmd.log",
            env=env,
            cwd=folder,
        )
        self._register.wait_until(lambda: local.is_listening(self.epmd), deadline=30)
        super().__init__("RabbitMQ", [find()], log=folder / "start.log", env=env, cwd=folder)
        self.wait_until(lambda: local.is_listening(self.port), deadline=120)

    def kill(self) -> None:
        """SIGKILL, for both. The kernel takes a moment to clear away what it held."""
        super().kill()
        self._register.kill()
        local.wait_for(lambda: not local.is_listening(self.port), what="its port free again")

    def stop(self, *, grace: float = 15) -> int:
        """End both."""
        ended = super().stop(grace=grace)
        self._register.kill()
        return ended

    def again(self) -> Rabbit:
        """Kill it, and start it at the same address with what it kept."""
        self.kill()
        return Rabbit(self.folder, port=self.port, epmd=self.epmd)
