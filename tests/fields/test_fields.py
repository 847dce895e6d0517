"""Field generators through the whole program: their values, and what every key of theirs does."""

import json
import math
import re
import string
import uuid
from collections import Counter
from collections.abc import Callable
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datagen.fields import FIELDS, LimitedField
from datagen.fields.numbers import round_decimals
from tests.support.helpers import Outcome, invoke
from tests.support.machines import Spec, constant

START = "2027-03-12"
GONE = "nothing is here"  # stands for a field that is missing


def uniform(low: float, high: float) -> Spec:
    """Return a uniform distribution."""
    return {"type": "uniform", "min": low, "max": high}


def choice(*values: Any) -> Spec:
    """Return an even choice."""
    return {"type": "choice", "values": list(values)}


def spec_with(dimensions: list[Spec], variables: list[Spec]) -> Spec:
    """Return a specification whose workers emit a record every second."""
    state = {
        "name": "s",
        "emitter": "e",
        "variables": variables,
        "delay": constant(1),
        "transitions": [{"next": "s", "probability": 1}],
    }
    return {
        "states": [state],
        "emitters": [{"name": "e", "dimensions": dimensions}],
        "interarrival": constant(1),
    }


def run(dimensions: list[Spec], n: int, variables: list[Spec] | None = None) -> Outcome:
    """Run one worker that emits a record every second."""
    spec = spec_with(dimensions, variables or [])
    return invoke("--seed", "5", "-s", START, "-m", "1", "-n", str(n), spec=spec)


def records(
    dimensions: list[Spec], n: int = 200, variables: list[Spec] | None = None
) -> list[dict[str, Any]]:
    """Return the records of a run that must succeed."""
    outcome = run(dimensions, n, variables)
    assert outcome.status == 0, outcome.err
    return outcome.records


def columns(*fields: Spec, n: int = 200) -> list[list[Any]]:
    """Return the values of several fields, made in one run."""
    names = [f"x{place}" for place in range(len(fields))]
    dimensions = [{"name": name, **field} for name, field in zip(names, fields, strict=True)]
    found = records(dimensions, n, REMEMBERED)
    return [[record.get(name, GONE) for record in found] for name in names]


def values(field: Spec, n: int = 200) -> list[Any]:
    """Return the values of one field."""
    return columns(field, n=n)[0]


def firsts(*fields: Spec) -> list[Any]:
    """Return one value of each field."""
    return [column[0] for column in columns(*fields, n=1)]


def refusal(field: Spec) -> str:
    """Return what is said of a field that cannot be."""
    outcome = run([{"name": "x", **field}], 1, REMEMBERED)
    assert outcome.status == 1
    assert "internal error" not in outcome.err
    assert outcome.out == b""
    return outcome.err


def integers(distribution: Spec, **keys: Any) -> Spec:
    """Return an `int` field."""
    return {"type": "int", "distribution": distribution, **keys}


def floats(distribution: Spec, **keys: Any) -> Spec:
    """Return a `float` field."""
    return {"type": "float", "distribution": distribution, **keys}


def texts(length: Spec, **keys: Any) -> Spec:
    """Return a `string` field."""
    return {"type": "string", "length_distribution": length, **keys}


def instants(distribution: Spec, **keys: Any) -> Spec:
    """Return a `timestamp` field."""
    return {"type": "timestamp", "distribution": distribution, **keys}


def ranges(cidr: str | list[str], **keys: Any) -> Spec:
    """Return an `ipaddress` field."""
    return {"type": "ipaddress", "cidr": cidr, **keys}


def enum(*options: Any, pick: Spec | None = None) -> Spec:
    """Return an `enum` field; without `pick`, all values are as likely."""
    pick = pick or uniform(0, len(options) - 1)
    return {"type": "enum", "values": list(options), "cardinality_distribution": pick}


def objects(*dimensions: Spec, **keys: Any) -> Spec:
    """Return an `object` field."""
    return {"type": "object", "dimensions": list(dimensions), **keys}


def lists(*elements: Spec, length: Spec | None = None, pick: Spec | None = None) -> Spec:
    """Return a `list` field, of three places unless told."""
    return {
        "type": "list",
        "elements": list(elements),
        "length_distribution": length or constant(3),
        "selection_distribution": pick or uniform(0, max(len(elements) - 1, 0)),
    }


def limited(field: Spec, size: int, **keys: Any) -> Spec:
    """Limit a field to so many values, all as likely."""
    return {**field, "cardinality": size, "cardinality_distribution": uniform(0, size - 1), **keys}


REMEMBERED = [{"name": "remembered", **integers(uniform(1, 10**9))}]
MOMENTS = {"type": "uniform", "min": "2020-01-01", "max": "2020-12-31T12:00"}
EXAMPLES: dict[str, Spec] = {
    "int": integers(uniform(1, 10**6)),
    "float": floats(uniform(0, 1)),
    "string": texts(uniform(3, 9)),
    "timestamp": instants(MOMENTS),
    "ipaddress": ranges("10.0.0.0/8"),
    "uuid": {"type": "uuid"},
    "counter": {"type": "counter"},
    "enum": enum("a", 1, 2.5, True, {"b": "c"}),
    "object": objects({"name": "id", "type": "uuid"}, {"name": "n", **integers(uniform(1, 9))}),
    "list": lists({"type": "uuid"}, integers(uniform(1, 9))),
    "string:static": {"type": "string:static", "value": 'é,"\u2028'},
    "int:static": {"type": "int:static", "value": -(2**63)},
    "float:static": {"type": "float:static", "value": 3},
    "bool:static": {"type": "bool:static", "value": False},
    "variable": {"type": "variable", "variable": "remembered"},
    "clock": {"type": "clock"},
}
LIMITED = sorted(kind for kind, field in FIELDS.items() if issubclass(field, LimitedField))


