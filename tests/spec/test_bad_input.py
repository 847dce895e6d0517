"""What the program says about input that is wrong: the whole of stderr, and the exit status.

Each table changes one right specification in one place and expects the problems word for word.
"""

import copy
import io
import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest

import generator
from tests.support.helpers import Outcome, invoke

RUN = ("-n", "3", "-s", "2027-03-12", "--seed", "1", "-q")
REPEAT = "repeat with: --seed 1 -s 2027-03-12T00:00:00.000000\n"
GONE = object()  # as a new value: the key goes away
NINE = {"type": "uniform", "min": 0, "max": 9}
BASE: dict[str, Any] = {
    "states": [
        {"name": "home", "emitter": "page",
         "variables": [
             {"name": "user", "type": "int", "distribution": {"type": "uniform", "min": 1, "max": 9}},
             {"name": "shop", "type": "enum", "cardinality_distribution": NINE,
              "values": [{"city": "Bonn", "place": {"lat": 50.7}}, {"city": "Kiel", "zip": 24103}]},
         ],
         "delay": {"type": "exponential", "mean": 2},
         "transitions": [{"next": "search", "probability": 0.6}, {"next": "stop", "probability": 0.4}]},
        {"name": "search", "emitter": "query", "delay": {"type": "constant", "value": 1},
         "transitions": [{"next": "home", "probability": 1}]},
    ],
    "emitters": [
        {"name": "page", "dimensions": [
            {"name": "user", "type": "variable", "variable": "user"},
            {"name": "city", "type": "variable", "variable": "shop", "field": "city"},
            {"name": "id", "type": "uuid"},
        ]},
        {"name": "query", "dimensions": [
            {"name": "word", "type": "string", "length_distribution": {"type": "constant", "value": 5}},
        ]},
    ],
    "interarrival": {"type": "exponential", "mean": 1},
}  # fmt: skip
DISTRIBUTIONS = (
    "constant, uniform, exponential, normal, lognormal, gamma, weibull, pareto, triangular, beta, "
    "poisson, zipf, choice, histogram, gmm_temporal"
)
FIELD_TYPES = (
    "int, float, counter, ipaddress, enum, timestamp, clock, string, uuid, object, list, "
    "string:static, int:static, float:static, bool:static, variable"
)


def edited(*changes: tuple[str, Any]) -> dict[str, Any]:
    """Return the right specification with other values at some paths; one past a list's end adds."""
    spec = copy.deepcopy(BASE)
    for path, value in changes:
        steps = [int(step) if step.isdigit() else step for step in re.findall(r"[^.\[\]]+", path)]
        node: Any = spec
        for step in steps[:-1]:
            node = node[step]
        if value is GONE:
            del node[steps[-1]]
        elif isinstance(node, list) and steps[-1] == len(node):
            node.append(value)
        else:
            node[steps[-1]] = value
    return spec


def lines(problems: str) -> str:
    """Return what stderr holds when these are the problems of stdin."""
    return "".join(f"stdin: {line}\n" for line in problems.splitlines())


def from_stdin(data: bytes) -> Outcome:
    """Run the program on these very bytes."""
    out, err = io.BytesIO(), io.StringIO()
    return Outcome(
        generator.main([*RUN], io.BytesIO(data), out, err), out.getvalue(), err.getvalue()
    )


def test_base_of_all_cases_is_right() -> None:
    """What the tables change is itself without a problem or a warning."""
    outcome = invoke(*RUN, spec=BASE)
    assert (outcome.status, outcome.err, len(outcome.records)) == (0, REPEAT, 3)


