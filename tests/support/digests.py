"""Prints digests of what the program makes of a broad set of specifications, and of the machine.

`python -m tests.support.digests` runs in a process of its own, whose environment switches off what the
processor or the C library could use. `bytes` are what must not depend on that; `numpy`, `libm` and
`arrow` are what does, so that whoever compares knows that something was switched off.
"""

import json
import math
from collections.abc import Callable, Iterator
from hashlib import blake2b
from importlib import import_module
from typing import Any

import numpy as np
import pyarrow as pa

from datagen.arrays import Floats
from datagen.columns.scalar import FloatColumn
from datagen.curves.rate_integral import RateIntegral
from datagen.distributions.incomplete import beta_quantiles, gamma_quantiles, gamma_shares
from datagen.distributions.normal_quantile import standard_normal_quantile
from datagen.distributions.normal_shares import normal_shares
from datagen.distributions.parsing import parse_distribution, parse_timer
from datagen.elementary import exp, log, log1p, log10, power, powers
from datagen.randomness import GOLDEN, mix, uniform
from datagen.trigonometry import arctan, cos, sin
from tests.guarantees.golden import PRESETS
from tests.support.curves import EXAMPLES, MIXTURE, ZONES, curve
from tests.support.helpers import invoke
from tests.support.shapes import SPECS, Spec

DRAWS = 10_000
PARAMETERS: dict[str, list[dict[str, Any]]] = {
    "constant": [{"value": 0.1}],
    "uniform": [{"min": -2.5, "max": 7.1}],
    "exponential": [{"mean": 0.7}, {"mean": 1e6}, {"rate": 3, "min": 0.1, "max": 2}],
    "normal": [{"mean": 3, "stddev": 0.3}, {"mean": 3, "stddev": 0.3, "min": 4.5, "max": 5}],
    "lognormal": [
        {"mu": 0.1, "sigma": 1},
        {"mu": 2, "sigma": 90},
        {"median": 3, "p99": 70, "min": 1},
        {"mean": 3, "stddev": 2, "max": 9},
    ],
    "gamma": [
        *({"shape": shape, "scale": 0.3} for shape in (1e-3, 0.4, 1, 3.3, 70, 1e7)),
        {"shape": 3.3, "scale": 0.3, "min": 0.5, "max": 4},
    ],
    "weibull": [
        {"shape": 0.7, "scale": 3},
        {"shape": 3, "scale": 0.1},
        {"shape": 3, "scale": 0.1, "min": 0.1},
    ],
    "pareto": [
        {"alpha": 1.3, "min": 0.1},
        {"alpha": 0.01, "min": 1},
        {"alpha": 1.3, "min": 0.1, "max": 5},
    ],
    "triangular": [{"min": -1, "mode": 0.1, "max": 5.3}],
    "beta": [
        {"alpha": alpha, "beta": beta, "min": -1, "max": 0.3}
        for alpha, beta in ((1e-3, 1e-3), (0.4, 0.6), (2, 5), (300, 1e5))
    ],
    "poisson": [{"mean": 0.4}, {"mean": 33.3}, {"mean": 1e6}, {"mean": 33.3, "min": 40}],
    "zipf": [{"exponent": 0.8, "n": 1000}, {"exponent": 2.7, "n": 100_000}],
    "choice": [{"values": [0.1, 2, 7.7], "weights": [0.1, 0.2, 0.7]}],
    "histogram": [{"edges": [0, 0.1, 3.3, 9], "weights": [0.3, 1, 0.1]}],
    "gmm_temporal": [{"mean": 0.3, "days": MIXTURE["days"], "timezone": "Europe/Berlin"}],
}
VARYING = {
    "normal": ("mean", "stddev"),
    "lognormal": ("median", "sigma"),
    "gamma": ("shape", "scale"),
    "beta": ("alpha", "beta"),
}
TEMPLATE = (
    "{{ f0 }} {{ f1|round(3) }} {{ f2 * 1.1 }} {{ (f3 / 7)|round(-1, 'floor') }} "
    "{{ '%.17g %e'|format(f4, f5) }} {{ f6|filesizeformat }}"
)


