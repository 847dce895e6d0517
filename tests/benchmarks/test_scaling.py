"""What the benchmark of scaling makes of what it has measured."""

import pytest

from benchmarks.scaling import Shares, median_shares


def test_what_jobs_can_reach() -> None:
    """All time over the cores, as long as the main process is not the slowest."""
    shares = Shares(main=1.5, renderers=4.5, busiest=1.0, alone=4.0)
    assert shares.main_share == pytest.approx(1 / 6)
    assert shares.faster(4) == pytest.approx(4.0 / 1.5)
    assert shares.faster(16) == pytest.approx(4.0)
    assert Shares(main=1.5, renderers=4.5, busiest=1.0, alone=60.0).faster(4) == pytest.approx(4.0)


def test_shares_are_medians() -> None:
    """Each figure by itself."""
    found = median_shares([Shares(1, 5, 1, 9), Shares(2, 4, 2, 8), Shares(3, 6, 3, 7)])
    assert found == Shares(2, 5, 2, 8)