def matches(pattern: str) -> Callable[[Any], bool]:
    """Tell texts that match as a whole."""
    return lambda value: isinstance(value, str) and bool(re.fullmatch(pattern, value))


LOOKS: dict[str, Callable[[Any], bool]] = {
    "int": lambda value: type(value) is int,
    "float": lambda value: type(value) is float,
    "string": matches(r"[ -~]{3,9}"),
    "timestamp": matches(r"2020-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}"),
    "ipaddress": matches(r"10(\.\d{1,3}){3}"),
    "uuid": matches(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"),
    "counter": lambda value: type(value) is int,
    "enum": lambda value: value in EXAMPLES["enum"]["values"],
    "object": lambda value: isinstance(value, dict) and list(value) == ["id", "n"],
    "list": lambda value: isinstance(value, list) and len(value) == 3,
    "string:static": lambda value: value == 'é,"\u2028',
    "int:static": lambda value: type(value) is int and value == -(2**63),
    "float:static": lambda value: type(value) is float and value == 3.0,
    "bool:static": lambda value: value is False,
    "variable": lambda value: type(value) is int,
    "clock": matches(r"2027-03-12T\d\d:\d\d:\d\d\.000"),
}


# What holds for every type ------------------------------------------------------------------------


def test_every_type_is_tested() -> None:
    """A new type needs an example here, and what its values look like."""
    assert set(EXAMPLES) == set(FIELDS)
    assert set(LOOKS) == set(FIELDS)


def test_values_have_their_type() -> None:
    """Each type writes JSON of its own kind, and neither null nor nothing unless asked."""
    for kind, column in zip(EXAMPLES, columns(*EXAMPLES.values()), strict=True):
        assert [value for value in column if not LOOKS[kind](value)] == [], kind


Place = Callable[[list[Spec]], list[list[Any]]]


def as_dimensions(fields: list[Spec]) -> list[list[Any]]:
    """Make fields dimensions of an emitter; give their values."""
    return columns(*fields)


def inside_objects(fields: list[Spec]) -> list[list[Any]]:
    """Put each field into an object; give their values."""
    return [
        [value.get("inner", GONE) for value in column]
        for column in columns(*(objects({**field, "name": "inner"}) for field in fields))
    ]


def inside_lists(fields: list[Spec]) -> list[list[Any]]:
    """Make each field the element of a list of one; give their values."""
    return [
        [value[0] if value else GONE for value in column]
        for column in columns(*(lists(field, length=constant(1)) for field in fields))
    ]


def as_variables(fields: list[Spec]) -> list[list[Any]]:
    """Make fields variables, set anew at each visit; give what dimensions show of them."""
    names = [f"v{place}" for place in range(len(fields))]
    found = records(
        [{"name": name, "type": "variable", "variable": name} for name in names],
        variables=[{**field, "name": name} for name, field in zip(names, fields, strict=True)],
    )
    return [[record.get(name, GONE) for record in found] for name in names]


PLACES = [as_dimensions, inside_objects, inside_lists, as_variables]


@pytest.mark.parametrize(
    ("kind", "place"),
    [
        (kind, place)
        for kind in sorted(FIELDS)
        for place in PLACES
        if (kind, place) != ("variable", as_variables)  # a variable refers to no other
    ],
)
def test_nulls_and_missing_values(kind: str, place: Place) -> None:
    """Percentages of 0, 50 and 100 hold wherever a field may stand; missing is decided first."""
    chances = [(0, 0), (100, 0), (0, 100), (100, 100), (50, 0), (0, 50), (100, 50), (50, 50.5)]
    fields = [
        {**EXAMPLES[kind], "percent_nulls": null, "percent_missing": missing}
        for null, missing in chances
    ]
    counts = [
        (column.count(None), column.count(GONE), sum(map(LOOKS[kind], column)))
        for column in place(fields)
    ]
    assert counts[:4] == [(0, 0, 200), (200, 0, 0), (0, 200, 0), (0, 200, 0)]
    expected = [(100, 0, 100), (0, 100, 100), (100, 100, 0), (50, 100, 50)]
    for found, wanted in zip(counts[4:], expected, strict=True):
        assert sum(found) == 200
        for one, other in zip(found, wanted, strict=True):
            assert abs(one - other) <= 35 * (other > 0)


def test_missing_elements_shorten_the_list() -> None:
    """An element that is missing leaves no gap."""
    halves = lists({"type": "counter", "percent_missing": 50}, length=constant(4))
    found = values(halves)
    assert set(map(len, found)) == {0, 1, 2, 3, 4}
    joined = [number for value in found for number in value]
    assert joined == list(range(len(joined)))


LIMIT = {"cardinality": 3, "cardinality_distribution": constant(0)}
CHANGES: dict[tuple[str, str], tuple[Spec, Spec]] = {  # kind, key: the field before and after
    **{(kind, "percent_nulls"): (EXAMPLES[kind], {**EXAMPLES[kind], "percent_nulls": 30}) for kind in FIELDS},
    **{(kind, "percent_missing"): (EXAMPLES[kind], {**EXAMPLES[kind], "percent_missing": 30}) for kind in FIELDS},
    **{(kind, "cardinality"): ({**EXAMPLES[kind], **LIMIT}, {**EXAMPLES[kind], **LIMIT, "cardinality": 0}) for kind in LIMITED},
    **{(kind, "cardinality_distribution"): ({**EXAMPLES[kind], **LIMIT}, limited(EXAMPLES[kind], 3)) for kind in LIMITED},
    ("int", "distribution"): (integers(uniform(1, 5)), integers(uniform(1, 6))),
    ("float", "distribution"): (floats(uniform(1, 5)), floats(uniform(1, 6))),
    ("float", "precision"): (floats(uniform(1, 5), precision=2), floats(uniform(1, 5), precision=1)),
    ("string", "length_distribution"): (texts(constant(3)), texts(constant(4))),
    ("string", "chars"): (texts(constant(3)), texts(constant(3), chars="ab")),
    ("timestamp", "distribution"): (instants(MOMENTS), instants({**MOMENTS, "max": "2021-01-01"})),
    ("ipaddress", "cidr"): (ranges("10.0.0.0/8"), ranges("10.0.0.0/9")),
    ("ipaddress", "distribution"): tuple({"type": "ipaddress", "distribution": constant(n)} for n in (1, 2)),  # type: ignore[dict-item]
    ("counter", "start"): (EXAMPLES["counter"], {"type": "counter", "start": 1}),
    ("counter", "increment"): (EXAMPLES["counter"], {"type": "counter", "increment": 2}),
    ("enum", "values"): (enum("a", "b"), enum("a", "c")),
    ("enum", "cardinality_distribution"): (enum("a", "b"), enum("a", "b", pick=constant(0))),
    ("object", "dimensions"): (EXAMPLES["object"], objects({"name": "other", "type": "uuid"})),
    ("list", "elements"): (EXAMPLES["list"], lists({"type": "uuid"})),
    ("list", "length_distribution"): (lists({"type": "uuid"}), lists({"type": "uuid"}, length=constant(2))),
    ("list", "selection_distribution"): (EXAMPLES["list"], {**EXAMPLES["list"], "selection_distribution": constant(0)}),
    **{(f"{kind}:static", "value"): tuple({"type": f"{kind}:static", "value": value} for value in values)  # type: ignore[misc]
       for kind, values in {"string": "ab", "int": (1, 2), "float": (0.5, 1), "bool": (True, False)}.items()},
    ("variable", "variable"): (EXAMPLES["variable"], {"type": "variable", "variable": "other"}),
    ("variable", "field"): ({"type": "variable", "variable": "other"}, {"type": "variable", "variable": "other", "field": "a"}),
    ("clock", "format"): (EXAMPLES["clock"], {"type": "clock", "format": "%H"}),
}  # fmt: skip
KEYS = [
    (kind, field.alias or name)
    for kind, model in FIELDS.items()
    for name, field in model.model_fields.items()
    if name not in ("type", "name")
]


def test_every_key_has_an_effect() -> None:
    """No key is read and then ignored; a new key needs its line above."""
    assert set(KEYS) == set(CHANGES)
    places = [f"{kind}.{key}" for kind, key in KEYS]
    variables = [*REMEMBERED, {"name": "other", **enum({"a": 1}, {"a": 2})}]
    before, after = (
        records([{**CHANGES[key][side], "name": name} for key, name in zip(KEYS, places, strict=True)],
                variables=variables)
        for side in (0, 1)
    )  # fmt: skip
    for name in places:
        assert [each.get(name) for each in before] != [each.get(name) for each in after], name


PICKS: list[tuple[Spec, set[int]]] = [
    (constant(1.9), {1}),
    (constant(-0.5), {0}),
    (constant(-7), {0}),
    (constant(99), {2}),
    (constant(1e300), {2}),
    (uniform(0, 2), {0, 1, 2}),
    (uniform(0, 1.9999), {0, 1}),
    (choice(2, 0), {0, 2}),
]


@pytest.mark.parametrize(("pick", "expected"), PICKS)
def test_indices_are_rounded_down_and_held(pick: Spec, expected: set[int]) -> None:
    """Enum values, list selections and sets of values pick by the same rule."""
    whole_set = {
        **integers(uniform(0, 2)),
        "cardinality": 3,
        "cardinality_distribution": uniform(0, 2),
    }
    of_enum, of_list, of_set, every = columns(
        enum(0, 1, 2, pick=pick),
        lists(enum(0), enum(1), enum(2), pick=pick, length=constant(1)),
        {**whole_set, "cardinality_distribution": pick},
        whole_set,
    )
    assert set(of_enum) == expected
    assert {value for [value] in of_list} == expected
    assert len(set(of_set)) == len(expected)
    assert set(of_set) <= set(every) == {0, 1, 2}


def test_whole_ends_of_an_index_are_even() -> None:
    """`uniform` between whole numbers includes both ends; what lies beyond joins the last."""
    even, beyond = columns(enum(0, 1, 2), enum(0, 1, 2, pick=uniform(0, 5)), n=6000)
    assert all(abs(even.count(value) - 2000) < 200 for value in range(3))
    assert abs(beyond.count(2) - 4000) < 200


# int and float ------------------------------------------------------------------------------------

WHOLES = [
    (0.5, 1), (-0.5, -1), (1.5, 2), (2.5, 3), (-2.5, -3), (2.4999999999999996, 2), (-0.25, 0),
    (0.49999999999999994, 0), (2**53 + 1, 2**53 + 1), (2**63 - 1, 2**63 - 1), (-(2**63), -(2**63)),
]  # fmt: skip


def test_int_is_the_nearest_whole_number() -> None:
    """Halves go away from zero, and large whole numbers never pass through a double."""
    exact = firsts(*(integers(constant(value)) for value, _ in WHOLES))
    chosen = firsts(*(integers(choice(value)) for value, _ in WHOLES))
    assert exact == chosen == [whole for _, whole in WHOLES]


def test_int_beyond_64_bits_is_held() -> None:
    """Samples that no 64 bits can hold become the largest or smallest that they can."""
    huge = {"type": "lognormal", "mu": 800, "sigma": 0}
    assert firsts(integers(huge), integers(choice(1e300)), integers(choice(-1e300))) == [
        2**63 - 1, 2**63 - 1, -(2**63)
    ]  # fmt: skip


def test_int_reaches_both_ends() -> None:
    """Each whole number of the interval comes, the ends too, also at the ends of 64 bits."""
    ends = [(-1, 1), (2**63 - 3, 2**63 - 1), (-(2**63), 2 - 2**63), (5, 5), (2**53, 2**53 + 2)]
    for (low, high), column in zip(
        ends, columns(*(integers(uniform(*e)) for e in ends)), strict=True
    ):
        assert set(column) == set(range(low, high + 1))
    everything = values(integers(uniform(-(2**63), 2**63 - 1)))
    assert len(set(everything)) == 200
    assert min(everything) < -(2**62) < 2**62 < max(everything)


def test_int_between_fractions_is_rounded() -> None:
    """Between numbers that are not whole, the sample is rounded like any other."""
    counts = Counter(values(integers(uniform(0.5, 3.5)), 3000))
    assert set(counts) == {1, 2, 3}
    assert all(abs(count - 1000) < 130 for count in counts.values())


ROUNDED = [
    (2.675, 2, 2.67), (0.125, 2, 0.12), (0.375, 2, 0.38), (2.5, 0, 2.0), (3.5, 0, 4.0),
    (-0.004, 2, 0.0), (1e300, 2, 1e300), (1.0, 3, 1.0), (0.1 + 0.2, 15, 0.3), (123456.789, 1, 123456.8),
]  # fmt: skip


def test_float_is_rounded_to_its_precision() -> None:
    """Half to even by the exact binary value, as Python's `round`; zero never is negative."""
    found = firsts(*(floats(constant(value), precision=digits) for value, digits, _ in ROUNDED))
    assert found == [wanted for _, _, wanted in ROUNDED]
    assert [math.copysign(1, value) for value in found] == [1.0] * len(found)


@settings(deadline=None, derandomize=True)
@given(
    st.floats(allow_nan=False, allow_infinity=False) | st.floats(-1e6, 1e6),
    st.integers(0, 15),
)
def test_rounding_is_that_of_python(value: float, digits: int) -> None:
    """Rounding by arrays and by Python's `round` never differ."""
    assert round_decimals(np.array([value]), digits)[0] == round(value, digits)


@settings(deadline=None, derandomize=True)
@given(st.integers(-(10**9), 10**9), st.integers(0, 9))
def test_rounding_of_ties_is_that_of_python(number: int, digits: int) -> None:
    """Nor do they differ next to halves of the last decimal."""
    tie = (number + 0.5) / 10**digits
    near = np.array([tie, np.nextafter(tie, np.inf), np.nextafter(tie, -np.inf)])
    assert round_decimals(near, digits).tolist() == [round(each, digits) for each in near.tolist()]


def test_precision_is_from_0_to_15() -> None:
    """More decimals than a double has, or a negative number of them, are refused."""
    for digits in (-1, 16, 2.5, "2"):
        assert "emitters[0].dimensions[0].precision: expected" in refusal(
            floats(constant(1), precision=digits)
        )


# string and uuid ----------------------------------------------------------------------------------


def test_string_has_the_sampled_length() -> None:
    """The nearest whole number, never below 0."""
    sizes = [0, 1, 2.5, 2.4, -3, -0.5, 1000]
    found = firsts(*(texts(constant(size)) for size in sizes))
    assert [len(text) for text in found] == [0, 1, 3, 2, 0, 0, 1000]
    assert set(map(len, values(texts({"type": "poisson", "mean": 1}), 2000))) >= {0, 1, 2, 3, 4}


def test_string_is_printable_unless_told() -> None:
    """Without `chars`: printable ASCII with the space, all of it."""
    found = "".join(values(texts(constant(50))))
    assert set(found) == {*string.ascii_letters, *string.digits, *string.punctuation, " "}


@pytest.mark.parametrize("chars", ["x", "aé", "é☃", "😀", "a😀é☃", 'a"\\\n', "\x00\x1f\x85\u2028"])
def test_string_is_made_of_its_chars(chars: str) -> None:
    """Characters of any width in UTF-8 count as one, and all of them come."""
    found = values(texts(uniform(0, 7), chars=chars))
    assert {len(text) for text in found} == set(range(8))
    assert set("".join(found)) == set(chars)


def test_repeated_chars_come_more_often() -> None:
    """`chars` may name a character twice to make it twice as likely."""
    found = "".join(values(texts(constant(30), chars="aab")))
    assert abs(found.count("a") - 4000) < 200


def test_uuid_is_a_random_one_of_version_4() -> None:
    """Version and variant are those of RFC 9562, all other bits vary, and none comes twice."""
    found = [uuid.UUID(text) for text in values({"type": "uuid"}, 2000)]
    assert {(each.version, each.variant) for each in found} == {(4, uuid.RFC_4122)}
    assert len(set(found)) == 2000
    always = ~(4 << 76 | 2 << 62 | 0xF << 76 | 3 << 62)
    ones = [sum(each.int >> bit & 1 for each in found) for bit in range(128) if always >> bit & 1]
    assert len(ones) == 122
    assert all(850 < count < 1150 for count in ones)


# timestamp ----------------------------------------------------------------------------------------

A, B, C = "2020-01-01T00:00:00Z", "2020-01-02T00:00:00Z", "2020-01-03T00:00:00Z"
MOMENTS_OF: list[tuple[Spec, str, str]] = [
    ({"type": "constant", "value": B}, B, B),
    ({"type": "uniform", "min": A, "max": B}, A, B),
    ({"type": "normal", "mean": B, "stddev": 7200}, A, C),
    ({"type": "exponential", "min": A, "mean": 3600}, A, C),
    ({"type": "triangular", "min": A, "mode": B, "max": C}, A, C),
    ({"type": "choice", "values": [C, A], "weights": [1, 3]}, A, C),
    ({"type": "histogram", "edges": [A, B, C], "weights": [0, 1]}, B, C),
]


def test_timestamps_follow_their_distribution() -> None:
    """Every distribution of instants gives instants where it should, in the parameters' style."""
    found = columns(*(instants(each) for each, _, _ in MOMENTS_OF))
    for (distribution, low, high), column in zip(MOMENTS_OF, found, strict=True):
        assert low.replace("Z", ".000Z") <= min(column) <= max(column) <= high.replace("Z", ".000Z")
        assert all(re.fullmatch(r"2020-01-0[123]T\d\d:\d\d:\d\d\.\d{3}Z", text) for text in column)
        least = {"constant": 1, "choice": 2}.get(distribution["type"], 200)
        assert len(set(column)) == least


def test_timestamps_are_written_like_the_first() -> None:
    """The offset of the first instant, as it is given there; the others are converted."""
    written = [
        ("2020-01-01T00:00:00+02:00", "2020-01-01T00:00:00Z", "+02:00"),
        ("2020-01-01T00:00:00-0530", "2020-01-02T00:00:00+01", "-0530"),
        ("2020-01-01T00:00:00z", "2020-01-02T00:00:00+01:00", "Z"),
        ("2020-01-01", "2020-01-02", ""),
    ]
    found = columns(*(instants({"type": "uniform", "min": a, "max": b}) for a, b, _ in written))
    for (low, _, suffix), column in zip(written, found, strict=True):
        assert all(len(text) == 23 + len(suffix) and text.endswith(suffix) for text in column)
        assert min(column) >= low[:10]
    assert max(found[0]) < "2020-01-01T02:00:00.001"  # midnight in UTC


def test_timestamps_are_truncated_to_milliseconds() -> None:
    """Also before 1970, and at the ends of the calendar."""
    given_and_written = {
        "2020-02-29T23:59:59.999999": "2020-02-29T23:59:59.999",
        "1969-12-31T23:59:59.9996": "1969-12-31T23:59:59.999",
        "0001-01-01": "0001-01-01T00:00:00.000",
        "9999-12-31T23:59:59.999999": "9999-12-31T23:59:59.999",
        "0001-01-01T00:00:00+14:00": "0001-01-01T00:00:00.000+14:00",
    }
    fields = [instants({"type": "constant", "value": value}) for value in given_and_written]
    assert firsts(*fields) == list(given_and_written.values())


def test_timestamps_stay_within_the_calendar() -> None:
    """A tail that leaves the years 1 to 9999 is held at their ends."""
    late, early = columns(
        instants({"type": "exponential", "min": "9999-12-31T12:00", "mean": 1e12}),
        instants({"type": "normal", "mean": "0001-01-01T00:00+01:00", "stddev": 1e300}),
    )
    assert Counter(late).most_common(1)[0][0] == "9999-12-31T23:59:59.999"
    assert set(early) == {"0001-01-01T00:00:00.000+01:00", "9999-12-31T23:59:59.999+01:00"}


@pytest.mark.parametrize(
    ("distribution", "message"),
    [
        ({"type": "uniform", "min": A, "max": "2020-01-02"}, "expected all instants with an offset, or none"),
        ({"type": "uniform", "min": B, "max": A}, "later than max"),
        ({"type": "constant", "value": 1577836800}, "instant in quotes, not 1577836800"),
        ({"type": "constant", "value": "2020-02-30"}, '"2020-02-30" is not an ISO 8601 instant'),
        ({"type": "gamma", "shape": 1, "scale": 1}, 'no distribution of instants "gamma"'),
    ],
)  # fmt: skip
def test_wrong_timestamps_are_refused(distribution: Spec, message: str) -> None:
    """Instants that mean nothing, or not the same, are told on load."""
    assert message in refusal(instants(distribution))


# ipaddress ----------------------------------------------------------------------------------------


def test_address_is_the_number_of_the_distribution() -> None:
    """A whole number is an IPv4 address, held between 0.0.0.0 and 255.255.255.255."""
    numbers = {
        0: "0.0.0.0", 3232235777: "192.168.1.1", 2**32 - 1: "255.255.255.255", 256.5: "0.0.1.1",
    }  # fmt: skip
    fields = [{"type": "ipaddress", "distribution": constant(number)} for number in numbers]
    wild = {"type": "ipaddress", "distribution": {"type": "normal", "mean": 0, "stddev": 1e300}}
    assert firsts(*fields) == list(numbers.values())
    assert set(values(wild)) == {"0.0.0.0", "255.255.255.255"}


CIDRS: list[str | list[str]] = [
    "10.0.0.7/32", "10.0.0.254/31", "0.0.0.0/30", "255.255.255.252/30",
    ["10.0.0.0/30", "192.168.3.9/32"], ["10.0.0.0/31", "10.0.0.0/32"], ["10.0.0.2/31", "10.0.0.0/31"],
    "2001:db8::/126", "::/127", "::1/128", ["2001:db8::/127", "ff00::/127", "fe80::7/128"],
]  # fmt: skip


def test_every_address_of_the_ranges_is_as_likely() -> None:
    """IPv4 and IPv6, one range or several, also where they overlap."""
    found = columns(*(ranges(cidr) for cidr in CIDRS), n=3000)
    for cidr, column in zip(CIDRS, found, strict=True):
        networks = [ip_network(each) for each in ([cidr] if isinstance(cidr, str) else cidr)]
        addresses = {str(address) for network in networks for address in network}
        counts = Counter(column)
        assert set(counts) == addresses
        assert all(abs(count - 3000 / len(addresses)) < 150 for count in counts.values())


@pytest.mark.parametrize("cidr", ["0.0.0.0/0", "172.16.0.0/12", "2001:db8::/32", "::/0", "::/64"])
def test_addresses_of_a_wide_range_differ(cidr: str) -> None:
    """They fill their range, lie within it, and are written in their shortest form."""
    found = [ip_address(text) for text in values(ranges(cidr))]
    network = ip_network(cidr)
    assert all(address in network for address in found)
    assert len(set(found)) == 200
    shares = sorted((int(each) - int(network[0])) / network.num_addresses for each in found)
    assert shares[0] < 0.05
    assert shares[-1] > 0.95


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({}, 'either "distribution" or "cidr"'),
        ({"cidr": "10.0.0.0/8", "distribution": constant(1)}, 'either "distribution" or "cidr"'),
        ({"cidr": ["10.0.0.0/8", "::/64"]}, "ranges of either IPv4 or IPv6, not both"),
        ({"cidr": []}, "expected at least one range"),
        ({"cidr": "10.0.0.1/8"}, '"10.0.0.1/8"'),
        ({"cidr": ["10.0.0.0/8", 7]}, "cidr[1]: "),
        ({"distribution": constant(-1)}, "expected a number from 0 to 4294967295, not -1"),
    ],
)
def test_wrong_addresses_are_refused(keys: Spec, message: str) -> None:
    """What is no range, or not one kind of them, is told on load."""
    assert message in refusal({"type": "ipaddress", **keys})