STRUCTURE = [
    # keys
    ("emiters", [], 'emiters: unknown key; did you mean "emitters"?'),
    ("states[0].variable", [], 'states[0].variable: unknown key; did you mean "variables"?'),
    ("workers", 5, "workers: unknown key; one of emitters, format, interarrival, schedule, states, target, templates, type"),
    ("states[1].a\nb", 5, "states[1].a\\nb: unknown key; one of delay, emitter, name, transitions, variables"),
    ("states", GONE, "states: missing"),
    ("emitters", GONE, "emitters: missing"),
    ("interarrival", GONE, "interarrival: missing"),
    ("states[0].transitions", GONE, "states[0].transitions: missing"),
    ("states[0].transitions[1].probability", GONE, "states[0].transitions[1].probability: missing"),
    ("emitters[1].dimensions", GONE, "emitters[1].dimensions: missing"),
    ("emitters[1].dimensions[0].name", GONE, "emitters[1].dimensions[0].name: missing"),
    # types
    ("states", {}, "states: expected a list, not an object"),
    ("states", [], "states: expected at least one state"),
    ("states[0]", 7, ('states[0]: expected an object, not 7\n'
                     'states[1].transitions[0].next: no state "home"; one of search, stop\n'
                     'emitters[0].dimensions[0].variable: no state sets a variable "user"\n'
                     'emitters[0].dimensions[1].variable: no state sets a variable "shop"')),
    ("emitters", "page", 'emitters: expected a list, not "page"'),
    ("emitters[1].name", 5, ('states[1].emitter: no emitter "query"; one of page\n'
                            "emitters[1].name: expected a text, not 5")),
    ("states[0].emitter", 7, "states[0].emitter: expected a text, not 7"),
    ("states[0].transitions[0].next", None, "states[0].transitions[0].next: expected a text, not null"),
    ("interarrival", 5, 'interarrival: expected an object such as {"type": "constant", ...}, not 5'),
    ("states[0].delay", None,
     'states[0].delay: expected an object such as {"type": "constant", ...}, not null'),
    ("emitters[0].dimensions[2]", "id",
     'emitters[0].dimensions[2]: expected an object such as {"type": "int", ...}, not "id"'),
    ("interarrival", {"type": "exponental", "mean": 1},
     'interarrival.type: no distribution "exponental"; did you mean "exponential"?'),
    ("interarrival", {"type": "laplace"}, f'interarrival.type: no distribution "laplace"; one of {DISTRIBUTIONS}'),
    ("interarrival", {"mean": 1}, f"interarrival.type: missing; one of {DISTRIBUTIONS}"),
    ("emitters[0].dimensions[2].type", "UUID",
     'emitters[0].dimensions[2].type: no field type "UUID"; did you mean "uuid"?'),
    ("emitters[0].dimensions[2].type", "word",
     f'emitters[0].dimensions[2].type: no field type "word"; one of {FIELD_TYPES}'),
    # names
    ("states[1].name", "", ('states[0].transitions[0].next: no state "search"; one of home, stop\n'
                           'states[1].name: expected a name, not ""')),
    ("emitters[0].dimensions[2].name", None, "emitters[0].dimensions[2].name: expected a text, not null"),
    ("states[2]", {"name": "home", "transitions": [{"next": "stop", "probability": 1}]},
     'states[2].name: "home" is the name of states[0] already'),
    ("emitters[2]", {"name": "page", "dimensions": []}, 'emitters[2].name: "page" is the name of emitters[0] already'),
    ("emitters[0].dimensions[2].name", "user",
     'emitters[0].dimensions[2].name: "user" is the name of emitters[0].dimensions[0] already'),
    ("states[0].variables[2]", {"name": "user", "type": "uuid"},
     'states[0].variables[2].name: "user" is the name of states[0].variables[0] already'),
    ("emitters[0].dimensions[2].name", "time",
     'emitters[0].dimensions[2].name: "time" is the clock, the first field of every record'),
    # transitions
    ("states[0].transitions[0].next", "serach",
     'states[0].transitions[0].next: no state "serach"; did you mean "search"?'),
    ("states[0].transitions[0].next", "end", 'states[0].transitions[0].next: no state "end"; one of home, search, stop'),
    ("states[0].transitions[1].next", "halt", 'states[0].transitions[1].next: no state "halt"; one of home, search, stop'),
    ("states[0].transitions", [], 'states[0].transitions: expected at least one transition; to "stop" ends the worker'),
    ("states[0].transitions[0].probability", 0.5, "states[0].transitions: the probabilities add up to 0.9, not 1"),
    ("states[0].transitions[0].probability", 0.6011, "states[0].transitions: the probabilities add up to 1.0011, not 1"),
    ("states[1].transitions[0].probability", 0,
     "states[1].transitions[0].probability: expected a probability above 0 and at most 1, not 0"),
    ("states[1].transitions[0].probability", 100,
     "states[1].transitions[0].probability: expected a probability above 0 and at most 1, not 100"),
    ("states[1].transitions[0].probability", "1",
     'states[1].transitions[0].probability: expected a number, not "1"'),
    ("states[1].transitions[0].probability", True,
     "states[1].transitions[0].probability: expected a number, not true"),
    # emitters and variables
    ("states[0].emitter", "pge", 'states[0].emitter: no emitter "pge"; did you mean "page"?'),
    ("states[0].emitter", "log", 'states[0].emitter: no emitter "log"; one of page, query'),
    ("states[0].emitter", "", 'states[0].emitter: no emitter ""; one of page, query'),
    ("emitters[0].dimensions[0].variable", "usr",
     'emitters[0].dimensions[0].variable: no state sets a variable "usr"; did you mean "user"?'),
    ("emitters[0].dimensions[0].variable", "cart",
     'emitters[0].dimensions[0].variable: no state sets a variable "cart"; one of user, shop'),
    ("emitters[0].dimensions[0].variable", GONE, "emitters[0].dimensions[0].variable: missing"),
    ("emitters[0].dimensions[1].field", "ctiy",
     'emitters[0].dimensions[1].field: no value of the variable "shop" has a part "ctiy"; did you mean "city"?'),
    ("emitters[0].dimensions[1].field", "place.lot",
     ('emitters[0].dimensions[1].field: no value of the variable "shop" has a part "place.lot"; '
     'did you mean "place.lat"?')),
    ("emitters[0].dimensions[1].field", "name",
     'emitters[0].dimensions[1].field: no value of the variable "shop" has a part "name"; one of city, place, zip'),
    ("emitters[0].dimensions[1].field", "city.name",
     'emitters[0].dimensions[1].field: no value of the variable "shop" has a part "city.name"'),
    ("emitters[0].dimensions[0].field", "id",
     'emitters[0].dimensions[0].field: no value of the variable "user" has a part "id"'),
    ("states[0].variables[2]", {"name": "old", "type": "variable", "variable": "user"},
     "states[0].variables[2].type: only an emitter can show a variable"),
    ("type", "generatr", 'type: expected "generator", not "generatr"'),
    ("states[0].type", "event:start:timer",
     "states[0].type: belongs to the process form, where each state has one; most states here have none"),
    ("states[1].next", "home",
     "states[1].next: belongs to the process form; here it is a key of the transitions, with a probability"),
    # the target within the specification
    ("target", "stdout", 'target: expected an object, not "stdout"'),
    ("target", [], "target: expected an object, not a list"),
    ("target", {"type": "stdot"}, 'target.type: no target type "stdot"; did you mean "stdout"?'),
    ("target", {"type": "file"}, "target.path: missing"),
    ("target", {"type": "file", "path": ""}, "target.path: expected the path of a file"),
    ("target", {"type": "file", "path": "x", "mode": "apend"}, 'target.mode: expected "overwrite" or "append", not "apend"'),
    ("target", {"type": "file", "path": "${NO_SUCH_FOLDER}/x"},
     'target.path: the environment variable "NO_SUCH_FOLDER" is not set'),
]  # fmt: skip


