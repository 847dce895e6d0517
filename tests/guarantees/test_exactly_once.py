"""Transactions: after whatever ends a run, readers of committed messages have each record once."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Consumer, TopicPartition

from datagen.errors import TargetError
from datagen.formats.rendered import Rendered
from datagen.targets.delivered import Position
from datagen.targets.kafka.confluent import ConfluentTarget
from datagen.targets.retry import Timing
from tests.support.broker import Broker, MockCluster
from tests.support.helpers import Outcome, invoke
from tests.support.ledger import (
    ADD_PARTITIONS,
    CREATE_TOPICS,
    END_TXN,
    INIT_PRODUCER_ID,
    PRODUCE,
    Ledger,
)
from tests.support.machines import Spec
from tests.support.records import rendered
from tests.targets.kafka.test_kafka import (
    SPEC,
    broker,
    by_key,
    cluster,
    counts,
    shared_broker,
    target,
    to,
    topic,
)

__all__ = ["broker", "cluster", "shared_broker", "topic"]  # fixtures

ROOT = Path(__file__).parents[2]
BEGINNING = ("--seed", "1", "-s", "2027-03-12")
NOT_COORDINATOR, LOADING, BUSY, TIMED_OUT, FENCED, OLD_EPOCH = 16, 14, 51, 7, 90, 47
TOO_LARGE, TOPIC_DENIED, ID_DENIED = 10, 29, 53
TAKEN_OVER = "another run with this transactional_id has taken over"


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


def aim(address: str, **keys: Any) -> Spec:
    """Return a target with transactions."""
    keys = {"topic_key": "user", "transactional_id": "gen", **keys}
    return target("confluent", address, "clicks", **keys)


def run(ledger: Ledger, file: Path, n: int, *arguments: str, **keys: Any) -> Outcome:
    """Let a run make so many records, after those of the runs before it."""
    more = () if file.exists() else BEGINNING
    limits = ("-n", str(n), "--resume", str(file))
    return invoke(*more, *limits, *arguments, spec=to(aim(ledger.address, **keys)))


def committed(address: str, topic: str = "clicks") -> list[bytes]:
    """Read what a reader of committed messages gets."""
    consumer = Consumer({
        "bootstrap.servers": address, "group.id": "tests", "enable.auto.commit": False,
        "isolation.level": "read_committed", "enable.partition.eof": True,
        "fetch.wait.max.ms": 50, "log_level": 0,
    })  # fmt: skip
    try:
        left = set(consumer.list_topics(topic, timeout=20).topics[topic].partitions)
        consumer.assign([TopicPartition(topic, part, 0) for part in left])
        found = []
        while left:
            message = consumer.poll(20)
            assert message is not None, "no end of the topic"
            if message.error():
                left.discard(message.partition() or 0)
            else:
                found.append(message.value() or b"")
        return found
    finally:
        consumer.close()


def once(ledger: Ledger, n: int) -> bool:
    """Return whether readers have the first records of the stream, each once, in order for each key."""
    stream = invoke(*BEGINNING, "-n", str(n), spec=SPEC).out.splitlines()
    return by_key(committed(ledger.address)) == by_key(stream)


def records_in(file: Path) -> int:
    """Return how many records a checkpoint says the target is sure of."""
    return int(json.loads(file.read_bytes())["run"]["position"]["records"])


def made_by(file: Path) -> int:
    """Return how many records a checkpoint says were made: the target gets all of them again or has them."""
    return int(json.loads(file.read_bytes())["run"]["records"])


def last_line(outcome: Outcome) -> str:
    """Return the error of a run."""
    return outcome.err.splitlines()[-1]


def test_runs_that_continue_each_other_give_each_record_once(ledger: Ledger, file: Path) -> None:
    """Each commits at its end; the topic of the checkpoints is made, compacted, with one partition."""
    for n in (100, 2000, 0):
        outcome = run(ledger, file, n, "--checkpoint-every", "0.001S")
        assert outcome.status == 0, outcome.err
        assert f"{n:,} records, " in outcome.err
    assert once(ledger, 2100)
    assert records_in(file) == 2100
    assert ledger.settings == {"gen-checkpoints": {"cleanup.policy": "compact"}}
    assert committed(ledger.address, "gen-checkpoints")[-1] == file.read_bytes()


@pytest.mark.long
def test_killed_runs_give_each_record_once(ledger: Ledger, file: Path) -> None:
    """SIGKILL before and after each step of the protocol: also when the commit is made, but not told."""
    until = ("--until", "2027-03-12T00:05:00", "--checkpoint-every", "0.001S")
    command = [
        sys.executable,
        str(ROOT / "generator.py"),
        *BEGINNING,
        *until,
        "-q",
        "--resume",
        str(file),
    ]
    moments = [
        (INIT_PRODUCER_ID, 1), (CREATE_TOPICS, 1), (INIT_PRODUCER_ID, 2), (END_TXN, 1), (END_TXN, 2),
        (PRODUCE, 3), (ADD_PARTITIONS, 3), (END_TXN, 3), (-1, 1),
    ]  # fmt: skip
    statuses = []
    for api, number in moments:
        with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as child:
            ledger.when(api, number, child.kill)
            _, said = child.communicate(json.dumps(to(aim(ledger.address))).encode(), timeout=60)
        statuses.append(child.returncode)
    assert statuses == [-signal.SIGKILL] * 8 + [0], said.decode()
    stream = invoke(*BEGINNING, *until[:2], spec=SPEC).out.splitlines()
    assert by_key(committed(ledger.address)) == by_key(stream)


def test_commit_whose_answer_is_lost_is_found_by_the_next_run(ledger: Ledger, file: Path) -> None:
    """It was made: the file tells of less, and the brokers know better."""
    assert run(ledger, file, 300).status == 0
    ledger.when(PRODUCE, 2, lambda: ledger.say_nothing(END_TXN))
    outcome = run(ledger, file, 200, timeout=0.5)
    assert (outcome.status, counts(outcome)) == (1, (0, 200, 0))
    line = "no answer to the commit within 0.5 s; the next run with --resume finds out whether it took effect; "
    assert f"{line}0 records were delivered, 200 failed" in last_line(outcome)
    assert records_in(file) == 300
    ledger.say_nothing()
    assert run(ledger, file, 100).status == 0
    assert once(ledger, 600)


def test_first_checkpoint_that_the_file_does_not_know_is_found(ledger: Ledger, file: Path) -> None:
    """The run has its seed and start from the brokers; a lost file is told of."""
    assert run(ledger, file, 300).status == 0
    file.unlink()
    outcome = invoke("-n", "50", "--resume", str(file), spec=to(aim(ledger.address)))
    assert outcome.status == 0
    assert (
        f"{file} does not exist: resuming from the last checkpoint of confluent with "
        in outcome.err
    )
    assert "--seed 1 -s 2027-03-12" in outcome.err
    assert once(ledger, 350)


def test_sigterm_commits_what_was_sent(ledger: Ledger, file: Path) -> None:
    """Exit 143, all counted as delivered, and the next run goes on after it."""
    ledger.when(PRODUCE, 5, lambda: os.kill(os.getpid(), signal.SIGTERM))
    outcome = run(ledger, file, 10_000_000)
    assert outcome.status == 143
    delivered, failed, unsent = counts(outcome)
    assert (failed, unsent) == (0, 0)
    assert records_in(file) == delivered > 0
    assert run(ledger, file, 100).status == 0
    assert once(ledger, delivered + 100)


def test_second_signal_while_the_commit_is_not_answered_ends_the_run(
    ledger: Ledger, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At once; a commit that was made all the same is found."""
    assert run(ledger, file, 10).status == 0

    def interrupt() -> None:
        ledger.say_nothing(END_TXN)
        os.kill(os.getpid(), signal.SIGINT)
        ledger.when(END_TXN, 1, lambda: os.kill(os.getpid(), signal.SIGINT))

    ledger.when(PRODUCE, 2, interrupt)
    outcome = run(ledger, file, 10_000_000, timeout=600)
    assert outcome.status == 130
    assert records_in(file) == 10
    ledger.say_nothing()
    assert run(ledger, file, 0).status == 0
    assert once(ledger, records_in(file))
    assert records_in(file) > 10


