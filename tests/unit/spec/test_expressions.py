"""Expressions: what is read, how it binds, and errors that name the character."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from renderer.spec.expressions import ExpressionError, parse_expression
from renderer.spec.functions import FUNCTIONS, UNITS
from renderer.spec.limits import LIMITS
from renderer.spec.tree import (
    BINDS,
    KEYWORDS,
    Between,
    Binary,
    Call,
    Field,
    In,
    IsNull,
    Literal,
    Node,
    Param,
    Unary,
    walk,
    write,
)


def error(text: str) -> str:
    with pytest.raises(ExpressionError) as caught:
        parse_expression(text)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("1.5e3", Literal(1500.0)),
        (".5", Literal(0.5)),
        ("'it''s'", Literal("it's")),
        ("TRUE", Literal(True)),
        ("revenue", Field("revenue")),
        ("Größe_2", Field("Größe_2")),
        ("`total sales`", Field("total sales")),
        ('"total ""net"" sales"', Field('total "net" sales')),
        ("`a``b`", Field("a`b")),
        ("year", Field("year")),
        ("year(day)", Call("year", (Field("day"),))),
        ("$since", Param("since")),
        ("a = 1", Binary("==", Field("a"), Literal(1.0))),
        ("a <> 1", Binary("!=", Field("a"), Literal(1.0))),
        ("a in (1, 2)", In(Field("a"), (Literal(1.0), Literal(2.0)))),
        ("a not in $list", In(Field("a"), Param("list"), negated=True)),
        ("a IS NOT NULL", IsNull(Field("a"), negated=True)),
        ("now()", Call("now", ())),
    ],
)
def test_what_is_read(text: str, tree: Node) -> None:
    assert parse_expression(text).root == tree


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("a + b * c", "a + (b * c)"),
        ("a - b - c", "(a - b) - c"),
        ("a ** b ** c", "a ** (b ** c)"),
        ("-a ** 2", "-(a ** 2)"),
        ("2 ** -1", "2 ** (-1)"),
        ("-a * b", "(-a) * b"),
        ("not a == b", "not (a == b)"),
        ("not a and b", "(not a) and b"),
        ("a or b and c", "a or (b and c)"),
        ("a + 1 between b - 1 and c and d", "((a + 1) between (b - 1) and c) and d"),
        ("a and b is null", "a and (b is null)"),
        ("a == b + 1 or not c", "(a == (b + 1)) or (not c)"),
    ],
)
def test_how_operators_bind(text: str, same: str) -> None:
    assert parse_expression(text).root == parse_expression(same).root


TWO_WORDS = "; a name of two words stands in backticks: `total sales`"
CHAIN = "one comparison follows another at character {}; join two with 'and', or write 'x between 1 and 5'"
SPANS = "; a span is a number with s, min, h, d, w, mo, q, y, such as '7d'; a month is 'mo', a minute 'min'"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("mena(x) > 1", "unknown function 'mena' at character 1; did you mean 'mean'?"),
        ("x > roudn(y)", "unknown function 'roudn' at character 5; did you mean 'round'?"),
        ("log(x)", "unknown function 'log' at character 1; did you mean 'ln'?"),
        ("avg(x)", "unknown function 'avg' at character 1; did you mean 'mean'?"),
        ("total sales > 3", f"an operator is missing between 'total' and 'sales' at character 7{TWO_WORDS}"),
        ("1 < x < 3", CHAIN.format(7)),
        ("not a == 1 == 2", CHAIN.format(12)),
        ("a or b between 1 and 2 is null", CHAIN.format(24)),
        ("x == null", "nothing is equal to null, at character 3; write 'is null'"),
        ("x != null", "nothing is equal to null, at character 3; write 'is not null'"),
        ("a && b", "'&' means nothing at character 3; write 'and'"),
        ("'abc", "the text that begins with ' is not closed at character 1"),
        ("5abc", "a number is followed by 'a' at character 2"),
        ("a +", "a value is missing before the end, at character 4"),
        ("in > 1", "a value is missing before 'in', at character 1; a column of that name stands in backticks: `in`"),
        ("round()", "round(...) takes 1 to 2 values, not 0, at character 1; write round(x, digits)"),
        ("if(a, b)", "if(...) takes 3 values, not 2, at character 1; write if(condition, yes, no)"),
        ("date_trunc('weeks', a)", "no unit 'weeks' at character 12; did you mean 'week'?"),
        ("date_trunc(a, b)", "the first value of date_trunc(...) is a unit, such as 'month', at character 12"),
        ("ago('7m')", f"'7m' is no span at character 5{SPANS}"),
        ("a in 5", "'in' is followed by a list such as ['a', 'b'], not by '5', at character 6"),
        ("a in []", "the list after 'in' is empty at character 6"),
        ("(a", "')' is missing to close '(', before the end, at character 3"),
        ("a)", "')' is too much at character 2"),
        ("", "an expression is missing at character 1"),
        ("1 + not a", "'not' needs parentheses around it and what it denies at character 5"),
        ("1e999", "a number above 1e+300 stands at character 1"),
        ("a \0", "holds the character U+0000, which is not allowed here at character 1"),
    ],
)  # fmt: skip
def test_errors_name_the_character(text: str, message: str) -> None:
    assert error(text) == message


def test_an_aggregate_is_sent_to_its_place() -> None:
    assert error("price > mean(price)") == (
        "'mean' makes one value of many rows, and this is computed for each row, at character 9; make it a column"
        ' before, with an "aggregate" or "window" step'
    )
    assert "two or more values" in error("max(price) > 3")


def test_expressions_have_limits() -> None:
    assert "more than 2000 characters" in error("a + " * 600 + "a")
    assert "more than 400 parts" in error(" or ".join(f"({' + '.join(['a'] * 10)})" for _ in range(30)))
    for deep in ("(" * 60 + "a" + ")" * 60, "-" * 60 + "a", "not " * 60 + "a", "a" + " + a" * 60, "a" + " ** a" * 60,
                 "abs(" * 60 + "a" + ")" * 60):  # fmt: skip
        assert "nested more than 50 deep" in error(deep)


def test_hostile_texts_end() -> None:
    for text in (
        "'" * 1999,
        "`" * 1999,
        "1" * 1999,
        "1e" * 900,
        "(" * 1999,
        "a" * 1999,
        " " * 1999,
        "é" * 1999,
        "." * 1999,
    ):
        try:
            parse_expression(text)
        except ExpressionError:
            continue


names = st.one_of(
    st.sampled_from(["a", "price", "total sales", "in", "Null", "a`b", 'a"b', "année", "if", "3d", "a.b", "-x", "$p"]),
    st.text(st.characters(exclude_categories=["C", "Z", "M"]), min_size=1, max_size=8),
)
numbers = st.floats(0, 1e300, allow_nan=False).map(float)
literals = st.one_of(numbers, st.text(st.characters(exclude_categories=["C", "Z", "M"]), max_size=8), st.booleans())
leaves: st.SearchStrategy[Node] = st.one_of(
    literals.map(Literal), names.map(Field), st.sampled_from(["p", "since"]).map(Param)
)
PLAIN = [f for f in FUNCTIONS.values() if not {"unit", "span"} & set(f.takes) and f.takes]


def grown(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    calls = st.sampled_from(PLAIN).flatmap(
        lambda f: st.lists(inner, min_size=3 if f.name == "date" else len(f.takes), max_size=len(f.takes)).map(
            lambda found: Call(f.name, tuple(found))
        )
    )
    return st.one_of(
        st.builds(Unary, st.sampled_from(["-", "not"]), inner),
        st.builds(Binary, st.sampled_from(sorted(BINDS)), inner, inner),
        st.builds(In, inner, st.one_of(st.lists(inner, min_size=1, max_size=3).map(tuple), st.just(Param("p")))),
        st.builds(Between, inner, inner, inner, st.booleans()),
        st.builds(IsNull, inner, st.booleans()),
        st.builds(lambda unit, x: Call("date_trunc", (Literal(unit), x)), st.sampled_from(UNITS), inner),
        calls,
    )


def _fits(tree: Node) -> bool:
    return not any(
        isinstance(node, Binary) and BINDS[node.operator] == BINDS["=="] and Literal(None) in (node.left, node.right)
        for node in walk(tree)
    )


@settings(max_examples=150, deadline=None)
@given(st.recursive(leaves, grown, max_leaves=12).filter(_fits))
def test_what_is_written_is_read_again(tree: Node) -> None:
    text = write(tree)
    if len(text) <= LIMITS.expression_chars:
        assert parse_expression(text).root == tree


pieces = st.sampled_from(
    [*KEYWORDS, *FUNCTIONS, *BINDS, "(", ")", "[", "]", ",", "'", "`", '"', "$", "$p", "a", "1", "1.5e", "'x'", " ",
     "\n", "é", "\0", "\u202e", "!", "&", "'week'"]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(
        st.text(max_size=60), st.lists(pieces, max_size=40).map(" ".join), st.lists(pieces, max_size=40).map("".join)
    )
)
def test_nothing_but_its_own_error_is_raised(text: str) -> None:
    problem: ExpressionError | None = None
    tree: Node = Literal(None)
    try:
        tree = parse_expression(text).root
    except ExpressionError as error:
        problem = error
    if problem:
        assert 1 <= problem.at <= len(text) + 1
        assert len(str(problem)) < 400
    elif tree != Literal(None):
        assert parse_expression(write(tree)).root == tree
        assert all(1 <= node.at <= len(text) for node in walk(tree))
