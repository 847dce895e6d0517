"""Prints digests of what the program makes of a broad set of specifications, and of the machine.

`python -m tests.support.digests` runs in a process of its own, whose environment switches off what the
processor or the C library could use. `bytes` are what must not depend on that; `numpy`, `libm` and
`arrow` are what does, so that whoever compares knows that something was switched off.
"""

import json
import math
from collections.abc import Iterator
from hashlib import blake2b
from importlib import import_module
from typing import Any

import numpy as np
import pyarrow as pa

from datagen.columns.scalar import FloatColumn
from datagen.curves.rate_integral import RateIntegral
from datagen.distributions.parsing import parse_distribution, parse_timer
from datagen.randomness import GOLDEN, mix, uniform
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
    instants = (bits >> np.uint64(8)).astype(np.int64) // 3000
    for place, example in enumerate(EXAMPLES):
        made = curve(example, timezone=ZONES[place])
        yield f"curve {place}", digest(made.heights(instants))
        gaps = RateIntegral([made]).gaps(instants, instants % 10**9 / 7.0, np.full(DRAWS, 0.5))
        yield f"curve {place} gaps", digest(gaps)
    start = ("-s", "2027-03-12", "--seed", "7", "-q", "-n")
    for preset in PRESETS:
        yield preset, digest(invoke("-c", preset, *start, "300").out)
    specs = {**SPECS, "floats": floats_spec()}
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
    internals = import_module("numpy._core._multiarray_umath")  # nothing public tells the features
    return {
        "bytes": dict(digests()),
        "features": [name for name, has in internals.__cpu_features__.items() if has],
        "dispatched": [
            name for name in internals.__cpu_dispatch__ if internals.__cpu_features__.get(name)
        ],
        "numpy": digest([np.exp(x), np.log(x), np.log1p(x)]),
        "libm": digest([[math.exp(each), math.log(each), each**-1.7] for each in x.tolist()]),
        "arrow": pa.runtime_info().simd_level,
    }


if __name__ == "__main__":
    print(json.dumps(report()))