@pytest.mark.parametrize(("path", "value", "problems"), STRUCTURE)
def test_wrong_structure_is_refused(path: str, value: Any, problems: str) -> None:
    """States, transitions, emitters, names and the target: the place, the fault, the remedy."""
    outcome = invoke(*RUN, spec=edited((path, value)))
    assert (outcome.status, outcome.out, outcome.err) == (1, b"", lines(problems))


PARAMETERS = [
    ({"type": "constant"}, ".value: missing"),
    ({"type": "constant", "value": "1"}, '.value: expected a number, not "1"'),
    ({"type": "constant", "value": 10**400}, f".value: 1{'0' * 56}... is out of range"),
    ({"type": "constant", "valu": 1}, '.valu: unknown key; did you mean "value"?'),
    ({"type": "uniform", "min": 3, "max": 1}, ".min: 3 is greater than max, 1"),
    ({"type": "uniform", "min": 3}, ".max: missing"),
    ({"type": "exponential", "mean": 0}, ".mean: expected a number above 0, not 0"),
    ({"type": "normal", "mean": 1, "stddev": -1}, ".stddev: expected 0 or more, not -1"),
    ({"type": "normal", "mean": 1, "stdev": 1}, '.stdev: unknown key; did you mean "stddev"?'),
    ({"type": "lognormal", "mu": None, "sigma": -1},
     ".mu: expected a number, not null\n.sigma: expected 0 or more, not -1"),
    ({"type": "gamma", "shape": 0, "scale": 1}, ".shape: expected a number above 0, not 0"),
    ({"type": "weibull", "shape": 1, "scale": 0}, ".scale: expected a number above 0, not 0"),
    ({"type": "pareto", "alpha": -1, "min": 0},
     ".alpha: expected a number above 0, not -1\n.min: expected a number above 0, not 0"),
    ({"type": "triangular", "min": 3, "mode": 2, "max": 4}, ": expected min <= mode <= max, not 3, 2, 4"),
    ({"type": "beta", "alpha": 1, "beta": 0}, ".beta: expected a number above 0, not 0"),
    ({"type": "beta", "alpha": 1, "beta": 1, "min": 2}, ".min: 2 is greater than max, 1.0"),
    ({"type": "poisson", "mean": 0}, ".mean: expected a number above 0, not 0"),
    ({"type": "poisson", "mean": 1e10}, ".mean: expected at most 1e9; above that, a normal distribution is the same"),
    ({"type": "zipf", "exponent": 0, "n": 5}, ".exponent: expected a number above 0, not 0"),
    ({"type": "zipf", "exponent": 1, "n": 0}, ".n: expected 1 to 10000000, not 0"),
    ({"type": "zipf", "exponent": 1, "n": 2.5}, ".n: expected a whole number, not 2.5"),
    ({"type": "choice", "values": []}, ".values: expected at least one value"),
    ({"type": "choice", "values": 5}, ".values: expected a list, not 5"),
    ({"type": "choice", "values": [1, 2], "weights": [1]}, ".weights: expected as many as values, 2, not 1"),
    ({"type": "choice", "values": [1, 2], "weights": [0, 0]}, ".weights: expected at least one weight above 0"),
    ({"type": "choice", "values": [1, "2"], "weights": [1, -1]},
     '.values[1]: expected a number, not "2"\n.weights[1]: expected 0 or more, not -1'),
    ({"type": "histogram", "edges": [1], "weights": [1]}, ".edges: expected at least two edges"),
    ({"type": "histogram", "edges": [1, 1], "weights": [1]}, ".edges: expected strictly increasing numbers"),
    ({"type": "histogram", "edges": [1, 2], "weights": [1, 1]}, ".weights: expected one fewer than edges, 1, not 2"),
]  # fmt: skip


