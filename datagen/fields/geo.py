"""The field type `geo`: points on the globe, near a point."""

import math
from typing import Annotated, Literal

import numpy as np
from pydantic import AfterValidator

from datagen.arrays import Bits, Floats
from datagen.columns.column import Column
from datagen.columns.column_type import FLOAT, ColumnType, object_type
from datagen.columns.nested import ObjectColumn
from datagen.columns.scalar import FloatColumn
from datagen.elementary import log
from datagen.fields.base import FIELDS
from datagen.fields.draw import Draw
from datagen.fields.member_sets import LimitedField
from datagen.fields.numbers import round_decimals
from datagen.language import Scope
from datagen.randomness import redraw, uniform
from datagen.trigonometry import arctan, cos, sin
from datagen.validation import Number, Positive, invalid_value, quoted

EARTH_KM = 6371.0088  # the mean radius of the Earth, IUGG
_HALF_ROUND = 20_015.0  # km, to the antipode
_DEGREE = 180 / math.pi  # degrees of a radian
_DECIMALS = 6  # of degrees: a tenth of a metre


def _latitude(value: float) -> float:
    if not -90 <= value <= 90:
        raise invalid_value(f"expected -90 to 90 degrees, not {quoted(value)}")
    return value


def _longitude(value: float) -> float:
    if not -180 <= value <= 180:
        raise invalid_value(f"expected -180 to 180 degrees, not {quoted(value)}")
    return value


def _radius(value: float) -> float:
    if value > _HALF_ROUND:
        raise invalid_value(f"expected at most {_HALF_ROUND:,.0f} km, half round the Earth")
    return value


@FIELDS.register
class GeoField(LimitedField):
    """An object with the degrees `lat` and `lon` of a point within `radius_km` of another, or normally about it."""

    type: Literal["geo"] = "geo"
    lat: Annotated[Number, AfterValidator(_latitude)]
    lon: Annotated[Number, AfterValidator(_longitude)]
    radius_km: Annotated[Positive, AfterValidator(_radius)]
    spread: Literal["uniform", "normal"] = "uniform"

    def values(self, draw: Draw) -> Column:
        first = draw.stream("value")
        half_sines = (self._even if self.spread == "uniform" else self._normal)(first)
        bearings = 2 * math.pi * uniform(redraw(first, 1))
        degrees = points_at(self.lat, self.lon, half_sines, bearings)
        columns: list[Column] = [FloatColumn(round_decimals(each, _DECIMALS)) for each in degrees]
        return ObjectColumn(["lat", "lon"], columns, len(draw))

    def _even(self, first: Bits) -> Floats:
        """Return the sines of half the angles to points that are as likely anywhere in the circle.

        The area of a cap of the angle d is 4 pi sin(d / 2)**2 on the unit sphere (Archimedes).
        """
        most = sin(np.array([self.radius_km / EARTH_KM / 2]))
        reached: Floats = np.sqrt(uniform(first)) * most
        return reached

    def _normal(self, first: Bits) -> Floats:
        """Return the sines of half the angles to points of which north and east are normal: a Rayleigh distance."""
        km = self.radius_km * np.sqrt(-2 * log(uniform(first)))
        return sin(np.minimum(km, _HALF_ROUND) / EARTH_KM / 2)

    def column_type(self, scope: Scope) -> ColumnType:
        del scope
        return object_type({"lat": FLOAT, "lon": FLOAT})

    def mean_characters(self) -> float:
        return 36


def points_at(
    lat: float, lon: float, half_sines: Floats, bearings: Floats
) -> tuple[Floats, Floats]:
    """Return the degrees of points, north and east, seen from one: float64[n] each.

    Given are the sines of half their angles from it and their bearings in radians, clockwise from north: float64[n].
    The direct problem on a sphere: Snyder, "Map Projections: A Working Manual", USGS 1395 (1987), 5-5 and 5-6.
    """
    angle = np.array([lat / _DEGREE])
    sine, cosine = sin(angle), cos(angle)
    half_cosines = np.sqrt(1 - half_sines * half_sines)
    away, towards = 2 * half_sines * half_cosines, 1 - 2 * half_sines * half_sines
    height = np.clip(sine * towards + cosine * away * cos(bearings), -1, 1)
    turned = _angle(sin(bearings) * away * cosine, towards - sine * height)
    east = lon + turned * _DEGREE
    north = _angle(height, np.sqrt(1 - height * height)) * _DEGREE
    return north, east - 360 * np.floor((east + 180) / 360)


def _angle(y: Floats, x: Floats) -> Floats:
    """Return the angle of each vector to the axis of x, radians: float64[n] -> float64[n]."""
    rise, run = np.abs(y), np.abs(x)
    longer = np.maximum(rise, run)
    acute = arctan(np.minimum(rise, run) / np.where(longer > 0, longer, 1))
    acute = np.where(rise > run, math.pi / 2 - acute, acute)
    return np.copysign(np.where(x < 0, math.pi - acute, acute), y)
