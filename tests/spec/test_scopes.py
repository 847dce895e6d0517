"""What the names of expressions are, and what is wrong with these."""

from datagen.columns.column_type import FLOAT, INT, JSON, TEXT, ColumnType
from datagen.instants import NAIVE
from datagen.spec.parsing import parse_spec
from datagen.spec.scopes import compiled_expressions, scope_of, value_types
from tests.support.fields import spec_with
from tests.support.machines import Spec


def expression(name: str, text: str, **keys: object) -> Spec:
    """Return a field that is computed."""
    return {"name": name, "type": "expression", "expr": text, **keys}


def variable_types(*variables: Spec) -> dict[str, ColumnType]:
    """Return the types of variables that a state sets."""
    return dict(parse_spec(spec_with([], list(variables)), "x")[0].variable_types)


def test_variables_that_name_each_other_have_types() -> None:
    """Whichever comes first; int meeting float is float."""
    types = variable_types(
        expression("a", "default(b, 1) + 1"),
        expression("b", "a * 2"),
        expression("walk", "walk + 0.5", initial=1),
        expression("trail", "trail ~ a", initial=""),
        expression("lines", "lines + [{'n': a}]", initial=[]),
    )
    assert types["a"] == types["b"] == INT
    assert types["walk"] == FLOAT
    assert types["trail"] == TEXT
    assert types["lines"].elements is not None
    assert types["lines"].elements.member("n") == INT


def test_expressions_are_found_by_their_streams() -> None:
    """Nested ones too, each in the scope of its place."""
    inner = {"name": "o", "type": "object", "dimensions": [
        {"name": "n", "type": "string:static", "value": "x"}, expression("x", "n")]}  # fmt: skip
    spec = parse_spec(
        spec_with([{"name": "n", "type": "counter"}, expression("x", "n"), inner], []), "x"
    )[0]
    types = {
        streams: each.column_type
        for (streams, _), each in compiled_expressions(spec).by_place.items()
    }
    assert types == {
        ("emitters", "e", "dimensions", "x"): INT,
        ("emitters", "e", "dimensions", "o", "dimensions", "x"): TEXT,
    }


def test_all_names_that_a_variable_sees_have_a_type() -> None:
    """Variables come before what a visit is."""
    spec = parse_spec(
        spec_with([], [{"name": "visit", "type": "string:static", "value": "x"}]), "x"
    )[0]
    scope = scope_of(spec)
    assert scope.types["visit"] == TEXT
    assert scope.types["worker"] == INT
    assert "population" in scope.types
    assert JSON not in scope.types.values()


def test_values_of_a_switch_with_several_types_are_not_held_by_one() -> None:
    """A whole number among others is written as one, whichever window remembers it."""
    whole, half = ({"type": "expression", "expr": text} for text in ("visit", "visit / 2"))
    for cases, uniform in (((whole, half), False), ((half, half), True), ((whole, whole), True)):
        by_text = {str(place): each for place, each in enumerate(cases)}
        switch = {"name": "v", "type": "switch", "on": "visit % 2", "cases": by_text}
        spec = parse_spec(spec_with([], [switch]), "x")[0]
        assert value_types(spec, NAIVE)["v"].uniform is uniform