# what goes wrong


@pytest.mark.parametrize(
    ("api", "errors"),
    [
        (INIT_PRODUCER_ID, [LOADING, NOT_COORDINATOR, BUSY]),
        (ADD_PARTITIONS, [NOT_COORDINATOR, BUSY]),
        (PRODUCE, [TIMED_OUT, TIMED_OUT]),
        (END_TXN, [LOADING, NOT_COORDINATOR, BUSY]),
    ],
)
def test_passing_errors_lose_nothing(
    api: int, errors: list[int], ledger: Ledger, file: Path
) -> None:
    """What may be tried again is."""
    ledger.fail(api, *errors)
    outcome = run(ledger, file, 1000)
    assert outcome.status == 0, outcome.err
    assert once(ledger, 1000)


@pytest.mark.parametrize(
    ("api", "error", "reason"),
    [
        (ADD_PARTITIONS, TOPIC_DENIED, "Topic authorization failed"),
        (ADD_PARTITIONS, ID_DENIED, "Transactional Id authorization failed"),
        (PRODUCE, TOO_LARGE, "Message size too large"),
        (END_TXN, ID_DENIED, "Transactional Id authorization failed"),
        (END_TXN, OLD_EPOCH, TAKEN_OVER),
        (END_TXN, FENCED, TAKEN_OVER),
        (PRODUCE, OLD_EPOCH, TAKEN_OVER),
    ],
)
def test_refusal_ends_the_run_at_the_last_commit(
    api: int, error: int, reason: str, ledger: Ledger, file: Path
) -> None:
    """Exit 1, one line with the reason; nothing of it is seen, all of it is counted and comes again.

    What was made of it is owed: `-n` of the next run counts after that.
    """
    assert run(ledger, file, 100).status == 0
    ledger.when(END_TXN, 1, lambda: ledger.fail(api, error))  # the checkpoint of the beginning
    outcome = run(ledger, file, 400)
    assert outcome.status == 1
    delivered, failed, unsent = counts(outcome)
    assert delivered == 0
    assert 0 < failed + unsent <= 400  # some were not even made
    assert last_line(outcome).startswith(f"confluent {ledger.address}: ")
    assert reason in last_line(outcome)
    assert records_in(file) == 100
    assert once(ledger, 100)
    made = made_by(file)
    assert 100 <= made <= 100 + failed + unsent
    assert run(ledger, file, 400).status == 0
    assert records_in(file) == made + 400
    assert once(ledger, made + 400)


