"""Asks over HTTP, one chart a request against a thousand in one call, to a real web server and a real broker.

Prints charts a second and CPU milliseconds a chart in the web process, for small bar charts that are all new, with
one client and with eight, and for a batch that is sent again. No worker runs: what is measured is the asking. Run it
with ``make bench``.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import count
from typing import Any

import psutil

from benchmarks.pipeline import installation

SINGLES = 300
CLIENTS = 8
BATCH = 1000
ROUNDS = 3

_numbers = count()


def chart() -> dict[str, Any]:
    """A small chart that nobody has asked for before."""
    number = next(_numbers)
    columns = {"fruit": ["Apples", "Pears", "Plums"], "sold": [3, 5, number]}
    return {
        "spec": {"kind": "bar", "title": f"Chart {number}", "data": {"columns": columns}, "x": "fruit", "y": "sold"}
    }


def main() -> None:
    """Measure, and print a table."""
    with installation(full=False) as bench, bench.web() as (web, client):
        process = psutil.Process(web.pid)

        def post(path: str, body: dict[str, Any]) -> None:
            client.post(f"/api/v1{path}", json=body, timeout=120).raise_for_status()

        def measure(charts: int, work: Callable[[], object]) -> tuple[float, float]:
            before, start = process.cpu_times(), time.perf_counter()
            work()
            wall, after = time.perf_counter() - start, process.cpu_times()
            used = after.user + after.system - before.user - before.system
            return charts / wall, used / charts * 1000

        def at_once() -> None:
            with ThreadPoolExecutor(CLIENTS) as pool:
                list(pool.map(lambda _: post("/charts", chart()), range(SINGLES)))

        def one_by_one() -> None:
            for _ in range(SINGLES):
                post("/charts", chart())

        post("/charts", chart())
        post("/batches", {"charts": [chart()]})
        rows: dict[str, list[tuple[float, float]]] = {}
        for _ in range(ROUNDS):
            rows.setdefault("one a request, 1 client", []).append(measure(SINGLES, one_by_one))
            rows.setdefault(f"one a request, {CLIENTS} clients", []).append(measure(SINGLES, at_once))
            body = {"charts": [chart() for _ in range(BATCH)]}
            for way in (f"batches of {BATCH}", "the same batch again"):
                rows.setdefault(way, []).append(measure(BATCH, partial(post, "/batches", body)))

    print(f"the best of {ROUNDS} rounds\n")
    print(f"{'':28}{'charts/s':>10}{'CPU ms a chart':>16}")
    best = {way: (max(r[0] for r in found), min(r[1] for r in found)) for way, found in rows.items()}
    for way, (rate, used) in best.items():
        print(f"{way:28}{rate:>10.0f}{used:>16.2f}")
    (one, one_used), (many, _), (batch, batch_used), _ = best.values()
    print(
        f"\nA batch takes {batch / one:.1f} times the charts a second of one client, {batch / many:.1f} of {CLIENTS};"
    )
    print(f"a chart in it costs {one_used / batch_used:.1f} times less CPU.")


if __name__ == "__main__":
    main()
