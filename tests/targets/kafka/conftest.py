"""Fixtures of the tests in this folder: brokers, and what their clients leave behind."""

from tests.support.kafka import _frozen, _tidy, broker, cluster, shared_broker, topic

__all__ = ["_frozen", "_tidy", "broker", "cluster", "shared_broker", "topic"]
