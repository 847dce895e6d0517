"""The columns of records, over all emitters."""

from datagen.spec.parsing import parse_spec
from datagen.spec.record_schema import RecordSchema
from tests.support.machines import Spec, constant, spec_of


def schema_of(*dimensions: list[Spec], variables: list[Spec] | None = None) -> RecordSchema:
    """Return the columns of a specification with an emitter for each list of dimensions."""
    spec = spec_of({"a": (constant(1), {"stop": 1})}, constant(1))
    spec["emitters"] = [
        {"name": "e" * (place + 1), "dimensions": each} for place, each in enumerate(dimensions)
    ]
    spec["states"][0]["variables"] = variables or []
    return parse_spec(spec, "test")[0].record_schema


def counter(name: str) -> Spec:
    """Return a field of integers."""
    return {"name": name, "type": "counter"}


def test_columns_are_those_of_all_emitters() -> None:
    """In order of appearance, after the time."""
    schema = schema_of([counter("x")], [counter("y"), counter("x")])
    assert list(schema.columns) == ["time", "x", "y"]
    assert list(schema.emitters["ee"]) == ["time", "y", "x"]


def test_a_column_of_several_types_is_json() -> None:
    """And is named, with its path, where objects differ inside."""
    one: Spec = {"name": "o", "type": "object", "dimensions": [counter("id")]}
    other: Spec = {"name": "o", "type": "object", "dimensions": [{"name": "id", "type": "uuid"}]}
    schema = schema_of([one], [other])
    assert schema.columns["o"].kind == "object"
    assert list(schema.clashes()) == [
        'the column "o.id" holds values of several types; it is text that contains JSON'
    ]


def test_a_shown_variable_has_the_type_of_what_sets_it() -> None:
    """The last, where a state sets it."""
    shown: Spec = {"name": "d", "type": "variable", "variable": "v"}
    schema = schema_of([shown], variables=[counter("v")])
    assert schema.columns["d"].kind == "int"
