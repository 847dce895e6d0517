"""Some of the copies, with their corruptions at their places."""

import numpy as np

from datagen.disorder.copies import Copies
from tests.support.disorder import as_plain, batch_of, disorder_of


def some() -> Copies:
    """Return copies of which some are dropped, some corrupted."""
    raw = ({"type": "corrupt", "how": "bytes", "share": 0.5}, {"type": "duplicate", "share": 0.5},
           {"type": "drop", "share": 0.5})  # fmt: skip
    return disorder_of(*raw).copies(batch_of(100))


def test_those_that_leave() -> None:
    """In order, each as it was."""
    copies = some()
    kept = [each for each, left in zip(as_plain(copies), copies.left.tolist(), strict=True) if left]
    assert as_plain(copies.leaving()) == kept
    assert 0 < len(kept) < len(copies)
    assert (np.diff(copies.leaving().corruptions[0].copies) > 0).all()
    assert copies.leaving().leaving() is not copies


def test_all_leave() -> None:
    """Then they are the same."""
    copies = disorder_of().copies(batch_of(5))
    assert copies.leaving() is copies


def test_any_order() -> None:
    """Backwards."""
    copies = some()
    back = np.arange(len(copies))[::-1]
    assert as_plain(copies.take(back)) == as_plain(copies)[::-1]
