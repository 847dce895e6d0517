"""Runs whose records go to a host and a port."""

from typing import Any

from datagen.targets.retry import Timing
from tests.support.files import LINES, WIDE
from tests.support.helpers import Outcome, invoke
from tests.support.machines import Spec
from tests.support.servers import HOST, FakeTime

TEXT = b"".join(LINES)


def run(target: Spec | None = None, n: int = 1000) -> Outcome:
    """Run the program with everything fixed but the target."""
    spec = {**WIDE, "target": {"type": "stdout"} if target is None else target}
    return invoke("--seed", "1", "-s", "2027-03-12", "-n", str(n), spec=spec)


def tcp(port: int, **keys: Any) -> Spec:
    """Return a target that leads to a port."""
    return {"type": "tcp", "host": HOST, "port": port, **keys}


def timing(time: FakeTime) -> Timing:
    """Return what a sink asks for the time."""
    return Timing(time.monotonic, time.sleep)
