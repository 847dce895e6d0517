"""--report: the file at the end, the verdict on stderr, and what contradicts it."""

import json
from pathlib import Path

import pytest

from tests.support.helpers import invoke
from tests.support.reports import MODEL, changed

RUN = ("-s", "2027-03-12", "--seed", "1", "-n", "500")


def test_report_is_written_and_changes_nothing(tmp_path: Path) -> None:
    """The records are the same."""
    path = tmp_path / "r.json"
    plain, reported = invoke(*RUN, spec=MODEL), invoke(*RUN, "--report", str(path), spec=MODEL)
    assert reported.out == plain.out
    document = json.loads(path.read_text())
    assert document["verdict"] == "fits"
    assert document["made"]["records"] == 500
    assert document["made"]["repeat"].startswith("--seed 1 ")
    assert reported.err.splitlines()[-1] == f"{path}: {document['text']}"


def test_quiet_runs_say_nothing_of_what_fits(tmp_path: Path) -> None:
    """The file is there."""
    assert invoke(*RUN, "-q", "--report", str(tmp_path / "r.json"), spec=MODEL).err == ""
    assert (tmp_path / "r.json").exists()


def test_a_run_that_fails_has_a_report_all_the_same(tmp_path: Path) -> None:
    """Of what it made."""
    where = [{"next": "looks", "when": "visit < 1"}]
    spec = changed("states.0.transitions", where)
    found = invoke(*RUN, "--report", str(tmp_path / "r.json"), spec=spec)
    assert found.status == 1
    document = json.loads((tmp_path / "r.json").read_text())
    assert document["notes"] == ["the run was cut short: what it had made until then"]


@pytest.mark.parametrize(
    ("flags", "text"),
    [
        (("--report", "r.txt"), "--report r.txt: expected a file that ends in .html or .json"),
        (("--report", "r.json", "--validate"), "--report and --validate contradict each other"),
        (("--report", "r.json", "-j", "2"), "records are looked at in one process; leave out -j"),
        (("--report", "r.json", "--entities", "p"), "there are no visits to look at"),
    ],
)
def test_contradictions(flags: tuple[str, ...], text: str) -> None:
    """Wrong usage, with the reason."""
    found = invoke(*flags, spec=MODEL)
    assert found.status == 2
    assert text in found.err


def test_refused_files(tmp_path: Path) -> None:
    """Before anything is made."""
    path = str(tmp_path / "r.json")
    found = invoke(*RUN, "--report", path, "--summary", path, spec=MODEL)
    assert "already used for the summary" in found.err
    assert found.out == b""