def test_run_that_another_one_takes_over_from_sends_nothing_more(
    ledger: Ledger, tmp_path: Path
) -> None:
    """On another machine, with a file of its own: it goes on at the last commit, the first one ends."""
    first, second = tmp_path / "first", tmp_path / "second"
    assert run(ledger, first, 100).status == 0
    second.write_bytes(first.read_bytes())
    command = [sys.executable, str(ROOT / "generator.py"), "-n", "500", "--resume", str(second)]
    spec, done = json.dumps(to(aim(ledger.address))).encode(), []

    def take_over() -> None:
        done.append(subprocess.run(command, input=spec, capture_output=True, check=False))

    ledger.when(PRODUCE, 4, take_over)
    outcome = run(ledger, first, 100_000)
    assert (outcome.status, done[0].returncode) == (1, 0), done[0].stderr.decode()
    assert TAKEN_OVER in last_line(outcome)
    assert counts(outcome)[0] == 0
    assert once(ledger, 600)
    assert run(ledger, first, 50).status == 0
    assert once(ledger, 650)


def test_run_that_is_overtaken_while_it_begins_ends(ledger: Ledger) -> None:
    """What it has read is no longer the last checkpoint."""
    sink = model(ledger).transactional_sink()
    with pytest.raises(TargetError, match=TAKEN_OVER):
        sink.resume_at(Position(10, {"commits": 3}))