# counter ------------------------------------------------------------------------------------------


def test_counter_starts_and_steps_as_told() -> None:
    """From 0 by 1 unless told; any whole numbers, negative ones too."""
    steps = [(0, 1), (10, 5), (-3, -2), (7, 0), (2**63 - 3, 1), (-(2**62), 2**62)]
    fields = [{"type": "counter", "start": start, "increment": step} for start, step in steps]
    found = columns(*fields, {"type": "counter"}, {"type": "counter", "start": 2}, n=3)
    assert found[:6] == [[start + n * step for n in range(3)] for start, step in steps]
    assert found[6:] == [[0, 1, 2], [2, 3, 4]]


def test_counter_goes_on_beyond_64_bits() -> None:
    """Where 64 bits end the numbers stay right, whole and in order."""
    steps = [(2**63 - 2, 1), (1 - 2**63, -1), (2**62, 2**62), (2**63 - 1, -(2**63))]
    fields = [{"type": "counter", "start": start, "increment": step} for start, step in steps]
    found = columns(*fields, n=50)
    assert found == [[start + n * step for n in range(50)] for start, step in steps]


def test_counter_skips_nulls_and_missing_values() -> None:
    """A number is consumed only where one is shown."""
    field = {"type": "counter", "percent_nulls": 40, "percent_missing": 30}
    inner = objects({**field, "name": "inner"}, percent_nulls=50)
    plain, nested = columns(field, inner)
    shown = [value for value in plain if isinstance(value, int)]
    inside = [v["inner"] for v in nested if v is not None and isinstance(v.get("inner"), int)]
    assert shown == list(range(len(shown)))
    assert inside == list(range(len(inside)))
    assert 20 < len(inside) < len(shown) < 180