# functions of a uniform number from 0 to 1, each over the numbers where it has digits to lose
FUNCTIONS: dict[str, Callable[[Floats], Any]] = {
    "exp": lambda u: exp(u * 1400 - 700),
    "log": lambda u: log(u * 1e6),
    "log1p": lambda u: log1p(u * 3 - 1),
    "log10": lambda u: log10(u * 1e6),
    "power": lambda u: power(u * 1e3, -1.7),
    "powers": lambda u: powers(u * 1e3, u[::-1] * 60 - 30),
    "sin": lambda u: sin(u * 2e6 - 1e6),
    "cos": lambda u: cos(u * 2e6 - 1e6),
    "arctan": lambda u: arctan(u / (1 - u)),
    "normal shares": lambda u: normal_shares(u * 70 - 35),
    "normal quantiles": standard_normal_quantile,
    "gamma shares": lambda u: gamma_shares(u[::-1] * 90 + 0.01, u * 120),
    "gamma quantiles": lambda u: gamma_quantiles(u[::-1] * 90 + 0.01, u, 1 - u),
    "beta quantiles": lambda u: beta_quantiles(u[::-1] * 9 + 0.01, 3.3, u),
}
EXPRESSIONS = (
    "x * 1.1 / 7 + y", "x // 0.3", "x % 0.7", "x ** 1.7", "sqrt(x)", "exp(y)", "log(x)", "log10(x)", "sin(x * 99)",
    "cos(x * 99)", "abs(y)", "x|round(3)", "y|round(-1)", "sum(many)", "avg(many)", "min(x, y)",
    "'%.17g %e'|format(x, y)", "x ~ y", "string(x)", "x|int", "distance_km(x, y, y, x)", "hours(x)", "time + x",
    "epoch(time) / 7", "md5(string(x))", "bucket(x, 1000)", "x if x > y else y",
)  # fmt: skip


def digest(data: Any) -> str:
    """Return the digest of bytes, of an array, or of a list of numbers."""
    return blake2b(data if isinstance(data, bytes) else np.asarray(data).tobytes()).hexdigest()[:16]


def floats_spec() -> Spec:
    """Return a specification with a float of each distribution, also rounded, and such delays."""
    kinds = [(kind, each) for kind, cases in PARAMETERS.items() for each in cases]
    steady = [{"type": kind, **each} for kind, each in kinds if kind != "gmm_temporal"]
    fields: list[Spec] = [
        {"name": f"f{n}", "type": "float", "distribution": each} for n, each in enumerate(steady)
    ]
    fields += [{**each, "name": f"r{n}", "precision": n % 16} for n, each in enumerate(fields)]
    some = {"cardinality": 9, "cardinality_distribution": {"type": "zipf", "exponent": 0.5, "n": 9}}
    fields += [
        {"name": "set", "type": "float", "distribution": steady[2], **some},
        {
            "name": "chosen",
            "type": "int",
            "distribution": {"type": "uniform", "min": 1, "max": 10},
            **some,
        },
    ]
    delays = [{"type": kind, **each} for kind, each in kinds if kind not in ("constant", "poisson")]
    names = [f"s{n}" for n in range(len(delays))]
    return {
        "states": [
            {"name": name, "emitter": "all", "delay": delay,
             "transitions": [{"next": after, "probability": 0.9}, {"next": "stop", "probability": 0.1}]}
            for name, after, delay in zip(names, [*names[1:], names[0]], delays, strict=True)
        ],
        "emitters": [{"name": "all", "dimensions": fields}],
        "interarrival": {"type": "exponential", "mean": 0.1},
        "templates": {"t": {"body": TEMPLATE}},
    }  # fmt: skip


