"""A transaction is committed well within its time."""

import pytest

from datagen.errors import TargetError
from datagen.formats.rendered import Rendered
from datagen.targets.retry import Timing
from tests.guarantees.exactly_once.transactions import model
from tests.support.ledger import (
    Ledger,
)
from tests.support.records import rendered


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