def test_counters_in_a_list_count_by_place() -> None:
    """Elements of a list are numbered from left to right, each generator by itself."""
    one, two = columns(
        lists({"type": "counter"}),
        lists({"type": "counter", "name": "a"}, {"type": "counter", "start": 1000}),
        n=100,
    )
    assert one == [[3 * row, 3 * row + 1, 3 * row + 2] for row in range(100)]
    numbers = [number for row in two for number in row]
    low = [number for number in numbers if number < 1000]
    assert low == list(range(len(low)))
    assert [number for number in numbers if number >= 1000] == list(range(1000, 1300 - len(low)))


def test_elements_have_names_of_their_own() -> None:
    """A name that is another, nameless element's place is refused: they would share a sequence."""
    said = refusal(lists({"type": "counter", "name": "1"}, {"type": "counter"}))
    assert (
        '.elements[0].name: the name "1" is reserved for the unnamed element at that position'
        in said
    )
    own = values(lists({"type": "counter"}, {"type": "counter", "name": "1"}, pick=constant(1)), 2)
    assert own == [[0, 1, 2], [3, 4, 5]]


def test_counter_is_shared_by_all_workers() -> None:
    """One sequence in the order of records: (time, worker, visit), ties included."""
    spec = {
        "states": [
            {"name": "a", "emitter": "e", "delay": uniform(0, 2),
             "transitions": [{"next": "a", "probability": 0.5}, {"next": "b", "probability": 0.5}]},
            {"name": "b", "emitter": "e", "delay": constant(1),
             "transitions": [{"next": "c", "probability": 0.9}, {"next": "stop", "probability": 0.1}]},
            {"name": "c", "emitter": "f", "delay": constant(0),
             "transitions": [{"next": "a", "probability": 1}]},
        ],
        "emitters": [
            {"name": "e", "dimensions": [{"name": "n", "type": "counter"}]},
            {"name": "f", "dimensions": [{"name": "m", "type": "counter"}]},
        ],
        "interarrival": constant(0.5),
    }  # fmt: skip
    found = invoke("--seed", "1", "-s", START, "-n", "3000", "-m", "20", spec=spec).records
    for name in ("n", "m"):
        numbers = [record[name] for record in found if name in record]
        assert numbers == list(range(len(numbers)))
        assert len(numbers) > 500


