"""The audit: `make audit`. Insecure calls (bandit), rules of our own (semgrep), known holes in what ships (pip-audit),
and the list of what ships (var/sbom.json).

Run by the Python of var/audit. Nothing is sent anywhere but the names of the packages, to the index that answers for
their holes. Where that one cannot be asked, or a tool is not installed, it says so: a package that nobody looked at is
not one without holes.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
OURS = ("renderer", "project", "tasks", "workers", "clients/python/figpress_client")
RULES = "tests/audit/rules.yaml"
SHIPS = "requirements/base.txt"
SEMGREP = ("semgrep", "scan", "--metrics", "off", "--disable-version-check", "--quiet", "--jobs", "2")
PATIENCE = 240
UNREACHABLE = ("requests.exceptions.", "Could not connect")
"""What pip-audit says of an index that it cannot reach: the one, or the other, as it happens."""


class Missing(Exception):
    """One of the tools is not installed."""


class Found(NamedTuple):
    """What a step found."""

    verdict: str
    """"ok", "NOT AUDITED", which is no failure, or "FAILED"."""
    says: str
    details: str = ""


def call(*command: str) -> subprocess.CompletedProcess[str]:
    """One of the tools, from our own folder. Raises Missing if it is not there."""
    if not (BIN / command[0]).exists():
        raise Missing(f"{command[0]} is not installed")
    env = os.environ | {"PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', os.defpath)}"}
    return subprocess.run(
        [str(BIN / command[0]), *command[1:]],
        cwd=ROOT, env=env, capture_output=True, text=True, timeout=PATIENCE, check=False,
    )  # fmt: skip


def insecure_calls() -> Found:
    """bandit, from medium severity on."""
    done = call("bandit", "-c", "pyproject.toml", "-q", "-ll", "-r", *OURS)
    return Found("FAILED" if done.returncode else "ok", "no insecure calls", done.stdout + done.stderr)


def rules_find_what_they_should() -> Found:
    """The rules, held against their own examples."""
    done = call("semgrep", "--test", "--metrics", "off", "--disable-version-check", "--config", RULES,
                "tests/audit/rules.py")  # fmt: skip
    said = done.stdout + done.stderr
    held = done.returncode == 0 and "All tests passed" in said
    return Found("ok" if held else "FAILED", "each rule finds its examples, and no others", said)


def rules_hold() -> Found:
    """The rules, held against our code."""
    done = call(*SEMGREP, "--error", "--config", RULES, *OURS)
    return Found("FAILED" if done.returncode else "ok", "our rules hold", done.stdout + done.stderr)


def known_holes() -> Found:
    """pip-audit --strict: a package that could not be looked up is a failure. The one exception is an index that could
    not be asked, or that answers for none of them."""
    try:
        done, packages = pip_audit("--strict")
    except subprocess.TimeoutExpired:
        return Found("NOT AUDITED", f"the index did not answer within {PATIENCE} s")
    if packages is not None:
        holes = [(package["name"], hole["id"]) for package in packages for hole in package.get("vulns", ())]
        if holes:
            return Found("FAILED", "", "\n".join(f"{name}: {hole}" for name, hole in holes))
        return Found("ok", f"no known holes in {len(packages)} packages")
    if any(sign in done.stderr for sign in UNREACHABLE):
        return Found("NOT AUDITED", "the index could not be asked for known holes", done.stderr.strip()[-200:])
    done, packages = pip_audit()
    skipped = [package for package in packages or () if "skip_reason" in package]
    if packages and len(skipped) == len(packages):
        return Found("NOT AUDITED", f"the index knows none of {len(packages)} packages", skipped[0]["skip_reason"])
    told = "\n".join(f"{package['name']}: {package['skip_reason']}" for package in skipped)
    return Found("FAILED", "", told or done.stderr.strip()[-2000:])


def pip_audit(*more: str) -> tuple[subprocess.CompletedProcess[str], list[dict[str, Any]] | None]:
    """What it says of each package that ships; nothing if it gave up."""
    options = ("--require-hashes", "--disable-pip", "--progress-spinner", "off", "--format", "json", *more)
    done = call("pip-audit", *options, "--requirement", SHIPS)
    return done, json.loads(done.stdout)["dependencies"] if done.stdout.startswith("{") else None


def list_of_what_ships() -> Found:
    """The SBOM, as CycloneDX."""
    target = ROOT / "var" / "sbom.json"
    done = call("cyclonedx-py", "requirements", SHIPS, "--output-reproducible", "--of", "JSON", "-o", str(target))
    if done.returncode:
        return Found("FAILED", "", done.stdout + done.stderr)
    count = len(json.loads(target.read_text())["components"])
    return Found("ok", f"{count} packages in {target.relative_to(ROOT)}")


STEPS = {
    "bandit": insecure_calls,
    "semgrep, tested": rules_find_what_they_should,
    "semgrep": rules_hold,
    "pip-audit": known_holes,
    "SBOM": list_of_what_ships,
}


def main() -> int:
    """All steps, a line for each; what went wrong below it."""
    failed, unaudited = False, []
    for name, step in STEPS.items():
        begun = time.monotonic()
        try:
            found = step()
        except Missing as error:
            found = Found("NOT AUDITED", str(error))
        failed |= found.verdict == "FAILED"
        says = found.says if found.verdict != "FAILED" else "see below"
        sys.stdout.write(f"{name:<17}{found.verdict:<13}{time.monotonic() - begun:>5.0f} s  {says}\n")
        if found.verdict != "ok" and found.details:
            sys.stdout.write("\n".join(f"    {line}" for line in found.details.strip().splitlines()) + "\n")
        sys.stdout.flush()
        if found.verdict == "NOT AUDITED":
            unaudited.append(f"{name}: {found.says}")
    for what in unaudited:
        sys.stdout.write(
            f"\n*** NOT AUDITED *** {what}.\nRun this again where the index can be asked, before a release.\n"
        )
    return failed


if __name__ == "__main__":
    sys.exit(main())
