"""Specifications changed at random: refused in words or run, never a traceback, a hang or half a line."""

import copy
import io
import json
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import generator
from datagen.curves.curve import CURVES
from datagen.distributions.base import DISTRIBUTIONS
from datagen.fields import FIELDS
from datagen.fields.timestamps import INSTANTS
from datagen.validation import Family, value_at
from tests.support.helpers import Outcome, invoke

Spec = dict[str, Any]
Path = tuple[str | int, ...]
SECONDS = 5  # of processor time for each case
RUN = ("-n", "20", "-s", "2027-03-12", "--seed", "1", "-q")


def uniform(low: float, high: float) -> Spec:
    """Return a uniform distribution."""
    return {"type": "uniform", "min": low, "max": high}


def constant(value: Any) -> Spec:
    """Return a constant."""
    return {"type": "constant", "value": value}


def after(**chances: float) -> list[Spec]:
    """Return transitions."""
    return [{"next": name, "probability": chance} for name, chance in chances.items()]


def enum(name: str, values: list[Any], **more: Any) -> Spec:
    """Return a field that picks one of some values with the same chance."""
    even = uniform(0, len(values) - 1)
    return {
        "name": name,
        "type": "enum",
        "values": values,
        "cardinality_distribution": even,
        **more,
    }


SHOP: Spec = {
    "_comment": "states with variables, some seen, some not; a target",
    "states": [
        {"name": "enter", "emitter": "page",
         "variables": [
             {"name": "user", "type": "int", "distribution": uniform(1, 99999), "cardinality": 50,
              "cardinality_distribution": {"type": "zipf", "exponent": 1.1, "n": 50}},
             {"name": "ip", "type": "ipaddress", "distribution": uniform(184549376, 2127008767),
              "cardinality": 5, "cardinality_distribution": uniform(0, 5)},
             enum("agent", ["Mozilla/5.0 (X11)", None, 7, 1.5, True, {"a": []}]),
             enum("place", [{"city": "Bonn", "geo": {"lat": 50.7}}, {"city": "Kiel"}], percent_missing=5),
             {"name": "since", "type": "clock"},
             {"name": "ticket", "type": "counter", "start": 100, "increment": -3, "percent_nulls": 10},
             {"name": "basket", "type": "object", "dimensions": [
                 {"name": "size", "type": "int", "distribution": {"type": "poisson", "mean": 2}},
                 {"name": "ids", "type": "counter"},
             ]},
         ],
         "delay": {"type": "exponential", "mean": 2.5},
         "transitions": after(browse=0.7, stop=0.3)},
        {"name": "browse", "emitter": "page", "delay": constant(3),
         "variables": [enum("agent", ["curl"])],
         "transitions": after(browse=0.2, pay=0.5, stop=0.3)},
        {"name": "pay", "emitter": "sale", "delay": {"type": "lognormal", "mu": 0, "sigma": 1},
         "transitions": after(STOP=1)},
    ],
    "emitters": [
        {"name": "page", "dimensions": [
            {"name": "user", "type": "variable", "variable": "user"},
            {"name": "ip", "type": "variable", "variable": "ip"},
            {"name": "agent", "type": "variable", "variable": "agent", "percent_nulls": 10.0},
            {"name": "city", "type": "variable", "variable": "place", "field": "city"},
            {"name": "lat", "type": "variable", "variable": "place", "field": "geo.lat"},
            {"name": "since", "type": "variable", "variable": "since"},
        ]},
        {"name": "sale", "dimensions": [
            {"name": "ticket", "type": "variable", "variable": "ticket"},
            {"name": "basket", "type": "object", "dimensions": [
                {"name": "size", "type": "variable", "variable": "basket", "field": "size"},
            ]},
            {"name": "price", "type": "float", "distribution": {"type": "gamma", "shape": 2, "scale": 9.5},
             "precision": 2},
        ]},
    ],
    "interarrival": {"type": "exponential", "mean": 0.5},
    "target": {"type": "stdout"},
}  # fmt: skip
MISSING: Spec = {
    "interarrival": constant(1),
    "states": [{"name": "only", "emitter": "log", "delay": constant(1), "transitions": after(stop=1.0)}],
    "emitters": [{"name": "log", "dimensions": [
        enum("letter", ["A", "B"], percent_nulls=50.0, percent_missing=25),
        enum("nothing", [None]),
        enum("number", [1, 2, 3]) | {"cardinality_distribution": {"type": "exponential", "mean": 1}},
        {"name": "text", "type": "string", "length_distribution": constant(5), "cardinality": 0,
         "chars": "ABC123", "percent_nulls": 50},
        {"name": "few", "type": "int", "distribution": uniform(0, 1000), "cardinality": 10,
         "cardinality_distribution": {"type": "exponential", "mean": 5}, "percent_missing": 50.0,
         "percent_nulls": 50.0},
        {"name": "some", "type": "float", "distribution": uniform(0, 1000), "cardinality": 10,
         "cardinality_distribution": {"type": "normal", "mean": 5, "stddev": 2}, "precision": 3},
        {"name": "when", "type": "timestamp", "cardinality": 0, "percent_missing": 50,
         "distribution": uniform(0, 0) | {"min": "2024-01-01T00:00:00.000", "max": "2024-12-31T00:00:00.000"}},
        {"name": "where", "type": "ipaddress", "cardinality": 0, "percent_nulls": 1e-9,
         "distribution": uniform(2130706433, 2130706440)},
    ]}],
}  # fmt: skip
SHAPES: Spec = {
    "type": "generator",
    "$schema": "none",
    "states": [
        {"name": "a", "emitter": "numbers", "delay": {"type": "weibull", "shape": 0.7, "scale": 2},
         "transitions": after(a=0.5, b=0.5)},
        {"name": "b", "emitter": "moments", "delay": {"type": "triangular", "min": 0, "mode": 1, "max": 4},
         "transitions": after(a=0.9, stop=0.1)},
    ],
    "emitters": [
        {"name": "numbers", "dimensions": [
            {"name": name, "type": "float", "distribution": distribution}
            for name, distribution in {
                "constant": constant(0.1), "normal": {"type": "normal", "mean": -3, "stddev": 2},
                "pareto": {"type": "pareto", "alpha": 1.5, "min": 2},
                "beta": {"type": "beta", "alpha": 2, "beta": 3, "min": 5, "max": 9},
                "poisson": {"type": "poisson", "mean": 4}, "zipf": {"type": "zipf", "exponent": 2, "n": 9},
                "choice": {"type": "choice", "values": [1, 2.5, -3], "weights": [1, 0, 0.5]},
                "even": {"type": "choice", "values": [1, 2]},
                "histogram": {"type": "histogram", "edges": [0, 1, 10], "weights": [3, 1]},
            }.items()
        ]},
        {"name": "moments", "dimensions": [
            {"name": name, "type": "timestamp", "distribution": distribution}
            for name, distribution in {
                "constant": constant("2027-01-01"), "normal": {"type": "normal", "mean": "2027-01-01", "stddev": 60},
                "exponential": {"type": "exponential", "min": "2027-01-01T12:00+01:00", "mean": 3600},
                "triangular": {"type": "triangular", "min": "2027-01-01", "mode": "2027-01-02", "max": "2027-01-09"},
                "choice": {"type": "choice", "values": ["2027-01-01", "2028-02-29"], "weights": [1, 2]},
                "histogram": {"type": "histogram", "edges": ["2027-01-01", "2027-02-01"], "weights": [1]},
            }.items()
        ]},
    ],
    "interarrival": {"type": "gamma", "shape": 0.5, "scale": 3},
}  # fmt: skip
NESTED: Spec = {
    "states": [{"name": "s", "emitter": "e", "delay": constant(0), "transitions": after(s=0.5, Stop=0.5)}],
    "emitters": [{"name": "e", "dimensions": [
        {"name": "sets", "type": "object", "cardinality": 4, "cardinality_distribution": uniform(0, 3),
         "percent_nulls": 10, "percent_missing": 10, "dimensions": [
             {"name": "id", "type": "uuid"},
             {"name": "word", "type": "string", "length_distribution": {"type": "poisson", "mean": 3},
              "chars": 'aé\u2028€😀"\\'},
         ]},
        {"name": "list", "type": "list", "length_distribution": {"type": "poisson", "mean": 1.5},
         "selection_distribution": uniform(0, 3), "percent_nulls": 5, "percent_missing": 5, "elements": [
             {"type": "counter", "increment": 2},
             {"name": "inner", "type": "object", "dimensions": [enum("deep", [[1], {"b": {}}])]},
             {"type": "list", "length_distribution": constant(2), "selection_distribution": constant(0),
              "elements": [{"type": "ipaddress", "cidr": "fd00::/120"}]},
             {"type": "float", "distribution": {"type": "exponential", "mean": 1}, "percent_missing": 50},
         ]},
        {"name": "pairs", "type": "list", "cardinality": 3, "cardinality_distribution": uniform(0, 2),
         "length_distribution": constant(2), "selection_distribution": uniform(0, 1),
         "elements": [{"type": "int", "distribution": uniform(0, 99)}, {"type": "uuid"}]},
        {"name": "hosts", "type": "ipaddress", "cidr": ["10.0.0.0/30", "10.1.0.0/24"],
         "cardinality": 200, "cardinality_distribution": {"type": "zipf", "exponent": 1, "n": 200}},
        {"name": "names", "type": "string", "length_distribution": uniform(1, 2), "chars": "xyz",
         "cardinality": 12, "cardinality_distribution": uniform(0, 11)},
        {"name": "days", "type": "timestamp", "cardinality": 2, "cardinality_distribution": uniform(0, 1),
         "distribution": {"type": "choice", "values": ["2027-01-01", "2027-01-02"]}},
        {"name": "ids", "type": "uuid", "cardinality": 3, "cardinality_distribution": constant(1)},
        {"name": "big", "type": "int", "distribution": uniform(-(2**63), 2**63 - 1)},
        {"name": "hour", "type": "clock", "format": "%d/%b/%Y:%H:%M:%S.%3f %z"},
    ]}],
    "interarrival": constant(0.25),
}  # fmt: skip
PROCESS: Spec = {
    "_comment": "the process form: all types of states, a loop, fields of one value",
    "templates": {"line": {"body": "{{ time }}"}},
    "emitters": [{"name": "e", "dimensions": [
        {"name": "time", "type": "clock"},
        {"name": "kind", "type": "string:static", "value": "ü"},
        {"name": "n", "type": "int:static", "value": 7, "percent_missing": 10},
        {"name": "x", "type": "float:static", "value": 7, "percent_nulls": 10},
        {"name": "ok", "type": "bool:static", "value": True},
        {"name": "what", "type": "variable", "variable": "what"},
        {"name": "since", "type": "variable", "variable": "since"},
    ]}],
    "states": [
        {"name": "come", "type": "event:start:timer", "cardinality_distribution": {"type": "exponential", "mean": 1}, "next": "in"},
        {"name": "in", "type": "activity", "next": "first",
         "variables": [{"name": "since", "type": "clock"}, {"name": "what", "type": "string:static", "value": "in"}]},
        {"name": "first", "type": "gateway:exclusive", "transitions": after(wait=0.5, do=0.5)},
        {"name": "wait", "type": "event:intermediate:timer", "cardinality_distribution": uniform(0, 2), "next": "do"},
        {"name": "do", "type": "activity", "emitter": "e", "next": "again",
         "variables": [{"name": "what", "type": "int:static", "value": 1}]},
        {"name": "again", "type": "gateway:exclusive", "transitions": after(wait=0.7, out=0.2, more=0.105)},
        {"name": "more", "type": "gateway:exclusive", "transitions": after(do=1.0)},
        {"name": "out", "type": "event:end"},
    ],
}  # fmt: skip
DAYS: Spec = {
    "5": [{"utc_hour": 1.5, "sigma": 2, "weight": 1}],
    "7": [{"utc_hour": 9, "sigma": 1, "weight": 3}],
}
TIMED: Spec = {
    "states": [{"name": "s", "emitter": "e", "transitions": after(s=0.5, Stop=0.5),
                "delay": {"type": "gmm_temporal", "mean": 2, "days": DAYS, "timezone": "Asia/Kolkata"}}],
    "emitters": [{"name": "e", "dimensions": [enum("letter", ["A", "B"])]}],
    "interarrival": {"type": "gmm_temporal", "mean": 9, "days": DAYS},
    "schedule": {"type": "gmm_temporal", "days": DAYS, "timezone": "Europe/Berlin", "applies_to": "workers"},
}  # fmt: skip
HOURS: Spec = {
    **MISSING,
    "schedule": {"type": "hourly", "weights": [0, 3.5, 1] * 8, "scale": "mean", "applies_to": "arrivals",
                 "timezone": "America/Lima"},
}  # fmt: skip
WEEK: Spec = {
    **SHAPES,
    "schedule": {"type": "weekly", "weights": {"wed": [1, 2] * 12, "sun": [0] * 23 + [1]}, "scale": "peak",
                 "applies_to": "workers", "timezone": "Asia/Tokyo"},
}  # fmt: skip
FLAT: Spec = {
    **SHOP,
    "schedule": {"type": "constant", "value": 0.5, "applies_to": "arrivals", "timezone": "UTC"},
}
SPECS = {
    "shop": SHOP, "missing": MISSING, "shapes": SHAPES, "nested": NESTED, "process": PROCESS, "timed": TIMED, "hours": HOURS,
    "week": WEEK, "flat": FLAT,
}  # fmt: skip