# enum, object, list -------------------------------------------------------------------------------

ANY_JSON = [
    None, True, False, 0, -1, 2**70, 1.0, 0.1, 1e-7, 1e22, "", "naïve ☃ 😀", [], {}, [[], [[None]]],
    {"z": 1, "a": {"y": [1.0, "x"], "b": None}, "": 0},
]  # fmt: skip


def test_enum_gives_any_json() -> None:
    """Values of any type come out as they stand in the specification, keys in their order."""
    outcome = run([{"name": f"x{n}", **enum(value)} for n, value in enumerate(ANY_JSON)], 1)
    text = outcome.out.decode().removeprefix('{"time":"2027-03-12T00:00:00.000",')
    expected = {f"x{n}": value for n, value in enumerate(ANY_JSON)}
    found = json.loads("{" + text)
    assert found == expected
    assert json.dumps(found) == json.dumps(expected)  # types and order too
    assert '"x6":1.0,' in text


def test_enum_refuses_numbers_beyond_doubles(tmp_path: Path) -> None:
    """JSON can write 1e400; no double holds it."""
    spec = spec_with([{"name": "x", **enum("ok", {"deep": [0.125]})}], [])
    file = tmp_path / "spec.json"
    file.write_text(json.dumps(spec).replace("0.125", "-1e400"))
    outcome = invoke("-s", START, "-n", "1", "-c", str(file))
    assert (outcome.status, outcome.out) == (1, b"")
    assert "dimensions[0].values[1]: a number is out of range" in outcome.err