@pytest.mark.parametrize(("distribution", "problems"), PARAMETERS)
def test_wrong_distribution_is_refused(distribution: Any, problems: str) -> None:
    """Every distribution's parameters are checked on load."""
    expected = lines("\n".join(f"interarrival{line}" for line in problems.splitlines()))
    outcome = invoke(*RUN, spec=edited(("interarrival", distribution)))
    assert (outcome.status, outcome.out, outcome.err) == (1, b"", expected)


INT, STRING = {"type": "int", "distribution": NINE}, {"type": "string", "length_distribution": NINE}
FIELDS = [
    ({"type": "int"}, ".distribution: missing"),
    (INT | {"cardinality": 3}, ".cardinality_distribution: missing; it picks from the values of cardinality"),
    (INT | {"cardinality": 3, "percent_nulls": -1},
     (".percent_nulls: expected a percentage from 0 to 100, not -1\n"
     ".cardinality_distribution: missing; it picks from the values of cardinality")),
    (INT | {"cardinality": -1, "cardinality_distribution": NINE}, ".cardinality: expected 0 or more, not -1"),
    (INT | {"cardinality": 2.5, "cardinality_distribution": NINE}, ".cardinality: expected a whole number, not 2.5"),
    (INT | {"cardinality": 10**7, "cardinality_distribution": NINE}, ".cardinality: expected at most 1000000, not 10000000"),
    (INT | {"cardinality": 11, "cardinality_distribution": NINE},
     ".cardinality: only 10 different values are possible, not 11"),
    ({"type": "float", "distribution": {"type": "normal", "mean": 0, "stddev": 0}, "cardinality": 2,
      "cardinality_distribution": NINE},
     ".cardinality: found only 1 different values in 10200 attempts, not 2"),
    ({"type": "int", "distribution": {"type": "uniform", "min": -(2**64), "max": 2**63}},
     (".distribution.min: expected a number from -9223372036854775808 to 9223372036854775807, not -18446744073709551616\n"
     ".distribution.max: expected a number from -9223372036854775808 to 9223372036854775807, not 9223372036854775808")),
    (INT | {"percent_nulls": 100.5}, ".percent_nulls: expected a percentage from 0 to 100, not 100.5"),
    (INT | {"percent_missing": "5"}, '.percent_missing: expected a number, not "5"'),
    (INT | {"presicion": 2},
     (".presicion: unknown key; one of cardinality, cardinality_distribution, distribution, name, percent_missing, "
     "percent_nulls, type")),
    ({"type": "float", "distribution": NINE, "precision": -1}, ".precision: expected 0 to 15 decimals, not -1"),
    ({"type": "float", "distribution": NINE, "precision": 1.5}, ".precision: expected a whole number, not 1.5"),
    ({"type": "string"}, ".length_distribution: missing"),
    (STRING | {"chars": ""}, ".chars: expected at least one character"),
    (STRING | {"chars": ["a", "b"]}, ".chars: expected a text, not a list"),
    (STRING | {"chars": "a\ud800"}, ".chars: a lone surrogate is not a character"),
    ({"type": "string", "length_distribution": {"type": "constant", "value": 2e6}},
     ".length_distribution: expected lengths of at most 1000000"),
    (STRING | {"chars": "a", "cardinality": 11, "cardinality_distribution": NINE},
     ".cardinality: only 10 different values are possible, not 11"),
    ({"type": "ipaddress"}, ': expected either "distribution" or "cidr"'),
    ({"type": "ipaddress", "distribution": NINE, "cidr": "10.0.0.0/8"}, ': expected either "distribution" or "cidr"'),
    ({"type": "ipaddress", "cidr": "10.0.0.1/8"},
     '.cidr: expected a range such as 10.0.0.0/8, not "10.0.0.1/8"; did you mean "10.0.0.0/8"?'),
    ({"type": "ipaddress", "cidr": ["10.0.0.0/8", "10.0.0.0/33"]},
     '.cidr[1]: expected a range such as 10.0.0.0/8, not "10.0.0.0/33"'),
    ({"type": "ipaddress", "cidr": []}, ".cidr: expected at least one range"),
    ({"type": "ipaddress", "cidr": ["10.0.0.0/8", "fd00::/8"]}, ".cidr: expected ranges of either IPv4 or IPv6, not both"),
    ({"type": "ipaddress", "distribution": {"type": "uniform", "min": -1, "max": 2**32}},
     (".distribution.min: expected a number from 0 to 4294967295, not -1\n"
     ".distribution.max: expected a number from 0 to 4294967295, not 4294967296")),
    ({"type": "counter", "start": 0.5, "increment": "1"},
     '.start: expected a whole number, not 0.5\n.increment: expected a whole number, not "1"'),
    ({"type": "counter", "start": 2**63}, ".start: 9223372036854775808 does not fit into 64 bits"),
    ({"type": "counter", "cardinality": 3},
     ".cardinality: unknown key; one of increment, name, percent_missing, percent_nulls, start, type"),
    ({"type": "enum"}, ".values: missing\n.cardinality_distribution: missing"),
    ({"type": "enum", "values": [], "cardinality_distribution": NINE}, ".values: expected at least one value"),
    ({"type": "enum", "values": {"a": 1}, "cardinality_distribution": NINE}, ".values: expected a list, not an object"),
    ({"type": "enum", "value": [1], "cardinality_distribution": NINE}, '.value: unknown key; did you mean "values"?'),
    ({"type": "object", "dimensions": [{"name": "a", "type": "uuid"}, {"name": "a", "type": "uuid"}, {"type": "uid"}]},
     ('.dimensions[1].name: "a" is the name of emitters[0].dimensions[3].dimensions[0] already\n'
     '.dimensions[2].type: no field type "uid"; did you mean "uuid"?\n'
     '.dimensions[2].name: missing')),
    ({"type": "object", "dimensions": [{"name": "n", "type": "counter"}], "cardinality": 2, "cardinality_distribution": NINE},
     ".dimensions[0]: a counter cannot be inside a field with cardinality"),
    ({"type": "object", "dimensions": [{"name": "n", "type": "variable", "variable": "usr"}]},
     '.dimensions[0].variable: no state sets a variable "usr"; did you mean "user"?'),
    ({"type": "list", "elements": [], "length_distribution": NINE, "selection_distribution": NINE},
     ".elements: expected at least one field"),
    ({"type": "list", "elements": [{"type": "uuid"}], "length_distribution": NINE}, ".selection_distribution: missing"),
    ({"type": "list", "elements": [{"type": "uuid"}], "length_distribution": {"type": "constant", "value": 1e6},
      "selection_distribution": NINE}, ".length_distribution: expected lengths of at most 100000"),
    ({"type": "clock", "format": "%Y-%Q"}, '.format: "%Q" is not a strftime directive'),
    ({"type": "clock", "format": 5}, ".format: expected a text, not 5"),
]  # fmt: skip