@pytest.mark.parametrize("name", SPECS)
def test_shapes_of_the_field_run(name: str) -> None:
    """Each validates without a warning and makes records of its named fields, in order."""
    spec = SPECS[name]
    counts = f"{len(spec['states'])} states, {len(spec['emitters'])} emitters"
    assert invoke("--validate", spec=spec).err == f"stdin: ok: {counts}\n"
    records = invoke("-n", "1000", "-s", "2027-03-12", "--seed", "1", spec=spec).records
    named = [
        ["time"] * (spec is not PROCESS) + [field["name"] for field in each["dimensions"]]
        for each in spec["emitters"]
    ]
    assert len(records) == 1000
    for record in records:
        assert any([name for name in names if name in record] == list(record) for names in named)


def used(node: Any) -> Iterator[tuple[str, str]]:
    """Yield every (type, key) of the objects in a specification that have a type."""
    if isinstance(node, dict):
        yield from ((str(node["type"]), key) for key in node if "type" in node)
        for value in node.values():
            yield from used(value)
    elif isinstance(node, list):
        for value in node:
            yield from used(value)


@pytest.mark.parametrize(
    "family", [FIELDS, DISTRIBUTIONS, INSTANTS, CURVES], ids=lambda family: family.noun
)
def test_specifications_use_every_type_and_key(family: Family[Any]) -> None:
    """So that the mutations reach all of them; `name` is everybody's."""
    known = {
        (kind, field.alias or key)
        for kind, model in family.items()
        for key, field in model.model_fields.items()
    }
    common = {"name", "percent_nulls", "percent_missing"}
    assert {pair for pair in known if pair[1] not in common} <= set(used(list(SPECS.values())))


