"""What all envelopes are tested with."""

import pytest

from datagen.targets import retry


@pytest.fixture(autouse=True)
def direct(monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxy of the environment stands between the tests and their servers, and no run waits long before it tries again."""
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setattr(retry, "FIRST_PAUSE", 0.001)
