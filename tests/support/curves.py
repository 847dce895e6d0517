"""An example of every curve, and of time zones."""

from typing import Any

from datagen.curves.curve import CURVES, Curve
from tests.support.machines import Spec
from tests.support.plain_curves import FIRST_START, SECOND

HOUR = 3600 * SECOND
TWO_DAYS: Spec = {
    "2": [{"utc_hour": 9.5, "sigma": 1.5, "weight": 0.75}, {"utc_hour": 23.25, "sigma": 1, "weight": 2}],
    "5": [{"utc_hour": 0.5, "sigma": 0.25, "weight": 1}],
}  # fmt: skip
MIXTURE: Spec = {"type": "gmm_temporal", "days": TWO_DAYS}
HOURS = [float(hour % 7) for hour in range(24)]
HOURLY: Spec = {"type": "hourly", "weights": HOURS}
WEEKLY: Spec = {"type": "weekly", "weights": {"wed": HOURS, "sun": [5.0] * 23 + [1.0]}}
STEPS: Spec = {**WEEKLY, "steps": True}
TREND: Spec = {"type": "trend", "per_year": 1.002}
RAMP: Spec = {"type": "ramp", "from": 0.25, "to": 3, "over": "40D"}
DATES: Spec = {
    "type": "dates",
    "dates": {"2027-03-14": 3, "2027-03-28/2027-04-02": 0.25, "2027-12-31/2028-02-29": 0, "2011-12-29": 2},
}  # fmt: skip
HOLIDAYS: Spec = {"type": "holidays", "country": "AU", "subdivision": "NSW", "factor": 0.5}
FACTORS: list[Spec] = [TREND, RAMP, DATES, HOLIDAYS]
PRODUCT: Spec = {"type": "product", "curves": [HOURLY, *FACTORS]}
EXAMPLES: list[Spec] = [
    {"type": "constant", "value": 0.5},
    *(MIXTURE, HOURLY, WEEKLY, STEPS, PRODUCT),
    *FACTORS,
]
ZONES = [
    "Europe/Berlin",
    "America/St_Johns",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Pacific/Apia",
]


def curve(data: Spec, **more: Any) -> Curve:
    """Check a curve, of a run with the first start of the tests."""
    return CURVES.parse({**data, **more}).starting_at(FIRST_START)
