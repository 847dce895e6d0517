"""What a run shows on the whole: rates, picks and independence, through the whole program.

All at one fixed seed. Every p must exceed 1e-4 (|z| < 3.89).
"""

import json
from collections import Counter
from collections.abc import Sequence
from functools import cache
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from tests.support.helpers import invoke
from tests.support.machines import Spec, constant, spec_of
from tests.support.stats import chi_squared, correlation_z, even, of_z, table_of, unrelated

pytestmark = pytest.mark.statistical

LEAST_P = 1e-4
RECORDS = 50_000
ENDLESS = {"a": (constant(1), {"a": 1.0})}
DAYS: Spec = {"type": "uniform", "min": "2027-01-01", "max": "2027-12-31"}
U: Spec = {"type": "uniform", "min": 0, "max": 1}


def uniform(low: float, high: float) -> Spec:
    """Return a uniform distribution."""
    return {"type": "uniform", "min": low, "max": high}


def run(spec: Spec, records: int = RECORDS, *arguments: str) -> list[dict[str, Any]]:
    """Return the records of a run at the fixed seed."""
    arguments = ("-s", "2027-03-12", "--seed", "314", "-n", str(records), *arguments)
    outcome = invoke(*arguments, spec=spec)
    assert outcome.status == 0, outcome.err
    return outcome.records


def records_of(dimensions: list[Spec], records: int = RECORDS) -> list[dict[str, Any]]:
    """Return records with these fields, of workers that never end."""
    return run(spec_of(ENDLESS, constant(0.5), dimensions), records)


def column(records: Sequence[dict[str, Any]], name: str) -> NDArray[np.float64]:
    """Return one field of all records."""
    return np.array([record[name] for record in records], dtype=float)


def dependence(x: NDArray[Any], y: NDArray[Any], cells: int = 16) -> float:
    """Return the least p of two tests that two columns of uniforms are unrelated."""
    pairs = table_of((x * cells).astype(int), (y * cells).astype(int), cells)
    return min(of_z(correlation_z(x, y)), unrelated(pairs), even(pairs))


def test_transitions_have_their_probabilities() -> None:
    """From each state, `stop` included; probabilities a bit off 1 in sum are divided out."""
    routes = {
        "a": {"a": 0.1, "b": 0.55, "c": 0.3, "stop": 0.05},
        "b": {"a": 0.9995, "c": 0.0005},
        "c": {"a": 0.3337, "b": 0.3332, "stop": 0.3336},
    }
    spec = spec_of({name: (constant(1), nexts) for name, nexts in routes.items()}, constant(0.01))
    spec["emitters"] = [
        {"name": name, "dimensions": [
            {"name": "state", "type": "enum", "values": [name], "cardinality_distribution": constant(0)},
            {"name": "worker", "type": "variable", "variable": "worker"},
        ]}
        for name in routes
    ]  # fmt: skip
    number = {"name": "worker", "type": "counter"}
    first = {"name": "enter", "emitter": None, "delay": constant(0), "variables": [number],
             "transitions": [{"next": "a", "probability": 1}]}  # fmt: skip
    spec["states"] = [first, *({**state, "emitter": state["name"]} for state in spec["states"])]
    counts = transitions(run(spec, 200_000, "-m", "1000"))
    for name, nexts in routes.items():
        observed = np.array([counts.pop((name, each), 0) for each in nexts])
        assert observed.sum() > 10_000
        assert chi_squared(observed, np.array(list(nexts.values()))) > LEAST_P
    assert not counts


def transitions(records: list[dict[str, Any]]) -> Counter[tuple[str, str]]:
    """Count from which state to which; a worker silent for the last two seconds has stopped."""
    paths: dict[int, list[str]] = {}
    last_seen = {}
    for record in records:
        paths.setdefault(record["worker"], []).append(record["state"])
        last_seen[record["worker"]] = np.datetime64(record["time"])
    end = np.datetime64(records[-1]["time"]) - np.timedelta64(2, "s")
    counts: Counter[tuple[str, str]] = Counter()
    for worker, path in paths.items():
        stop = ["stop"] if last_seen[worker] < end else []
        counts.update(zip(path, [*path[1:], *stop], strict=False))
    return counts