def test_objects_nest() -> None:
    """Objects within objects, their keys in order, null or missing at any depth."""
    inner = objects(
        {"name": "z", "type": "counter"}, {"name": "a", **enum(1), "percent_nulls": 100}
    )
    middle = objects(
        {"name": "gone", **enum(1), "percent_missing": 100}, {"name": "inner", **inner}
    )
    outer = objects(
        {"name": "middle", **middle}, {"name": "id", **enum("x")}, {"name": "e", **objects()}
    )
    outcome = run([{"name": "outer", **outer}], 2)
    assert [line.split('000",', 1)[1] for line in outcome.out.decode().splitlines()] == [
        f'"outer":{{"middle":{{"inner":{{"z":{row},"a":null}}}},"id":"x","e":{{}}}}}}'
        for row in range(2)
    ]


def test_lists_have_the_sampled_length() -> None:
    """The nearest whole number, never below 0."""
    sizes = [0, 1, 2.5, -2, 500]
    found = firsts(*(lists({"type": "uuid"}, length=constant(size)) for size in sizes))
    assert [len(value) for value in found] == [0, 1, 3, 0, 500]
    assert set(map(len, values(lists({"type": "uuid"}, length=uniform(0, 2))))) == {0, 1, 2}


def test_each_place_of_a_list_picks_an_element() -> None:
    """Named or not, elements mix within one list, as often as the selection says."""
    field = lists(enum("a"), {"name": "b", **enum("b")}, enum("c"),
                  pick={"type": "choice", "values": [0, 1, 2], "weights": [1, 2, 1]}, length=constant(10))  # fmt: skip
    found = values(field)
    assert any(len(set(value)) == 3 for value in found)
    counts = Counter(each for value in found for each in value)
    assert abs(counts["b"] - 1000) < 100
    assert abs(counts["a"] - 500) < 80


