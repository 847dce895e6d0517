"""An example of every curve, and of time zones."""

from typing import Any

from datagen.curves.curve import CURVES, Curve
from tests.support.machines import Spec
from tests.support.plain_curves import SECOND

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
EXAMPLES: list[Spec] = [{"type": "constant", "value": 0.5}, MIXTURE, HOURLY, WEEKLY, STEPS]
ZONES = [
    "Europe/Berlin",
    "America/St_Johns",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Pacific/Apia",
]


def curve(data: Spec, **more: Any) -> Curve:
    """Check a curve."""
    return CURVES.parse({**data, **more})