def places(node: Any, path: Path = ()) -> Iterator[Path]:
    """Yield the path of everything in a specification."""
    if path:
        yield path
    steps = (
        node.items()
        if isinstance(node, dict)
        else enumerate(node)
        if isinstance(node, list)
        else ()
    )
    for step, value in steps:
        yield from places(value, (*path, step))


def deep(levels: int) -> Any:
    """Return lists in lists."""
    node: Any = 1
    for _ in range(levels):
        node = [node]
    return node


VALUES = [
    None, True, False, 0, 1, -1, 0.5, -0.0, 2, 3.0, 100, 1e308, -1e308, 1e-320, 1e16, 1e300, 2**31, 2**53 + 1,
    2**63, 2**64, -(2**63), -(2**63) - 1, 10**30, 10**400, float("nan"), float("inf"), "", "x", "NaN", "stop",
    "time", "2027-01-01", "2027-01-01T00:00:00+02:00", "0001-01-01", "9999-12-31T23:59:59", "10.0.0.0/8",
    "::/0", "0.0.0.0/0", "%", "%s%", "${HOME}", "é€😀", "\ud800", "\u2028\n\x00", "a" * 10_000, [], {}, [[]], [None],
    {"type": None}, deep(150), deep(400), {"a": {"b": {}}}, constant(0), constant(-1), constant(1e308), constant(5e-324),
    uniform(0, 1), uniform(-1e308, 1e308), {"type": "exponential", "mean": 1e308},
    {"type": "normal", "mean": 0, "stddev": 1e308}, {"type": "poisson", "mean": 1e9}, {"type": "pareto", "alpha": 1e-3, "min": 1},
    {"type": "zipf", "exponent": 1e308, "n": 10**6},
]  # fmt: skip


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """Change one of the specifications up to three times; sometimes its text as well."""
    spec = copy.deepcopy(draw(st.sampled_from(list(SPECS.values()))))
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from(list(places(spec))))
        parent: Any = spec
        for step in path[:-1]:
            parent = parent[step]
        draw(st.sampled_from(CHANGES))(draw, spec, parent, path[-1])
    text = json.dumps(spec).encode()
    for change in (
        draw(st.lists(st.sampled_from(TEXT_CHANGES), max_size=1))
        if draw(st.integers(0, 9)) == 0
        else ()
    ):
        text = change(draw, text)
    return text


