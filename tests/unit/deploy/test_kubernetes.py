"""The manifests of deploy/kubernetes name what there is (commands, settings, paths, metrics), and keep their word."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings

from project.probes import PROBES
from renderer import metrics
from renderer.models import dataset
from renderer.models.job import Queue
from tests.unit.deploy.commands import problem_with
from workers.process import CHILD_MEMORY

ROOT = Path(__file__).resolve().parents[3]
FOLDER = ROOT / "deploy" / "kubernetes"
OVERLAYS = ("small", "production")
OURS = {"web", "worker", "fetch", "beat", "migrate"}
MAIN_MEMORY = 250 * 1024**2
"""Of a worker's main process: docs/scaling.md."""

Object = dict[str, Any]


def load(folder: Path) -> list[Object]:
    """What a folder's kustomization names, with what those name, before anything is changed in it."""
    kustomization = yaml.safe_load((folder / "kustomization.yaml").read_text())
    objects: list[Object] = []
    for name in kustomization.get("resources", ()):
        path = (folder / name).resolve()
        assert path.exists(), f"{folder.name} names {name}"
        objects += load(path) if path.is_dir() else [o for o in yaml.safe_load_all(path.read_text()) if o]
    for generator in kustomization.get("configMapGenerator", ()):
        lines = [line for env in generator.get("envs", ()) for line in (folder / env).read_text().splitlines()]
        data = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
        data |= {name: (folder / name).read_text() for name in generator.get("files", ())}
        objects.append({"kind": "ConfigMap", "metadata": {"name": generator["name"]}, "data": data})
    for change in kustomization.get("replicas", ()):
        assert change["name"] in {o["metadata"]["name"] for o in objects if o["kind"] == "Deployment"}
    return objects


@pytest.fixture(params=OVERLAYS)
def objects(request: pytest.FixtureRequest) -> list[Object]:
    return load(FOLDER / request.param)


def of_kind(objects: list[Object], kind: str) -> dict[str, Object]:
    found = [o for o in objects if o["kind"] == kind]
    names = [o["metadata"]["name"] for o in found]
    assert len(set(names)) == len(names), f"two of kind {kind} have one name"
    return dict(zip(names, found, strict=True))


def pods(objects: list[Object]) -> Iterator[tuple[str, Object, Object]]:
    """Name, object and pod of everything that runs."""
    for o in objects:
        if o["kind"] in ("Deployment", "StatefulSet", "Job"):
            yield o["metadata"]["name"], o, o["spec"]["template"]["spec"]


def containers(pod: Object) -> list[Object]:
    return [*pod.get("initContainers", ()), *pod["containers"]]


def all_containers(objects: list[Object]) -> Iterator[tuple[str, Object]]:
    for name, _, pod in pods(objects):
        for container in containers(pod):
            yield name, container


def settings_read() -> set[str]:
    """The variables that the settings read, as tests/unit/test_docs.py finds them."""
    found = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', (ROOT / "project" / "settings.py").read_text()))
    for module in (ROOT / "renderer").rglob("*.py"):
        found |= set(re.findall(r'^[A-Z]+ = "(FIGPRESS_[A-Z_]+)"', module.read_text(), re.MULTILINE))
    return found


def secrets() -> set[str]:
    text = (FOLDER / "secret.env.example").read_text()
    return set(re.findall(r"^([A-Z_]+)=", text, re.MULTILINE))


def number(quantity: str) -> float:
    units = {"": 1, "m": 0.001, "Mi": 1024**2, "Gi": 1024**3}
    match = re.fullmatch(r"([\d.]+)([A-Za-z]*)", quantity)
    assert match, quantity
    return float(match[1]) * units[match[2]]


