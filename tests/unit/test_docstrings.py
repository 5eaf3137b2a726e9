"""What a docstring says of parameters, in each way that people write it."""

from __future__ import annotations

import inspect

import pytest

from renderer.docstrings import parted

NAMES = ("store_id", "year", "goal")
HELP = {"store_id": "The number on the door.", "year": "Of which the months are shown. A full one."}

GOOGLE = """Revenue by month.

    What was returned is subtracted.

    Args:
        store_id: The number on the door.
        year (int, optional): Of which the months
            are shown. A full one.
        other: Of somebody else.

    Returns:
        A chart spec.
    """
NUMPY = """Revenue by month.

    What was returned is subtracted.

    Parameters
    ----------
    store_id : int
        The number on the door.
    year : int, optional
        Of which the months are shown.
        A full one.
    goal : float

    Returns
    -------
    dict
        A chart spec.
    """
SPHINX = """Revenue by month.

    What was returned is subtracted.

    :param int store_id: The number on the door.
    :param year: Of which the months are shown.
        A full one.
    :type year: int
    :returns: A chart spec.
    """


@pytest.mark.parametrize("doc", [GOOGLE, NUMPY, SPHINX], ids=["google", "numpy", "sphinx"])
def test_each_way_says_the_same(doc: str) -> None:
    text, helps = parted(inspect.cleandoc(doc), NAMES)
    assert helps == HELP
    assert text.startswith("Revenue by month.\n\nWhat was returned is subtracted.")
    assert "A chart spec." in text
    assert "door" not in text


@pytest.mark.parametrize(
    "doc",
    [
        "",
        "One line.",
        "Args:",
        "Parameters",
        "Parameters\n----------",
        "Parameters\n----------\n\n",
        "Args:\n    no entry at all",
        ":param",
        ":param:",
        ":param : x",
        "The ratio of a: b.\n\nArgs and more: nothing.",
        "Parameters\n---\nA sentence below it, with no indent.",
    ],
)
def test_odd_ones_say_nothing_and_lose_no_sentence(doc: str) -> None:
    text, helps = parted(doc, NAMES)
    assert helps == {}
    assert set(text.split()) >= {word for word in doc.split() if word.endswith(".")}


def test_a_section_ends_where_text_goes_on() -> None:
    text, helps = parted("Args:\n    year: Which.\n\n    goal: What for.\n\nMore text.\n", NAMES)
    assert (text, helps) == ("More text.", {"year": "Which.", "goal": "What for."})
    text, helps = parted("Parameters\n----------\nyear, goal\n    Both.\n\nNotes\n-----\nMore text.\n", NAMES)
    assert (text, helps) == ("Notes\n-----\nMore text.", {"year": "Both.", "goal": "Both."})