NUMBERS = [
    0, 1, 2, 3, 7, 50, 1000, 10**5, 10**9, 2**31, 2**32, 2**53 + 1, 2**63 - 1, 2**63, 2**64, 10**30, -1, -2, -1000,
    -(2**63), -(2**63) - 1, -(10**30), 0.1, 0.5, 0.999999, 1.5, 2.5, -0.5, 16.0, 1e-3, 1e-9, 1e-300, 5e-324, 1e10, 1e16,
    1e100, 1e300, 1.7976931348623157e308, -1e308, -1e-320,
]  # fmt: skip
numbers = st.sampled_from(NUMBERS)
positive = st.sampled_from([number for number in NUMBERS if number > 0])
rising = st.lists(numbers, min_size=3, max_size=3, unique=True).map(sorted)


@st.composite
def distributions(draw: st.DrawFn) -> Spec:
    """Return a distribution of any type; its parameters are extreme, most of them allowed."""
    kind = draw(st.sampled_from(list(DISTRIBUTIONS)))
    low, mode, high = draw(rising)
    parameters = {
        "value": draw(numbers), "min": low, "mode": mode, "max": high, "mean": draw(positive), "mu": draw(numbers),
        "stddev": draw(positive), "sigma": draw(positive), "shape": draw(positive), "scale": draw(positive),
        "alpha": draw(positive), "beta": draw(positive), "exponent": draw(positive),
        "n": draw(st.sampled_from([1, 2, 100, 10**5])), "values": [low, mode, high],
        "edges": [float(low), float(mode), float(high)],
        "weights": [draw(positive) for _ in range(3 if kind == "choice" else 2)],
        "days": {"6": [{"utc_hour": 5, "sigma": draw(positive), "weight": draw(positive)}]},
        "timezone": draw(st.sampled_from(["UTC", "Europe/Berlin"])),
    }  # fmt: skip
    keys = {field.alias or key for key, field in DISTRIBUTIONS[kind].model_fields.items()}
    return {"type": kind, **{key: parameters[key] for key in sorted(keys - {"type"})}}