@pytest.mark.parametrize(("field", "problems"), FIELDS)
def test_wrong_field_is_refused(field: dict[str, Any], problems: str) -> None:
    """Every field type's keys are checked, alone and together, before anything is generated."""
    place = "emitters[0].dimensions[3]"
    expected = lines("\n".join(place + line for line in problems.splitlines()))
    outcome = invoke(*RUN, spec=edited((place, {"name": "x", **field})))
    assert (outcome.status, outcome.out, outcome.err) == (1, b"", expected)


INSTANTS = [
    ({"type": "constant", "value": 5}, ".value: expected an ISO 8601 instant in quotes, not 5"),
    ({"type": "constant", "value": "2027-13-01"},
     '.value: "2027-13-01" is not an ISO 8601 instant such as 2027-03-12T10:30:00: month must be in 1..12'),
    ({"type": "uniform", "min": "2027-01-01T00:00:00Z", "max": "2028-01-01"},
     ": expected all instants with an offset, or none"),
    ({"type": "uniform", "min": "2029-01-01", "max": "2028-01-01"}, ".min: is later than max"),
    ({"type": "normal", "mean": "2027-01-01", "stddev": "1h"}, '.stddev: expected a number, not "1h"'),
    ({"type": "exponential", "min": "2027-01-01", "mean": 0}, ".mean: expected a number above 0, not 0"),
    ({"type": "triangular", "min": "2027-01-01", "mode": "2026-01-01", "max": "2028-01-01"},
     ": expected min <= mode <= max"),
    ({"type": "choice", "values": []}, ".values: expected at least one value"),
    ({"type": "histogram", "edges": ["2027-01-01"], "weights": [1]}, ".edges: expected at least two edges"),
    ({"type": "gamma", "shape": 1, "scale": 1},
     ('.type: no distribution of instants "gamma"; one of constant, uniform, normal, exponential, triangular, choice, '
     'histogram')),
]  # fmt: skip


