"""Turns arrays of parameters of gamma and beta distributions into quantiles."""

from typing import Any

import numpy as np

from datagen.arrays import Floats
from datagen.distributions.log_concave import beta_table, gamma_table
from datagen.elementary import exp, log


def gamma_quantiles(shapes: Any, below: Floats, above: Floats) -> Floats:
    result = np.empty(len(below))
    shapes = np.broadcast_to(np.asarray(shapes, dtype=float), len(below))
    for shape in np.unique(shapes).tolist():
        rows = np.flatnonzero(shapes == shape)
        density, table = gamma_table(shape)
        low = below[rows] <= above[rows]
        result[rows] = density.scale * exp(
            np.where(
                low,
                table(np.minimum(below[rows], 0.75)),
                table.upper(np.minimum(above[rows], 0.75)),
            )
        )
    return result


def gamma_shares(shapes: Any, x: Floats) -> tuple[Floats, Floats]:
    shapes, x = np.broadcast_arrays(np.asarray(shapes, dtype=float), x)
    below, above = np.empty(len(x)), np.empty(len(x))
    for shape in np.unique(shapes).tolist():
        rows = np.flatnonzero(shapes == shape)
        density, table = gamma_table(shape)
        below[rows], above[rows] = table.shares(log(x[rows] / density.scale))
    return below, above


def beta_quantiles(alphas: Any, betas: Any, u: Floats) -> tuple[Floats, Floats]:
    share, rest = np.empty(len(u)), np.empty(len(u))
    alphas, betas = (
        np.broadcast_to(np.asarray(each, dtype=float), len(u)) for each in (alphas, betas)
    )
    for alpha, beta in set(zip(alphas.tolist(), betas.tolist(), strict=True)):
        rows = np.flatnonzero((alphas == alpha) & (betas == beta))
        density, table = beta_table(alpha, beta)
        share[rows], rest[rows] = density.shares(table(u[rows]))
    return share, rest