@st.composite
def extreme(draw: st.DrawFn) -> bytes:
    """Return one of the specifications with up to three other distributions or numbers."""
    spec = copy.deepcopy(draw(st.sampled_from(list(SPECS.values()))))
    for _ in range(draw(st.integers(1, 3))):
        found = [path for path in places(spec) if _is_parameter(path, value_at(spec, *path))]
        *next_above, last = draw(st.sampled_from(found))
        parent = value_at(spec, *next_above)
        parent[last] = draw(distributions() if isinstance(parent[last], dict) else numbers)
    return json.dumps(spec).encode()


def _is_parameter(path: Path, value: Any) -> bool:
    if isinstance(value, dict):
        return value.get("type") in DISTRIBUTIONS
    return (
        path[-1] != "probability" and isinstance(value, int | float) and not isinstance(value, bool)
    )


def _replace(draw: st.DrawFn, spec: Any, parent: Any, step: Any) -> None:
    parent[step] = copy.deepcopy(draw(st.sampled_from(VALUES)))


def _delete(draw: st.DrawFn, spec: Any, parent: Any, step: Any) -> None:
    if len(parent) > 1 or isinstance(parent, list) or parent is not spec:
        del parent[step]


def _twice(draw: st.DrawFn, spec: Any, parent: Any, step: Any) -> None:
    if isinstance(parent, list):
        parent.insert(step, copy.deepcopy(parent[step]))
    else:
        parent[draw(st.sampled_from(["", "_x", "\ud800", "type", "values", f"{step}s"]))] = parent[
            step
        ]