@pytest.mark.parametrize(("distribution", "problem"), INSTANTS)
def test_wrong_timestamp_is_refused(distribution: dict[str, Any], problem: str) -> None:
    """Distributions of instants have rules of their own."""
    place = "emitters[0].dimensions[3]"
    field = {"name": "x", "type": "timestamp", "distribution": distribution}
    outcome = invoke(*RUN, spec=edited((place, field)))
    assert (outcome.status, outcome.err) == (1, f"stdin: {place}.distribution{problem}\n")


NO_TIME = {"type": "uniform", "min": -1, "max": 0}
MACHINES = [
    ([("states[0].emitter", GONE), ("states[1].emitter", GONE)],
     "states: no state that a worker can reach has an emitter: there would be no records"),
    ([("interarrival", NO_TIME), ("states[0].delay", NO_TIME), ("states[1].delay", NO_TIME)],
     "interarrival: is never above 0, and no state that a worker can reach waits: the clock would not advance"),
    ([("states[0].delay", NO_TIME), ("states[1].delay", NO_TIME),
      ("states[0].transitions", [{"next": "search", "probability": 1}])],
     'states[0]: a worker cannot leave "home", "search", and no delay there is ever above 0: the clock would not advance'),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "problem"), MACHINES)
def test_machine_that_cannot_run_is_refused(changes: Any, problem: str) -> None:
    """What can be seen before running: no record would ever come, or time would stand still."""
    outcome = invoke(*RUN, spec=edited(*changes))
    assert (outcome.status, outcome.out, outcome.err) == (1, b"", lines(problem))


STOP = [{"next": "stop", "probability": 1}]
WARNINGS = [
    ([("states[2]", {"name": "help", "emitter": "page", "transitions": STOP})],
     'states[2]: no worker can reach "help"\n'),
    ([("states[1].emitter", GONE), ("states[1].transitions[0].next", "search")],
     'states[1]: a worker cannot leave "search", and nothing is emitted there: with -n the run might never end\n'),
    ([("states[1].emitter", "page"), ("states[1].variables", BASE["states"][0]["variables"][1:]),
      ("states[0].variables", GONE), ("states[1].variables[1]", BASE["states"][0]["variables"][0])],
     ('states[0].emitter: shows the variable "shop", which may be unset on some path; its value is null there\n'
     'states[0].emitter: shows the variable "user", which may be unset on some path; its value is null there\n')),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "warnings"), WARNINGS)
def test_what_is_probably_not_meant_is_a_warning(changes: Any, warnings: str) -> None:
    """A warning names the place; the specification counts as right."""
    outcome = invoke("--validate", spec=edited(*changes))
    told = "".join(f"warning: stdin: {line}\n" for line in warnings.splitlines())
    states = len(edited(*changes)["states"])
    assert (outcome.status, outcome.err) == (0, f"{told}stdin: ok: {states} states, 2 emitters\n")