def test_every_reference_leads_somewhere(objects: list[Object]) -> None:
    maps, claims = of_kind(objects, "ConfigMap"), of_kind(objects, "PersistentVolumeClaim")
    services, deployments = of_kind(objects, "Service"), of_kind(objects, "Deployment")
    labels = [o["spec"]["template"]["metadata"]["labels"] for _, o, _ in pods(objects)]
    components = {each["app.kubernetes.io/component"] for each in labels}
    assert components >= OURS
    for name, o, pod in pods(objects):
        volumes = {volume["name"] for volume in pod.get("volumes", ())}
        volumes |= {claim["metadata"]["name"] for claim in o["spec"].get("volumeClaimTemplates", ())}
        for volume in pod.get("volumes", ()):
            claim = volume.get("persistentVolumeClaim")
            assert claim is None or claim["claimName"] in claims
            assert "configMap" not in volume or volume["configMap"]["name"] in maps
        for container in containers(pod):
            assert {mount["name"] for mount in container.get("volumeMounts", ())} <= volumes, name
            for source in container.get("envFrom", ()):
                secret = source.get("secretRef", {})
                known = source.get("configMapRef", {}).get("name") in maps
                assert known or secret.get("name") == "figpress" or secret.get("optional"), (name, source)
        if selector := o["spec"].get("selector"):
            assert selector["matchLabels"].items() <= o["spec"]["template"]["metadata"]["labels"].items()
    for service in services.values():
        assert service["spec"]["selector"]["app.kubernetes.io/component"] in components
    for budget in of_kind(objects, "PodDisruptionBudget").values():
        assert budget["spec"]["selector"]["matchLabels"]["app.kubernetes.io/component"] in components
    for ingress in of_kind(objects, "Ingress").values():
        for path in ingress["spec"]["rules"][0]["http"]["paths"]:
            service = services[path["backend"]["service"]["name"]]
            assert path["backend"]["service"]["port"]["name"] in {p["name"] for p in service["spec"]["ports"]}
    for scaled in of_kind(objects, "ScaledObject").values():
        target = deployments[scaled["spec"]["scaleTargetRef"]["name"]]
        assert "replicas" not in target["spec"], "it would be set back by each apply"


def test_every_variable_is_one_that_the_settings_read(objects: list[Object]) -> None:
    known = settings_read()
    config = of_kind(objects, "ConfigMap")["figpress"]
    assert config["data"].keys() <= known
    assert secrets() <= known
    # A place to be filled in is one that a release without it would not start with, or not be seen.
    assert secrets() >= {"SECRET_KEY", "DATABASE_URL", "REDIS_URL", "FIGPRESS_METRICS_TOKEN"}
    assert not config["data"].keys() & secrets()
    for name, container in all_containers(objects):
        if container["image"] == "figpress":
            assert {variable["name"] for variable in container.get("env", ())} <= known, name


def test_each_role_has_a_redis_of_its_own(objects: list[Object]) -> None:
    names = ("web", "worker", "fetch", "beat")
    own = {f"figpress-{name}" for name in names}
    for name, _, pod in pods(objects):
        # What comes last wins: a role's own REDIS_URL, over one for all.
        asked = [s["secretRef"]["name"] for c in pod["containers"] for s in c.get("envFrom", ()) if "secretRef" in s]
        assert [n for n in asked if n in own] == ([f"figpress-{name}"] if name in names else [])
        assert asked[:1] in ([], ["figpress"])
    text = (ROOT / "docs" / "deploy.md").read_text()
    for secret in own:
        assert f"secret generic {secret}" in text
    for _, container in all_containers(objects):
        if container["name"] == "redis":
            given = {each["name"]: each["valueFrom"]["secretKeyRef"]["key"] for each in container["env"]}
            assert given == {f"REDIS_{r.upper()}_PASSWORD": f"redis-{r}" for r in ("web", "worker", "fetcher", "beat")}
            assert all(f"--from-literal={key}=" in text for key in given.values())
            assert container["command"] == ["sh", "/etc/figpress/start.sh"]
            assert set(of_kind(objects, "ConfigMap")["redis"]["data"]) == {"start.sh", "users.conf"}


def test_every_command_is_there(objects: list[Object]) -> None:
    for name, container in all_containers(objects):
        if container["image"] == "figpress":
            probe = container.get("livenessProbe", {}).get("exec", {}).get("command")
            for command in filter(None, [container["command"], probe]):
                assert not problem_with(command), name


def test_probes_ask_what_answers(objects: list[Object]) -> None:
    asked = set()
    for _, container in all_containers(objects):
        ports = {port["name"] for port in container.get("ports", ())}
        for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
            if get := container.get(probe, {}).get("httpGet"):
                asked.add((probe, get["path"]))
                assert get["port"] in ports
    assert {path for _, path in asked} <= PROBES.keys()
    assert ("livenessProbe", "/readyz") not in asked, "a database that is away would restart every web process"


def test_pods_have_the_rights_of_an_ordinary_user_and_nothing_to_ask_the_cluster(objects: list[Object]) -> None:
    for name, _, pod in pods(objects):
        assert pod["automountServiceAccountToken"] is False, name
        assert pod["enableServiceLinks"] is False, name
        assert pod["securityContext"]["runAsNonRoot"] is True, name
        assert pod["securityContext"]["runAsUser"] > 0, name
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, name
        for container in containers(pod):
            rights = container["securityContext"]
            assert rights["allowPrivilegeEscalation"] is False, name
            assert rights["readOnlyRootFilesystem"] is True, name
            assert rights["capabilities"] == {"drop": ["ALL"]}, name
            assert "memory" in container["resources"]["limits"], name
            assert container["resources"]["requests"].keys() == {"cpu", "memory"}, name


