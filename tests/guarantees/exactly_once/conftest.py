"""Fixtures of the tests in this folder."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.kafka import broker, cluster, shared_broker, topic
from tests.support.ledger import Ledger

__all__ = ["broker", "cluster", "shared_broker", "topic"]


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    """Return a broker that keeps transactions."""
    made = Ledger()
    yield made
    made.close()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return the place of a checkpoint."""
    return tmp_path / "run"
