"""How fast the language answers: every example, read and validated, and what its errors take.

Run ``python -m benchmarks.language`` from the root of the project. The promise is 2 ms for the largest example; the
same for a document that is wrong everywhere, which is as fast as the first thousand mistakes are told apart.
"""

from __future__ import annotations

import copy
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from renderer.spec import SpecError, json_schema, parse
from renderer.spec.json import strict_json

SPECS = Path(__file__).parents[1] / "examples" / "specs"
PROMISED = 2.0  # milliseconds
REPEAT = 200


def milliseconds(work: Callable[[], object], repeat: int = REPEAT) -> float:
    """The median of several runs, in CPU time, after one that fills the caches."""
    work()
    taken = []
    for _ in range(repeat):
        start = time.process_time()
        work()
        taken.append(time.process_time() - start)
    return statistics.median(taken) * 1e3


def wrong_everywhere(document: dict[str, Any]) -> dict[str, Any]:
    """The document with another name for each field but its data."""

    def rename(node: Any) -> Any:
        if isinstance(node, dict):
            return {name if name in ("data", "kind", "layers", "panels") else f"{name}_x": rename(part)
                    for name, part in node.items()}  # fmt: skip
        return [rename(part) for part in node] if isinstance(node, list) else node

    return {**rename(copy.deepcopy({name: part for name, part in document.items() if name != "data"})),
            "data": document.get("data", {})}  # fmt: skip


def refused(document: dict[str, Any]) -> object:
    """The error of a document."""
    try:
        return parse(document)
    except SpecError as error:
        return error


def main() -> None:
    """Measure, and print."""
    texts = {path.stem: path.read_bytes() for path in sorted(SPECS.glob("*.json"))}
    documents = {name: json.loads(text) for name, text in texts.items()}
    valid = {name: milliseconds(lambda one=document: parse(one)) for name, document in documents.items()}  # type: ignore[misc]
    largest = max(texts, key=lambda name: len(texts[name]))
    slowest = max(valid, key=lambda name: valid[name])
    print(f"{len(texts)} examples, validated: median {statistics.median(valid.values()):.3f} ms")
    for what, name in (("the largest", largest), ("the slowest", slowest)):
        document = documents[name]
        read = milliseconds(lambda name=name: strict_json(texts[name]))  # type: ignore[misc]
        wrong = wrong_everywhere(document)
        errors = milliseconds(lambda wrong=wrong: refused(wrong))  # type: ignore[misc]
        print(
            f"{what}, {name} ({len(texts[name]) / 1e3:.0f} kB): JSON {read:.3f} ms, validated {valid[name]:.3f} ms "
            f"(promised {PROMISED:g} ms), wrong everywhere {errors:.3f} ms"
        )
    start = time.process_time()
    json_schema()
    print(f"the schema, made once a process: {(time.process_time() - start) * 1e3:.0f} ms")
    code = "import time; s = time.process_time(); from renderer.spec import parse; print(time.process_time() - s)"
    loaded = float(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True).stdout)
    print(f"import of the language, once a process: {loaded * 1e3:.0f} ms")


if __name__ == "__main__":
    main()
