"""Points that stand beside each other: spread at random, though always the same way, or packed without overlap."""

from __future__ import annotations

import math

import numpy as np

from renderer.drawing.scene import Floats

_GOLDEN = (math.sqrt(5.0) - 1.0) / 2.0
_NOISE = 0.35  # of the way: enough to break the pattern of the golden ratio, too little for clumps


def jittered(count: int) -> Floats:
    """Places from -0.5 to 0.5 for points in the order of their values, so that those which are near in value are far
    apart. The same for the same count, always.
    """
    # RandomState's stream is frozen, other than that of numpy's newer generators.
    noise = np.random.RandomState(count % 1_000_003).uniform(-_NOISE, _NOISE, count)
    result: Floats = (np.arange(count) * _GOLDEN + noise) % 1.0 - 0.5
    return result


def swarm(places: Floats, distance: float) -> Floats:
    """How far each point has to step aside so that no two are nearer than ``distance``; places ascend.

    Each takes the free place nearest to the middle line, as in A. Eklund's beeswarm for R: on the line, or touching one
    that stands already.
    """
    aside = np.zeros(len(places))
    first = 0
    for index, place in enumerate(places.tolist()):
        while place - places[first] >= distance:
            first += 1
        if first == index:
            continue
        others, across = aside[first:index], place - places[first:index]
        reach = np.sqrt(np.maximum(distance * distance - across * across, 0.0))
        # Left and right in turns, so that a swarm does not lean.
        ways = [others + reach, others - reach] if index % 2 else [others - reach, others + reach]
        tries = np.concatenate([[0.0], *ways])
        tries = tries[np.argsort(np.abs(tries), kind="stable")]
        for start in range(0, len(tries), 16):
            some = tries[start : start + 16]
            free = (np.abs(some[:, None] - others) >= reach - 1e-9).all(axis=1)
            if free.any():
                aside[index] = some[int(np.argmax(free))]
                break
    return aside
