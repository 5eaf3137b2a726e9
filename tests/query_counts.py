"""How many queries each look at something takes, kept in ``query_counts.json``: a view that begins to ask once for each
row is seen in review. Make the file anew, and look at what has changed in it::

    FIGPRESS_KEEP_QUERY_COUNTS=1 pytest tests/api/test_query_counts.py tests/web/test_query_counts.py
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

FILE = Path(__file__).with_name("query_counts.json")
RENEW = "FIGPRESS_KEEP_QUERY_COUNTS=1 pytest tests/api/test_query_counts.py tests/web/test_query_counts.py"


def compare(part: str, found: Mapping[str, int]) -> None:
    """Hold what was counted against what is kept, or keep it."""
    kept: dict[str, dict[str, int]] = json.loads(FILE.read_text()) if FILE.exists() else {}
    if os.environ.get("FIGPRESS_KEEP_QUERY_COUNTS"):
        kept[part] = dict(sorted(found.items()))
        FILE.write_text(json.dumps(dict(sorted(kept.items())), indent=2) + "\n")
    before = kept.get(part, {})
    changed = [
        f"  {name}: {before.get(name, 'not there')} -> {found.get(name, 'not there')}"
        for name in sorted(before.keys() | found.keys())
        if before.get(name) != found.get(name)
    ]
    assert not changed, "\n".join(["Other numbers of queries:", *changed, "If that is meant:", f"  {RENEW}"])