def test_places_of_a_list_are_drawn_apart() -> None:
    """The same generator gives another value at each place, in nested lists too."""
    nested = lists(lists({"type": "uuid"}, length=constant(4)), length=constant(5))
    found = [each for value in values(nested) for inner in value for each in inner]
    assert len(set(found)) == len(found) == 4000


# clock --------------------------------------------------------------------------------------------


def test_clock_is_the_time_of_the_record() -> None:
    """Without a format it is written as `time` is."""
    found = records([{"name": "x", "type": "clock"}])
    assert [record["x"] for record in found] == [record["time"] for record in found]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("%Y-%m-%d %H:%M:%S.%f %z", "2027-03-12 00:00:00.123456 +0000"),
        ("%a %d/%b/%Y:%H", "Fri 12/Mar/2027:00"),
        ("%s.%3f", "1804809600.123"),
        ("%FT%T.%f%:z %%:z", "2027-03-12T00:00:00.123456+00:00 %:z"),
        ('100%% "☃" %%f', '100% "☃" %f'),
        ("", ""),
    ],
)
def test_clock_follows_its_format(pattern: str, expected: str) -> None:
    """A pattern of strftime, with fractions; the text is JSON like any other."""
    spec = spec_with([{"name": "x", "type": "clock", "format": pattern}], [])
    outcome = invoke("-s", f"{START}T00:00:00.123456", "-n", "1", spec=spec)
    assert outcome.records[0]["x"] == expected


@pytest.mark.parametrize("start", ["9999-12-31T23:30-01:00", "0001-01-01T00:30+01:00"])
def test_clock_format_reaches_the_ends_of_the_calendar(start: str) -> None:
    """At any offset, the first and the last hour of the calendar can be written."""
    for pattern, expected in (("%z", start.replace("1:00", "100")), ("%:z", start)):
        spec = spec_with([{"name": "x", "type": "clock", "format": "%Y-%m-%dT%H:%M" + pattern}], [])
        outcome = invoke("-s", start, "-n", "1", spec=spec)
        assert [record["x"] for record in outcome.records] == [expected]


def test_clock_format_is_checked() -> None:
    """A directive that does not exist is told on load."""
    assert 'format: "%Q" is not a strftime directive' in refusal({"type": "clock", "format": "%Q"})


# cardinality --------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", PLACES)
def test_cardinality_is_exact(place: Place) -> None:
    """Every type that has it gives exactly N values, distinct as text, wherever it stands."""
    for size in (1, 4):
        for kind, column in zip(
            LIMITED, place([limited(EXAMPLES[kind], size) for kind in LIMITED]), strict=True
        ):
            assert len({json.dumps(value) for value in column}) == size, kind
            assert all(map(LOOKS[kind], column)), kind


@pytest.mark.parametrize("place", PLACES)
def test_cardinality_leaves_nulls_apart(place: Place) -> None:
    """Null and missing are no members of the set, and picks go on around them."""
    field = limited(EXAMPLES["int"], 3, percent_nulls=30, percent_missing=20)
    [column] = place([field])
    assert len(set(column) - {None, GONE}) == 3
    assert 20 < column.count(None) < 80
    assert 20 < column.count(GONE) < 80


