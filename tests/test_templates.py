"""Templates: the language, its types, both ways of rendering, what is refused, what is bounded."""

import re
from functools import cache
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from datagen.branches import ABSENT
from datagen.instants import parse_instant
from datagen.machine import Machine
from datagen.records import Batch, Group, Records
from datagen.spec import Generator, parse_spec
from datagen.tables import table_of
from datagen.templates import (
    MISSING,
    NoColumnsError,
    Renderer,
    RenderError,
    Sandbox,
    Translation,
    checked,
)
from datagen.workers import Pool

RUN = ("-n", "3", "-s", "2027-03-12", "--seed", "1", "-q")
REPEAT = "repeat with: --seed 1 -s 2027-03-12T00:00:00.000000\n"
NINE = {"type": "uniform", "min": 0, "max": 9}
SOME = {"percent_nulls": 20, "percent_missing": 20}
START = "2027-03-12T10:20:30.123456+01:00"


def enum(name: str, *values: Any, **more: Any) -> dict[str, Any]:
    """Give a field that has these values in turn."""
    return {
        "name": name, "type": "enum", "values": list(values),
        "cardinality_distribution": {"type": "uniform", "min": 0, "max": len(values) - 1}, **more,
    }  # fmt: skip


INT = {"type": "uniform", "min": -20, "max": 20}
DIMENSIONS: list[dict[str, Any]] = [
    {"name": "whole", "type": "int", "distribution": INT},
    {"name": "gaps", "type": "int", "distribution": INT, **SOME},
    {"name": "huge", "type": "int", "distribution": {"type": "uniform", "min": -(2**63), "max": 2**63 - 1}},
    {"name": "real", "type": "float", "distribution": {"type": "normal", "mean": 0, "stddev": 9}},
    {"name": "half", "type": "float", "precision": 1, "distribution": INT, **SOME},
    {"name": "wide", "type": "float", "distribution": {"type": "choice", "values": [1e300, -3e-7, 0, 2.5, -1e17]}},
    {"name": "word", "type": "string", "chars": "aB 1é ", "length_distribution": {"type": "uniform", "min": 0, "max": 4}},
    {"name": "few", "type": "string", "length_distribution": NINE, "cardinality": 3,
     "cardinality_distribution": NINE, **SOME},
    {"name": "digits", "type": "string", "chars": "12.-", "length_distribution": {"type": "uniform", "min": 0, "max": 3}},
    {"name": "when", "type": "timestamp", "distribution": {
        "type": "uniform", "min": "1960-01-01T00:00:00Z", "max": "2040-01-01T00:00:00Z"}, **SOME},
    {"name": "id", "type": "uuid"},
    {"name": "ip", "type": "ipaddress", "cidr": "10.0.0.0/8", **SOME},
    enum("text", "", "ab", "a b", "Straße", 'q"\\', "\ud800x", "443"),
    enum("port", 443, 80, None),
    enum("mixed", 1, 1.0, "1", True, None, [], {}, {"a": [1, "b"]}, 2**70, ""),
    enum("flag", True, False, None, percent_missing=10),
    enum("numbers", 1, 2.5, -0.0, 0),
    {"name": "thing", "type": "object", "dimensions": [
        enum("part", "x", 1, percent_missing=50),
        {"name": "at", "type": "clock"}]},
    {"name": "things", "type": "list", "length_distribution": {"type": "uniform", "min": 0, "max": 2},
     "selection_distribution": NINE, "elements": [enum("each", 1, "y", percent_missing=30)]},
    {"name": "shown", "type": "variable", "variable": "shown"},
    {"name": "asked", "type": "variable", "variable": "asked"},
    {"name": "begun", "type": "variable", "variable": "begun"},
    {"name": "city", "type": "variable", "variable": "place", "field": "city"},
]  # fmt: skip
SPEC: dict[str, Any] = {
    "interarrival": {"type": "exponential", "mean": 0.3},
    "states": [
        {"name": "one", "emitter": "all", "delay": {"type": "exponential", "mean": 1},
         "variables": [
             enum("asked", "q=1", None, ""), enum("shown", "GET", "POST"),
             {"name": "begun", "type": "clock"}, enum("place", {"city": "Bonn"}, {"city": 5}, {}),
         ],
         "transitions": [{"next": "two", "probability": 1}]},
        {"name": "two", "emitter": "all", "delay": {"type": "exponential", "mean": 1},
         "variables": [{"name": "shown", "type": "int", "distribution": INT}],
         "transitions": [{"next": "two", "probability": 0.6}, {"next": "stop", "probability": 0.4}]},
    ],
    "emitters": [{"name": "all", "dimensions": DIMENSIONS}, {"name": "other", "dimensions": [enum("elsewhere", 1)]}],
}  # fmt: skip


# both ways


@cache
def world() -> tuple[Generator, Group, list[dict[str, Any]]]:
    """Give a specification, records of one emitter, and the same records as Python holds them."""
    spec, _ = parse_spec(SPEC, "spec")
    machine, start = Machine(spec, 3), parse_instant(START)
    records = Records(machine, start.style)
    assert not records.prepare([state.variables for state in spec.states])
    pool = Pool(machine, start.micros, 100, start.micros + 10**12)
    pool.aim(150)
    for visits in pool.windows():
        batch: Batch = records.batch(visits)
        if len(batch) > 100:
            break
    (group,) = batch.groups
    rows: list[dict[str, Any]] = [{} for _ in group.rows]
    for section in group.sections:
        for name in section.names:
            column = group.column(name)
            assert column is not None
            for row, value in zip(rows, column.plain(ABSENT), strict=True):
                row[name] = MISSING if value is ABSENT else value
    return spec, group, rows


