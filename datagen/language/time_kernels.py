"""Kernels of functions of instants that give numbers."""

from collections.abc import Callable, Mapping
from typing import Any

from datagen.arrays import Ints
from datagen.instants import DAY, SECOND
from datagen.language.operation import Kernel, Operation, Result
from datagen.language.vectors import Numbers

_HOUR = 3600 * SECOND
_MONDAY_TO_EPOCH = 3  # days: 1970 began on a Thursday


def _of_local_time(compute: Callable[[Ints], Ints]) -> Kernel:
    """Return a kernel of what local clocks and calendars show in the style of the settings."""

    def kernel(operation: Operation) -> Result:
        instants: Any = operation.arguments[0]
        return Result(
            Numbers(compute(operation.call.function.settings[0].local_times(instants.safe)))
        )

    return kernel


def _every(micros: int) -> Kernel:
    """Return a kernel of the whole units since 1970, each of so many microseconds."""

    def kernel(operation: Operation) -> Result:
        instants: Any = operation.arguments[0]
        return Result(Numbers(instants.values // micros))

    return kernel


def _during(operation: Operation) -> Result:
    timeline, period = operation.call.function.settings
    instants: Any = operation.arguments[0]
    return Result(Numbers(timeline.during(period, instants.values)))


def _ramp(operation: Operation) -> Result:
    timeline, period = operation.call.function.settings
    instants: Any = operation.arguments[0]
    return Result(Numbers(timeline.ramp(period, instants.values)))


def _progress(operation: Operation) -> Result:
    timeline, period = operation.call.function.settings
    instants: Any = operation.arguments[0]
    return Result(Numbers(*timeline.progress(period, instants.values)))


TIME_KERNELS: Mapping[str, Kernel] = {
    "hour": _of_local_time(lambda local: local % DAY // _HOUR),
    "weekday": _of_local_time(lambda local: (local // DAY + _MONDAY_TO_EPOCH) % 7),
    "epoch": _every(SECOND),
    "epoch_ms": _every(1000),
    "during": _during,
    "ramp": _ramp,
    "progress": _progress,
}
