"""Curves over the day and the week, factors over longer times, their pace, and time zones.

Each file is imported when a curve is of one of its types.
"""

from datagen.curves.curve import CURVES, Curve

CURVES.locate(
    {
        **dict.fromkeys(("constant", "gmm_temporal", "hourly", "weekly"), "datagen.curves.curve"),
        **dict.fromkeys(("trend", "ramp", "dates"), "datagen.curves.factors"),
        "holidays": "datagen.curves.holidays",
        "product": "datagen.curves.product",
    }
)
__all__ = ["CURVES", "Curve"]
