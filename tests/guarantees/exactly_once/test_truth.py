"""The truth about committed records is safe before they are committed, and is not told twice."""

from pathlib import Path

from tests.guarantees.exactly_once.transactions import BEGINNING, OLD_EPOCH, aim, committed
from tests.support.helpers import Outcome, invoke
from tests.support.kafka import SPEC, by_key, to
from tests.support.ledger import END_TXN, Ledger
from tests.support.machines import Spec

LATE: Spec = {"type": "late", "share": 0.3, "delay": {"type": "uniform", "min": 0.01, "max": 0.4}}
DISORDER = {"disorder": [LATE, {"type": "drop", "share": 0.1}]}


def told(spec: Spec, folder: Path, n: int) -> Outcome:
    """Let a run make so many records, and tell the truth."""
    keep = ("--resume", str(folder / "at"), "--truth", str(folder / "truth.jsonl"))
    more = () if (folder / "at").exists() else BEGINNING
    return invoke(*more, *keep, "-n", str(n), spec=spec)


def made(folder: Path, n: int) -> tuple[bytes, list[bytes]]:
    """Return the truth and the records of one run."""
    folder.mkdir()
    outcome = told({**SPEC, **DISORDER}, folder, n)
    assert outcome.status == 0, outcome.err
    return (folder / "truth.jsonl").read_bytes(), outcome.out.splitlines()


def test_a_lost_commit_is_told_once(ledger: Ledger, tmp_path: Path) -> None:
    """Its lines were safe before; they give way to those of the run that makes its records again."""
    spec = {**to(aim(ledger.address)), **DISORDER}
    assert told(spec, tmp_path, 300).status == 0
    ledger.when(END_TXN, 1, lambda: ledger.fail(END_TXN, OLD_EPOCH))
    assert told(spec, tmp_path, 300).status == 1
    outcome = told(spec, tmp_path, 300)
    assert outcome.status == 0, outcome.err
    sent = committed(ledger.address)
    truth, records = made(tmp_path / "one", len(sent))
    assert by_key(sent) == by_key(records)
    assert (tmp_path / "truth.jsonl").read_bytes() == truth
    assert len(truth.splitlines()) > 100


def test_it_needs_one_file(ledger: Ledger, tmp_path: Path) -> None:
    """Whose place a checkpoint can hold; a target of the truth commits nothing itself."""
    spec = {**to(aim(ledger.address)), "truth": str(tmp_path / "%H.jsonl")}
    outcome = invoke("-n", "5", "--resume", str(tmp_path / "at"), spec=spec)
    assert (outcome.status, "goes to one file, whose path has no time in it" in outcome.err) == (
        2,
        True,
    )
    outcome = invoke("-n", "5", spec={**SPEC, "truth": aim(ledger.address)})
    assert outcome.status
    assert "truth.transactional_id: the truth is not committed by its target" in outcome.err
