"""Layouts of times: which texts they take."""

import numpy as np

from datagen.sources.time_dates import days_of
from datagen.sources.time_layouts import iso_layout


def test_layouts_refuse_dates_that_do_not_exist() -> None:
    """As many digits are not enough."""
    for text in ("2027-02-29", "2027-13-01", "2027-00-10", "2027-01-00", "2027-01-01T24:00"):
        layout = iso_layout(text)
        assert layout is not None
        parts, good = layout.read(np.frombuffer(text.encode(), dtype=np.uint8).reshape(1, -1))
        days_of(parts, good)
        assert not good.any()