def language_spec() -> Spec:
    """Return a specification whose records show what expressions make of floats, by arrays and visit by visit."""
    lognormal = {"type": "lognormal", "median": 3, "sigma": 1}
    fields: list[Spec] = [
        {"name": "x", "type": "float", "distribution": lognormal},
        {"name": "y", "type": "float", "distribution": {"type": "normal", "mean": 0, "stddev": 3}},
        {"name": "many", "type": "list", "elements": [{"type": "float", "distribution": lognormal}],
         "length_distribution": {"type": "uniform", "min": 0, "max": 9},
         "selection_distribution": 0},
        *({"name": f"e{n}", "type": "expression", "expr": each} for n, each in enumerate(EXPRESSIONS)),
        {"name": "walk", "type": "variable", "variable": "walk"},
        {"name": "hero", "type": "entity", "entity": "heroes"},
    ]  # fmt: skip
    step = {
        "name": "step",
        "type": "float",
        "distribution": {"type": "normal", "mean": 0, "stddev": 1},
    }
    walk = {"name": "walk", "type": "expression", "initial": 20,
            "expr": "walk + exp(sin(step)) * 0.1 * (20 - walk) + step ** 2 / 7"}  # fmt: skip
    delay = {"type": "lognormal", "median": {"expr": "0.1 + abs(step)"}, "sigma": 0.4}
    return {
        "entities": {"heroes": {
            "count": {"initial": 50, "per_day": 900_000}, "life": {"type": "gamma", "shape": 2.2, "scale": 3},
            "pick": {"type": "zipf", "exponent": 1.1},
            "attributes": [{"name": "power", "type": "float", "distribution": lognormal}]}},
        "states": [{"name": "s", "emitter": "all", "variables": [step, walk], "delay": delay,
                    "transitions": [{"next": "s", "when": "walk < 30", "probability": 0.9},
                                    {"next": "stop", "probability": 0.1}]}],
        "emitters": [{"name": "all", "dimensions": fields}],
        "interarrival": {"type": "exponential", "mean": 0.1},
    }  # fmt: skip


def digests() -> Iterator[tuple[str, str]]:
    """Yield what must be the same on every machine, each with its digest."""
    bits = mix(np.arange(1, DRAWS + 1, dtype=np.uint64) * GOLDEN)
    for kind, cases in PARAMETERS.items():
        for number, case in enumerate(cases):
            parse = parse_timer if kind == "gmm_temporal" else parse_distribution
            shape = parse({"type": kind, **case})
            yield f"{kind} {number}", digest(shape.sample(bits))
            yield f"{kind} {number} delay", digest(shape.microseconds(bits))
    parameters = FloatColumn(uniform(mix(bits)) * 9.0)
    for kind, names in VARYING.items():
        varying = {"type": kind, **{name: {"expr": "x"} for name in names}}
        shape, _ = parse_distribution(varying).at(lambda _: parameters, DRAWS)
        yield f"varying {kind}", digest(shape.sample(bits))
    for name, function in FUNCTIONS.items():
        yield name, digest(function(uniform(bits)))
    instants = (bits >> np.uint64(8)).astype(np.int64) // 3000
    for place, example in enumerate(EXAMPLES):
        made = curve(example, timezone=ZONES[place % len(ZONES)])
        yield f"curve {place}", digest(made.heights(instants))
        gaps = RateIntegral([made]).gaps(instants, instants % 10**9 / 7.0, np.full(DRAWS, 0.5))
        yield f"curve {place} gaps", digest(gaps)
    start = ("-s", "2027-03-12", "--seed", "7", "-q", "-n")
    for preset in PRESETS:
        yield preset, digest(invoke("-c", preset, *start, "300").out)
    specs = {**SPECS, "floats": floats_spec(), "language": language_spec()}
    for name, spec in specs.items():
        outcome = invoke(*start, "300", spec=spec)
        assert outcome.status == 0, outcome.err
        yield f"specification {name}", digest(outcome.out)
    for flags in (("--csv",), ("--template", "t"), ("--schedule", "web_access")):
        outcome = invoke(*start, "300", *flags, spec=specs["floats"])
        assert outcome.status == 0, outcome.err
        yield f"floats {flags}", digest(outcome.out)


def report() -> dict[str, Any]:
    """Return the digests, and what the machine has and chose."""
    x = np.arange(1, DRAWS) / 7919
    short = x.astype(np.float32)  # these and tanh have other code without AVX-512 too
    internals = import_module("numpy._core._multiarray_umath")  # nothing public tells the features
    return {
        "bytes": dict(digests()),
        "features": [name for name, has in internals.__cpu_features__.items() if has],
        "dispatched": [
            name for name in internals.__cpu_dispatch__ if internals.__cpu_features__.get(name)
        ],
        "numpy": digest(
            [np.exp(x), np.log(x), np.log1p(x), np.tanh(x), np.log(short), np.sin(short)]
        ),
        "libm": digest([[math.exp(each), math.log(each), each**-1.7] for each in x.tolist()]),
        "arrow": pa.runtime_info().simd_level,
    }


if __name__ == "__main__":
    print(json.dumps(report()))