def by_jinja(body: str) -> list[str | None]:
    """Render each record on its own; None for one that raises an error."""
    spec, _, rows = world()
    sandbox = Sandbox()
    tree = checked(body, table_of(spec).columns, sandbox)
    renderer = Renderer(tree, sandbox, {"emitter": "all"})
    texts: list[str | None] = []
    for row in rows:
        try:
            text = renderer.one(tuple(row), tuple(row.values()))
            texts.append(text.encode("utf-8", "replace").decode() + "\n")
        except RenderError:
            texts.append(None)
    return texts


def by_columns(body: str) -> list[str | None]:
    """Render all records as columns. Raises NoColumnsError."""
    spec, group, _ = world()
    sandbox, table = Sandbox(), table_of(spec)
    tree = checked(body, table.columns, sandbox).tree
    plan = Translation(table.emitters["all"], sandbox, {"emitter": "all"}).plan(tree)
    texts: list[str | None] = plan.texts(group).to_pylist()
    return texts


FIELDS = ["time", "elsewhere", "emitter", *(each["name"] for each in DIMENSIONS)]
INSTANTS = ["time", "when", "begun"]
SIGNS = st.sampled_from(["+", "-", "*", "/", "//", "%"])
CONSTANTS = st.sampled_from(
    ["0", "1", "-3", "2.5", "7", "1000", "''", "'ab'", "'443'", "'a'", "443", "true", "none", "1.0"]
)
PARTS = st.sampled_from(["'a'", "'+'", "'1'", "'Z'"])


def built(text: str, *parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Put drawn texts into the places `$1`, `$2`, ... of a template."""
    return st.builds(
        lambda *found: re.sub(r"\$(\d)", lambda place: found[int(place[1]) - 1], text), *parts
    )


@cache
def bodies(name: str) -> st.SearchStrategy[str]:
    """Give templates whose expressions are over one field each, mostly this one."""
    field = st.one_of(*[st.just(name)] * 5, st.sampled_from(FIELDS))
    numbers: Any = st.deferred(
        lambda: st.one_of(
            st.just(name if name not in INSTANTS else f"{name}.timestamp()"),
            built("($1 $2 $3)", numbers, SIGNS, CONSTANTS),
            built("($2 $3 $1)", numbers, CONSTANTS, SIGNS),
            built("($1)|$2", numbers, st.sampled_from(["int", "float", "round", "round(1)", "default(3)"])),
            built("(-$1)", numbers),
            built("($1)|int", values),
            built("($1)|length", values),
        )
    )  # fmt: skip
    values: Any = st.deferred(
        lambda: st.one_of(
            field, numbers, CONSTANTS, tests,
            built("$1.strftime('%d/%b/%Y:%H:%M:%S.%3f %s')", field),
            built("$1.isoformat()", field),
            built("($1)|$2", values, st.sampled_from(["upper", "lower", "string", "tojson", "int"])),
            built("($1)|replace($2, $3)", values, PARTS, CONSTANTS),
            built("($1)|default($2)", values, CONSTANTS),
            built("($1)|default($2, true)", values, CONSTANTS),
            built("($1 ~ $2)", values, values),
            built("($1 if $2 else $3)", values, tests, values),
            built("($1 if $2)", values, tests),
            built("($1 $2 $3)", values, st.sampled_from(["or", "and"]), values),
        )
    )  # fmt: skip
    tests: Any = st.deferred(
        lambda: st.one_of(
            values,
            built("($1 $2 $3)", values, st.sampled_from(["==", "!=", "<", "<=", ">", ">="]), CONSTANTS),
            built("($2 $3 $1)", values, CONSTANTS, st.sampled_from(["==", "<", ">="])),
            built("($1 in ($2, $3))", values, CONSTANTS, CONSTANTS),
            built("($1 not in [$2])", values, CONSTANTS),
            built("($2 in $1)", values, PARTS),
            built("(not $1)", tests),
            built("($1 $2 $3)", tests, st.sampled_from(["and", "or"]), tests),
            built("($1 is $2)", field, st.sampled_from(["defined", "not defined", "none", "not none", "undefined"])),
        )
    )  # fmt: skip
    made: Any = st.deferred(
        lambda: st.lists(
            st.one_of(
                st.sampled_from([" - ", "x\n", "{# no #}", "\u00e9"]),
                built("{{ $1 }}", values),
                built("{%- if $1 %}$2{% endif -%}", tests, made),
                built("{% if $1 %}$2{% else %}$3{% endif %}", tests, made, made),
                built("{% if $1 %}$2{% elif $3 %}$4{% else %}$5{% endif %}", tests, made, tests, made, made),
            ),
            min_size=1, max_size=3,
        ).map("".join)
    )  # fmt: skip
    return st.one_of(built("{{ $1 }}", values), made)


@settings(max_examples=300, deadline=None, database=None, derandomize=True)
@given(body=st.sampled_from(FIELDS).flatmap(bodies))
def test_both_ways_give_the_same_text(body: str) -> None:
    """Whatever can be a plan of columns gives what Jinja2 gives, and null exactly where that fails."""
    try:
        found = by_columns(body)
    except NoColumnsError:
        return
    assert found == by_jinja(body)
