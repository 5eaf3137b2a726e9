"""The visitor notices what it is there to notice."""

from __future__ import annotations

from tests.web.browser.visitor import Visitor, at_desk, violations


@at_desk
def test_axe_complains_of_pale_text_and_nameless_buttons(visitor: Visitor) -> None:
    page = visitor.open("/sign-in/")
    assert violations(page) == []
    page.evaluate("""() => {
        document.querySelector("h1").style.color = "#cccccc";
        document.querySelector("button").textContent = "";
    }""")
    rules = {text.split(":")[0] for text in violations(page)}
    assert {"color-contrast", "button-name"} <= rules


@at_desk
def test_the_weight_counts_what_came(visitor: Visitor) -> None:
    visitor.open("/sign-in/")
    light = visitor.weight()
    visitor.page.evaluate("fetch('/api/v1/spec/schema.json').then(answer => answer.text())")
    assert visitor.weight() > light > 10_000