def _misspell(draw: st.DrawFn, spec: Any, parent: Any, step: Any) -> None:
    if isinstance(step, str):
        place = draw(st.integers(0, len(step)))
        parent[step[:place] + draw(st.sampled_from("xA_ é\n")) + step[place + 1 :]] = parent.pop(
            step
        )
    elif isinstance(parent[step], str):
        parent[step] = parent[step][::-1]


def _swap(draw: st.DrawFn, spec: Any, parent: Any, step: Any) -> None:
    other = draw(st.sampled_from(list(places(spec))))
    node = spec
    for each in other[:-1]:
        node = node[each]
    parent[step], node[other[-1]] = copy.deepcopy(node[other[-1]]), copy.deepcopy(parent[step])


def _nudge(draw: st.DrawFn, spec: Any, parent: Any, step: Any) -> None:
    value = parent[step]
    if isinstance(value, int | float) and not isinstance(value, bool):
        parent[step] = draw(
            st.sampled_from(
                [-value, value * 1000, value // 1000, value + 1, str(value), 1e9, 50, 10**6]
            )
        )
    else:
        parent[step] = draw(st.sampled_from([[value], {"value": value}, str(value)[:50]]))


def _cut(draw: st.DrawFn, text: bytes) -> bytes:
    return text[: draw(st.integers(0, len(text)))]


def _flip(draw: st.DrawFn, text: bytes) -> bytes:
    place = draw(st.integers(0, len(text) - 1))
    return text[:place] + draw(st.binary(min_size=0, max_size=2)) + text[place + 1 :]


def _key_twice(draw: st.DrawFn, text: bytes) -> bytes:
    return text.replace(b'"type":', b'"type": 1, "type":', draw(st.integers(1, 3)))


Change = Callable[[st.DrawFn, Any, Any, Any], None]
CHANGES: list[Change] = [
    _replace,
    _replace,
    _replace,
    _delete,
    _twice,
    _misspell,
    _swap,
    _nudge,
    _nudge,
]
TEXT_CHANGES = [_cut, _flip, _key_twice]


class TooSlowError(BaseException):
    """A case took too long; not an Exception, so that nothing in between handles it."""


@contextmanager
def time_limit() -> Iterator[None]:
    """Raise TooSlowError after some seconds of processor time, whatever else runs on the machine."""

    def stop(number: int, frame: object) -> None:
        raise TooSlowError

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def run(data: bytes) -> Outcome:
    """Run the program on a specification, within the time limit."""
    out, err = io.BytesIO(), io.StringIO()
    try:
        with time_limit():
            status = generator.main([*RUN], io.BytesIO(data), out, err)
    except TooSlowError:
        assume("might never end" not in err.getvalue())  # it said so
        raise
    return Outcome(status, out.getvalue(), err.getvalue())


def check(data: bytes) -> None:
    """Check that a run ends well: with whole records, or with problems, a line each."""
    began = time.monotonic()
    outcome = run(data)
    assert time.monotonic() - began < 60  # nobody waits for anything here
    told = outcome.err.splitlines()
    assert "Traceback" not in outcome.err
    assert "internal error" not in outcome.err
    assert all(line.isprintable() for line in told)
    assert outcome.out.endswith(b"\n") or not outcome.out
    timed = b'"event:start:timer"' not in data  # a process has no `time` of its own
    assert all(not timed or next(iter(record)) == "time" for record in outcome.records)
    if outcome.status == 0:
        assert len(outcome.records) == 20
    else:
        assert outcome.status == 1
        assert told


often = settings(deadline=None, derandomize=True, database=None)


@pytest.mark.long
@settings(often, max_examples=400)
@given(extreme())
def test_extreme_parameters_are_refused_or_run(data: bytes) -> None:
    """No overflow, no warning, no endless or monstrous record: exit 0 with 20 records, or 1."""
    check(data)


@settings(often, max_examples=300)
@given(mutated())
def test_mutated_specification_is_refused_or_runs(data: bytes) -> None:
    """Whatever the change: exit 0 and 20 records, or exit 1 and a problem a line, within the limit."""
    check(data)


@pytest.mark.long
@settings(often, max_examples=1200)
@given(mutated())
def test_many_mutated_specifications_are_refused_or_run(data: bytes) -> None:
    """Four times as many."""
    check(data)