def test_all_problems_come_in_one_go_in_the_order_of_the_document() -> None:
    """Shapes, names, sums, nested fields and the target are told together; what is missing last."""
    spec = edited(
        ("states[0].delay", {"type": "exponential", "mean": 0}),
        ("states[0].transitions[0].next", "serach"),
        ("states[0].transitions[0].probability", 0.7),
        ("states[1].emitter", GONE),
        ("states[1].emiter", "query"),
        ("emitters[0].dimensions[1].field", "town"),
        ("emitters[0].dimensions[2].percent_nulls", 101),
        ("emitters[1].dimensions[0].length_distribution.value", "5"),
        ("interarrival.mean", GONE),
        ("target", {"type": "file", "mode": "w"}),
    )
    outcome = invoke(*RUN, spec=spec)
    assert outcome.status == 1
    assert outcome.err == lines(
        "states[0].delay.mean: expected a number above 0, not 0\n"
        "states[0].transitions: the probabilities add up to 1.1, not 1\n"
        'states[0].transitions[0].next: no state "serach"; did you mean "search"?\n'
        'states[1].emiter: unknown key; did you mean "emitter"?\n'
        'emitters[0].dimensions[1].field: no value of the variable "shop" has a part "town"; '
        "one of city, place, zip\n"
        "emitters[0].dimensions[2].percent_nulls: expected a percentage from 0 to 100, not 101\n"
        'emitters[1].dimensions[0].length_distribution.value: expected a number, not "5"\n'
        "interarrival.mean: missing\n"
        'target.mode: expected "overwrite" or "append", not "w"\n'
        "target.path: missing"
    )


TEXTS = [
    (b"", "is empty"),
    (b"\xef\xbb\xbf \n", "is empty"),
    (b"[1, 2]", "expected an object, not a list"),
    (b"5", "expected an object, not 5"),
    (b'"states"', 'expected an object, not "states"'),
    (b"null", "expected an object, not null"),
    (b"{}", "states: missing\nemitters: missing\ninterarrival: missing"),
    (b'{"states": }', "is not JSON: Expecting value at line 1, column 12"),
    (b'{\n "states": [] "emitters": []}', "is not JSON: Expecting ',' delimiter at line 2, column 15"),
    (b'{"states": ["\xe4"]}', "is not UTF-8 text (byte 13)"),
    (b'{"states": NaN}', "is not JSON: NaN is not a number"),
    (b'{"states": -Infinity}', "is not JSON: -Infinity is not a number"),
    (b'{"states": 1' + b"0" * 5000 + b"}", "is not JSON: a number of 5001 digits is too long"),
    (b'{"states": [{"name": "a", "name": "b"}], "type": "x", "type": "y"}',
     "type: appears twice\nstates[0].name: appears twice"),
    (b"[" * 300 + b"]" * 300, "is nested too deeply"),
    (b"[" * 100_000, "is nested too deeply"),
]  # fmt: skip


@pytest.mark.parametrize(("data", "problems"), TEXTS, ids=lambda each: str(each[:30]))
def test_text_that_holds_no_specification_is_refused(data: bytes, problems: str) -> None:
    """Bytes that are not UTF-8, not JSON, or not an object."""
    outcome = from_stdin(data)
    assert (outcome.status, outcome.out, outcome.err) == (1, b"", lines(problems))


