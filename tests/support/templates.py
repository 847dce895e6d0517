"""Records of every kind, and templates that are rendered both ways: by Jinja2 and as columns."""

from functools import cache
from typing import Any

from datagen.batch import Batch
from datagen.columns.column import ABSENT
from datagen.formats.translation import PlanTranslator
from datagen.instants import parse_instant
from datagen.language.calls import Calls
from datagen.simulation.build import build_machine
from datagen.simulation.pool import Pool
from datagen.simulation.records import Records
from datagen.spec.generator import Generator
from datagen.spec.parsing import parse_spec
from datagen.templating import (
    MISSING,
    Renderer,
    RenderError,
    Sandbox,
    check_template,
)
from tests.support.helpers import Outcome, invoke

RUN = ("-n", "3", "-s", "2027-03-12", "--seed", "1", "-q")
NINE = {"type": "uniform", "min": 0, "max": 9}
SOME = {"percent_nulls": 20, "percent_missing": 20}
START = "2027-03-12T10:20:30.123456+01:00"


def enum(name: str, *values: Any, **more: Any) -> dict[str, Any]:
    """Return a field that has these values in turn."""
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


@cache
def world() -> tuple[Generator, Batch, list[dict[str, Any]]]:
    """Return a specification, records of one emitter, and the same records as Python holds them."""
    spec, _ = parse_spec(SPEC, "spec")
    machine, start = build_machine(spec, 3), parse_instant(START)
    records = Records(machine, start.style)
    assert not records.prepare(spec.field_lists())
    pool = Pool(machine, start.micros, 100, start.micros + 10**12)
    pool.request_window_size(150)
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
            for row, value in zip(rows, column.to_python(ABSENT), strict=True):
                row[name] = MISSING if value is ABSENT else value
    return spec, batch, rows


def sandbox() -> Sandbox:
    """Return an environment with the functions of the language, in the zone of the start."""
    return Sandbox(functions=Calls(style=parse_instant(START).style))


def by_jinja(body: str) -> list[str | None]:
    """Render each record on its own; None for one that raises an error."""
    spec, _, rows = world()
    jinja = sandbox()
    tree = check_template(body, spec.record_schema.columns, jinja)
    renderer = Renderer(tree, jinja, {"emitter": "all"})
    texts: list[str | None] = []
    for row in rows:
        try:
            text = renderer.render(tuple(row), tuple(row.values()))
            texts.append(text.encode("utf-8", "replace").decode() + "\n")
        except RenderError:
            texts.append(None)
    return texts


def by_columns(body: str) -> list[str | None]:
    """Render all records as columns. Raises NotTranslatableError."""
    spec, batch, _ = world()
    jinja, table = sandbox(), spec.record_schema
    tree = check_template(body, table.columns, jinja).tree
    plan = PlanTranslator(table.emitters["all"], jinja, {"emitter": "all"}).plan(tree)
    texts: list[str | None] = plan.texts(batch.groups[0]).to_pylist()
    return texts


def shop(**templates: Any) -> dict[str, Any]:
    """Return a specification of two emitters with these templates; a text is a body."""
    return {
        "interarrival": {"type": "constant", "value": 0.4},
        "states": [
            {"name": "home", "emitter": "page", "delay": {"type": "constant", "value": 0.1},
             "variables": [enum("path", "/", "/cats")],
             "transitions": [{"next": "buy", "probability": 1}]},
            {"name": "buy", "emitter": "order", "transitions": [{"next": "stop", "probability": 1}]},
        ],
        "emitters": [
            {"name": "page", "dimensions": [
                {"name": "path", "type": "variable", "variable": "path"},
                {"name": "ms", "type": "int", "distribution": {"type": "uniform", "min": 1, "max": 9000}}]},
            {"name": "order", "dimensions": [
                {"name": "price", "type": "float", "precision": 2,
                 "distribution": {"type": "uniform", "min": 1, "max": 9}}]},
        ],
        "templates": {
            name: {"body": body} if isinstance(body, str) else body
            for name, body in templates.items()
        },
    }  # fmt: skip


def ran(body: str, *more: str, **template: Any) -> Outcome:
    """Run a template of this body."""
    return invoke(*RUN, "--template", "t", *more, spec=shop(t={"body": body, **template}))
