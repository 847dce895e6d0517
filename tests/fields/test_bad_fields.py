"""What the program says about fields and distributions that are wrong, word for word."""

from typing import Any

import pytest

from tests.support.bad_input import NINE, RUN, edited, lines
from tests.support.helpers import invoke

PARAMETERS = [
    ({"type": "constant"}, ".value: missing"),
    ({"type": "constant", "value": "1"}, '.value: "1": a number needs a unit: 1S, 1M (minutes), 1H, 1D or 1W'),
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
     '.values[1]: "2": a number needs a unit: 2S, 2M (minutes), 2H, 2D or 2W\n.weights[1]: expected 0 or more, not -1'),
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
     ".cardinality: found only 1 different value in 10200 attempts, not 2"),
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
    (STRING | {"chars": {"a": "b"}}, ".chars: expected a text, not an object"),
    (STRING | {"chars": []}, ".chars: expected at least one character"),
    (STRING | {"chars": ["a", 1]}, ".chars: expected texts of 1 to 1000 characters, not 1"),
    (STRING | {"chars": ["ab", ""]}, '.chars: expected texts of 1 to 1000 characters, not ""'),
    (STRING | {"chars": ["ab", "a" * 1001]}, f'.chars: expected texts of 1 to 1000 characters, not "{"a" * 56}...'),
    (STRING | {"chars": ["ab", "a\ud800"]}, ".chars: a lone surrogate is not a character"),
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
     ".cardinality: unknown key; one of increment, name, per, percent_missing, percent_nulls, sequence, start, type"),
    ({"type": "enum"}, ".values: missing"),
    ({"type": "enum", "values": [1, 2], "weights": [1]}, ".weights: expected as many as values, 2, not 1"),
    ({"type": "enum", "values": [1, 2], "weights": [0, 0]}, ".weights: expected at least one weight above 0"),
    ({"type": "enum", "values": [1], "weights": [1], "cardinality_distribution": NINE},
     '.weights: expected either "weights" or "cardinality_distribution"'),
    ({"type": "int", "distribution": "90S"},
     '.distribution: "90S" is a length of time, which is for delays and interarrival; here give a number (90)'),
    ({"type": "int", "distribution": {"type": "exponential", "rate": "3/h"}},
     '.distribution.rate: "3/h" is a rate, which is for delays and interarrival; here give a number'),
    ({"type": "int", "distribution": {"type": "exponential", "mean": 3, "hours": "office"}},
     '.distribution.hours: open hours are for "delay" and "interarrival": no time passes here'),
    ({"type": "int", "distribution": {"type": "zipf", "n": {"expr": "1"}, "exponent": 1}},
     '.distribution.n: cannot be an expression; of "zipf" none can'),
    ({"type": "int", "distribution": {"type": "normal", "mean": {"expr": "1"}, "stddev": -1, "man": 3}},
     (".distribution.stddev: expected 0 or more, not -1\n"
     '.distribution.man: unknown key; did you mean "mean"?')),
    ({"type": "int", "distribution": {"type": "normal", "mean": {"expr": "1"}}}, ".distribution.stddev: missing"),
    (INT | {"cardinality": 3, "cardinality_distribution": {"type": "constant", "value": {"expr": "1"}}},
     ".cardinality_distribution.value: the pick from a fixed set cannot depend on values"),
    ({"type": "int", "distribution": {"type": "constant", "value": {"expr": "worker"}}, "cardinality": 3,
      "cardinality_distribution": NINE},
     '.distribution.value: column 1: "worker" is not seen in a field with cardinality, whose values are made before the run; those beside it in there are'),
    ({"type": "enum", "values": [], "cardinality_distribution": NINE}, ".values: expected at least one value"),
    ({"type": "enum", "values": {"a": 1}, "cardinality_distribution": NINE}, ".values: expected a list, not an object"),
    ({"type": "enum", "value": [1], "cardinality_distribution": NINE}, '.value: unknown key; did you mean "values"?'),
    ({"type": "object", "dimensions": [{"name": "a", "type": "uuid"}, {"name": "a", "type": "uuid"}, {"type": "uid"}]},
     ('.dimensions[2].type: no field type "uid"; did you mean "uuid"?\n'
     '.dimensions[2].name: missing')),
    ({"type": "timestamp", "distribution": {"type": "normal", "mean": "2027-01-01", "stddev": "2D"}},
     '.distribution.stddev: "2D": here give the number of seconds, 172800'),
    ({"type": "timestamp", "distribution": {"type": "exponential", "min": "2027-01-01", "mean": "90S"}},
     '.distribution.mean: "90S": here give the number of seconds, 90'),
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
    ({"type": "normal", "mean": "2027-01-01", "stddev": "1h"}, '.stddev: "1h": here give the number of seconds, 3600'),
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
