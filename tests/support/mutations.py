"""Specifications that are changed at random: in their structure, their text or their parameters."""

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

from hypothesis import strategies as st

from datagen.distributions.base import DISTRIBUTIONS
from datagen.validation import value_at
from tests.support.bad_language import BASE as LANGUAGE
from tests.support.bad_language import PROCESS_BASE as PROCESS_LANGUAGE
from tests.support.dialects import OLD_SPECS
from tests.support.hostile_templates import BODIES, REFUSED
from tests.support.shapes import SPECS, Spec, constant, uniform

Path = tuple[str | int, ...]
ALL_SPECS = {**SPECS, **OLD_SPECS, "language": LANGUAGE, "language of a process": PROCESS_LANGUAGE}
OLD_KEYS = [
    "timer", "delay", "cardinality_distribution", "variables", "variables_on_entry", "constants", "variable_defaults",
    "interarrival", "items", "chars",
]  # fmt: skip


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


HOSTILE_PATTERNS = [
    "{x * 2:.2f}", "{time + 3600:%H}", "{upper(x) ~ y!csv}", "{x|sqrt|sqrt}", "{1 / 0}{x // x}", "{" + "(" * 500 + "x", "{'a':>9999999}",
    "{" + "sqrt(" * 200 + "1" + ")" * 200 + "}", "{x" + " ~ x" * 900 + "}", "{format('%999d', 1) ~ 1}", "{[x, x][99999999999]}", "{x ** 9999 ** x}",
]  # fmt: skip
EXPRESSIONS = [
    "else", "each", "total + 1", "lines + lines", "[total, 1]", "total ~ total", "product", "1 / (visit - 2)", "id", "born", "item", "time > born", "new", "x.y[0]",
    {"expr": "visit"}, {"expr": "-visit"}, {"expr": "total"}, {"expr": None}, "90S", "5/s", {"initial": 3, "per_day": 1e9},
]  # fmt: skip
VALUES = [
    None, True, False, 0, 1, -1, 0.5, -0.0, 2, 3.0, 100, 1e308, -1e308, 1e-320, 1e16, 1e300, 2**31, 2**53 + 1,
    2**63, 2**64, -(2**63), -(2**63) - 1, 10**30, 10**400, float("nan"), float("inf"), "", "x", "NaN", "stop",
    "time", "generator:int", "generator:", "generator:object", "static", "variables_on_entry", ["a", "b"], "2027-01-01", "2027-01-01T00:00:00+02:00", "0001-01-01", "9999-12-31T23:59:59", "10.0.0.0/8",
    "::/0", "0.0.0.0/0", "%", "%s%", "${HOME}", "é€😀", "\ud800", "\u2028\n\x00", "a" * 10_000, [], {}, [[]], [None],
    {"type": None}, "/dev/zero", "../..", "{{ env.HOME }}", *sorted(BODIES)[::12], *sorted(REFUSED)[::3],
    *HOSTILE_PATTERNS, *EXPRESSIONS,
    deep(150), deep(400), {"a": {"b": {}}}, constant(0), constant(-1), constant(1e308), constant(5e-324),
    uniform(0, 1), uniform(-1e308, 1e308), {"type": "exponential", "mean": 1e308},
    {"type": "normal", "mean": 0, "stddev": 1e308}, {"type": "poisson", "mean": 1e9}, {"type": "pareto", "alpha": 1e-3, "min": 1},
    {"type": "zipf", "exponent": 1e308, "n": 10**6},
]  # fmt: skip


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """Change one of the specifications up to three times; sometimes its text as well."""
    spec = copy.deepcopy(draw(st.sampled_from(list(ALL_SPECS.values()))))
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
_WAYS = {
    "exponential": [["mean"], ["rate"]],
    "lognormal": [["mu", "sigma"], ["mean", "stddev"], *(["median", key] for key in ("sigma", "p90", "p95", "p99"))],
}  # fmt: skip
_CUT = ("exponential", "normal", "lognormal", "gamma", "weibull", "poisson")
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
        "rate": draw(positive), "median": low, "p90": high, "p95": high, "p99": high,
        "stddev": draw(positive), "sigma": draw(positive), "shape": draw(positive), "scale": draw(positive),
        "alpha": draw(positive), "beta": draw(positive), "exponent": draw(positive),
        "n": draw(st.sampled_from([1, 2, 100, 10**5])), "values": [low, mode, high],
        "edges": [float(low), float(mode), float(high)],
        "weights": [draw(positive) for _ in range(3 if kind == "choice" else 2)],
        "days": {"6": [{"utc_hour": 5, "sigma": draw(positive), "weight": draw(positive)}]},
        "timezone": draw(st.sampled_from(["UTC", "Europe/Berlin"])),
    }  # fmt: skip
    keys = {field.alias or key for key, field in DISTRIBUTIONS[kind].model_fields.items()}
    for way in (_WAYS.get(kind), [["min"], ["max"], ["min", "max"], []] if kind in _CUT else None):
        if way:  # of which there is one at a time
            keys -= {key for each in way for key in each} - {*draw(st.sampled_from(way))}
    return {"type": kind, **{key: parameters[key] for key in sorted(keys - {"type"})}}


@st.composite
def extreme(draw: st.DrawFn) -> bytes:
    """Return one of the specifications with up to three other distributions or numbers."""
    spec = copy.deepcopy(draw(st.sampled_from(list(ALL_SPECS.values()))))
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


def _old_word(draw: st.DrawFn, spec: Any, parent: Any, step: Any) -> None:
    if isinstance(step, str) and step != "type":
        parent[draw(st.sampled_from(OLD_KEYS))] = parent.pop(step)
    elif isinstance(parent[step], str):
        parent[step] = draw(st.sampled_from([f"generator:{parent[step]}", "static", "time"]))


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
    _old_word,
    _swap,
    _nudge,
    _nudge,
]
TEXT_CHANGES = [_cut, _flip, _key_twice]
