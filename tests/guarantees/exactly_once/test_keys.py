"""Transactions: the keys of the target and the flags of a run, seen before it begins."""

import pytest

from tests.guarantees.exactly_once.transactions import aim
from tests.support.helpers import invoke
from tests.support.kafka import target, to
from tests.support.machines import Spec


@pytest.mark.parametrize(
    ("spec", "problem"),
    [
        (aim("a", checkpoint_topic="a b"), 'checkpoint_topic: expected at most 249 letters, digits, dots, underscores and dashes, not "a b"'),
        (aim("a", transactional_id="a b"), 'checkpoint_topic: missing; "a b-checkpoints" is not a topic name'),
        (aim("a", checkpoint_topic="clicks"), "checkpoint_topic: is the topic of the records"),
        (target("confluent", "a", "t", checkpoint_topic="x"), "checkpoint_topic: needs transactional_id"),
        (aim("a", transactional_id=""), 'transactional_id: expected a name, not ""'),
        (aim("a", options={"transactional.id": "x"}), "options.transactional.id: is the key transactional_id of the target"),
        (target("kafka", "a", "t", transactional_id="x"), 'transactional_id: unknown key; the target type "confluent" has it'),
        ({"type": "tee", "targets": [{"type": "null"}, aim("a")]}, "targets[1].transactional_id: a transaction cannot include what other targets do: make it the only target"),
    ],
)  # fmt: skip
def test_wrong_keys_are_refused(spec: Spec, problem: str) -> None:
    """Before any connection, with their place and a remedy."""
    outcome = invoke("--validate", spec=to(spec))
    assert outcome.status == 1
    assert f"stdin: target.{problem}" in outcome.err.splitlines()


def test_transactions_need_a_file_to_resume_from() -> None:
    """A run without one could not go on; that it is right can be told without."""
    outcome = invoke("-n", "1", spec=to(aim("nobody")))
    assert outcome.status == 2
    assert "the target has a transactional_id, which needs --resume FILE" in outcome.err
    assert invoke("--validate", spec=to(aim("nobody"))).status == 0
