"""What the containers may do: as little as they need."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from project import local

SERVICES: dict[str, dict[str, Any]] = yaml.safe_load((local.ROOT / "compose.yaml").read_text())["services"]
OURS = sorted(name for name, service in SERVICES.items() if "build" in service)


@pytest.mark.parametrize("name", OURS)
def test_a_container_of_ours_may_do_little(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]  # and no seccomp: the runtime's own stays
    assert not {"privileged", "cap_add", "pid", "network_mode", "devices"} & set(service)
    assert not [volume for volume in service["volumes"] if "docker.sock" in volume]
    assert "USER figpress" in (local.ROOT / "Dockerfile").read_text()


def test_what_draws_reaches_nothing_outside_and_what_fetches_does() -> None:
    queues = {
        name: str(service.get("command", "")).partition("--queues ")[2].split() for name, service in SERVICES.items()
    }
    drawing = [name for name, found in queues.items() if found and "fetch" not in found[0].split(",")]
    fetching = [name for name, found in queues.items() if found and "fetch" in found[0].split(",")]
    assert (drawing, fetching) == (["worker"], ["fetcher"])
    assert SERVICES["worker"]["networks"] == ["inside"]
    assert SERVICES["fetcher"]["networks"] == ["outside", "inside"]
    assert queues["fetcher"][0] == "fetch"
    for name in ("redis", "postgres", "beat", "migrate"):
        assert SERVICES[name]["networks"] == ["inside"]
        assert "ports" not in SERVICES[name]


def test_each_role_has_a_user_of_redis_and_its_own_password() -> None:
    folder = local.ROOT / "deploy" / "redis"
    users = set(
        re.findall(r"^user (\w+) .*#<SHA-256 of \1's password>", (folder / "users.conf").read_text(), re.MULTILINE)
    )
    asked = {name: service["environment"].get("REDIS_URL", "") for name, service in SERVICES.items()}
    assert {name for name, url in asked.items() if url} == users == {"web", "worker", "fetcher", "beat"}
    kept = (local.ROOT / ".env.example").read_text()
    for name in users:
        variable = f"REDIS_{name.upper()}_PASSWORD"
        assert asked[name].startswith(f"redis://{name}:${{{variable}:?")
        assert variable in SERVICES["redis"]["environment"]
        assert f"\n{variable}=\n" in kept
    assert len(SERVICES["redis"]["environment"]) == len(users)
    (roles,) = re.findall(r"for role in ([\w ]+); do", (folder / "start.sh").read_text())
    assert set(roles.split()) == users
    command, volumes = SERVICES["redis"]["command"], SERVICES["redis"]["volumes"]
    assert command[:2] == ["sh", "/etc/figpress/start.sh"]
    assert "./deploy/redis:/etc/figpress:ro" in volumes
