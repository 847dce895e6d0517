"""Instants as parts of their texts."""

import numpy as np
import pytest

from datagen.columns import json_text
from datagen.columns.instant_parts import instant_parts
from datagen.columns.pieces import joined
from datagen.instants import NAIVE, SECOND, UTC_STYLE, Style, iso_bytes

EAST = Style(5 * 3600 * SECOND + 45 * 60 * SECOND, "+05:45")
MARCH = 1_804_809_599_999_999  # microseconds; a moment before midnight


@pytest.mark.parametrize("style", [NAIVE, UTC_STYLE, EAST, Style(-3600 * SECOND, "-01")])
@pytest.mark.parametrize("begin", [MARCH, -SECOND // 2, -62_135_500_000 * SECOND])
@pytest.mark.parametrize(
    ("seconds", "parts"), [(0, 2), (9, 2), (240, 2), (900, 3), (14_000, 3), (800_000, 3)]
)
def test_parts_are_the_texts_of_instants(
    seconds: int, parts: int, begin: int, style: Style
) -> None:
    """Of few seconds, minutes or hours, whatever the offset, before 1970 too."""
    random = np.random.default_rng(1)
    micros = begin + random.integers(0, seconds * SECOND + 1, 1000)
    found = instant_parts(micros, style)
    assert found is not None
    assert len(found) == parts
    expected = json_text.from_fixed_width(iso_bytes(micros, style))
    assert joined(found, 1000).equals(expected)


def test_instants_far_apart_have_no_parts() -> None:
    """Neither have few, nor none."""
    assert instant_parts(np.arange(1000) * 3600 * SECOND, NAIVE) is None
    assert instant_parts(np.array([0]), NAIVE) is None
    assert instant_parts(np.array([], dtype=np.int64), NAIVE) is None