def test_every_queue_has_somebody_and_only_those_who_fetch_reach_out(objects: list[Object]) -> None:
    queues: dict[str, str] = {}
    for name, container in all_containers(objects):
        command = container.get("command", [])
        if "--queues" in command:
            for queue in command[command.index("--queues") + 1].split(","):
                assert queue not in queues, f"{queue} has two kinds of workers"
                queues[queue] = name
    assert queues.keys() == {*Queue.values, dataset.QUEUE}
    assert {queue for queue, name in queues.items() if name == "fetch"} == {"fetch"}
    reach: dict[str, set[str]] = {name: set() for name in OURS}
    for policy in of_kind(objects, "NetworkPolicy").values():
        selected = {name for name in OURS if selects(policy["spec"]["podSelector"], name)}
        for rule in policy["spec"].get("egress", ()):
            assert rule.get("to"), f"{policy['metadata']['name']} leads everywhere"
            for peer in rule["to"]:
                if block := peer.get("ipBlock"):
                    for name in selected:
                        reach[name] |= {a for a in ("93.184.215.14", "169.254.169.254", "10.0.0.1") if within(a, block)}
    assert reach == {name: {"93.184.215.14"} if name == "fetch" else set() for name in OURS}


def selects(selector: Object, component: str) -> bool:
    key = "app.kubernetes.io/component"
    labels = selector.get("matchLabels", {}).get(key, component) == component
    return labels and all(component in e["values"] for e in selector.get("matchExpressions", ()) if e["key"] == key)


def within(address: str, block: Object) -> bool:
    where = ip_address(address)
    networks = [ip_network(name) for name in (block["cidr"], *block.get("except", ()))]
    first, *rest = (where.version == network.version and where in network for network in networks)
    return first and not any(rest)


def test_workers_have_the_time_and_the_memory_that_they_need(objects: list[Object]) -> None:
    for name in ("worker", "fetch"):
        pod = of_kind(objects, "Deployment")[name]["spec"]["template"]["spec"]
        assert pod["terminationGracePeriodSeconds"] > settings.CELERY_TASK_TIME_LIMIT
        (container,) = pod["containers"]
        hands = int(container["command"][container["command"].index("--concurrency") + 1])
        children = hands * (CHILD_MEMORY + 40 * 1024**2)
        assert number(container["resources"]["limits"]["memory"]) >= MAIN_MEMORY + children
        assert number(container["resources"]["requests"]["memory"]) < number(container["resources"]["limits"]["memory"])


def test_autoscaling_asks_for_metrics_that_there_are() -> None:
    known = set(re.findall(r'"(figpress_\w+)"', Path(metrics.__file__).read_text()))
    scaled = of_kind(load(FOLDER / "production"), "ScaledObject")
    for name, queues in (("worker", {*Queue.values} - {"fetch"}), ("fetch", {"fetch"})):
        for trigger in scaled[name]["spec"]["triggers"]:
            query = trigger["metadata"]["query"]
            assert set(re.findall(r"figpress_\w+", query)) <= known
            assert set(re.findall(r'queue=~?"([\w|]+)"', query)[0].split("|")) == queues


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="there is no kubectl, which carries Kustomize")
@pytest.mark.parametrize("overlay", OVERLAYS)
def test_kustomize_makes_the_same_of_it(overlay: str) -> None:
    done = subprocess.run(
        ["kubectl", "kustomize", str(FOLDER / overlay)], capture_output=True, text=True, check=True, timeout=60
    )
    built = [o for o in yaml.safe_load_all(done.stdout) if o]
    ours = load(FOLDER / overlay)
    assert len(built) == len(ours)
    # Its labels go where they should, and nowhere else: in the policy for DNS they would shut everybody off from it.
    assert {n: p["spec"] for n, p in of_kind(built, "NetworkPolicy").items()} == {
        n: p["spec"] for n, p in of_kind(ours, "NetworkPolicy").items()
    }
    for name, o, pod in pods(built):
        assert o["metadata"]["namespace"] == "figpress", name
        assert "figpress" not in {container["image"] for container in containers(pod)}, "images have no tag"


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_the_schemas_of_kubernetes_know_every_field(overlay: str) -> None:
    validate = pytest.importorskip("kubernetes_validate", reason="for this: pip install kubernetes-validate")
    for o in load(FOLDER / overlay):
        if o["kind"] != "ScaledObject" and "apiVersion" in o:
            validate.validate(o, "1.32", strict=True)
