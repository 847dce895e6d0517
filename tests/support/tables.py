"""Compares the rows of typed columns with the JSON records of the same run."""

import io
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from datagen.columns.column_type import ColumnType
from datagen.running.open_hours import with_hours
from datagen.spec.parsing import parse_spec
from tests.support.machines import Spec, constant

PRESETS = sorted((Path(__file__).parents[2] / "conf" / "gen").glob("*.json"))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
    max_leaves=8,
)  # fmt: skip


def field(name: str, kind: str, **keys: Any) -> Spec:
    """Return a field generator."""
    return {"name": name, "type": kind, **keys}


def enum(name: str, *values: Any, **keys: Any) -> Spec:
    """Return an enum of equal chances."""
    even = {"type": "uniform", "min": 0, "max": len(values) - 1}
    return field(name, "enum", values=list(values), cardinality_distribution=even, **keys)


def listed(name: str, *elements: Spec, longest: int = 3, **keys: Any) -> Spec:
    """Return a list of up to `longest` elements."""
    return field(
        name, "list", elements=list(elements),
        length_distribution={"type": "uniform", "min": 0, "max": longest},
        selection_distribution={"type": "uniform", "min": 0, "max": len(elements) - 1}, **keys,
    )  # fmt: skip


def one_emitter(*dimensions: Spec) -> Spec:
    """Return a specification of one kind of record, one a second."""
    state = {"name": "s", "emitter": "e", "transitions": [{"next": "stop", "probability": 1}]}
    emitter = {"name": "e", "dimensions": list(dimensions)}
    return {"states": [state], "emitters": [emitter], "interarrival": constant(1)}


GAPS = {"percent_nulls": 20, "percent_missing": 20}
INT = field("", "int", distribution={"type": "uniform", "min": -(2**40), "max": 2**40})
FLOAT = field("", "float", distribution={"type": "normal", "mean": 0, "stddev": 1e9})
STRING = field(
    "", "string", length_distribution={"type": "uniform", "min": 0, "max": 9}, chars='a"\n\té😀\0,'
)
MOMENT = field(
    "", "timestamp", distribution={"type": "uniform", "min": "1955-01-01", "max": "2090-01-01T12:00:00.5"}
)  # fmt: skip
PEOPLE = [
    {"id": 1, "name": "Zoë", "at": {"x": 1}},
    {"id": 2},
    {"name": None, "id": 3, "at": {"x": 2.5}},
    None,
]


def called(name: str, generator: Spec, **keys: Any) -> Spec:
    """Return a field generator another name."""
    return {**generator, "name": name, **keys}


