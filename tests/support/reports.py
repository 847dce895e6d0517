"""Runs that are watched for a report, and reports of a run against the model of another."""

import io
import json
from copy import deepcopy
from typing import Any

from datagen.cli.options import parse_request
from datagen.cli.parser import parser
from datagen.inspection.report import RunReport, made_of, report_of
from datagen.inspection.report_figures import Report
from datagen.instants import NAIVE
from datagen.running.clock import Moment
from datagen.running.loading import load, seed_of
from datagen.running.pipeline import Run
from tests.support.machines import Spec, exponential

WEIGHTS = [1, 1, 0.5, 0.5, 1, 2, 4, 6, 8, 9, 8, 7, 6, 7, 8, 9, 8, 7, 6, 5, 4, 3, 2, 1]
START = ("-s", "2027-03-12", "--seed", "1")
# what a report can test, all of it: chances, delays, fields of each kind, nulls, sets, a curve
MODEL: Spec = {
    "interarrival": exponential(0.5),
    "schedule": {"type": "hourly", "applies_to": "arrivals", "weights": WEIGHTS},
    "states": [
        {
            "name": "enters",
            "emitter": "e",
            "variables": [
                {
                    "name": "plan",
                    "type": "enum",
                    "values": ["free", "paid"],
                    "weights": [70, 30],
                },
                {
                    "name": "user",
                    "type": "object",
                    "cardinality": 500,
                    "cardinality_distribution": {"type": "zipf", "exponent": 0.8, "n": 500},
                    "dimensions": [
                        {
                            "name": "id",
                            "type": "string",
                            "chars": "abcdefghij",
                            "length_distribution": {"type": "constant", "value": 8},
                        }
                    ],
                },
            ],
            "delay": exponential(4),
            "transitions": [
                {"next": "looks", "probability": 0.6},
                {"next": "buys", "probability": 0.3},
                {"next": "stop", "probability": 0.1},
            ],
        },
        {
            "name": "looks",
            "emitter": "e",
            "delay": {"type": "uniform", "min": 1, "max": 3},
            "transitions": [
                {"next": "enters", "probability": 0.5},
                {"next": "stop", "probability": 0.5},
            ],
        },
        {
            "name": "buys",
            "emitter": "e",
            "delay": {"type": "constant", "value": 2},
            "transitions": [{"next": "stop", "probability": 1}],
        },
    ],
    "emitters": [
        {
            "name": "e",
            "dimensions": [
                {"name": "plan", "type": "variable", "variable": "plan"},
                {"name": "user", "type": "variable", "variable": "user", "field": "id"},
                {
                    "name": "price",
                    "type": "float",
                    "percent_nulls": 5,
                    "distribution": {"type": "normal", "mean": 50, "stddev": 5},
                },
                {
                    "name": "count",
                    "type": "int",
                    "percent_missing": 2,
                    "distribution": {"type": "poisson", "mean": 3},
                },
            ],
        }
    ],
}


def changed(path: str, value: Any, spec: Spec = MODEL) -> Spec:
    """Return a specification with another value at a dotted path; None takes it away."""
    other = deepcopy(spec)
    *names, last = [int(each) if each.isdigit() else each for each in path.split(".")]
    place: Any = other
    for name in names:
        place = place[name]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return other


def watched(spec: Any, *flags: str, name: str | None = None) -> RunReport:
    """Return what has watched a run to its end; the specification is given, or the name of one."""
    report = prepared(spec, *flags, name=name)
    report.run.deliver(io.BytesIO(), start=report.start)
    return report


def prepared(spec: Any, *flags: str, name: str | None = None) -> RunReport:
    """Return what would watch a run, whose stream has started."""
    given = [*([] if name is None else ["-c", name]), *(START if "-s" not in flags else ()), *flags]
    request = parse_request(parser().parse_args(given), print)
    plan, _ = load(request, seed_of(request), io.BytesIO(json.dumps(spec).encode()), lambda _: None)
    run = Run(plan)
    start = plan.start_at(Moment.present())
    run.source.start_stream(start.instant.micros)
    return RunReport(run, start)


def judged(report: RunReport, model: RunReport) -> Report:
    """Return the report of a run against another model than its own."""
    collected = report.collected()
    return report_of(collected, model.model(), made_of(report.run.summary, collected, NAIVE))