TYPES: list[Spec] = [
    {"type": "int", "distribution": uniform(0, 9)},
    {"type": "float", "distribution": U},
    {"type": "string", "length_distribution": uniform(0, 4)},
    {"type": "timestamp", "distribution": DAYS},
    {"type": "ipaddress", "cidr": "10.0.0.0/8"},
    {"type": "uuid"},
    {"type": "counter"},
    {"type": "enum", "values": [None, 1, "x"], "cardinality_distribution": uniform(0, 2)},
    {"type": "object", "dimensions": [{"name": "x", "type": "uuid"}]},
    {"type": "list", "elements": [{"type": "uuid"}], "length_distribution": uniform(0, 2),
     "selection_distribution": constant(0)},
    {"type": "string:static", "value": "x"},
    {"type": "variable", "variable": "v"},
    {"type": "clock"},
]  # fmt: skip


@pytest.mark.parametrize(("nulls", "missing"), [(30, 20), (0.5, 0), (0, 2.5), (100, 40), (50, 100)])
def test_nulls_and_missing_values_have_their_rates(nulls: float, missing: float) -> None:
    """On every type; missing is decided first, null is the chance given that it is not missing."""
    rates = {"percent_nulls": nulls, "percent_missing": missing}
    fields = [{"name": f"f{place}", **each, **rates} for place, each in enumerate(TYPES)]
    spec = spec_of(ENDLESS, constant(0.5), fields)
    spec["states"][0]["variables"] = [{"name": "v", "type": "int", "distribution": uniform(0, 9)}]
    records = run(spec, 20_000)
    gone, null = missing / 100, (1 - missing / 100) * nulls / 100
    chances = np.array([gone, null, 1 - gone - null])
    for place, each in enumerate(TYPES):
        kinds = [kind_of(record, f"f{place}") for record in records]
        if each["type"] == "enum":  # a third of its values are null
            chances_here = np.array([gone, null + (1 - gone - null) / 3, (1 - gone - null) * 2 / 3])
        else:
            chances_here = chances
        assert chi_squared(np.bincount(kinds, minlength=3), chances_here) > LEAST_P, each["type"]


def kind_of(record: dict[str, Any], name: str) -> int:
    """Tell missing (0), null (1) and a value (2) apart."""
    return 0 if name not in record else 1 if record[name] is None else 2


def test_nulls_are_independent_of_missing_and_of_other_fields() -> None:
    """Whether one field is missing says nothing about the other's nulls, and so on."""
    field = {"type": "int", "distribution": constant(1), "percent_nulls": 40, "percent_missing": 30}
    records = records_of([{"name": "x", **field}, {"name": "y", **field}])
    x, y = (np.array([kind_of(record, name) for record in records]) for name in "xy")
    assert unrelated(table_of(x, y, 3)) > LEAST_P
    assert unrelated(table_of(x[1:], x[:-1], 3)) > LEAST_P


# Sets of limited cardinality. Members are known from runs that pick only the k-th.

LIMITED: list[Spec] = [
    {"name": "int", "type": "int", "distribution": {"type": "normal", "mean": 0, "stddev": 1e6}},
    {"name": "float", "type": "float", "distribution": U},
    {"name": "string", "type": "string", "length_distribution": constant(8)},
    {"name": "object", "type": "object", "dimensions": [{"name": "x", "type": "uuid"}]},
    {"name": "list", "type": "list", "elements": [{"type": "uuid"}, {"type": "float", "distribution": U}],
     "length_distribution": constant(3), "selection_distribution": uniform(0, 1)},
    {"name": "timestamp", "type": "timestamp", "distribution": DAYS},
    {"name": "ip", "type": "ipaddress", "cidr": ["10.0.0.0/8", "192.168.0.0/16"]},
    {"name": "ipv6", "type": "ipaddress", "cidr": "2001:db8::/32"},
    {"name": "few", "type": "int", "distribution": uniform(1, 9)},
    {"name": "uuid", "type": "uuid"},
]  # fmt: skip
MEMBERS = 8
ENUM: Spec = {"name": "enum", "type": "enum", "values": [{"a": place} for place in range(MEMBERS)]}


def limited(pick: Spec, records: int) -> dict[str, list[str]]:
    """Return the values, as text, of every type with MEMBERS values that `pick` chooses from."""
    fields: list[Spec] = [
        {**each, "cardinality": MEMBERS, "cardinality_distribution": pick} for each in LIMITED
    ]
    found = records_of([*fields, {**ENUM, "cardinality_distribution": pick}], records)
    return {
        name: [json.dumps(record[name]) for record in found] for name in found[0] if name != "time"
    }