_PART = field("o", "object", dimensions=[called("n", INT, **GAPS), called("t", STRING)], **GAPS)
FIELDS_OF_ALL_KINDS = [
    called("whole", INT, **GAPS),
    field("least", "int", distribution={"type": "uniform", "min": -(2**63), "max": 2**63 - 1}),
    called("number", FLOAT, **GAPS),
    field("rounded", "float", distribution={"type": "uniform", "min": -1, "max": 1}, precision=1),
    called("text", STRING, **GAPS),
    called("few", STRING, cardinality=5, cardinality_distribution={"type": "uniform", "min": 0, "max": 4}),
    field("id", "uuid"),
    field("address", "ipaddress", cidr="10.0.0.0/8", **GAPS),
    field("address6", "ipaddress", cidr="2001:db8::/32"),
    called("moment", MOMENT, **GAPS),
    called("moments", MOMENT, cardinality=3, cardinality_distribution={"type": "uniform", "min": 0, "max": 2}),
    field("now", "clock"),
    field("day", "clock", format="%d/%b"),
    field("count", "counter", start=5, increment=-3, **GAPS),
    enum("yes", True, False, None),
    enum("nothing", None),
    enum("mixed", 1, "one", None, [1], {"a": 1}, True),
    enum("figures", 1, 2.5, None),
    enum("huge", 2**70, 1, -(2**64)),
    enum("people", *PEOPLE),
    enum("bare", {}, None),
    enum("pairs", [1, None], [], None, [2.5]),
    enum("odd pairs", [1, "x"], ["y"], None),
    field("empty", "object", dimensions=[]),
    field("deep", "object", dimensions=[_PART, called("m", MOMENT, **GAPS), listed("l", called("i", INT, **GAPS))], **GAPS),
    field("kept", "object", dimensions=[called("n", INT)], cardinality=4, cardinality_distribution={"type": "uniform", "min": 0, "max": 3}),
    listed("numbers", {**INT, "name": "a", **GAPS}, {**FLOAT, "name": "b"}),
    listed("never", {**INT, "name": "a", "percent_missing": 100}, longest=2),
    listed("none", {**INT, "name": "a"}, longest=0),
    listed("any", {**INT, "name": "a", **GAPS}, {**STRING, "name": "b"}, {**MOMENT, "name": "c"}),
    listed("moments of parts", {**_PART, "name": "a"}, {**_PART, "name": "b"}, **GAPS),
    listed("lists", listed("a", {**STRING, "name": "a", **GAPS}), **GAPS),
]  # fmt: skip
VARIABLES = [
    enum("person", *PEOPLE),
    field("thing", "object", dimensions=[called("n", INT, **GAPS), called("m", MOMENT)], **GAPS),
    called("amount", FLOAT, percent_missing=30),
    field("began", "clock"),
    field("number", "counter"),
]
SHOWN = [
    field("person", "variable", variable="person", **GAPS),
    field("name", "variable", variable="person", field="name"),
    field("place", "variable", variable="person", field="at.x"),
    field("thing", "variable", variable="thing"),
    field("moment", "variable", variable="thing", field="m"),
    field("amount", "variable", variable="amount"),
    field("began", "variable", variable="began"),
    field("number", "variable", variable="number"),
]
CLASHING = [
    called("whole", FLOAT),  # with int: float
    called("text", INT),  # with text: JSON
    called("moment", STRING),  # with instants: JSON
    field("deep", "object", dimensions=[called("o", INT), called("own", STRING)]),
    listed("numbers", {**STRING, "name": "a"}),
    called("later", INT, **GAPS),
]
EVERYTHING: Spec = {
    "states": [
        {"name": "a", "emitter": "all", "delay": constant(0.37), "variables": VARIABLES,
         "transitions": [{"next": "b", "probability": 0.8}, {"next": "stop", "probability": 0.2}]},
        {"name": "b", "emitter": "shown", "delay": constant(1),
         "transitions": [{"next": "b", "probability": 0.5}, {"next": "c", "probability": 0.5}]},
        {"name": "c", "emitter": "other", "transitions": [{"next": "stop", "probability": 1}]},
    ],
    "emitters": [
        {"name": "all", "dimensions": FIELDS_OF_ALL_KINDS},
        {"name": "shown", "dimensions": SHOWN},
        {"name": "other", "dimensions": CLASHING},
    ],
    "interarrival": {"type": "exponential", "mean": 0.3},
}  # fmt: skip


def checked(spec: Spec) -> Any:
    """Return the checked model of a specification, which may name the hours of its delays."""
    raw, problems = with_hours(spec, "test.json", io.BytesIO())
    assert problems == []
    return parse_spec(raw, "test.json")[0]


def columns_of(spec: Spec) -> Mapping[str, ColumnType]:
    """Return the columns of a specification."""
    columns: Mapping[str, ColumnType] = checked(spec).record_schema.columns
    return columns


def told(records: Sequence[Mapping[str, Any]], columns: Mapping[str, ColumnType]) -> list[Any]:
    """Return JSON records with a value for each column, numbers of the column's kind."""
    return [{name: _told(each.get(name), columns[name]) for name in columns} for each in records]


def seen(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, ColumnType]) -> list[Any]:
    """Return rows as JSON tells them: instants as text, cut to milliseconds, JSON text as values."""
    return [{name: _seen(each[name], columns[name]) for name in columns} for each in rows]


def _told(value: Any, shape: ColumnType) -> Any:
    if value is None:
        return None
    if shape.kind == "object":
        return {name: _told(value.get(name), part) for name, part in shape.members}
    if shape.kind == "list" and shape.elements is not None:
        return [_told(each, shape.elements) for each in value]
    if shape.kind == "text":
        return value.encode("utf-8", "replace").decode()
    if shape.kind == "instant":
        return value.removesuffix("+00:00")
    return float(value) if shape.kind == "float" else value


def _seen(value: Any, shape: ColumnType) -> Any:
    if value is None:
        return None
    if shape.kind == "object":
        assert set(value) == {name for name, _ in shape.members}
        return {name: _seen(value[name], part) for name, part in shape.members}
    if shape.kind == "list" and shape.elements is not None:
        return [_seen(each, shape.elements) for each in value]
    if shape.kind == "instant":
        assert isinstance(value, datetime)
        return value.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00")
    if shape.kind == "json":
        return json.loads(value)
    kinds = {"int": int, "float": float, "bool": bool, "text": str}
    assert type(value) is kinds[shape.kind]
    return value
