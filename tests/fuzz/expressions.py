"""Any text as an expression: read within its limits, or an error in a few words; and computed, or an error with its
place."""

from __future__ import annotations

from renderer.data.resolve import load
from renderer.spec import LIMITS, SpecError, parse
from renderer.spec.expressions import ExpressionError, parse_expression
from renderer.spec.tree import walk

SEEDS = (
    b"price * 1.19",
    b"region in ['EU', \"US\"] and not (price between 1 and 2)",
    b"if(price > $least, round(price, 2), null)",
    b"`odd name` ** 2 % 3 == -1.5e3",
)
DATA = {"columns": {"price": [1, 2], "region": ["a", "b"], "day": ["2026-01-05", "2026-01-06"]}}


def check(data: bytes) -> None:
    """Raises AssertionError, or what else is no error of ours."""
    text = data.decode(errors="replace")
    try:
        expression = parse_expression(text)
    except ExpressionError as error:
        assert 0 < len(str(error)) < 500
        return
    assert sum(1 for _ in walk(expression.root)) <= LIMITS.expression_nodes
    spec = {"kind": "bar", "data": DATA, "x": "region", "y": "price", "params": {"least": 1}}
    try:
        load(parse(spec | {"transform": [{"derive": {"made": text}}]}))
    except SpecError as error:
        assert error.problems[0].pointer.startswith("/transform/0/derive"), error