ZIPF = np.arange(1.0, MEMBERS + 1) ** -1.2
NORMAL = np.diff(stats.norm(3, 2.5).cdf([-np.inf, *range(1, MEMBERS), np.inf]))


@cache
def members() -> list[dict[str, list[str]]]:
    """Return the values of every type, one member after the other."""
    return [limited(constant(place), 1) for place in range(MEMBERS)]


@pytest.mark.long
@pytest.mark.parametrize(
    ("pick", "chances"),
    [
        pytest.param(uniform(0, MEMBERS - 1), np.ones(MEMBERS), id="uniform"),
        pytest.param({"type": "zipf", "exponent": 1.2, "n": MEMBERS}, ZIPF, id="zipf"),
        pytest.param({"type": "normal", "mean": 3, "stddev": 2.5}, NORMAL, id="floored and held"),
        pytest.param(uniform(-2, 9), np.array([3, 1, 1, 1, 1, 1, 1, 3.0]), id="held at both ends"),
        pytest.param(uniform(0.5, 2.5), np.array([1, 2, 1.0]), id="floored"),
    ],
)
def test_members_are_picked_by_their_distribution(pick: Spec, chances: NDArray[Any]) -> None:
    """The index is the sample, rounded down, held within the set; on every type and enum."""
    for name, texts in limited(pick, 20_000).items():
        known = [each[name][0] for each in members()]
        assert len(set(known)) == MEMBERS
        assert set(texts) <= set(known)
        observed = np.array([texts.count(text) for text in known])
        wanted = np.pad(chances, (0, MEMBERS - len(chances)))
        assert chi_squared(observed, wanted) > LEAST_P, name


def test_list_places_pick_their_generators() -> None:
    """Selection is index sampling too: floored, held, independent from place to place."""
    elements = [
        {"type": "enum", "values": [number], "cardinality_distribution": constant(0)}
        for number in range(4)
    ]
    pick: Spec = {"type": "normal", "mean": 1.5, "stddev": 2}
    field: Spec = {"name": "x", "type": "list", "elements": elements, "length_distribution": constant(3),
             "selection_distribution": pick}  # fmt: skip
    picks = np.array([record["x"] for record in records_of([field])])
    chances = np.diff(stats.norm(1.5, 2).cdf([-np.inf, 1, 2, 3, np.inf]))
    for place, other in ((0, 1), (0, 2), (1, 2)):
        assert chi_squared(np.bincount(picks[:, place], minlength=4), chances) > LEAST_P
        assert unrelated(table_of(picks[:, place], picks[:, other], 4)) > LEAST_P


def test_list_lengths_are_rounded_and_held() -> None:
    """Lengths are nearest whole numbers, at least 0, of lists and strings alike."""
    length: Spec = {"type": "normal", "mean": 1.2, "stddev": 1.5}
    fields: list[Spec] = [
        {"name": "list", "type": "list", "elements": [{"type": "counter"}], "length_distribution": length,
         "selection_distribution": constant(0)},
        {"name": "string", "type": "string", "length_distribution": length},
    ]  # fmt: skip
    records = records_of(fields)
    chances = np.diff(stats.norm(1.2, 1.5).cdf([-np.inf, *(np.arange(12) + 0.5), np.inf]))
    for name in ("list", "string"):
        sizes = np.bincount([len(record[name]) for record in records], minlength=13)
        assert chi_squared(sizes, chances) > LEAST_P


def test_characters_are_even() -> None:
    """Each of `chars` has the same chance at each place, whatever stands before it."""
    field = {"name": "x", "type": "string", "length_distribution": constant(4), "chars": "abcé€"}
    texts = np.array(
        [["abcé€".index(each) for each in record["x"]] for record in records_of([field])]
    )
    for place in range(3):
        assert even(table_of(texts[:, place], texts[:, place + 1], 5)) > LEAST_P


def test_addresses_and_uuids_are_even() -> None:
    """Each range of a CIDR list has its share; each hexadecimal digit of a UUID is even."""
    fields: list[Spec] = [{"name": "ip", "type": "ipaddress", "cidr": ["10.0.0.0/30", "10.0.1.0/31", "10.0.2.7"]},
              {"name": "id", "type": "uuid"}]  # fmt: skip
    records = records_of(fields, 20_000)
    addresses = Counter(record["ip"] for record in records)
    assert len(addresses) == 7
    assert even(np.array(list(addresses.values()))) > LEAST_P
    digits = np.array(
        [[int(digit, 16) for digit in record["id"].replace("-", "")] for record in records]
    )
    assert set(digits[:, 12].tolist()) == {4}
    assert set(digits[:, 16].tolist()) == {8, 9, 10, 11}
    for place in set(range(32)) - {12, 16}:
        assert even(np.bincount(digits[:, place], minlength=16)) > LEAST_P


