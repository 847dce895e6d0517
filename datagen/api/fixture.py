"""A fixture of pytest, which finds it where the package is installed: records for a test, alike in each run."""

from collections.abc import Callable
from typing import Any

import pytest

SEED, START = 1, "2027-03-12"


@pytest.fixture
def datagen_events() -> Callable[..., Any]:
    """Return what `datagen.generate` is, but for a fixed seed and start where none is given.

    >>> def test_pipeline(datagen_events):
    ...     events = datagen_events("spec.json", records=1000)
    """
    import datagen  # noqa: PLC0415 - pytest imports this file wherever the package is installed

    def generate(spec: Any, **given: Any) -> datagen.Events:
        return datagen.generate(spec, **{"seed": SEED, "start": START, **given})

    return generate
