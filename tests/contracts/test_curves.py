"""What holds for every registered curve: its heights are those of its formula."""

import random

import numpy as np
import pytest

from datagen.curves.curve import CURVES
from tests.support.curves import EXAMPLES, HOUR, ZONES, curve
from tests.support.machines import Spec
from tests.support.plain_curves import micros, plain_height


def test_examples_cover_every_registered_curve() -> None:
    """A new curve needs an example here, and its formula in plain words beside."""
    assert {each["type"] for each in EXAMPLES} == set(CURVES)


@pytest.mark.parametrize("zone", [None, *ZONES])
@pytest.mark.parametrize("data", EXAMPLES, ids=lambda each: "-".join([*each]))
def test_heights_are_those_of_the_formula(data: Spec, zone: str | None) -> None:
    """At 200 instants from the year 1 to 9999, and each quarter of an hour where clocks change."""
    chance = random.Random(5)
    data = data if zone is None else {**data, "timezone": zone}
    instants = [chance.randrange(micros("0001-01-03"), micros("9999-12-29")) for _ in range(200)]
    for day in ("2027-03-14", "2027-03-28", "2027-04-03", "2027-10-31", "2011-12-30"):
        instants += range(micros(day), micros(day) + 24 * HOUR, HOUR // 4)
    found = curve(data).heights(np.array(instants))
    assert found == pytest.approx([plain_height(data, each) for each in instants], rel=1e-12)