def test_comments_are_no_problem_anywhere() -> None:
    """Keys with `_` or `$` may hold anything, stand twice, and name what is not in the environment."""
    spec = edited(
        ("$schema", 5),
        ("states[0]._why", None),
        ("states[0].delay._unit", "s"),
        ("target", {"type": "stdout", "_note": "${NO_SUCH_VARIABLE}"}),
    )
    text = json.dumps(spec).replace('"$schema"', '"_": 1, "_": 2, "$schema"')
    assert from_stdin(text.encode()).status == 0


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with files for command lines, and go there."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NO_SUCH_FOLDER", raising=False)
    texts = {
        "spec.json": json.dumps(BASE),
        "own.json": json.dumps(edited(("target", {"type": "file", "path": "own.json"}))),
        "wrong.json": json.dumps(edited(("states[0].emitter", "pge"))),
        "list.json": "[]",
        "kind.json": '{"type": "fil", "path": "x"}',
        "key.json": '{"type": "file", "file": "x"}',
        "pathless.json": '{"type": "file"}',
        "unset.json": '{"type": "file", "path": "${NO_SUCH_FOLDER}/x"}',
        "parent.json": '{"type": "file", "path": "nowhere/x"}',
        "here.json": '{"type": "file", "path": "."}',
        "broken.json": '{"type": "stdout"',
        "pattern.txt": "{time}",
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    return tmp_path


NO_DURATION = "expected a duration such as 30S, 10M, 1H, 2D, 1W, 1h30m or PT1H30M"
NO_TARGET = "neither a target file (there is none of that name) nor a duration such as 30S"
USAGE = [
    ("-n x", "argument -n/--records: expected a whole number of 0 or more, not 'x'"),
    ("-n -1", "argument -n/--records: expected a whole number of 0 or more, not '-1'"),
    ("-n 1.5", "argument -n/--records: expected a whole number of 0 or more, not '1.5'"),
    ("-m 0", "argument -m/--max-workers: expected a whole number from 1 to 100,000,000, not '0'"),
    ("-m many", "argument -m/--max-workers: expected a whole number from 1 to 100,000,000, not 'many'"),
    ("--seed one", "argument --seed: expected a whole number, not 'one'"),
    ("-n 1 -r 1H", "argument -r/--duration: not allowed with argument -n/--records"),
    ("-q -v", "argument -v/--verbose: not allowed with argument -q/--quiet"),
    ("--pace 5", "unrecognized arguments: --pace 5"),
    ("-s", "argument -s/--start: expected one argument"),
    ("-r 5", "-r 5: a number needs a unit: 5S, 5M (minutes), 5H, 5D or 5W"),
    ("-r=-1H", "-r -1H: a duration cannot be negative"),
    ("-r P1M", "-r P1M: months and years have no fixed length; give days or weeks"),
    ("-r 1Y", "-r 1Y: months and years have no fixed length; give days or weeks"),
    ("-r 30m1h", f"-r 30m1h: {NO_DURATION}"),
    ("-r soon", f"-r soon: {NO_DURATION}"),
    ("-r 9999999D", "-r 9999999D: longer than 10,000 years"),
    ("-t nothing", f"-t nothing: {NO_TARGET} ({NO_DURATION})"),
    ("-t 5", f"-t 5: {NO_TARGET} (a number needs a unit: 5S, 5M (minutes), 5H, 5D or 5W)"),
    ("-t stdout -t file", "two targets: stdout and file"),
    ("-f nothing", "-f nothing: neither a record format nor a generator specification: there is no such file"),
    ("-s 2027-13-01", "-s 2027-13-01: not an ISO 8601 instant such as 2027-03-12T10:30:00: month must be in 1..12"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "error"), USAGE)
def test_wrong_command_line_is_refused(line: str, error: str, folder: Path) -> None:
    """Wrong usage: exit 2, one line that says what was expected, and nothing generated."""
    outcome = invoke("-c", "spec.json", *shlex.split(line))
    assert (outcome.status, outcome.out) == (2, b"")
    assert outcome.err == f"generator.py: error: {error}\n"


FILES = [
    ("-c clickstrem", 'clickstrem: there is no such file (nor in conf/gen); did you mean "clickstream"?'),
    ("-c .", ".: is a folder, not a file"),
    ("-c ./spec", "./spec: there is no such file"),
    ("-c wrong.json", 'wrong.json: states[0].emitter: no emitter "pge"; did you mean "page"?'),
    ("-c wrong.json -t kind.json", ('wrong.json: states[0].emitter: no emitter "pge"; did you mean "page"?\n'
                                   'kind.json: type: no target type "fil"; did you mean "file"?')),
    ("-c spec.json -t list.json", 'list.json: expected an object such as {"type": "file", ...}, not a list'),
    ("-c spec.json -t key.json", "key.json: file: unknown key; one of format, mode, path, type\nkey.json: path: missing"),
    ("-c spec.json -t pathless.json", "pathless.json: path: missing"),
    ("-c spec.json -t unset.json", 'unset.json: path: the environment variable "NO_SUCH_FOLDER" is not set'),
    ("-c spec.json -t broken.json", "broken.json: is not JSON: Expecting ',' delimiter at line 1, column 18"),
    ("-c spec.json -t parent.json", f'{REPEAT}nowhere/x: there is no folder "nowhere"; 0 records were delivered'),
    ("-c spec.json -t here.json", f"{REPEAT}.: Is a directory; 0 records were delivered"),
    ("-c own.json", "the target would overwrite the specification, own.json"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "problems"), FILES)
def test_wrong_file_is_refused(line: str, problems: str, folder: Path) -> None:
    """A file's problems carry its name, those of several files come together: exit 1."""
    outcome = invoke(*RUN, *shlex.split(line))
    assert (outcome.status, outcome.out, outcome.err) == (1, b"", problems + "\n")