# Independence.


def test_fields_of_one_record_are_independent() -> None:
    """Neighbouring names, nested fields, places of a list, variables: all 66 pairs."""
    number = {"type": "float", "distribution": U}
    fields: list[Spec] = [{"name": name, **number} for name in ("a", "b", "ab", "a1", "a2")]
    fields.append({"name": "o", "type": "object",
                   "dimensions": [{"name": "a", **number}, {"name": "b", **number}]})  # fmt: skip
    fields.append({"name": "l", "type": "list", "elements": [number, number], "length_distribution": constant(3),
                   "selection_distribution": uniform(0, 1)})  # fmt: skip
    fields += [{"name": name, "type": "variable", "variable": name} for name in ("v", "w")]
    spec = spec_of(ENDLESS, constant(0.5), fields)
    spec["states"][0]["variables"] = [{"name": name, **number} for name in ("v", "w")]
    rows = [
        [
            *(record[name] for name in ("a", "b", "ab", "a1", "a2", "v", "w")),
            *record["o"].values(),
            *record["l"],
        ]
        for record in run(spec)
    ]
    columns = np.array(rows).T
    assert len(columns) == 12
    for x, y in combinations(columns, 2):
        assert dependence(x, y) > LEAST_P / 66


def test_consecutive_visits_of_a_worker_are_independent() -> None:
    """Fields, delays and transitions at lags 1 to 5 along one worker that never ends."""
    delay = {"type": "exponential", "mean": 10}
    fields = [{"name": "x", "type": "float", "distribution": U}]
    spec = spec_of({"a": (delay, {"a": 0.5, "b": 0.5}), "b": (delay, {"a": 0.5, "b": 0.5})},
                   constant(1), fields)  # fmt: skip
    for state in spec["states"]:
        where = {"name": "state", "type": "enum", "values": ["ab".index(state["name"])],
                 "cardinality_distribution": constant(0)}  # fmt: skip
        state["variables"] = [where]
    spec["emitters"][0]["dimensions"].append(
        {"name": "state", "type": "variable", "variable": "state"}
    )
    records = run(spec, RECORDS, "-m", "1")
    times = np.array([record["time"] for record in records], dtype="M8[ms]").astype(float)
    waits = 1 - np.exp(-np.diff(times) / 10_000)
    states, values = column(records, "state")[:-1].astype(int), column(records, "x")[:-1]
    assert dependence(values, waits) > LEAST_P
    for lag in range(1, 6):
        assert dependence(values[:-lag], values[lag:]) > LEAST_P
        assert dependence(waits[:-lag], waits[lag:]) > LEAST_P
        assert dependence(values[:-lag], waits[lag:]) > LEAST_P
        assert even(table_of(states[:-lag], states[lag:], 2)) > LEAST_P
        assert unrelated(table_of(states[lag:], (values[:-lag] * 2).astype(int), 2)) > LEAST_P


def test_neighbouring_workers_are_independent() -> None:
    """One visit a worker: values of workers 1 to 5 apart, and the interarrivals between them."""
    field = {"name": "x", "type": "float", "distribution": U}
    gap = {"type": "exponential", "mean": 10}
    records = run(spec_of({"a": (constant(0), {"stop": 1})}, gap, [field]))
    times = np.array([record["time"] for record in records], dtype="M8[ms]").astype(float)
    gaps, values = 1 - np.exp(-np.diff(times) / 10_000), column(records, "x")[1:]
    assert dependence(values, gaps) > LEAST_P
    for lag in range(1, 6):
        assert dependence(values[:-lag], values[lag:]) > LEAST_P
        assert dependence(gaps[:-lag], gaps[lag:]) > LEAST_P


def test_runs_with_neighbouring_seeds_are_independent() -> None:
    """Seeds one apart share nothing."""
    field = {"name": "x", "type": "float", "distribution": U}
    spec = spec_of(ENDLESS, constant(0.5), [field])
    one, other = (
        column(invoke("-s", "2027-03-12", "-n", "20000", "--seed", seed, spec=spec).records, "x")
        for seed in ("314", "315")
    )
    assert dependence(one, other) > LEAST_P
