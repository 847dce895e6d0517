"""The product of curves is that of their heights, wherever a curve is used."""

import numpy as np
import pytest

from datagen.curves.curve import CURVES
from datagen.curves.product import product_of
from datagen.curves.rate_integral import RateIntegral
from tests.support.curves import DATES, EXAMPLES, HOUR, HOURLY, MIXTURE, TREND, WEEKLY, ZONES, curve
from tests.support.helpers import invoke
from tests.support.machines import ENDING, Spec
from tests.support.plain_curves import FIRST_START, SECOND, integrals, micros

DAY = 24 * HOUR


def product(*curves: Spec, **more: str) -> Spec:
    """Return the keys of a product."""
    return {"type": "product", "curves": list(curves), **more}


def test_heights_are_multiplied() -> None:
    """Each curve in its own zone; products within products too."""
    zoned = [{**each, "timezone": zone} for each, zone in zip(EXAMPLES, ZONES, strict=False)]
    instants = micros("2027-03-01") + np.arange(0, 400 * DAY, 7 * HOUR)
    expected = np.prod([curve(each).heights(instants) for each in zoned], axis=0)
    assert curve(product(*zoned)).heights(instants) == pytest.approx(expected)
    assert curve(product(product(*zoned[:2]), *zoned[2:])).heights(instants) == pytest.approx(
        expected
    )


def test_zone_is_that_of_curves_without_one() -> None:
    """Of those within a product within it, too."""
    instants = micros("2027-03-27") + np.arange(0, 60 * HOUR, HOUR // 4)
    within = curve(product(product(HOURLY), {**DATES, "timezone": "UTC"}, timezone="Asia/Tokyo"))
    tokyo = curve(HOURLY, timezone="Asia/Tokyo").heights(instants)
    assert within.heights(instants).tolist() == (tokyo * curve(DATES).heights(instants)).tolist()


@pytest.mark.parametrize("curves", [[MIXTURE, WEEKLY], [HOURLY, TREND, DATES], [TREND, DATES]])
def test_pace_of_a_product_is_that_of_its_curves(curves: list[Spec]) -> None:
    """To the bit, whether they come together or one by one."""
    together = RateIntegral([curve(product(*curves))])
    apart = RateIntegral([curve(each) for each in curves])
    for amount in (1e3, 1e9, 3e12):
        args = micros("2027-03-26T08:00"), amount, 0.5
        assert together.gap(*args) == apart.gap(*args)


def test_integral_over_a_year_is_that_of_the_heights() -> None:
    """Day by day, from before the first start on."""
    data = product(
        {**HOURLY, "timezone": "Europe/Berlin"}, {"type": "trend", "per_month": 1.2}, DATES
    )
    edges = list(range(micros("2027-02-20"), micros("2028-03-10"), DAY))
    grown = RateIntegral([curve(data)]).growth(np.array(edges[:-1]), np.array(edges[1:])) / SECOND
    assert grown == pytest.approx(integrals(data, edges, HOUR // 4), rel=2e-3, abs=1)


def test_profile_of_a_week_leaves_factors_out() -> None:
    """What `scale` makes 1 on average stays so; in zones that differ it is that of a week in UTC."""
    scaled = {**WEEKLY, "scale": "mean"}
    assert curve(product(scaled, TREND, DATES)).minute_heights.mean() == pytest.approx(1, rel=1e-3)
    assert RateIntegral([CURVES.parse(product(scaled, TREND))]).mean() == pytest.approx(1, rel=1e-3)
    east, west = ({**HOURLY, "timezone": each} for each in ("Etc/GMT-12", "Etc/GMT+12"))
    assert curve(product(east, west)).minute_heights.tolist() == pytest.approx(
        (np.roll(curve(HOURLY).minute_heights, -12 * 60) ** 2).tolist()
    )


def test_product_that_is_always_zero_never_lets_time_pass() -> None:
    """One that was not found on load: open in zones whose hours never meet in July."""
    morning = {"type": "hourly", "steps": True, "weights": [1] * 12 + [0] * 12}
    evening = {"type": "hourly", "steps": True, "weights": [0] * 12 + [1] * 12}
    shut = product_of([curve(morning), curve(evening)])
    assert RateIntegral([shut]).gap(FIRST_START, 1e6, 0.5) == 10**16
    told = "schedule.curves: their product is too low for any arrival, all week long"
    spec = {**ENDING, "schedule": product(morning, evening, applies_to="arrivals")}
    assert told in invoke("--validate", spec=spec).err


def test_extremes_are_those_of_all_curves() -> None:
    """Of profiles together, exactly; of factors each by itself."""
    assert curve(product(HOURLY, HOURLY)).extremes == pytest.approx((0, 36), abs=0.2)
    assert curve(product({"type": "constant", "value": 2}, DATES)).extremes == (0, 6)


def test_validation_tells_what_a_product_does() -> None:
    """Its curves, and the heights within a year, or within a run that is shorter."""
    trend, dates = {"type": "trend", "per_year": 2}, {"type": "dates", "dates": {"2027-12-24": 0.5}}
    spec = {
        **ENDING,
        "schedule": product(trend, dates, applies_to="arrivals", timezone="Asia/Tokyo"),
    }
    year = invoke("--validate", "-v", "-s", "2027-03-01", spec=spec).err
    assert (
        "schedule: product of trend and dates in Asia/Tokyo, multiplies the rate of arrivals by 1.44 on average, 0.88 to 2 within a year\n"
        in year
    )
    day = invoke("--validate", "-v", "-s", "2027-03-01", "-r", "1D", spec=spec).err
    assert "by 1 on average, 1 to 1 within the run\n" in day
