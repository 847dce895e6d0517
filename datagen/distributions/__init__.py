"""Distributions: quantile functions with checked parameters.

Importing the package registers every type in `DISTRIBUTIONS`.
"""

# Messages list the types in the order in which they are registered here.
# isort: off
from datagen.distributions import continuous
from datagen.distributions import unbounded
from datagen.distributions import shaped
from datagen.distributions import bounded
from datagen.distributions import discrete
from datagen.distributions import temporal

# isort: on
from datagen.distributions.base import DISTRIBUTIONS, Distribution
from datagen.distributions.parsing import AnyDistribution, AnyInterarrival, AnyPick, AnyTimer

__all__ = [
    "DISTRIBUTIONS",
    "AnyDistribution",
    "AnyInterarrival",
    "AnyPick",
    "AnyTimer",
    "Distribution",
    "bounded",
    "continuous",
    "discrete",
    "shaped",
    "temporal",
    "unbounded",
]
