"""What is said of a specification before it is run."""

import io
import json
from typing import Any

from datagen.inspection.explaining import explained
from datagen.inspection.explanation import Explanation
from datagen.instants import parse_instant
from datagen.running.clock import Moment
from datagen.running.loading import load
from datagen.running.options import Request
from datagen.running.plan import Plan

NOW = Moment(parse_instant("2027-05-01"), 12.5)
START = "2027-03-12"


def plan_of(spec: dict[str, Any], max_workers: int | str = "none", **keys: Any) -> Plan:
    """Return the plan of a run."""
    request = Request(start=START, max_workers=max_workers, **keys)
    return load(request, 1, io.BytesIO(json.dumps(spec).encode()))[0]


def explanation(spec: dict[str, Any], max_workers: int | str = "none", **keys: Any) -> Explanation:
    """Return what is said of a run."""
    plan = plan_of(spec, max_workers, **keys)
    return explained(plan, plan.start_at(NOW))
