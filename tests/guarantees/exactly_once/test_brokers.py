"""The checkpoint and what the brokers have are compared; other brokers agree."""

from pathlib import Path

import pytest

from tests.guarantees.exactly_once.transactions import (
    BEGINNING,
    FENCED,
    LOADING,
    NOT_COORDINATOR,
    TAKEN_OVER,
    TOO_LARGE,
    TOPIC_DENIED,
    aim,
    committed,
    last_line,
    once,
    records_in,
    run,
)
from tests.support.broker import Broker, MockCluster
from tests.support.helpers import invoke
from tests.support.kafka import SPEC, by_key, to
from tests.support.ledger import (
    ADD_PARTITIONS,
    END_TXN,
    PRODUCE,
    Ledger,
)


def test_file_that_is_further_than_the_brokers_is_refused(ledger: Ledger, file: Path) -> None:
    """It is written after the commit: the topic was lost, or these are other brokers."""
    assert run(ledger, file, 100).status == 0
    other = Ledger()
    outcome = run(other, file, 100)
    assert outcome.status == 1
    assert last_line(outcome) == (
        f'{file}: the file has 100 records, but the last checkpoint of confluent with transactional_id "gen" '
        "has only 0: the topic was lost, or the brokers are different ones. To start over, move the file away and use "
        "another transactional_id"
    )
    other.close()


def test_file_of_another_run_is_refused(ledger: Ledger, file: Path, tmp_path: Path) -> None:
    """Both have the id, and different seeds."""
    other, another = Ledger(), tmp_path / "other"
    more = ("-s", "2027-03-12", "--seed", "2", "-n", "10", "--resume", str(another))
    assert invoke(*more, spec=to(aim(other.address))).status == 0
    other.close()
    assert run(ledger, file, 100).status == 0
    outcome = run(ledger, another, 100)
    assert outcome.status == 1
    assert "was written with --seed 2 -s 2027-03-12T00:00:00.000000, but " in last_line(outcome)
    assert last_line(outcome).endswith(": they belong to different runs")


def test_flags_are_compared_with_what_the_brokers_have(ledger: Ledger, file: Path) -> None:
    """Where there is no file, too: another seed, another specification."""
    assert run(ledger, file, 10).status == 0
    file.unlink()
    more = ("-n", "1", "--resume", str(file))
    outcome = invoke("--seed", "2", *more, spec=to(aim(ledger.address)))
    assert outcome.status == 2
    assert (
        '--seed 2: the last checkpoint of confluent with transactional_id "gen" was written with seed 1'
        in outcome.err
    )
    other = {**to(aim(ledger.address)), "interarrival": {"type": "constant", "value": 9}}
    outcome = invoke(*more, spec=other)
    assert outcome.status == 1
    assert "the specification changed since the previous run" in last_line(outcome)
    assert invoke(*more, "--resume-anyway", spec=other).status == 0


@pytest.mark.long
def test_several_ids_may_share_a_topic(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last checkpoint with the key counts, however many of others follow."""
    monkeypatch.setattr("datagen.targets.kafka.checkpoint_topic._FIRST", 2)
    files = [tmp_path / "a", tmp_path / "b"]
    for turn, n in ((0, 100), (1, 10), (1, 10), (1, 10), (1, 10), (0, 50)):
        keys = {"checkpoint_topic": "shared", "transactional_id": ("gen", "b")[turn]}
        spec = to({**aim(ledger.address, **keys), "topic": ("clicks", "others")[turn]})
        more = () if files[turn].exists() else BEGINNING
        outcome = invoke(*more, "-n", str(n), "--resume", str(files[turn]), spec=spec)
        assert outcome.status == 0, outcome.err
    assert once(ledger, 150)
    assert len(committed(ledger.address, "others")) == 40


def test_real_broker_takes_transactions(broker: Broker, file: Path, topic: str) -> None:
    """Commits, checkpoints, and runs that continue each other."""
    spec = to({**aim(broker.address, transactional_id=topic), "topic": f"{topic}-records"})
    for more, n in ((BEGINNING, 300), ((), 200)):
        outcome = invoke(*more, "-n", str(n), "--resume", str(file), spec=spec)
        assert outcome.status == 0, outcome.err
    stream = invoke(*BEGINNING, "-n", "500", spec=SPEC).out.splitlines()
    assert by_key(committed(broker.address, f"{topic}-records")) == by_key(stream)


@pytest.mark.long
@pytest.mark.parametrize(
    ("api", "errors", "reason"),
    [
        (END_TXN, [LOADING, NOT_COORDINATOR], ""),
        (END_TXN, [FENCED], TAKEN_OVER),
        (ADD_PARTITIONS, [TOPIC_DENIED], "Topic authorization failed"),
        (PRODUCE, [TOO_LARGE], "Message size too large"),
    ],
)
def test_mock_cluster_agrees(
    api: int, errors: list[int], reason: str, cluster: MockCluster, file: Path
) -> None:
    """The broker within librdkafka, with errors of each kind: to be tried again, or not."""
    cluster.make("gen-checkpoints")
    spec = to(aim(cluster.address))
    assert invoke(*BEGINNING, "-n", "50", "--resume", str(file), spec=spec).status == 0
    cluster.answer(0, *errors, api=api)  # the first one is for the first checkpoint
    outcome = invoke("-n", "200", "--resume", str(file), spec=spec)
    assert outcome.status == (1 if reason else 0), outcome.err
    assert reason in last_line(outcome)
    assert records_in(file) == (50 if reason else 250)
