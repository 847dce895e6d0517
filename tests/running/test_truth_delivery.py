"""The truth is delivered after what it is about."""

from pathlib import Path

from datagen.running.plan import Plan
from datagen.running.summary import Summary
from datagen.running.truth_delivery import TruthDelivery
from datagen.spec.parsing import parse_spec
from datagen.targets import TARGETS
from datagen.targets.stdout import StdoutTarget
from tests.support.helpers import invoke
from tests.support.machines import ENDING


def test_without_a_target_there_is_no_ledger(tmp_path: Path) -> None:
    """With one its lines are counted."""
    spec, _ = parse_spec(ENDING, "x.json")
    keys = spec, "x.json", StdoutTarget(), None, None, 1, 5
    assert TruthDelivery(Plan(*keys), Summary(), 0).ledger is None
    target = TARGETS.parse({"type": "file", "path": str(tmp_path / "t")})
    assert TruthDelivery(Plan(*keys, truth=target), Summary(), 0).ledger is not None


def test_no_line_is_about_a_record_that_was_not_delivered(tmp_path: Path) -> None:
    """A run that fails may lack some of the truth, never of the records."""
    file, out = tmp_path / "t.jsonl", tmp_path / "full"
    target = {"type": "tee", "targets": [{"type": "file", "path": str(out)}]}
    outcome = invoke(
        "-n",
        "2000",
        "-s",
        "2027-03-12",
        "--seed",
        "1",
        "--truth",
        str(file),
        spec={**ENDING, "target": target},
    )
    assert outcome.status == 0, outcome.err
    assert len(file.read_bytes().splitlines()) == len(out.read_bytes().splitlines()) == 2000


def test_a_truth_that_cannot_be_written_ends_the_run(tmp_path: Path) -> None:
    """As a target does."""
    outcome = invoke(
        "-n", "20", "-s", "2027-03-12", "--truth", str(tmp_path / "no" / "t"), spec=ENDING
    )
    assert outcome.status != 0
    assert "t" in outcome.err
