"""The tree of a template, led through the meter."""

import pytest
from jinja2 import nodes

from datagen.templating.meter import STEP
from datagen.templating.metering import map_tree, with_limits
from datagen.templating.sandbox import LOOP, READ, SPEND, Sandbox


def filters(body: str) -> list[str]:
    """Return the filters in a template as it is compiled."""
    tree = with_limits(Sandbox().parse(body))
    return [each.name for each in tree.find_all(nodes.Filter)]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("{% for a in x %}{% endfor %}", [LOOP, SPEND]),
        ("{% for a in x if a %}{% endfor %}", [LOOP, SPEND, SPEND]),
        ("{% macro m(a=1) %}{% endmacro %}", [SPEND]),
        ("{% call m() %}{% endcall %}", [SPEND]),
        ("{{ x == y }}", [READ, READ]),
        ("{{ x == 1 }}", []),
        ("{{ x == y == 1 }}", [READ, READ]),
        ("{{ 1 in x }}", [READ]),
        ("{{ {x: 1} }}{{ {1: x} }}", [READ]),
        ("{{ x[y] }}{{ x[1] }}{{ x[1:] }}", [READ]),
        ("{{ x }}{% if x %}{{ x + 1 }}{% endif %}", []),
    ],
)
def test_what_takes_time_is_metered(body: str, expected: list[str]) -> None:
    """What takes none is left as it is, so that plain templates stay fast."""
    assert sorted(filters(body)) == sorted(expected)


def test_a_round_costs_what_is_in_it() -> None:
    """Its calls, its nodes and its text."""
    tree = with_limits(Sandbox().parse("{% for a in x %}abcde{{ a|upper }}{% endfor %}"))
    (charge,) = (each for each in tree.find_all(nodes.Filter) if each.name == SPEND)
    assert isinstance(charge.node, nodes.Const)
    assert 2 * STEP + 5 < charge.node.value < 3 * STEP


def test_a_tree_is_copied() -> None:
    """The one that is given stays as it is."""
    tree = Sandbox().parse("{% for a in x %}{{ a }}{% endfor %}")
    changed = map_tree(tree, lambda node: node)
    assert changed == tree
    assert changed.body[0] is not tree.body[0]
    with_limits(tree)
    assert not list(tree.find_all(nodes.Filter))
