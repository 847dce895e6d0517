"""Rendering by Jinja2: complete records, and parts of templates as functions of one value."""

from typing import Any

import pytest
from jinja2 import nodes

from datagen.columns.column import ABSENT
from datagen.templating.checking import check_template
from datagen.templating.rendering import (
    MISSING,
    Renderer,
    RenderError,
    constant_text,
    constant_truth,
    text_function,
    truth_function,
)
from datagen.templating.sandbox import Sandbox


def renderer(body: str, **fixed: Any) -> Renderer:
    """Return what renders a template over the field x."""
    sandbox = Sandbox()
    return Renderer(check_template(body, {"x": None}, sandbox), sandbox, fixed)


def part(body: str) -> tuple[nodes.Node, Sandbox]:
    """Return the first part of a template over the field x."""
    sandbox = Sandbox()
    output: Any = check_template(body, {"x": None}, sandbox).tree.body[0]
    return output.nodes[0], sandbox


def test_records_are_rendered_one_after_the_other() -> None:
    """What one sets is not there for the next; fixed values are."""
    render = renderer("{% set y = x %}{{ emitter }}:{{ y }}", emitter="e").render
    assert [render(("x",), (value,)) for value in (1, None, MISSING)] == ["e:1", "e:", "e:"]


def test_an_error_has_its_line() -> None:
    """And says why."""
    with pytest.raises(RenderError, match="division") as error:
        renderer("a\n{{ 1 / x }}").render(("x",), (0,))
    assert str(error.value) == "line 2: division by zero"
    assert (error.value.line, error.value.text) == (2, "division by zero")


def test_errors_say_nothing_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A value of it could be in Python's message."""
    monkeypatch.setenv("SECRET", "s3cret")
    with pytest.raises(RenderError) as error:
        renderer("{{ x + env.SECRET|int('s3cret') }}").render(("x",), (1,))
    assert "s3cret" not in str(error.value)


def test_a_part_is_a_function_of_one_value() -> None:
    """None where it fails; a value that is missing is undefined."""
    node, sandbox = part("{{ 10 // x }}")
    function = text_function(node, sandbox, "x", {})
    assert [function(value) for value in (3, 0, ABSENT)] == ["3", None, None]


def test_truth_of_a_part() -> None:
    """As an `if` decides."""
    node, sandbox = part("{{ x > 3 }}")
    function = truth_function(node, sandbox, "x", {})
    assert [function(value) for value in (4, 3, None)] == [True, False, None]


@pytest.mark.parametrize(
    ("body", "text", "truth"), [("{{ 1 + 1 }}", "2", True), ("{{ '' }}", "", False), ("{{ 1 // 0 }}", None, None)]
)  # fmt: skip
def test_constants(body: str, text: str | None, truth: bool | None) -> None:
    """Parts that read no field are computed once."""
    node, sandbox = part(body)
    assert constant_text(node, sandbox, {}) == text
    assert constant_truth(node, sandbox, {}) is truth
