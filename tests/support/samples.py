"""Columns of whole runs at one fixed seed, and how well they agree with what theory says.

Each p-value must exceed `LEAST_P`, each figure in standard errors lie within `LARGEST_Z`.
"""

import io
from typing import Any

import numpy as np
import pyarrow.csv
from numpy.typing import NDArray
from scipy import stats

from tests.support.helpers import invoke
from tests.support.machines import Spec
from tests.support.stats import LEAST, chi_squared

LEAST_P, LARGEST_Z = 1e-4, 3.89
START = "2027-03-12"
SECONDS: Spec = {"name": "at", "type": "expression", "expr": f"time - instant('{START}')"}
TAILS = [0, 1e-4, 1e-3, 1e-2, 0.1, 0.5, 0.9, 0.99, 0.999, 0.9999, 1]
Column = NDArray[Any]


def samples(spec: Spec, records: int, *flags: str, seed: int = 271828) -> dict[str, Column]:
    """Return the columns of a run of the program."""
    arguments = ("-s", START, "--seed", str(seed), "-n", str(records), "--csv", "-q", *flags)
    outcome = invoke(*arguments, spec=spec)
    assert outcome.status == 0, outcome.err
    table = pyarrow.csv.read_csv(io.BytesIO(outcome.out))
    return {name: table[name].to_numpy() for name in table.column_names}


def expression(name: str, text: str, **keys: Any) -> Spec:
    """Return a named expression, which may be a dimension or a variable."""
    return {"name": name, "type": "expression", "expr": text, **keys}


def shown(*names: str) -> list[Spec]:
    """Return dimensions that show variables."""
    return [{"name": name, "type": "variable", "variable": name} for name in names]


def p_uniform(u: Column) -> float:
    """Return the least p of two tests that values are uniform: in the bulk and as far out in both tails as there are some."""
    assert len(u)
    assert ((u >= 0) & (u <= 1)).all()
    edges = [each for each in TAILS if each in (0, 1) or min(each, 1 - each) * len(u) >= LEAST]
    counts = np.histogram(u, edges)[0]
    return min(float(stats.kstest(u, "uniform").pvalue), chi_squared(counts, np.diff(edges)))


def cut_cdf(whole: Any, x: Column, low: Any = -np.inf, high: Any = np.inf) -> Column:
    """Return scipy's distribution function between two ends, by the tail that is nearer."""
    below = (whole.cdf(x) - whole.cdf(low)) / (whole.cdf(high) - whole.cdf(low))
    above = (whole.sf(low) - whole.sf(x)) / (whole.sf(low) - whole.sf(high))
    found: Column = np.where(whole.cdf(low) < 0.5, below, above)
    return found


def z_of_mean(found: Column, mean: float, stddev: float) -> float:
    """Return by how many standard errors the mean of independent samples is off."""
    return float((found.mean() - mean) / (stddev / np.sqrt(len(found))))
