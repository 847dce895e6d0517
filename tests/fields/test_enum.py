"""Enum values, and how an index picks among them."""

import json
from pathlib import Path

import pytest

from tests.support.fields import (
    START,
    choice,
    columns,
    enum,
    integers,
    lists,
    run,
    spec_with,
    uniform,
)
from tests.support.helpers import invoke
from tests.support.machines import Spec, constant

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


def test_weights_pick_as_a_choice_of_indices_does() -> None:
    """To the bit; a value of weight 0 never comes."""
    weights = [1, 0, 2.5]
    plain = {**enum("a", "b", "c"), "weights": weights}
    del plain["cardinality_distribution"]
    by_choice = enum(
        "a", "b", "c", pick={"type": "choice", "values": [0, 1, 2], "weights": weights}
    )
    found, expected = columns(plain, n=500)[0], columns(by_choice, n=500)[0]
    assert found == expected
    assert set(found) == {"a", "c"}


def test_without_either_all_are_alike() -> None:
    """As by a uniform distribution of the indices."""
    found = columns({"type": "enum", "values": [1, "b", None]}, n=500)[0]
    assert found == columns(enum(1, "b", None, pick=uniform(0, 2)), n=500)[0]
    assert set(found) == {1, "b", None}
