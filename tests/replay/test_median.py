"""The median of gaps."""

import numpy as np
import pytest

from datagen.replay import median


def test_median_is_exact_on_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many gaps there are, and however large."""
    monkeypatch.setattr(median, "MAX_GAPS_IN_MEMORY", 100)
    chance = np.random.default_rng(1)
    for size, most in ((99, 50), (1000, 1 << 63), (1001, 70_000), (2, 9)):
        gaps, values = median.Gaps(), chance.integers(0, most, size).astype(np.uint64)
        for part in np.array_split(values, 7):
            gaps.add(part)
        exact = sorted(values.tolist())
        assert gaps.median() == (exact[(size - 1) // 2] + exact[size // 2]) // 2
        gaps.close()
