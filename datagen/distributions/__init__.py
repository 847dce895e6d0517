"""Distributions: quantile functions with checked parameters.

Importing the package registers every type in `DISTRIBUTIONS`.
"""

# Messages list the types in the order in which they are registered here.
# isort: off
from datagen.distributions import continuous
from datagen.distributions import discrete
from datagen.distributions import temporal

# isort: on
from datagen.distributions.base import DISTRIBUTIONS, AnyDistribution, AnyTimer, Distribution

__all__ = [
    "DISTRIBUTIONS",
    "AnyDistribution",
    "AnyTimer",
    "Distribution",
    "continuous",
    "discrete",
    "temporal",
]
