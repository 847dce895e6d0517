"""Turns how many workers would be alive without a cap into what a cap does to arrivals.

An arrival that finds all m places taken waits, and holds back those after it. That is the queue
M/M/m/(m+1): births at a rate a below m + 1, deaths at a rate min(n, m), with a the mean number alive
without a cap. The probabilities p[n] are in proportion to a^n / n! up to m, and p[m+1] = p[m] a / m.
"""

import math

import numpy as np

_SPREAD = 12  # standard deviations, beyond which a Poisson variable has no weight


def waiting_share(alive: float, most: int) -> float:
    """Return which share of arrivals waits: p[m] / (p[0] + ... + p[m]), which is Erlang's formula B.

    Its inverse is the sum, over j from 0 to m, of m (m - 1) ... (m - j + 1) / a^j (Jagerman, "Some
    properties of the Erlang loss function", Bell System Technical Journal 53 (1974), 525-551).
    """
    if not math.isfinite(alive):
        return 1.0
    spread = _SPREAD * math.sqrt(most) + _SPREAD**2
    if alive <= 0 or alive < most - 2 * spread:
        return 0.0
    terms = min(most, int(2 * max(most - alive, 0) + 2 * spread))
    with np.errstate(over="ignore", under="ignore"):
        logs = np.cumsum(np.log((most - np.arange(terms)) / alive))
        return float(1 / (1 + np.exp(logs).sum()))


def kept_share(alive: float, most: int) -> float:
    """Return which share of the arrival rate is left: 1 - p[m+1]."""
    if math.isinf(alive):
        return 0.0
    return 1 / (1 + waiting_share(alive, most) * alive / most)
