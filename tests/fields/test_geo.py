"""Points near a point, through the whole program."""

import math

import numpy as np
import pytest
from scipy.stats import kstest

from datagen.fields.geo import EARTH_KM, points_at
from tests.support.fields import refusal, values
from tests.support.machines import Spec

CENTRES = [(52.5, 13.4), (0.0, 0.0), (-17.7, 179.99), (89.99, 45.0), (-90.0, -180.0), (90.0, 180.0)]


def geo(lat: float, lon: float, radius_km: float, **keys: str) -> Spec:
    """Return a field of points."""
    return {"type": "geo", "lat": lat, "lon": lon, "radius_km": radius_km, **keys}


def distances(centre: tuple[float, float], points: list[dict[str, float]]) -> list[float]:
    """Return the kilometres from a point, by vectors in space."""

    def vector(lat: float, lon: float) -> tuple[float, float, float]:
        a, b = math.radians(lat), math.radians(lon)
        return math.cos(a) * math.cos(b), math.cos(a) * math.sin(b), math.sin(a)

    here = vector(*centre)
    chords = [math.dist(here, vector(point["lat"], point["lon"])) for point in points]
    return [2 * EARTH_KM * math.asin(min(1, chord / 2)) for chord in chords]


@pytest.mark.statistical
@pytest.mark.parametrize("centre", CENTRES)
def test_points_lie_evenly_in_the_circle(centre: tuple[float, float]) -> None:
    """The share within a distance is that of the areas of caps: KS at seed 5, at the level 1e-6; degrees are in range."""
    points = values(geo(*centre, 500), 3000)
    found = distances(centre, points)
    assert max(found) <= 500 + 1e-3
    most = math.sin(250 / EARTH_KM) ** 2
    assert (
        kstest([math.sin(km / EARTH_KM / 2) ** 2 / most for km in found], "uniform").pvalue > 1e-6
    )
    assert all(-90 <= point["lat"] <= 90 and -180 <= point["lon"] <= 180 for point in points)


@pytest.mark.statistical
@pytest.mark.parametrize("spread", ["uniform", "normal"])
def test_all_directions_are_as_likely(spread: str) -> None:
    """KS of the bearing at the equator, at seed 5, at the level 1e-6."""
    points = values(geo(0, 0, 10, spread=spread), 3000)
    turns = [math.atan2(point["lon"], point["lat"]) / (2 * math.pi) + 0.5 for point in points]
    assert kstest(turns, "uniform").pvalue > 1e-6


@pytest.mark.statistical
def test_normal_points_are_normal_to_the_north_and_to_the_east() -> None:
    """KS in kilometres, where the globe is nearly flat, at seed 5, at the level 1e-6."""
    points = values(geo(0, 20, 5, spread="normal"), 3000)
    km = math.pi * EARTH_KM / 180
    for sides in ([point["lat"] for point in points], [point["lon"] - 20 for point in points]):
        assert kstest([side * km / 5 for side in sides], "norm").pvalue > 1e-6


@pytest.mark.parametrize("centre", CENTRES)
@pytest.mark.parametrize("bearing", [0, 1, math.pi / 2, 3, 4, 2 * math.pi])
def test_points_are_where_they_are_seen(centre: tuple[float, float], bearing: float) -> None:
    """By their distance, from a metre to nearly half round the Earth."""
    for angle in (1e-7, 0.1, 1.5, 3.1):
        half = np.array([math.sin(angle / 2)])
        north, east = points_at(*centre, half, np.array([bearing]))
        (found,) = distances(centre, [{"lat": float(north[0]), "lon": float(east[0])}])
        assert found == pytest.approx(angle * EARTH_KM, rel=1e-5, abs=1e-4)


@pytest.mark.parametrize(
    ("field", "said"),
    [
        (geo(91, 0, 1), ".lat: expected -90 to 90 degrees, not 91"),
        (geo(0, 181, 1), ".lon: expected -180 to 180 degrees, not 181"),
        (geo(0, 0, 0), ".radius_km: expected a number above 0, not 0"),
        (geo(0, 0, 1e5), ".radius_km: expected at most 20,015 km, half round the Earth"),
    ],
)
def test_bad_points(field: Spec, said: str) -> None:
    """What is wrong is said with its place."""
    assert f"emitters[0].dimensions[0]{said}" in refusal(field)