def test_broker_without_coordinator_is_one_line(ledger: Ledger, file: Path) -> None:
    """Within the timeout, exit 1."""
    ledger.say_nothing(INIT_PRODUCER_ID)
    outcome = run(ledger, file, 10, timeout=0.5)
    assert outcome.status == 1
    assert "no transaction coordinator within 0.5 s" in last_line(outcome)
    assert not file.exists()


def test_topic_that_cannot_be_made_is_told_with_a_remedy(ledger: Ledger, file: Path) -> None:
    """Where topics are not for everyone to make."""
    ledger.fail(CREATE_TOPICS, TOPIC_DENIED)
    outcome = run(ledger, file, 10)
    assert outcome.status == 1
    assert (
        "the checkpoint topic, gen-checkpoints: it does not exist and cannot be created ("
        in last_line(outcome)
    )
    assert "create it with one partition and cleanup.policy=compact" in last_line(outcome)


def test_record_with_the_topic_of_the_checkpoints_ends_the_run(ledger: Ledger, file: Path) -> None:
    """It would be taken for one."""
    spec = to({**aim(ledger.address, checkpoint_topic="login"), "topic": "{emitter}"})
    outcome = invoke(*BEGINNING, "-n", "50", "--resume", str(file), spec=spec)
    assert outcome.status == 1
    assert "the topic of a record is the checkpoint topic" in last_line(outcome)


# the file and the brokers


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


# time


def model(ledger: Ledger, **keys: Any) -> ConfluentTarget:
    """Return a target."""
    return ConfluentTarget.model_validate(aim(ledger.address, **keys))


def some_records() -> Rendered:
    """Return two records."""
    return rendered([b"a\n", b"b\n"], [2_000_000, 2_000_000])


@pytest.mark.parametrize(("seconds", "commits"), [(19.0, 0), (21.0, 1)])
def test_transaction_is_committed_well_within_its_time(
    seconds: float, commits: int, ledger: Ledger
) -> None:
    """After a third of transaction.timeout.ms, also when nothing more comes."""
    now, done = [0.0], []
    sink = model(ledger).transactional_sink(Timing(lambda: now[0]))
    sink.before_rename = lambda: done.append(1)
    sink.write(some_records())
    now[0] = seconds
    sink.flush()
    assert len(done) == commits
    sink.close()


def test_transaction_that_took_too_long_is_not_another_run(ledger: Ledger) -> None:
    """The brokers have ended it; the client cannot tell."""
    now = [0.0]
    target = model(ledger, options={"transaction.timeout.ms": 3000})
    sink = target.transactional_sink(Timing(lambda: now[0]))
    sink.write(some_records())
    sink.sync()
    ledger.expire("gen")
    now[0] = 3.5
    with pytest.raises(
        TargetError, match=r"a transaction took more than the 3 s of transaction\.timeout\.ms"
    ):
        sink.commit(lambda _: b"{}")
    with pytest.raises(TargetError, match="0 records were delivered, 2 failed"):
        sink.suspend(0)


# other brokers: neither of these hides from readers what was aborted


def test_real_broker_takes_transactions(broker: Broker, file: Path, topic: str) -> None:
    """Commits, checkpoints, and runs that continue each other."""
    spec = to({**aim(broker.address, transactional_id=topic), "topic": f"{topic}-records"})
    for more, n in ((BEGINNING, 300), ((), 200)):
        outcome = invoke(*more, "-n", str(n), "--resume", str(file), spec=spec)
        assert outcome.status == 0, outcome.err
    stream = invoke(*BEGINNING, "-n", "500", spec=SPEC).out.splitlines()
    assert by_key(committed(broker.address, f"{topic}-records")) == by_key(stream)


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


# what is seen before a run


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
