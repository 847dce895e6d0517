"""Local times of zones whose clocks are set."""

import numpy as np
import pytest

from datagen.curves.zones import zone_of
from datagen.instants import parse_instant
from datagen.sources.local_times import instants_of_local, nearest_of_local

BERLIN = zone_of("Europe/Berlin")


def micros(*texts: str) -> list[int]:
    """Return instants, or local times."""
    return [parse_instant(text).micros for text in texts]


@pytest.mark.parametrize(
    ("local", "instants"),
    [
        (["2026-01-01T12:00", "2026-07-01T12:00"], ["2026-01-01T11:00", "2026-07-01T10:00"]),
        (["2026-10-25T01:59", "2026-10-25T02:59", "2026-10-25T02:00", "2026-10-25T03:00"],
         ["2026-10-24T23:59", "2026-10-25T00:59", "2026-10-25T01:00", "2026-10-25T02:00"]),
        (["2026-10-25T02:00:10", "2026-10-25T02:00:09"],
         ["2026-10-25T00:00:10", "2026-10-25T00:00:09"]),  # late by a second, not an hour later
        (["2026-03-29T01:59", "2026-03-29T02:30", "2026-03-29T03:00"],
         ["2026-03-29T00:59", "2026-03-29T01:30", "2026-03-29T01:00"]),  # 02:30 does not exist
    ],
)  # fmt: skip
def test_time_goes_on(local: list[str], instants: list[str]) -> None:
    """In the hour that comes twice, and after the one that does not come."""
    assert instants_of_local(BERLIN, np.array(micros(*local)), None).tolist() == micros(*instants)


def test_record_before_decides() -> None:
    """Also one that was read before."""
    local = np.array(micros("2026-10-25T02:10"))
    for before, instant in (("2026-10-25T00:00", "T00:10"), ("2026-10-25T00:50", "T01:10")):
        found = instants_of_local(BERLIN, local, micros(before)[0])
        assert found.tolist() == micros("2026-10-25" + instant)


def test_nearest_of_two_is_that_of_another_time() -> None:
    """Of the same record."""
    local = np.array(micros("2026-10-25T02:10", "2026-10-25T02:10"))
    near = np.array(micros("2026-10-25T00:20", "2026-10-25T01:20"))
    found = nearest_of_local(BERLIN, local, near)
    assert found.tolist() == micros("2026-10-25T00:10", "2026-10-25T01:10")