def test_sets_of_two_fields_differ() -> None:
    """Each field with cardinality has a set of its own."""
    one, other = columns(limited(EXAMPLES["uuid"], 5), limited(EXAMPLES["uuid"], 5))
    assert not set(one) & set(other)


COUNTED: list[tuple[Spec, list[Any]]] = [
    (integers(uniform(-2, 3)), [-2, -1, 0, 1, 2, 3]),
    (integers(uniform(2**63 - 3, 2**63 - 1)), [2**63 - 3, 2**63 - 2, 2**63 - 1]),
    (integers(choice(1.2, 0.8, 7, 7.4)), [1, 7]),
    (integers({"type": "choice", "values": [1, 2, 3], "weights": [1, 0, 1e-9]}), [1, 3]),
    (integers({"type": "zipf", "exponent": 5, "n": 4}), [0, 1, 2, 3]),
    (integers(constant(5)), [5]),
    (floats(choice(1.24, 1.21, 2)), [1.21, 1.24, 2.0]),
    (floats(choice(1.24, 1.21, 2), precision=1), [1.2, 2.0]),
    (floats(constant(0.1)), [0.1]),
    (texts(constant(2), chars="ab"), ["aa", "ab", "ba", "bb"]),
    (texts(uniform(0, 2), chars="aab"), ["", "a", "aa", "ab", "b", "ba", "bb"]),
    (texts(uniform(-10, 1), chars="é"), ["", "é"]),
    (ranges("10.0.0.0/30"), ["10.0.0.0", "10.0.0.1", "10.0.0.2", "10.0.0.3"]),
    (ranges(["10.0.0.9/32", "10.0.0.0/31"]), ["10.0.0.0", "10.0.0.1", "10.0.0.9"]),
    (ranges("::/127"), ["::", "::1"]),
    ({"type": "ipaddress", "distribution": uniform(255, 256)}, ["0.0.0.255", "0.0.1.0"]),
    (instants({"type": "uniform", "min": "2020-01-01T00:00:00.0009", "max": "2020-01-01T00:00:00.0021"}),
     ["2020-01-01T00:00:00.000", "2020-01-01T00:00:00.001", "2020-01-01T00:00:00.002"]),
    (instants({"type": "choice", "values": [A, B, "2020-01-01T01:00:00+01:00"]}),
     ["2020-01-01T00:00:00.000Z", "2020-01-02T00:00:00.000Z"]),
    (instants({"type": "constant", "value": "2020-01-01"}), ["2020-01-01T00:00:00.000"]),
]  # fmt: skip


def test_countable_values_all_come() -> None:
    """Where all values can be counted, a cardinality as large gives each of them."""
    found = columns(*(limited(field, len(every)) for field, every in COUNTED))
    assert [sorted(set(column)) for column in found] == [every for _, every in COUNTED]


def test_more_than_there_are_is_refused() -> None:
    """The error says how many different values are possible."""
    dimensions = [
        {"name": f"x{place}", **limited(field, len(every) + 1)}
        for place, (field, every) in enumerate(COUNTED)
    ]
    outcome = run(dimensions, 1)
    assert outcome.status == 1
    for place, (_, every) in enumerate(COUNTED):
        where = f"emitters[0].dimensions[{place}].cardinality"
        text = f"only {len(every)} different values are possible, not {len(every) + 1}"
        assert f"{where}: {text}\n" in outcome.err


def test_most_of_the_countable_values() -> None:
    """More than half of them, yet not all: distinct, and not always the same ones."""
    fields = [limited(integers(uniform(1, 10)), 7) for _ in range(10)]
    sets = [frozenset(column) for column in columns(*fields)]
    assert {len(each) for each in sets} == {7}
    assert set().union(*sets) == set(range(1, 11))
    assert len(set(sets)) > 5


@pytest.mark.parametrize(
    ("field", "count"),
    [
        (floats(uniform(0, 1), precision=1), 11),
        (objects({"name": "a", **enum(1, 2)}, {"name": "b", **enum(1, 2)}), 4),
        (lists(enum("a", "b"), length=uniform(0, 2)), 7),
        (objects({"name": "a", **enum(1), "percent_nulls": 40, "percent_missing": 30}), 3),
    ],
)
def test_values_that_are_tried_until_distinct(field: Spec, count: int) -> None:
    """Where values cannot be counted, all are found, and one more is refused with their number."""
    assert len({json.dumps(value) for value in values(limited(field, count))}) == count
    assert f"found only {count} different values" in refusal(limited(field, count + 1))


def test_wide_distributions_of_lengths_are_counted_at_once() -> None:
    """The texts of lengths that are mostly held at 0 are counted without a walk over the lengths."""
    field = texts(uniform(-(10**15), 1), chars="ab")
    assert set(values(limited(field, 3))) == {"", "a", "b"}


@pytest.mark.parametrize("kind", ["counter", "clock", "variable"])
@pytest.mark.parametrize("wrap", [objects, lists])
def test_nothing_fixed_holds_what_moves(kind: str, wrap: Callable[..., Spec]) -> None:
    """A counter, a clock or a variable inside anything with cardinality is refused."""
    field = limited(wrap(objects({"name": "inner", **EXAMPLES[kind]}, name="o")), 2)
    assert f"a {kind} cannot be inside a field with cardinality" in refusal(field)


def test_cardinality_needs_its_distribution() -> None:
    """Without it, nothing says which value a record picks."""
    for kind in LIMITED:
        said = refusal({**EXAMPLES[kind], "cardinality": 2})
        assert "dimensions[0].cardinality_distribution: missing" in said
